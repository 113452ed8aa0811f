"""One call in several files: of one tool it counts once, of two tools it is neither merged in silence nor lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ingestion.events.test_routing_and_canonical import Home

AT = "2026-05-01T10:00:00Z"
USED = {"input_tokens": 12, "output_tokens": 3, "total_tokens": 15}
LANDED = "select event_source, event_id, output_tokens from raw_events.requests order by all"


def lang_run(output: int = 3, **fields: Any) -> str:
    used = USED | {"output_tokens": output, "total_tokens": 12 + output}
    run = {"id": "id-0001", "run_type": "llm", "start_time": AT, "usage_metadata": used}
    return json.dumps(run | {"extra": {"metadata": {"ls_model_name": "gpt-5"}}} | fields)


def generation(identity: str = "id-0001") -> str:
    details = {"input": 12, "output": 3, "total": 15}
    return json.dumps({"id": identity, "startTime": AT, "model": "gpt-5", "usageDetails": details})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_two_exports_of_a_tool_repeat_a_call_and_the_fuller_one_counts(home: Home) -> None:
    home.write("langsmith/day-1.jsonl", lang_run(1))
    home.write("langsmith/day-2.jsonl", lang_run(3))
    report = home.land()
    assert home.query(LANDED) == [("langsmith", "id-0001", 3)]
    assert report.quarantined_rows == 0
    assert any("repeat" in str(note) for note in report.notes)


def test_two_tools_that_share_an_id_are_not_merged(home: Home) -> None:
    home.write("langfuse/a.jsonl", generation())
    home.write("langsmith/a.jsonl", lang_run())
    home.land()
    assert home.query(LANDED) == [("langfuse", "id-0001", 3)]
    told = home.query("select file_path, reason, message from raw_events.quarantine")
    assert [(path, reason) for path, reason, _ in told] == [("langsmith/a.jsonl", "duplicate_event_id")]
    assert "langfuse/a.jsonl" in told[0][2]


def test_two_tools_with_ids_of_their_own_both_count(home: Home) -> None:
    home.write("langfuse/a.jsonl", generation("id-0002"))
    home.write("langsmith/a.jsonl", lang_run())
    home.land()
    assert home.query(LANDED) == [("langfuse", "id-0002", 3), ("langsmith", "id-0001", 3)]


def test_a_file_that_a_folder_cannot_read_is_refused_by_name_with_the_remedy(home: Home) -> None:
    home.write("helicone/usage.xlsx", "x")
    report = home.land()
    [note] = [str(note) for note in report.notes if "usage.xlsx" in str(note)]
    assert "helicone/ cannot read .xlsx files; export it as .jsonl" in note
