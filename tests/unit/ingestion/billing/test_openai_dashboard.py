# ruff: noqa: DTZ001 - instants are naive UTC
"""The cost export of OpenAI's dashboard: quirk 7 of its usage and costs API."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from ingestion.landing.registry import RegisteredFile
from ingestion.sources.billing.pipeline import route
from tests.unit.ingestion.billing.landed import asked, gone
from tests.unit.ingestion.billing.parsing import parse_bytes

HEADER = (
    "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,"
    "user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source\n"
)
TIMES = "1769904000,1769990400,2026-02-01T00:00:00{zone},2026-02-02T00:00:00{zone}"
FIGURES = (
    '0.001589850000000000000000000000,usd,12.5,1000_tokens,"gpt-5-mini, input",,,proj_1,org-a,Search,Acme,,unlabeled'
)
EMPTY = "," * 13
TIMES_ONLY = "start_time,end_time,start_time_iso,end_time_iso\n"


def line(figures: str = FIGURES, zone: str = "") -> str:
    return f"{TIMES.format(zone=zone)},{figures}\n"


def test_quirk_7_dashboard_export_keeps_every_digit_and_column(tmp_path: Path) -> None:
    found = parse_bytes("openai", tmp_path, ("\ufeff" + HEADER.replace("\n", ",new\n") + line(FIGURES + ",x")).encode())
    (row,) = found.rows
    assert not found.quarantined
    assert (row["amount"], row["amount_text"]) == (Decimal("0.001589850000"), "0.001589850000000000000000000000")
    assert (row["quantity"], row["quantity_unit"], row["currency"]) == (Decimal("12.5"), "1000_tokens", "usd")
    assert (row["line_item"], row["project_id"], row["organization_id"]) == ("gpt-5-mini, input", "proj_1", "org-a")
    assert (row["project_name"], row["organization_name"], row["api_source"]) == ("Search", "Acme", "unlabeled")
    assert (row["user_id"], row["api_key_id"], row["user_email"]) == (None, None, None)
    assert json.loads(row["extra_columns"]) == {"new": "x"}


def test_quirk_7_times_of_an_export_come_with_and_without_an_offset(tmp_path: Path) -> None:
    seconds_only = "1769904000,1769990400,,," + FIGURES + "\n"
    content = HEADER + line() + line(zone="+00:00") + line(zone="Z") + seconds_only
    found = parse_bytes("openai", tmp_path, content.encode())
    times = {(row["bucket_start_utc"], row["bucket_end_utc"]) for row in found.rows}
    assert len(found.rows) == 4
    assert times == {(datetime(2026, 2, 1), datetime(2026, 2, 2))}
    (scope,) = found.scopes
    assert scope.startswith("2|openai|||org-a|org-a|usd|2026-02-01|1-1x4|0.006359400000|")


def test_an_empty_day_that_says_whose_it_is_is_no_error(tmp_path: Path) -> None:
    empty = ",,,,,,,,org-a,,Acme,,"
    found = parse_bytes("openai", tmp_path, (HEADER + line(empty) + line()).encode())
    assert [row["_source_row"] for row in found.rows] == [2]
    assert not found.quarantined


def test_quirk_7_a_day_without_cost_is_a_row_with_times_only_and_no_error(tmp_path: Path) -> None:
    wrong = ["abc,usd" + "," * 11, ",usd" + "," * 11]
    found = parse_bytes("openai", tmp_path, (HEADER + line(EMPTY[1:]) + line() + "".join(map(line, wrong))).encode())
    assert [row["_source_row"] for row in found.rows] == [2]
    assert [(bad.row_number, bad.field, bad.reason) for bad in found.quarantined] == [
        (3, "amount_value", "invalid_number"),
        (4, "amount_value", "missing_cost"),
    ]


def test_quirk_7_credits_and_scientific_notation_of_an_export_are_exact(tmp_path: Path) -> None:
    content = HEADER + line("-2.5," + "usd" + "," * 11) + line("1.2E-15,usd" + "," * 11)
    found = parse_bytes("openai", tmp_path, content.encode())
    assert [(row["amount"], row["amount_text"]) for row in found.rows] == [
        (Decimal("-2.5"), "-2.5"),
        (Decimal(0), "0.0000000000000012"),
    ]


def test_quirk_7_an_empty_export_has_four_columns_and_is_said(tmp_path: Path) -> None:
    for name in ("openai/empty.csv", "empty.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("\ufeff" + TIMES_ONLY + TIMES.format(zone="") + "\n")
        assert "span without usage" in str(route(tmp_path, name))
    (tmp_path / "costs.csv").write_text("\ufeff" + HEADER + line())
    (tmp_path / "openai/other.csv").write_text("a,b\n1,2\n")
    assert [found[0] for found in (route(tmp_path, "costs.csv"), route(tmp_path, "openai/other.csv"))] == ["openai"] * 2
    assert parse_bytes("openai", tmp_path, b"a,b\n1,2\n").reasons == ["unknown_header"]


def test_an_export_restates_a_day_whose_lines_it_has_all_and_is_held_where_it_lacks_one(tmp_path: Path) -> None:
    figures = FIGURES.replace("0.001589850000000000000000000000", "{}")
    one, other = line(figures.format("1.00")), line(figures.format("2.00").replace("proj_1", "proj_2"))
    third = line(figures.format("3.00").replace("gpt-5-mini", "gpt-5"))

    def delivered(name: str, day: int, *lines: str) -> RegisteredFile:
        found = parse_bytes("openai", tmp_path, (HEADER + "".join(lines)).encode())
        scopes, at = "\n".join(sorted(found.scopes)), datetime(2026, 2, day)
        return RegisteredFile(day, name, "openai", 1, at, f"{day}", len(lines), 0, scopes, False, datetime(2026, 3, 1))

    both = delivered("openai/both.csv", 3, one, other)
    assert gone([both, delivered("openai/more.csv", 4, third, one, other)]) == {(both.path, "org-a", "2026-02-01", "1")}
    filtered = [both, delivered("openai/filtered.csv", 4, one)]
    assert gone(filtered) == {("openai/filtered.csv", "org-a", "2026-02-01", "1")}
    (note,) = asked(filtered)
    assert "it lacks lines of org-a usd that the older one has. openai/both.csv counts for now" in note
