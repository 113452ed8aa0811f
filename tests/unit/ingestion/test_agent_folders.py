"""Where sessions are looked for, and under which names they are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.agent_folders import agent_folders, is_local
from ingestion.config import Settings


def test_places_of_a_home_that_says_nothing(tmp_path: Path) -> None:
    known = dict(agent_folders(tmp_path, {}))
    assert known == {
        "claude_code/@local/.claude/projects": tmp_path / ".claude/projects",
        "claude_code/@local/.config/claude/projects": tmp_path / ".config/claude/projects",
        "codex/@local/.codex/sessions": tmp_path / ".codex/sessions",
        "codex/@local/.codex/archived_sessions": tmp_path / ".codex/archived_sessions",
    }


def test_variables_of_the_agents_say_where_else(tmp_path: Path) -> None:
    given = {"CLAUDE_CONFIG_DIR": f"{tmp_path / 'one'}, {tmp_path / 'two'}", "CODEX_HOME": str(tmp_path / "x")}
    assert [folder for _, folder in agent_folders(tmp_path / "person", given)] == [
        tmp_path / "one/projects",
        tmp_path / "two/projects",
        tmp_path / "x/sessions",
        tmp_path / "x/archived_sessions",
    ]


def test_one_folder_under_two_names_is_read_once(tmp_path: Path) -> None:
    (tmp_path / ".claude/projects").mkdir(parents=True)
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config/claude").symlink_to(tmp_path / ".claude")
    assert len([each for each, _ in agent_folders(tmp_path, {}) if each.startswith("claude_code")]) == 1


def test_an_environment_without_a_home_has_no_places() -> None:
    assert Settings.from_env({}, Path("h")).agent_folders == ()
    assert not Settings.from_env({}, Path("h")).reads_local


def test_local_paths() -> None:
    assert is_local("claude_code/@local/.claude/projects/-p/s.jsonl")
    assert not is_local("claude_code/anna/s.jsonl")


@pytest.mark.parametrize("value", ["cursor", "claude_code,cursor/x"])
def test_a_plan_of_an_unknown_folder_is_refused_by_name(value: str) -> None:
    with pytest.raises(ValueError, match=r"COSTOPS_PLAN_COVERED.*cursor"):
        Settings.from_env({"COSTOPS_PLAN_COVERED": value}, Path("h"))
