"""A month is closed; then late usage, a refund, a price correction and a reorganisation arrive.

One scratch warehouse goes through the whole story in order, with the real ledger, landing and dbt; the steps of a
run that are not about statements (sources, scores) are left out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from ingestion.config import Settings
from ingestion.sources.ledger import pipeline as ledger_source
from ingestion.sources.ledger.records import LINES, STATEMENT, Ledger, read_ledger, write_record
from orchestration.closing.books import CloseRefusedError, close_period, propose, reopen_period
from orchestration.closing.readiness import _about_the_books, may_be_forced
from orchestration.publishing.published_copy import publish
from tests.integration.dbt import tiny_company as company
from tests.support.warehouse import ScratchWarehouse

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
NOW = datetime(2026, 11, 20, tzinfo=UTC).replace(tzinfo=None)
LEDGER_ONLY = "stg_ledger__closed_lines+"
SELECTION = ["+fct_chargeback_lines", "fct_llm_usage_hourly", "+rpt_cost_center_statements"]


def charge(row: int, day: str, amount: str, category: str = "Usage", **overrides: Any) -> dict[str, Any]:
    """A line of a FOCUS bill of one day for the project `web`."""
    start = datetime.fromisoformat(day)
    return {
        "provider_name": "OpenAI",
        "billing_account_id": "org-billed",
        "sub_account_id": "web",
        "charge_category": category,
        "charge_period_start_utc": start,
        "charge_period_end_utc": start.replace(hour=23),
        "billing_period_start_utc": start.replace(day=1),
        "billed_cost": Decimal(amount),
        "billed_cost_text": amount,
        "effective_cost": Decimal(amount),
        "billing_currency": "USD",
        "service_name": "OpenAI API",
        "_source_row": row,
    } | overrides


class Books:
    """The warehouse with its home, taken through a story."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = ScratchWarehouse.create(folder)
        self.settings = Settings.from_env(env={}, home=folder)

    def build(self, *selection: str) -> None:
        """Land the ledger, build what statements need (or a part of it) with its tests, publish."""
        ledger_source.land(self.settings, now=NOW)
        arguments = [
            "--select",
            *(selection or SELECTION),
            "--exclude-resource-type",
            "unit_test",
            "--indirect-selection",
            "cautious",
        ]
        self.warehouse.dbt("build", *arguments)
        publish(self.settings.warehouse_path, self.settings.published_dir)

    def lines(self, statement: date) -> list[tuple[Any, ...]]:
        return self.warehouse.rows(
            "select period_status, cost_center_id, charge_period_date, line_type, sum(amount_usd) "
            f"from marts.fct_chargeback_lines where statement_period_date = '{statement}' "
            "group by all having sum(amount_usd) <> 0 order by all"
        )

    def amounts(self, statement: date) -> dict[tuple[str, str, date], Decimal]:
        return {(center, kind, charged): amount for _, center, charged, kind, amount in self.lines(statement)}

    def total(self) -> tuple[Decimal, Decimal, Decimal]:
        """All statements, the allocation, and the bill with what no bill covers."""
        return (
            self.warehouse.value("select sum(amount_usd) from marts.fct_chargeback_lines"),
            self.warehouse.value("select sum(allocated_cost_usd) from marts.fct_allocated_costs_daily"),
            self.warehouse.value("select sum(spend_usd) from intermediate.int_spend_items"),
        )

    def frozen(self, name: str) -> dict[str, bytes]:
        folder = self.settings.ledger_dir / name
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def first_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    books = Books(tmp_path_factory.mktemp("books"))
    warehouse = books.warehouse
    company.describe_organisation(warehouse)
    company.add_price_list(warehouse, "gpt-known")
    company.resolve(warehouse, "gpt-known", "gpt-known")
    september = (first_of("2026-09-10") - company.DAY_ONE).days
    known: dict[str, Any] = {"requested_model": "gpt-known", "account_id": "org-not-billed"}
    company.land_file(warehouse, 1, company.requests_of_day(september, file_id=1, **known))
    company.land_file(warehouse, 2, company.requests_of_day(september + 30, file_id=2, **known))
    warehouse.insert("raw_billing.focus_charges", [charge(1, "2026-09-05", "100"), charge(2, "2026-10-05", "3")])
    books.build(*SELECTION, "+rpt_close_readiness")
    return books


