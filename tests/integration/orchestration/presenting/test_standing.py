"""What published figures rest on, read from a copy made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from orchestration.presenting.periods import parse_period
from orchestration.presenting.standing import published_today, standing_of

TODAY = date(2026, 3, 3)
MARCH = parse_period("2026-03", TODAY)
FEBRUARY = parse_period("2026-02", TODAY)
COPY = """
create table rpt_mart_status as select * from (values
    ('rpt_a', 'current', timestamp '2026-03-03 06:00', null::varchar),
    ('rpt_b', 'current', timestamp '2026-03-03 06:00', null)
) as t (mart, status, published_at_utc, reason);
create table rpt_cost_daily as select * from (values
    (date '2026-02-10', 1.00::decimal(38, 12), 10::bigint, 90::bigint, 'llm'),
    (date '2026-03-01', 2.00, 0, 100, 'llm'), (date '2026-03-02', null, 5, 5, 'llm')
) as t (usage_date, spend_usd, unpriced_tokens, total_tokens, cost_kind);
create table rpt_spend_basis_daily as select * from (values
    (date '2026-02-10', 'billed', 1.00::decimal(38, 12), 0), (date '2026-03-01', 'contracted', 2.00, 0),
    (date '2026-03-02', 'contracted', null, 3)
) as t (usage_date, cost_basis, spend_usd, unknown_cost_item_count);
create table rpt_source_completeness as select * from (values
    ('api/x', 'usage', date '2026-01-01', 'missing'), ('api/x', 'usage', date '2026-02-01', 'complete'),
    ('api/x', 'usage', date '2026-02-05', 'missing'), ('api/x', 'usage', date '2026-03-03', 'missing')
) as t (source, endpoint, usage_date, status);
create table rpt_landing_notes as select 'information' as severity;
"""


@pytest.fixture
def copy() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(COPY)
        yield connection


def test_a_whole_period_says_how_new_and_how_much_of_it_is_priced_and_billed(copy: duckdb.DuckDBPyConnection) -> None:
    standing = standing_of(copy, FEBRUARY, TODAY)
    assert standing.footer == (
        "February 2026 · data through 2026-03-01 · published 2026-03-03 06:00 UTC · 88.9% of tokens priced · "
        "100.0% of spend billed"
    )
    assert standing.is_period_over


def test_a_missing_day_counts_from_the_first_that_was_pulled(copy: duckdb.DuckDBPyConnection) -> None:
    assert standing_of(copy, FEBRUARY, TODAY).missing_days_by_source == [("api/x", 1)]
    assert standing_of(copy, parse_period("2026-01", TODAY), TODAY).missing_days_by_source == []
    assert standing_of(copy, MARCH, TODAY).missing_days_by_source == [], "today is not over"


def test_unknown_cost_makes_totals_a_least(copy: duckdb.DuckDBPyConnection) -> None:
    standing = standing_of(copy, MARCH, TODAY)
    assert not standing.is_complete
    (fault,) = standing.faults
    assert fault.startswith("3 items of this period have no known cost, 5 tokens of it: totals are at least")
    assert "in progress" in standing.footer


def test_a_period_of_which_nothing_has_arrived_says_so(copy: duckdb.DuckDBPyConnection) -> None:
    (fault,) = standing_of(copy, parse_period("2026-03-03", TODAY), TODAY).faults
    assert fault.startswith("no usage and no bill of 2026-03-03 has arrived: the newest is of 2026-03-02")
    (unpriced,) = standing_of(copy, parse_period("2026-03-02", TODAY), TODAY).faults
    assert "no known cost" in unpriced, "it has arrived, without a price"
    assert standing_of(copy, parse_period("2026-04", TODAY), TODAY).is_complete, (
        "nothing can have arrived of the future"
    )


def test_held_back_marts_and_failed_landings_are_named(copy: duckdb.DuckDBPyConnection) -> None:
    copy.execute("update rpt_mart_status set status = 'held_back', reason = 'a check failed' where mart = 'rpt_b'")
    copy.execute("insert into rpt_landing_notes values ('error'), ('error')")
    faults = standing_of(copy, FEBRUARY, TODAY).faults
    assert any("rpt_b" in fault for fault in faults)
    assert any(fault.startswith("2 landings failed") for fault in faults)


def test_words_are_seen_from_the_day_of_publication(copy: duckdb.DuckDBPyConnection) -> None:
    assert published_today(copy) == TODAY


def test_an_empty_copy_says_nothing_wrong() -> None:
    with duckdb.connect() as connection:
        standing = standing_of(connection, MARCH, TODAY)
        assert standing.is_complete
        assert standing.footer == "March 2026, in progress"
