"""Deliveries through the real landing: random sequences as files on disk, arriving in any order, and both spellings of
a scope against one another."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.landing.notes import Note
from ingestion.sources.billing.pipeline import FORMATS, land
from ingestion.sources.billing.scopes import Coverage, coverages, day_sql, scope_sql
from tests.support.shared_data import shared_data
from tests.unit.ingestion.billing.delivery_world import BEGIN, Cell, Row, Sent, World
from tests.unit.ingestion.billing.test_delivery_sequences import check

NOW = datetime(2027, 1, 1, tzinfo=UTC)
HEADER = (
    "BilledCost BillingCurrency BillingAccountId SubAccountId ProviderName InvoiceIssuerName BillingPeriodStart "
    "ChargePeriodStart ChargeClass ResourceId"
).split()
CELLS = """
    select provider_name, coalesce(billing_account_id, ''), split_part(resource_id, '.', 1),
        case when charge_class is null then day(charge_period_start_utc) else 0 end, sum(billed_cost)::int
    from raw_billing.focus_charges group by all
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.from_env({"COSTOPS_HOME": str(tmp_path / "home")})
    found.billing_dir.mkdir(parents=True)
    return found


def cells_of(row: Row, owner: tuple[str, str]) -> list[str]:
    charged = BEGIN + timedelta(days=row.day - 1) if row.day else datetime(2026, 5, 15)  # noqa: DTZ001
    return [
        str(row.cost), "USD", owner[1], row.sub if owner[1] else "", owner[0], owner[0], "2026-06-01",
        f"{charged:%Y-%m-%d}", "" if row.day else "Correction", f"{row.sub}.{row.resource}",
    ]  # fmt: skip


def lay(world: World, folder: Path, random: Random, share: float) -> None:
    """Bring a folder to what was sent, in random order; some deliveries arrive later (`share` of them are there)."""
    wanted = {path for sent in world.sent for path, _ in sent.files}
    for path in folder.rglob("*.*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted and path.name != "manifest.json":
            path.unlink()
    for sent in random.sample(world.sent, k=round(len(world.sent) * share)):
        for path, rows in sent.files:
            write(folder / path, sent, rows)
        if sent.listed:
            run = {"startDate": f"2026-06-{sent.first:02}", "endDate": f"2026-06-{sent.last:02}T00:00:00Z"}
            manifest = {"runInfo": run, "blobs": [{"blobName": path} for path in sent.listed]}
            (folder / sent.listed[0]).with_name("manifest.json").write_text(json.dumps(manifest))


def write(place: Path, sent: Sent, rows: tuple[Row, ...]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *(cells_of(row, sent.owner) for row in rows)])
        if sent.damage:
            stream.write("5,USD,acc")
    moment = sent.at.replace(tzinfo=UTC).timestamp()
    os.utime(place, (moment, moment))


def look(settings: Settings) -> dict[Cell, int]:
    with duckdb.connect(str(settings.warehouse_path)) as db:
        found: dict[Cell, int] = defaultdict(int)
        for vendor, account, sub, day, cost in db.execute(CELLS).fetchall():
            found[vendor, account, sub, day] += cost
        return found


