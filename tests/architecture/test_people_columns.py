"""Columns that hold people are the same in Python, which looks them up, and in staging, which hides them."""

from __future__ import annotations

import re
from pathlib import Path

from ingestion.raw_schemas import RAW_SCHEMAS, TEXT
from orchestration.identities.places import DESCRIBED, PERSON_COLUMNS, TEXT_COLUMNS

MODELS = Path(__file__).resolve().parents[2] / "dbt_project"
SOURCE = re.compile(r'source\(\s*"(\w+)",\s*"(\w+)"\s*\)')
HIDDEN = re.compile(r'\{\{\s*(person|person_again|without_people|without_people_again)\("(\w+)"\)\s*\}\}')
LOOKS_LIKE_SOMEBODY = re.compile(r"(^|_)(user|users|email|actor|principal|member|created_by|username|person)(_|$)")
FREE_TEXT = re.compile(r"^(notes?|tags|owner|(?!provider|vendor|gpu)\w+_name)$")
"""What people write in their own words; names of providers, vendors and GPUs are none."""
NOT_PUBLISHED = {
    ("raw_anthropic.claude_code", "actor_type"), ("raw_anthropic.claude_code", "actor_api_key_name"),
    ("raw_anthropic.claude_code_models", "actor_type"), ("raw_anthropic.claude_code_models", "actor_api_key_name"),
}  # fmt: skip
"""What kind of actor it is, and names of keys that no mart shows."""


def hidden() -> dict[tuple[str, str], str]:
    """`schema.table` and column of every use of the macros, with which it is."""
    found = {}
    for path in MODELS.rglob("*.sql"):
        text = path.read_text()
        for schema, table in SOURCE.findall(text):
            for macro, column in HIDDEN.findall(text):
                if schema != "identity":
                    found[f"{schema}.{table}", column] = macro
    return found


def test_staging_hides_what_is_looked_up_and_nothing_else() -> None:
    declared = {(table, column) for places in (PERSON_COLUMNS, TEXT_COLUMNS) for table, columns in places.items()
                for column in columns}  # fmt: skip
    of_quarantine = {each for each in declared if each[0].endswith(".quarantine")}
    allowed = {("raw_openai.vector_stores", "user_id"), ("raw_prices.quarantine", "file_path")}
    written = set(hidden()) - allowed
    shared = {column for _, column in of_quarantine}
    staged = (MODELS / "macros" / "staging.sql").read_text()
    assert {column for macro, column in HIDDEN.findall(staged)} == shared
    assert declared - of_quarantine <= written
    extra = {each for each in written - declared if each[0].rsplit(".", 1)[0] + ".usage" not in PERSON_COLUMNS}
    assert extra == set()


def test_ids_are_hidden_as_ids_and_texts_as_texts() -> None:
    for (table, column), macro in hidden().items():
        if (table, column) == ("raw_org.budgets", "scope_id"):
            continue
        wanted = "without_people" if column in TEXT_COLUMNS.get(table, ()) else "person"
        assert macro.removesuffix("_again") == wanted, (table, column)


def test_free_text_of_the_organisation_is_hidden() -> None:
    shown = {
        (path.stem, column)
        for path in (MODELS / "models" / "staging" / "org").glob("*.sql")
        for column in re.findall(r"cast\((\w+) as string\)", path.read_text())
        if FREE_TEXT.search(column)
    }
    assert shown == {("stg_org__users", "user_name")}  # known by the table that describes people, and in no mart


def test_a_raw_column_that_is_called_like_a_person_is_declared() -> None:
    known = {(table, column) for table, columns in PERSON_COLUMNS.items() for column in columns} | NOT_PUBLISHED
    known |= {(each.table, column) for each in DESCRIBED for column in (each.name, each.email) if column}
    suspects = {
        (f"{dataset}.{table}", column)
        for dataset, tables in RAW_SCHEMAS.items()
        for table, columns in tables.items()
        for column, kind in columns.items()
        if kind == TEXT and LOOKS_LIKE_SOMEBODY.search(column)
    }
    assert suspects - known == set()