def test_a_month_goes_through_close_late_changes_and_the_next_close(books: Books) -> None:
    warehouse, settings = books.warehouse, books.settings
    before = books.amounts(SEPTEMBER)
    assert before["cc-a", "direct", SEPTEMBER] > 100

    # A third of usage belongs to a key that nobody owns: not ready, and refused with the reason.
    with pytest.raises(CloseRefusedError, match="month_is_over") as refusal:
        close_period(settings, NOVEMBER, NOW)
    assert "month_is_over: 2026-11 ends on 2026-12-01" in str(refusal.value)
    proposal = propose(settings, SEPTEMBER, NOW)
    assert proposal.statement.amount_usd == sum(before.values())
    close_period(settings, SEPTEMBER, NOW, reason="first close" if proposal.reasons else None)
    with pytest.raises(CloseRefusedError, match="2026-09 is closed"):
        close_period(settings, SEPTEMBER, NOW)
    books.build(LEDGER_ONLY)
    frozen = books.frozen("0001-close-2026-09")
    assert {row[0] for row in books.lines(SEPTEMBER)} == {"closed"}
    assert books.amounts(SEPTEMBER) == before
    assert not [row for row in books.lines(OCTOBER) if row[3] == "correction"]
    assert len(set(books.total())) == 1

    october = books.amounts(OCTOBER)
    late = (first_of("2026-09-20") - company.DAY_ONE).days
    company.land_file(
        warehouse,
        3,
        company.requests_of_day(late, file_id=3, requested_model="gpt-known", account_id="org-not-billed"),
        at=5,
    )
    warehouse.insert(
        "raw_billing.focus_charges",
        [
            charge(3, "2026-09-06", "-25", "Credit"),
            charge(
                4, "2026-09-05", "-1.10", "Usage", charge_class="Correction", charge_description="price was too high"
            ),
        ],
    )
    # Reorganisation from 15 September: the project web is team b's.
    warehouse.execute("update raw_org.projects set valid_to_utc = '2026-09-15'")
    warehouse.insert(
        "raw_org.projects",
        [{"project_id": "web", "project_name": "Web", "team_id": "team-b", "valid_from_utc": first_of("2026-09-15")}],
    )
    books.build()
    assert books.frozen("0001-close-2026-09") == frozen
    assert books.amounts(SEPTEMBER) == before
    corrections = {key: value for key, value in books.amounts(OCTOBER).items() if key[1] == "correction"}
    late_usage = dict(
        warehouse.rows(
            "select api_key_id, sum(contracted_cost_usd) from marts.fct_llm_usage_hourly "
            "where usage_date = '2026-09-20' group by 1"
        )
    )
    # Billed on the 5th and 6th, before the reorganisation: cc-a. Late usage of the 20th: web (key-0) is cc-b's by then.
    assert corrections == {
        ("cc-a", "correction", SEPTEMBER): Decimal("-26.10"),
        ("cc-b", "correction", SEPTEMBER): late_usage["key-0"] + late_usage["key-1"],
        ("unallocated", "correction", SEPTEMBER): late_usage["key-2"],
    }
    assert len(set(books.total())) == 1

    close_period(settings, OCTOBER, NOW, reason="second close")
    books.build(LEDGER_ONLY)
    assert not [row for row in books.lines(NOVEMBER) if row[3] == "correction"], "a correction is charged once"
    assert books.frozen("0001-close-2026-09") == frozen
    assert {row[0] for row in books.lines(OCTOBER)} == {"closed"}
    assert len(set(books.total())) == 1
    assert books.amounts(OCTOBER).keys() >= {key for key in october if key[0] == "unallocated"}
    assert read_ledger(settings.ledger_dir).faults == []


def test_reopening_needs_the_last_month_and_gives_its_lines_back(books: Books) -> None:
    settings = books.settings
    with pytest.raises(CloseRefusedError, match="open 2026-10 first"):
        reopen_period(settings, SEPTEMBER, NOW, "wrong")
    closed = books.amounts(OCTOBER)
    reopen_period(settings, OCTOBER, NOW, "a rule was wrong")
    books.build(LEDGER_ONLY)
    assert {row[0] for row in books.lines(OCTOBER)} == {"open"}
    assert books.amounts(OCTOBER) == closed
    assert len(set(books.total())) == 1


