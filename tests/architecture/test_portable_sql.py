"""Models are written in words that every engine has; what engines spell differently is a macro with one form each.

Without Spark at hand nobody would notice a function that only DuckDB has.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
FORM_OF_DUCKDB = re.compile(r"{%-? macro (default|duckdb)__.*?{%-? endmacro -?%}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}|--[^\n]*", re.DOTALL)
OF_DUCKDB_ALONE = {
    r"\bas varchar\b": "string",
    r"\bhugeint\b": "{{ whole_type() }}",
    r"::\w": "cast(... as ...)",
    r"\* exclude\b|\* replace\b": "{{ all_but(relation, columns) }}",
    r"\bqualify\b": "row_number() in a CTE, then where",
    r"\basof\b": "half-open ranges",
    r"row_number\(\) over \(\)": "row_number() over (order by ...): numbers without an order differ from run to run",
    r"\bstrpos\(": "instr(",
    r"\bunnest\(": "{{ one_row_each(list) }}, {{ split_text(...) }} or {{ numbered_members(...) }}",
    r"\bgenerate_(series|subscripts)\(": "{{ whole_numbers(first, last) }} or {{ date_spine(first, last) }}",
    r"\blist_(sort|distinct|concat|filter|contains|aggregate)\(": "array_sort, array_distinct, filter, array_contains",
    r"\bstring_(split|agg|to_array)\(": "split(, {{ sorted_text(expression) }}",
    r"\bregexp_(matches|full_match|escape)\(": "{{ matches(text, pattern) }}, {{ as_pattern(text) }}",
    r"\bregexp_replace\(": "{{ replaced_everywhere(text, pattern, replacement) }}",
    r"\bjson_(extract|extract_string|valid|type|each|keys)\(": "{{ json_member(json, name) }}, {{ json_pairs() }}",
    r"\bdate_(diff|sub)\(": "{{ days_between(start, end) }}",
    r"\bepoch(_us|_ms)?\(|extract\(epoch": "{{ microseconds_between(start, end) }}",
    r"\bisodow\b": "{{ iso_weekday(day) }}",
    r"\barg_(max|min)\(": "max_by, min_by",
    r"(?<!\.)\bstr[fp]time\(": "cast or date_trunc",
}
"""What only DuckDB understands, and what is written instead."""
OF_AN_ENGINE = {DBT_PROJECT / "macros" / "engine", DBT_PROJECT / "macros" / "spark"}


def lines_with(pattern: str, text: str) -> list[int]:
    """Lines with an occurrence outside comments and the forms of DuckDB."""
    for aside in (COMMENT, FORM_OF_DUCKDB):
        text = aside.sub(lambda match: "\n" * match.group().count("\n"), text)
    return [text[: match.start()].count("\n") + 1 for match in re.finditer(pattern, text)]


@pytest.mark.parametrize(("pattern", "instead"), OF_DUCKDB_ALONE.items(), ids=OF_DUCKDB_ALONE.values())
def test_no_model_is_written_for_duckdb_alone(pattern: str, instead: str) -> None:
    files = [path for room in ("models", "macros", "tests") for path in sorted((DBT_PROJECT / room).rglob("*.sql"))]
    found = [
        f"{path.relative_to(DBT_PROJECT)}:{line}"
        for path in files
        if path.parent not in OF_AN_ENGINE
        for line in lines_with(pattern, path.read_text())
    ]
    assert not found, f"only DuckDB understands this; write {instead}: {found}"


OF_DBT = {"dateadd", "datediff"}
"""Macros of dbt whose form for Spark is another here."""


def test_every_form_of_spark_has_one_of_duckdb() -> None:
    macros = {
        name
        for path in (DBT_PROJECT / "macros").rglob("*.sql")
        for name in re.findall(r"{%-? macro (\w+)", path.read_text())
    }
    spark = {name.removeprefix("spark__") for name in macros if name.startswith("spark__")}
    alone = {name for name in spark if not {f"default__{name}", f"duckdb__{name}"} & macros}
    assert spark
    assert alone == OF_DBT, "a form that replaces nothing"


def test_a_word_of_duckdb_is_found_where_it_is_used_and_not_where_it_is_named() -> None:
    text = "-- unnest(\nselect unnest(list){# unnest( #}\n{% macro default__each(list) -%} unnest(list) {%- endmacro %}"
    assert lines_with(r"\bunnest\(", text) == [2]
