"""Sessions that are read where they lie: found, left alone, kept when the agent deletes them, covered by a plan."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.config import Settings
from ingestion.sources.events.pipeline import land

NOW = datetime(2026, 11, 20)  # noqa: DTZ001 naive UTC


def _claude(output: int) -> str:
    usage = {"input_tokens": 4, "cache_read_input_tokens": 900, "output_tokens": output}
    message = {"id": f"msg_{output:020}", "type": "message", "model": "claude-opus-4-8", "usage": usage}
    line = {"type": "assistant", "sessionId": "s", "uuid": "u", "timestamp": "2026-11-10T10:04:05Z"}
    return json.dumps({**line, "requestId": f"req_{output:020}", "message": message}) + "\n"


def _codex(limits: object) -> str:
    used = {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 9}
    info = {"total_token_usage": used, "last_token_usage": used}
    lines = [
        {"type": "session_meta", "payload": {"id": f"cdx-{limits is None}", "model_provider": "openai"}},
        {"type": "turn_context", "payload": {"model": "gpt-5"}},
        {"type": "event_msg", "payload": {"type": "token_count", "info": info, "rate_limits": limits}},
    ]
    return "".join(json.dumps({"timestamp": "2026-11-10T10:05:00Z", **line}) + "\n" for line in lines)


def _settings(tmp_path: Path, **more: str) -> Settings:
    return Settings.from_env({"HOME": str(tmp_path / "me"), **more}, tmp_path / "home")


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _rows(settings: Settings) -> list[tuple[str, int, bool]]:
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as db:
        return db.execute(
            "select event_source, output_tokens, is_billable from raw_events.requests order by 1, 2, 3"
        ).fetchall()


def test_sessions_in_place(tmp_path: Path) -> None:
    folder = tmp_path / "me/.claude/projects/-p"
    session = _write(folder / "s.jsonl", _claude(70))
    _write(folder / "s/subagents/agent-1.jsonl", _claude(80))
    _write(folder / "notes.png", "x")
    secret = _write(tmp_path / "elsewhere/other.jsonl", _claude(90))
    (folder / "link.jsonl").symlink_to(secret)
    _write(tmp_path / "me/.codex/sessions/2026/11/10/rollout-a.jsonl", _codex(None))
    _write(tmp_path / "me/.codex/sessions/2026/11/10/rollout-b.jsonl", _codex({"plan_type": "plus"}))
    settings = _settings(tmp_path, COSTOPS_LOCAL_SESSIONS="1")
    before = session.stat().st_mtime_ns
    report = land(settings, now=NOW)
    assert _rows(settings) == [
        ("claude_code", 70, True),
        ("claude_code", 80, True),
        ("codex", 9, False),
        ("codex", 9, True),
    ]
    kinds = [note.kind for note in report.notes]
    assert kinds.count("link_outside") == 1
    assert kinds.count("plan_unknown") == 1
    assert not {"passed_over", "folder_gone"} & set(kinds)
    assert session.stat().st_mtime_ns == before
    assert not any(path.suffix == ".jsonl" for path in settings.home.rglob("*"))

    again = land(settings, now=NOW)
    assert (again.files_landed, again.files_unchanged) == (0, 4)

    session.unlink()
    land(settings, now=NOW)
    land(_settings(tmp_path), now=NOW)
    assert len(_rows(settings)) == 4

    covered = _settings(tmp_path, COSTOPS_LOCAL_SESSIONS="1", COSTOPS_PLAN_COVERED="claude_code")
    changed = land(covered, now=NOW)
    assert changed.files_landed == 1, "only the file that is still there is read again"
    assert [row[2] for row in _rows(settings) if row[1] == 80] == [False]
    assert "plan_unknown" not in [note.kind for note in changed.notes]


def test_an_empty_drop_folder_beside_sessions_deletes_nothing(tmp_path: Path) -> None:
    settings = _settings(tmp_path, COSTOPS_LOCAL_SESSIONS="1")
    dropped = _write(settings.events_dir / "claude_code/anna/s.jsonl", _claude(50))
    land(settings, now=NOW)
    dropped.unlink()
    _write(tmp_path / "me/.claude/projects/-p/s.jsonl", _claude(60))
    report = land(settings, now=NOW)
    assert [row[1] for row in _rows(settings)] == [50, 60]
    assert "folder_gone" in [note.kind for note in report.notes]
