"""Tags in the ways that exports and query tools write them."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from ingestion.reading.tabular.key_values import json_objects


@pytest.mark.parametrize(
    "text",
    [
        '{"team": "search"}',
        '"team": "search"',
        "{'team': 'search'}",
        '[{"key":"team","value":"search"}]',
        '[{"Key":"team","Value":"search"}]',
        '[{"key":"team","value":"search","inherited":false,"namespace":"1"}]',
        '[["team","search"]]',
        "[('team', 'search')]",
        '"{\\"team\\": \\"search\\"}"',
        "{team=search}",
        '"team": "search":',
        '{"team": "search"},',
        '"{""team"": ""search""}"',
    ],
)
def test_one_tag_in_its_many_forms(text: str) -> None:
    objects, other = json_objects(pa.array([text]))
    assert json.loads(objects[0].as_py()) == {"team": "search"}
    assert other.null_count == 1


def test_athena_prints_several_keys_and_empty_values() -> None:
    objects, _ = json_objects(pa.array(["{team=search, env=, user_cost center=R D}"]))
    assert json.loads(objects[0].as_py()) == {"team": "search", "env": "", "user_cost center": "R D"}


@pytest.mark.parametrize(
    "text",
    [
        "{team=search, and more}",
        "{team=a=b}",
        "{team=a, team=b}",
        "team=search;env=prod",
        '[{"key":"team","value":"a"},{"key":"team","value":"b"}]',
        '[{"id":"team"}]',
        "__import__('os')",
        "[1]",
    ],
)
def test_what_may_mean_two_things_stays_text(text: str) -> None:
    objects, other = json_objects(pa.array([text]))
    assert objects.to_pylist() == [None]
    assert other.to_pylist() == [text]


@pytest.mark.parametrize("text", ["[]", "null", "None"])
def test_no_tags_are_no_text_either(text: str) -> None:
    objects, other = json_objects(pa.array([text]))
    assert objects.to_pylist() == other.to_pylist() == [None]