def test_months_that_were_opened_again_are_closed_again_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    for action, month in (("close", "2026-09"), ("close", "2026-10"), ("reopen", "2026-10"), ("reopen", "2026-09")):
        write_record(folder, action, month, {}, {})
    found = _about_the_books(OCTOBER, read_ledger(folder), NOW)
    assert [check.words for check in found if not check.is_passed] == [
        "month_is_next: 2026-09 is the next month to close"
    ]
    assert not may_be_forced(found)
    assert all(check.is_passed for check in _about_the_books(SEPTEMBER, read_ledger(folder), NOW))
    assert all(check.is_passed for check in _about_the_books(OCTOBER, Ledger(), NOW))


def test_a_changed_byte_is_named_and_neither_read_nor_built_upon(books: Books) -> None:
    from orchestration.cli import app

    settings = books.settings
    path = settings.ledger_dir / "0001-close-2026-09" / LINES
    good = path.read_bytes()
    before = books.amounts(SEPTEMBER)
    row = good.split(b"\n")[1]
    path.write_bytes(good.replace(row, row.replace(b"cc-a", b"cc-b", 1), 1))
    try:
        result = CliRunner().invoke(app, ["verify-close", "--home", str(settings.home)])
        assert result.exit_code == 1
        assert f"0001-close-2026-09/{LINES} was changed in row 2" in result.stderr.replace("\n", " ")
        assert "Put back what was changed, from a copy of the ledger" in result.stderr.replace("\n", " ")
        refused = CliRunner().invoke(app, ["close", "2026-10", "--yes", "--home", str(settings.home)])
        assert "ledger_verifies cannot be forced: put back what was changed" in refused.stderr.replace("\n", " ")
        assert "--force" not in refused.stderr
        with pytest.raises(CloseRefusedError, match="ledger_verifies"):
            close_period(settings, OCTOBER, NOW, reason="nevertheless")
        report = ledger_source.land(settings, now=NOW)
        assert any("was changed in row 2" in note for note in map(str, report.notes))
        assert books.amounts(SEPTEMBER) == before, "what was landed before stays"
    finally:
        path.write_bytes(good)
    assert CliRunner().invoke(app, ["verify-close", "--home", str(settings.home)]).exit_code == 0


def test_statement_files_are_the_same_bytes_for_the_same_figures(books: Books) -> None:
    one, two = (propose(books.settings, OCTOBER, NOW).statement.files() for _ in range(2))
    assert one == two
    assert one.keys() == {LINES, STATEMENT}


def test_only_what_was_shown_is_frozen(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration.cli import app

    settings = books.settings
    published = settings.published_database
    good, records = published.read_bytes(), len(read_ledger(settings.ledger_dir).records)

    def a_run_publishes_before_the_answer(question: str) -> bool:
        with duckdb.connect(str(published)) as connection:
            connection.execute(
                "update marts.fct_chargeback_lines set amount_usd = amount_usd + 0.000000000001 "
                "where statement_period_date = ? and cost_center_id = 'cc-a'",
                [OCTOBER],
            )
        return True

    monkeypatch.setattr("typer.confirm", a_run_publishes_before_the_answer)
    arguments = ["close", "2026-10", "--force", "--reason", "as shown", "--home", str(settings.home)]
    try:
        result = CliRunner().invoke(app, arguments)
    finally:
        published.write_bytes(good)
    assert result.exit_code == 1
    assert "the figures of 2026-10 changed since they were shown; look again" in result.stderr
    assert len(read_ledger(settings.ledger_dir).records) == records


def test_the_monthly_job_leaves_a_draft_and_closes_nothing(books: Books) -> None:
    from orchestration.defs.closing import close_month
    from orchestration.resources import Home, given

    before = len(read_ledger(books.settings.ledger_dir).records)
    with given(books.settings, NOW):
        result = close_month.execute_in_process(resources={"home": Home()})
    assert result.success
    draft = books.settings.home / "drafts" / "2026-10"
    assert (draft / LINES).read_bytes() == propose(books.settings, OCTOBER, NOW).statement.files()[LINES]
    assert len(read_ledger(books.settings.ledger_dir).records) == before
