"""Whatever is done to a line, its neighbours land, it is quarantined, and no parser raises."""

from __future__ import annotations

import importlib
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.sources.events.routing import READERS
from tests.unit.ingestion.events.conftest import run
from tests.unit.ingestion.events.corpus import FORMATS, MUTATORS, file_bytes

PARSERS = {name: importlib.import_module(READERS[name]).parse for name in FORMATS}


@pytest.mark.parametrize("mutator", MUTATORS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_line_costs_only_itself(tmp_path: Path, name: str, mutator: str) -> None:
    rng = random.Random(7)
    lines = [FORMATS[name](n).encode() for n in range(20)]
    for at in (0, 7, 20):
        broken = MUTATORS[mutator](FORMATS[name](100 + at), rng)
        path = tmp_path / "f.jsonl"
        path.write_bytes(file_bytes([*lines[:at], broken, *lines[at:]], newline=rng.choice([b"\n", b"\r\n", b"\r"])))
        rows, bad = run(PARSERS[name], path)
        assert len(rows) == 20, (at, broken[:200])
        assert len(bad) == 1, (at, [entry.reason for entry in bad])
        assert bad[0].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(FORMATS)), value=JSON, data=st.data())
def test_any_value_in_any_place_never_raises(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: Any, data: st.DataObject
) -> None:
    import json

    record = json.loads(FORMATS[name](data.draw(st.integers(0, 1))))
    holder, key = data.draw(st.sampled_from(list(_places(record))))
    holder[key] = value
    path = tmp_path_factory.mktemp("any") / "f.jsonl"
    path.write_text(json.dumps(record) + "\n" + FORMATS[name](50))
    rows, bad = run(PARSERS[name], path)
    longest = len(value) if isinstance(value, list) else 0
    assert 1 <= len(rows) + len(bad) <= 3 + longest, "a list may stand for several calls, each of them once"


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
