"""The same bill twice in the folder: whatever it is packed in or called, its charges count once."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl

from ingestion.config import Settings
from ingestion.sources.billing.pipeline import land
from ingestion.sources.gcp.pipeline import land as land_google

NOW = datetime(2026, 7, 30, tzinfo=UTC)
FOCUS = ["BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "ChargePeriodStart", "ResourceId"]
CUR = "bill/PayerAccountId,lineItem/UsageAccountId,lineItem/UsageStartDate,lineItem/UnblendedCost,lineItem/CurrencyCode"
OCI = "lineItem/referenceNo,lineItem/tenantId,lineItem/intervalUsageStart,cost/myCost,cost/currencyCode\n"
LINES = OCI + "r1,t,2026-06-05T10:00Z,0.50,USD\nr2,t,2026-06-05T11:00Z,0.50,USD\nr2,t,2026-06-05T11:00Z,0.50,USD\n"
UNNUMBERED = OCI + ",u,2026-06-05T10:00Z,1.00,USD\n"


INVOICES = b"invoice_id,issuer,provider,billing_period,amount,currency\n"


def june(account: str, last: int = 10) -> list[list[str]]:
    return [["1.00", account, "USD", "2026-06-01", f"2026-06-{day:02}", "r"] for day in range(1, last + 1)]


def as_csv(rows: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in [FOCUS, *rows]).encode()


def as_workbook(rows: list[list[str]]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in [FOCUS, *rows]:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(buffer)
    return buffer.getvalue()


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bill.csv", content)
    return buffer.getvalue()


def usage(account: str, first: int, last: int) -> bytes:
    days = range(first, last + 1)
    return (CUR + "\n" + "".join(f"{account},{account},2026-06-{day:02}T00:00:00Z,1.00,USD\n" for day in days)).encode()


def test_charges_of_copies_and_parts_count_once(tmp_path: Path) -> None:
    settings = Settings.from_env({"COSTOPS_HOME": str(tmp_path / "home")})
    records = json.dumps({"data": [dict(zip(FOCUS, row, strict=True)) for row in june("d")]}).encode()
    files = {
        "focus/a/june.csv": as_csv(june("a")),
        "focus/a/june.csv.gz": gzip.compress(as_csv(june("a"))),
        "focus/b/june.csv": as_csv(june("b")),
        "focus/b/june.xlsx": as_workbook(june("b")),
        "focus/c/june.csv": as_csv(june("c")),
        "focus/c/june (1).zip": zipped(as_csv(june("c", 20))),
        "focus/d/june.csv": as_csv(june("d")),
        "focus/d/june.json": records,
        "aws_cur/r/r-1.zip": zipped(usage("123456789012", 1, 10)),
        "aws_cur/r/r-2.zip": zipped(usage("123456789012", 11, 15)),
        "aws_cur/s/20260601-20260701/1/s-00001.csv": usage("222222222222", 1, 10),
        "aws_cur/s/20260601-20260701/2/s-00001.csv": usage("2222-2222-2222", 1, 12),
        "invoices/a.csv": INVOICES + b"INV-1,OpenAI,OpenAI,2026-06,10,USD\n",
        "invoices/b.csv": INVOICES + b'inv-1,"OpenAI, LLC",,June 2026,12,USD\n',
        "invoices/c.csv": INVOICES + b"INV-1,Anthropic,,2026-06,5,USD\nINV 1-2,OpenAI,,2026-06,7,USD\n",
        "invoices/d.csv": INVOICES + b"77,OpenAI,,2026-06,7,USD\n",
        "oci/r.csv": LINES.encode(),
        "oci/copy/r (1).csv.gz": gzip.compress(LINES.encode()),
        "oci/u.csv": UNNUMBERED.encode(),
        "oci/v.csv": UNNUMBERED.encode(),
    }
    for hour, (name, content) in enumerate(files.items()):
        path = settings.billing_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        at = datetime(2026, 7, 5, hour, tzinfo=UTC).timestamp() if "/r-" not in name else 1_783_000_000
        os.utime(path, (at, at))
    report = land(settings, now=NOW)
    with duckdb.connect(str(settings.warehouse_path)) as db:

        def total(table: str, amount: str, where: str) -> Decimal:
            return db.execute(f"select sum({amount}) from raw_billing.{table} where {where}").fetchall()[0][0]

        for account, expected in {"a": 10, "b": 10, "c": 20, "d": 10}.items():
            assert total("focus_charges", "billed_cost", f"billing_account_id = '{account}'") == expected, account
        for account, expected in {"1234%": 15, "2222%": 12}.items():
            where = f"line_item_usage_account_id like '{account}'"
            assert total("aws_cur_line_items", "line_item_unblended_cost", where) == expected, account
        # The same number of one vendor is one invoice, the newer counts; of another vendor, another number are others.
        assert total("invoices", "amount", "true") == 12 + 5 + 7 + 7
        # Three lines, one of them twice in one report: a copy adds nothing. Lines without a number are not told apart.
        assert total("oci_cost_lines", "my_cost", "tenant_id = 't'") == Decimal("1.5")
        assert total("oci_cost_lines", "my_cost", "tenant_id = 'u'") == 2
    assert [note.count for note in report.notes if note.kind == "run_figures"] == [3]
    (alike,) = [note for note in report.notes if note.kind == "invoice_alike"]
    assert (alike.amount, alike.currency, alike.count) == (7, "USD", 2)
    assert "INV 1-2 (invoices/c.csv), 77 (invoices/d.csv) of openai each ask 7 USD" in alike.message


def test_an_unfinished_copy_is_named_by_one_of_the_two_that_read_the_folder(tmp_path: Path) -> None:
    settings = Settings.from_env({"COSTOPS_HOME": str(tmp_path)})
    (settings.billing_dir / "gcp").mkdir(parents=True)
    for name in ("gcp/x.jsonl.part", "gcp/~$x.xlsx", "y.csv.tmp"):
        (settings.billing_dir / name).write_bytes(b"x")
        os.utime(settings.billing_dir / name, (0, 0))
    reports = [each(settings, now=NOW) for each in (land, land_google)]
    named = [[note.file for note in report.notes if note.kind == "passed_over"] for report in reports]
    assert named == [["y.csv.tmp"], ["gcp/x.jsonl.part"]]


def google(days: range, *, project: str = "p", sent: str = "2026-07-01 00:00:00 UTC") -> str:
    row = {"billing_account_id": "0A", "sku": {"id": "S"}, "project": {"id": project}, "currency": "USD", "cost": 1.5}
    return "".join(
        json.dumps(row | {"usage_start_time": f"2026-06-{day:02} 00:00:00 UTC", "export_time": sent}) + "\n"
        for day in days
    )


def test_a_google_export_that_holds_the_rows_of_another_under_other_columns_is_asked_about(tmp_path: Path) -> None:
    settings = Settings.from_env({"COSTOPS_HOME": str(tmp_path)})
    folder = settings.billing_dir / "gcp"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text(google(range(1, 5)))
    (folder / "same.jsonl").write_text(google(range(1, 5)))
    (folder / "other_project.jsonl").write_text(google(range(1, 5), project="q"))
    assert [note for note in land_google(settings, now=NOW).notes if note.kind == "rows_alike"] == []
    header = "billing_account_id,sku_id,project_id,usage_start_time,currency,cost\n"
    lines = "".join(f"0A,S,p,2026-06-{day:02}T00:00:00Z,USD,1.50\n" for day in (2, 3, 7))
    (folder / "b.csv").write_text(header + lines)
    [note] = [note for note in land_google(settings, now=NOW).notes if note.kind == "rows_alike"]
    assert note.message.startswith("gcp/b.csv holds as many charges as ")
    assert "on 2026-06-02 to 2026-06-03, and they cost the same: 2 rows with 3 USD" in note.message


def test_console_exports_of_two_workspaces_are_no_copies_of_one_another_whatever_they_cost(tmp_path: Path) -> None:
    settings = Settings.from_env({"COSTOPS_HOME": str(tmp_path)})
    (settings.billing_dir / "anthropic").mkdir(parents=True)
    for at, workspace in enumerate("AB"):
        path = settings.billing_dir / "anthropic" / f"{workspace}.csv"
        lines = "".join(f"2026-06-{day:02},claude-sonnet-4-5,{workspace},1.00\n" for day in range(1, 6))
        path.write_text(f"usage_date_utc,model,workspace,cost_usd\n{lines}")
        os.utime(path, (1_782_000_000 + at * 86_400,) * 2)
    [question] = [note for note in land(settings, now=NOW).notes if note.kind == "delivery_question"]
    assert "its rows charge for other things" in question.message
    (settings.billing_dir / "deliveries.yml").write_text("- {match: anthropic/*, then: adds}\n")
    land(settings, now=NOW)
    with duckdb.connect(str(settings.warehouse_path)) as db:
        assert db.execute("select sum(billed_cost) from raw_billing.focus_charges").fetchone() == (10,)


def test_a_google_export_counts_once_wherever_it_lies(tmp_path: Path) -> None:
    settings = Settings.from_env({"COSTOPS_HOME": str(tmp_path)})
    settings.billing_dir.mkdir(parents=True)
    assert not land_google(settings, now=NOW).is_on
    (settings.billing_dir / "june.jsonl").write_text(google(range(1, 5)))  # 4 rows of 1.50
    (settings.billing_dir / "focus").mkdir()
    (settings.billing_dir / "focus" / "more.jsonl").write_text(google(range(4, 7)))  # one of the 3 was in june.jsonl
    assert [str(note) for note in land(settings, now=NOW).notes] == []
    assert land_google(settings, now=NOW).is_on
    total = "select sum(cost), count(*) from raw_gcp.billing_export"
    with duckdb.connect(str(settings.warehouse_path)) as db:
        assert db.execute(total).fetchall() == [(9, 6)]
    (settings.billing_dir / "gcp").mkdir()
    (settings.billing_dir / "june.jsonl").rename(settings.billing_dir / "gcp" / "june.jsonl")
    (settings.billing_dir / "focus" / "more.jsonl").unlink()
    assert {"file_moved", "file_gone"} <= {note.kind for note in land_google(settings, now=NOW).notes}
    with duckdb.connect(str(settings.warehouse_path)) as db:
        assert db.execute(total).fetchall() == [(6, 4)]
