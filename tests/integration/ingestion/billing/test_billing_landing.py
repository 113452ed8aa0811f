"""Billing files through the real landing: real bills to the last decimal, and re-deliveries."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.landing import LandingReport
from ingestion.landing.notes import Note
from ingestion.sources.billing.pipeline import land
from tests.support.shared_data import shared_data
from tests.unit.ingestion.billing.parsing import csv_sum

NOW = datetime(2025, 10, 30, tzinfo=UTC)
HEADER = "BilledCost,BillingAccountId,SubAccountId,BillingPeriodStart,ChargePeriodStart\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.from_env({"COSTOPS_HOME": str(tmp_path / "home")})
    found.billing_dir.mkdir(parents=True)
    return found


def deliver(settings: Settings, path: str, at: int, *rows: str) -> None:
    """A FOCUS file that was modified on day `at` of October."""
    target = settings.billing_dir / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    moment = datetime(2025, 10, at, tzinfo=UTC).timestamp()
    os.utime(target, (moment, moment))


def days(last: int, cost: str = "1", account: str = "acct", sub: str = "s") -> list[str]:
    return [f"{cost},{account},{sub},2025-09-01,2025-09-{day:02}" for day in range(1, last + 1)]


def query(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse_path)) as db:
        return db.execute(sql).fetchall()


def total(settings: Settings) -> object:
    return query(settings, "select sum(billed_cost) from raw_billing.focus_charges")[0][0]


def run(settings: Settings) -> LandingReport:
    return land(settings, now=NOW)


REAL = [
    ("focus_sample_1_0/focus_sample.csv", "BilledCost", "focus_charges", "billed_cost", 1000),
    (
        "native_samples/sample-anonymous-aws-export-dataset.csv.gz",
        "lineItem/UnblendedCost", "aws_cur_line_items", "line_item_unblended_cost", 1281,
    ),
    (
        "native_samples/sample-anonymous-ea-export-dataset.csv",
        "CostInBillingCurrency", "azure_cost_details", "cost_in_billing_currency", 27,
    ),
    ("native_samples/reports_cost-csv_0000000030000269.csv.gz", "cost/myCost", "oci_cost_lines", "my_cost", 506),
]  # fmt: skip


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (["20,acct,s,2025-09-01,2025-09-01,2025-10-01"], 20),
        ([f"1,acct,s,2025-09-01,2025-09-{day:02},2025-09-{day + 1:02}" for day in range(1, 6)], 20),
        # Five days, and a fee for the month: it makes no month of the days.
        (
            [
                "7,acct,s,2025-09-01,2025-09-01,2025-10-01",
                *(f"1,acct,s,2025-09-01,2025-09-{day:02},2025-09-{day + 1:02}" for day in range(1, 6)),
            ],
            27,
        ),
    ],
)
def test_a_file_that_replaces_takes_the_days_that_its_rows_charge(
    settings: Settings, newer: list[str], expected: int
) -> None:
    header = HEADER.replace("ChargePeriodStart", "ChargePeriodStart,ChargePeriodEnd")
    deliver(settings, "focus/a.csv", 1, *days(20))
    run(settings)
    deliver(settings, "focus/b.csv", 2)
    path = settings.billing_dir / "focus/b.csv"
    path.write_text(header + "".join(f"{row}\n" for row in newer))
    (settings.billing_dir / "deliveries.yml").write_text("- match: focus/b.csv\n  then: replaces\n")
    run(settings)
    assert total(settings) == expected


def test_real_bills_land_whole_and_to_the_last_decimal(settings: Settings) -> None:
    """FOCUS, AWS CUR, Azure EA and OCI against sums made with `csv` and `Decimal` alone."""
    paths = [shared_data(f"billing/{part}") for part, *_ in REAL]
    for path in paths:
        shutil.copy2(path, settings.billing_dir / path.name)
    report = run(settings)
    assert report.rows_by_table == {table: count for _, _, table, _, count in REAL}
    assert report.quarantined_rows == 0
    for path, (_, header, table, column, count) in zip(paths, REAL, strict=True):
        texts = query(settings, f"select {column}_text, {column} from raw_billing.{table}")
        assert (len(texts), sum((Decimal(str(text)) for text, _ in texts), Decimal(0))) == csv_sum(path, header)
        assert len(texts) == count
        assert all(abs(Decimal(str(text)) - money) <= Decimal("5e-13") for text, money in texts)  # type: ignore[operator]


def test_month_to_date_deliveries_replace_one_another_and_nobody_else(settings: Settings) -> None:
    deliver(settings, "focus/other_account.csv", 1, *days(10, "100", account="b"))
    deliver(settings, "focus/other_sub_account.csv", 1, *days(10, "1000", sub="other"))
    deliver(settings, "focus/2025-10-01/bill.csv", 1, *days(10))
    deliver(settings, "focus/2025-10-02/bill.csv", 2, *days(20))
    run(settings)
    assert total(settings) == 11_020
    deliver(settings, "focus/2025-10-03/bill.csv", 3, *days(30, "2"))
    report = run(settings)
    assert (total(settings), report.files_superseded) == (11_060, 1)
    files = "select path, is_superseded, row_count from raw_billing.files where path like '%bill.csv' order by path"
    assert query(settings, files) == [
        ("focus/2025-10-01/bill.csv", True, 0),
        ("focus/2025-10-02/bill.csv", True, 0),
        ("focus/2025-10-03/bill.csv", False, 30),
    ]
    assert run(settings).files_landed == 0


def questions(report: LandingReport) -> list[str]:
    return [str(note) for note in report.notes if isinstance(note, Note) and note.kind.startswith("delivery_")]


def test_a_newest_delivery_replaced_by_less_gives_the_older_rows_back_and_asks(settings: Settings) -> None:
    deliver(settings, "focus/a/bill.csv", 1, *days(10), *days(10, sub="t"))
    deliver(settings, "focus/b/other.csv", 2, *days(10, "3"), *days(10, "3", sub="t"))
    run(settings)
    assert total(settings) == 60
    deliver(settings, "focus/b/other.csv", 3, *days(10, "3"))
    (question,) = questions(run(settings))
    assert total(settings) == 20
    assert "focus/b/other.csv (30.00)" in question
    assert "focus/a/bill.csv (20.00)" in question
    assert "it has no row of t" in question


def test_the_answer_in_deliveries_yml_is_followed_at_the_next_run(settings: Settings) -> None:
    deliver(settings, "focus/a.csv", 1, *days(20))
    deliver(settings, "focus/b.csv", 2, *days(10, "3"))
    assert len(questions(run(settings))) == 1
    rules = settings.billing_dir / "deliveries.yml"
    for then, expected in [("replaces", 40), ("adds", 50), ("ignore", 20), ("replaces", 40)]:
        rules.write_text(f"- match: focus/b.csv\n  then: {then}\n")
        report = run(settings)
        assert (total(settings), questions(report)) == (expected, [])
    rules.write_text("- match: focus/b.csv\n  then: doubles\n- oops\n")
    assert sorted(text.partition(";")[0] for text in questions(run(settings)))[:2] == [
        "deliveries.yml: rule 1 has then: 'doubles' where replaces, adds or ignore is expected",
        "deliveries.yml: rule 2 is not a mapping of match, then and perhaps over",
    ]
    assert total(settings) == 20


def test_a_removed_part_goes_at_once_and_a_removed_delivery_gives_back_what_it_had_replaced(settings: Settings) -> None:
    deliver(settings, "focus/run/part-00001.csv", 1, *days(10))
    deliver(settings, "focus/run/part-00002.csv", 1, *days(10))
    run(settings)
    assert total(settings) == 20
    deliver(settings, "focus/run/2025-10-02/part-00001.csv", 2, *days(20, "3"))
    run(settings)
    assert total(settings) == 60
    (settings.billing_dir / "focus/run/2025-10-02/part-00001.csv").unlink()
    report = run(settings)
    assert total(settings) == 20
    assert any("2025-10-02/part-00001.csv was removed: with it went 20 rows" in str(n) for n in report.notes)
    (settings.billing_dir / "focus/run/part-00002.csv").unlink()
    run(settings)
    assert total(settings) == 10


def test_late_old_deliveries_change_nothing_and_a_shrunken_month_is_held_and_asked_about(settings: Settings) -> None:
    deliver(settings, "focus/b/bill.csv", 9, *days(30))
    run(settings)
    deliver(settings, "focus/a/bill.csv", 2, *days(29, "5"))
    assert questions(run(settings)) == []
    assert total(settings) == 30
    deliver(settings, "focus/c/bill.csv", 10, *days(10))
    for _ in range(2):
        (question,) = questions(run(settings))
        assert total(settings) == 30
        assert "focus/c/bill.csv (10.00) meets focus/b/bill.csv (30.00)" in question


def test_a_home_landed_by_an_older_version_is_read_again(settings: Settings) -> None:
    deliver(settings, "focus/2025-10-01/bill.csv", 1, *days(10))
    deliver(settings, "focus/2025-10-02/bill.csv", 2, *days(20))
    run(settings)
    with duckdb.connect(str(settings.warehouse_path)) as db:
        db.execute(
            "update raw_billing.files set period_key = 'focus|acct>s|2025-09|1-20', "
            "content_hash = split_part(content_hash, '+', 1)"
        )
        db.execute("update raw_billing._superseded_scopes set scope = 'focus|acct>s|2025-09', days = null")
    assert run(settings).files_landed == 2
    assert total(settings) == 20
    assert run(settings).files_landed == 0


def test_bad_rows_reach_the_quarantine_and_a_corrected_file_leaves_it(settings: Settings) -> None:
    deliver(settings, "focus/bill.csv", 1, *days(2), "oops,acct,s,2025-09-01,2025-09-02")
    (settings.billing_dir / "notes.csv").write_text("a,b\n1,2\n")
    report = run(settings)
    assert (report.rows_by_table, report.quarantined_rows) == ({"focus_charges": 2}, 1)
    assert any("a header of focus has at least BilledCost" in note for note in map(str, report.notes))
    assert query(settings, "select source, row_number, field, reason, original_record from raw_billing.quarantine") == [
        ("billing/focus", 3, "BilledCost", "invalid_number", "oops,acct,s,2025-09-01,2025-09-02\n")
    ]
    deliver(settings, "focus/bill.csv", 2, *days(3, "4"))
    run(settings)
    assert total(settings) == 12
    assert query(settings, "select count(*) from raw_billing.quarantine") == [(0,)]


def test_quirk_7_a_newer_dashboard_export_restates_the_days_it_holds_and_no_other(settings: Settings) -> None:
    """Exports made by hand have any span: of 1-20 and 15-25 September, 1-14 come from the first."""

    def export(name: str, at: int, first: int, last: int, cost: str, organization: str = "org-a") -> None:
        path = settings.billing_dir / "openai" / name
        path.parent.mkdir(exist_ok=True)
        lines = [
            f"2025-09-{day:02}T00:00:00,2025-09-{day + 1:02}T00:00:00+00:00,{cost},usd,{organization}"
            for day in range(first, last + 1)
        ]
        header = "start_time_iso,end_time_iso,amount_value,amount_currency,organization_id,start_time\n"
        path.write_text(header + "".join(f"{line},\n" for line in [*lines, "2025-09-30,2025-10-01,,,"]))
        moment = datetime(2025, 10, at, tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))

    def sums() -> list[tuple[object, ...]]:
        return query(
            settings,
            "select organization_id, count(*), sum(amount) from raw_billing.openai_costs group by 1 order by 1",
        )

    export("costs (1).csv", 1, 1, 20, "1")
    export("costs_b.csv", 1, 1, 2, "100", "org-b")
    run(settings)
    export("costs (2).csv", 2, 15, 25, "2")
    report = run(settings)
    assert sums() == [("org-a", 25, Decimal(14 + 22)), ("org-b", 2, Decimal(200))]
    assert not any("partial delivery" in note for note in map(str, report.notes))
    assert (report.quarantined_rows, run(settings).files_landed) == (0, 0)


def test_a_corrected_invoice_replaces_its_older_copy_and_no_other(settings: Settings) -> None:
    header = "invoice_id,provider,billing_period,amount,currency\n"

    def drop(path: str, at: int, *rows: str) -> None:
        deliver(settings, path, at)
        target = settings.billing_dir / path
        moment = target.stat().st_mtime
        target.write_text(header + "".join(f"{row}\n" for row in rows))
        os.utime(target, (moment, moment))

    drop("invoices/2026-03/openai.csv", 1, "I1,OpenAI,2026-03,10,USD", "I2,OpenAI,2026-03,5,USD")
    drop("invoices/2026-04/openai.csv", 2, "N1,OpenAI,2026-03,-1,USD")
    run(settings)
    amounts = "select invoice_id, amount from raw_billing.invoices order by 1, 2"
    assert query(settings, amounts) == [("I1", 10), ("I2", 5), ("N1", -1)]
    drop("invoices/2026-04/openai corrected.csv", 3, "I1,OpenAI,2026-03,11,USD")
    run(settings)
    assert query(settings, amounts) == [("I1", 11), ("I2", 5), ("N1", -1)]