@pytest.mark.parametrize("seed", range(10))
def test_files_that_come_go_and_change_count_the_truth_or_are_asked_about(
    settings: Settings, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, order = World(Random(seed)), Random(seed)
    for share in (0.5, 1.0):
        for _ in range(6):
            world.step()
        lay(world, settings.billing_dir, order, share)
        if world.sent:
            report = land(settings, now=NOW)
    if not world.sent:
        pytest.skip("nothing was sent")
    questions = [str(note) for note in report.notes if isinstance(note, Note) and note.kind.startswith("delivery_")]
    exact, _ = check(world, look(settings), questions)
    assert exact
    assert land(settings, now=NOW).files_landed == 0
    before = look(settings)
    monkeypatch.setattr("ingestion.landing.source.code_version", lambda *packages: "readers:another")
    again = land(settings, now=NOW)
    assert again.files_landed > 0
    assert look(settings) == before
    assert [note for note in again.notes if "read anew" in str(note)] == []


@pytest.mark.parametrize(
    ("source_format", "name"),
    [
        ("focus", "focus_sample_1_0/focus_sample.csv"),
        ("aws_cur", "native_samples/sample-anonymous-aws-export-dataset.csv.gz"),
        ("azure", "native_samples/sample-anonymous-ea-export-dataset.csv"),
    ],
)
def test_the_scopes_of_a_file_are_those_of_its_rows(settings: Settings, source_format: str, name: str) -> None:
    source = shared_data(f"billing/{name}")
    shutil.copy(source, settings.billing_dir / source.name)
    land(settings, now=NOW)
    told, amount = told_and_landed(settings, source_format)
    assert sum(each.amount for each in told) == amount


def told_and_landed(settings: Settings, source_format: str) -> tuple[list[Coverage], Decimal]:
    """The scopes that were told of the files, which are those of their landed rows, and the sum of these."""
    billing_format = FORMATS[source_format]
    assert billing_format.scope is not None
    with duckdb.connect(str(settings.warehouse_path)) as db:
        rows = db.execute(
            f"select {scope_sql(billing_format)}, {day_sql(billing_format)}, count(*) "
            f"from raw_billing.{billing_format.table} group by all"
        ).fetchall()
        keys = db.execute("select period_key from raw_billing.files where row_count > 0").fetchall()
        (amount,) = db.execute(
            f"select sum({billing_format.scope.amount}) from raw_billing.{billing_format.table}"
        ).fetchone() or (Decimal(0),)
    told = [each for (key,) in keys for each in coverages(key.split("\n"))]
    counted = Counter({(each.row_scope, day): count for each in told for day, count in each.days.items()})
    assert counted == Counter({(scope, day): count for scope, day, count in rows})
    return told, amount


@pytest.mark.parametrize("offset", ["+02:00", "-07:00"])
def test_one_bill_told_in_the_days_of_two_time_zones_counts_once(settings: Settings, offset: str) -> None:
    """Ten days at 1.00, told twice: 10.00, and a question that names the zone."""
    (settings.billing_dir / "focus").mkdir()
    for name, zone in (("one", "Z"), ("two", offset)):
        days = [f"2026-06-{day:02}T00:00:00{zone}" for day in range(1, 12)]
        lines = "".join(f"1.00,USD,a,V,{days[0]},{days[at]},{days[at + 1]}\n" for at in range(10))
        (settings.billing_dir / f"focus/{name}.csv").write_text(
            "BilledCost,BillingCurrency,BillingAccountId,ProviderName,BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd\n"
            + lines
        )
    asked = [str(note) for note in land(settings, now=NOW).notes if note.kind == "delivery_question"]
    told, amount = told_and_landed(settings, "focus")
    assert amount == 10
    assert [(each.row_scope.rpartition("|")[2], each.reach) for each in told] == [("2026-06", 0)]
    assert ["in the days of another time zone" in each for each in asked] == [True]


@pytest.mark.parametrize("day", [1, 3, 9, 16, 23, 30])
def test_a_later_export_of_one_day_restates_that_day_of_a_month(tmp_path: Path, day: int) -> None:
    """30 days of three resources at 10.00 are 900.00; one day of them again at 12.00 each: 900 - 30 + 36."""
    settings = Settings.from_env({"COSTOPS_HOME": str(tmp_path)})
    header = "Date,SubscriptionId,BillingAccountId,MeterId,ResourceId,CostInBillingCurrency,BillingCurrency\n"

    def lines(days: range, cost: str) -> str:
        return header + "".join(
            f"06/{each:02}/2026,sub,ba,m,/r{number},{cost},USD\n" for each in days for number in range(3)
        )

    for place, text in {
        "mtd/20260601-20260630/202607050400": lines(range(1, 31), "10.00"),
        f"once/202606{day:02}-202606{day:02}/202607100400": lines(range(day, day + 1), "12.00"),
    }.items():
        path = settings.billing_dir / "azure" / place / "part_0_0001.csv"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert [note for note in land(settings, now=NOW).notes if note.kind == "delivery_question"] == []
    with duckdb.connect(str(settings.warehouse_path)) as db:
        total = db.execute("select sum(cost_in_billing_currency), count(*) from raw_billing.azure_cost_details")
        assert total.fetchall() == [(906, 90)]
