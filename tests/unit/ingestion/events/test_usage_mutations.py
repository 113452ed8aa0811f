"""A counter never disappears: each changed record lands complete, lands marked with what it names, or is set aside."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from typing import Any

import pytest

from ingestion.reading.lines import loads
from ingestion.sources.events.exports import langsmith, vertex
from ingestion.sources.events.langfuse.observations import read_observation
from ingestion.sources.events.litellm.spend_logs import read_spend_log
from ingestion.sources.events.otel.traces import span_row
from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.sources.events.usage_shapes.values import BadValue
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS
from tests.unit.ingestion.events.mutations import SHAPES, WITHOUT_SEARCHES, Truth, mutate, truth

RECORDS = int(os.environ.get("COSTOPS_TEST_MUTATIONS", "20000"))
SEED = int(os.environ.get("COSTOPS_TEST_SEED", "20261128"))


def read(shape: str, record: dict[str, Any]) -> dict[str, Any]:
    record = loads(json.dumps(record))
    if shape == "langfuse":
        return read_observation(record)[0]
    if shape == "litellm":
        return read_spend_log(record)[0]
    if shape == "otel":
        span = record["span"]
        return span_row(("t", "s"), span, span["attributes"], {})
    if shape == "langsmith":
        row = langsmith.read_run(record).row
        assert row is not None
        return row
    (row,) = vertex.read_row(record) if shape == "vertex" else read_call(record, Counter())
    return row


def landed_tokens(row: dict[str, Any]) -> int:
    return sum(row.get(name) or 0 for name in TOKEN_COLUMNS)


def _usage_of(record: dict[str, Any], path: list[str]) -> dict[str, Any]:
    for key in path:
        record = record[key]
    return record


def _check(shape: str, given: Truth, row: dict[str, Any], changed: Any, record: dict[str, Any]) -> str:
    named = [item["quantity"] for item in json.loads(row.get("unresolved_usage") or "[]")]
    lost = [number for number in changed.unknown if number]
    searches = 0 if shape in WITHOUT_SEARCHES else given.searches
    if row.get("unknown_usage_reason") is None:
        assert (lost, changed.contradicting) == ([], []), record
        assert landed_tokens(row) == given.tokens, record
        assert (row.get("web_searches") or 0) == searches, record
        return "complete"
    missing = Counter(lost) - Counter(named)
    assert not missing, record
    assert landed_tokens(row) + (row.get("web_searches") or 0) + sum(named) >= given.tokens + searches, record
    assert sum(named) >= sum(lost), record
    return "marked"


def test_no_counter_of_changed_records_disappears() -> None:
    dice = random.Random(SEED)
    outcomes: Counter[str] = Counter()
    by_shape: Counter[str] = Counter()
    names = list(SHAPES)
    for number in range(RECORDS):
        shape, given = names[number % len(names)], truth(dice)
        record, path = SHAPES[shape](given)
        changed = mutate(_usage_of(record, path), dice, "gen_ai.usage." if shape == "otel" else "")
        try:
            row = read(shape, record)
        except BadValue as bad:
            outcomes["quarantined" if changed.kinds and bad.reason in REFUSALS else f"{bad.reason} {record}"] += 1
            continue
        outcome = _check(shape, given, row, changed, record)
        outcomes[outcome] += 1
        by_shape[f"{shape} {outcome}"] += 1
    assert set(outcomes) == {"complete", "marked", "quarantined"}
    assert sum(outcomes.values()) == RECORDS
    assert min(outcomes[name] for name in ("complete", "marked", "quarantined")) > RECORDS // 50, outcomes
    assert all(by_shape[f"{shape} complete"] and by_shape[f"{shape} marked"] for shape in SHAPES), by_shape


REFUSALS = frozenset(
    (
        "parts_contradict_total",
        "parts_exceed_total",
        "parts_do_not_sum",
        "only_total_tokens",
        "no_known_counter",
        "missing_usage",
    )
)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_usage_object_of_unknown_names_alone_is_set_aside_with_its_keys(shape: str) -> None:
    record, path = SHAPES[shape](truth(random.Random(1)))
    usage = _usage_of(record, path)
    prefix = "gen_ai.usage." if shape == "otel" else ""
    for key in [key for key in usage if shape != "otel" or key.startswith(prefix)]:
        del usage[key]
    usage |= {f"{prefix}zz_flux_tokens": 5, f"{prefix}zz_tokens": 6}
    if shape == "otel":
        from ingestion.reading.lines import Record
        from ingestion.sources.events.otel.traces import read_traces

        span = {**record["span"], "attributes": usage}
        export = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
        (entry,) = list(read_traces([Record(1, export, "")]))
        assert entry.reason == "no_known_counter"
        assert "zz_flux_tokens" in entry.message
        return
    with pytest.raises(BadValue) as refused:
        read(shape, record)
    assert refused.value.reason == "no_known_counter"
    assert "zz_flux_tokens" in refused.value.message
