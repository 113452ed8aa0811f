"""Bills and metered usage as they lie in the marts are watched; the evidence of an incident runs as it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from ml.anomalies.detect import Detection, detect_anomalies
from orchestration.warehouse.watching import BY_TAG, MOST_VALUES, TAGGED_CHARGES, watched_rows

LAST = date(2026, 5, 10)
INCIDENT = date(2026, 5, 6)
CHARGES = """
create schema marts; create schema intermediate;
create table marts.fct_charges as
select
    cast(day as date) as charge_date,
    'aws' as provider_id,
    service as service_name,
    account as sub_account_id,
    'eu-west-1' as region_id,
    'Usage' as charge_category,
    'sku-' || service as sku_id,
    cast(null as varchar) as model_id,
    service || '-meter' as sku_meter,
    'Hours' as consumed_unit,
    cast(usage as decimal(38, 12)) as consumed_quantity,
    cast(usage * price as decimal(38, 12)) as billed_cost_usd,
    '{"env": "' || environment || '", "owner": null}' as tags
from (
    select
        day, service, account, environment, price,
        100 * (case when isodow(day) > 5 then 0.5 else 1 end)
        * (0.95 + 0.1 * ((hash(service || account || cast(day as date)) % 1000) / 1000))
        * (case when (cast(day as date), service, account) = ($incident, 'Bedrock', '222') then 6 else 1 end) as usage
    from range(timestamp '2026-01-01', timestamp '2026-05-11', interval 1 day) as days(day)
    cross join (values ('EC2', 0.5), ('Bedrock', 0.3), ('S3', 0.1), ('Redshift', 0.4)) as services(service, price)
    cross join (values ('111', 'prod'), ('222', 'test')) as accounts(account, environment)
)
"""
USAGE = """
create table intermediate.int_metered_costs_daily as
select
    charge_date as usage_date, provider_id, sub_account_id as project_id, 'key_' || service_name as api_key_id,
    'model_' || service_name as model_id, 'team_' || sub_account_id as team_id, 'O''Brien' as customer_id,
    cast(null as varchar) as feature, cast(null as varchar) as environment, 'standard' as service_tier,
    billed_cost_usd as cost_usd, cast(consumed_quantity as bigint) as request_count, cast(0 as bigint) as error_count,
    cast(consumed_quantity * 1000 as bigint) as input_tokens,
    cast(consumed_quantity * 1000 as bigint) as uncached_input_tokens, billed_cost_usd as uncached_input_cost_usd,
    cast(0 as bigint) as cache_read_tokens, cast(0 as decimal(38, 12)) as cache_read_cost_usd,
    cast(0 as bigint) as cache_write_tokens, cast(0 as decimal(38, 12)) as cache_write_cost_usd,
    cast(0 as bigint) as output_tokens, cast(0 as decimal(38, 12)) as output_cost_usd
from marts.fct_charges;
create view marts.fct_metered_costs_daily as from intermediate.int_metered_costs_daily;
create table intermediate.int_tagged_usage_daily as
select charge_date as usage_date, tags, billed_cost_usd as metered_cost_usd,
    cast(consumed_quantity as bigint) as request_count
from marts.fct_charges;
create table marts.fct_llm_requests as
select usage_date, tags, 'gpt' as model_id, 'standard' as service_tier,
    metered_cost_usd / request_count as priced_meters_contracted_cost_usd
from intermediate.int_tagged_usage_daily, range(request_count)
"""


def fill(connection: duckdb.DuckDBPyConnection, incident: date) -> None:
    """The bill, with a service that is six times as dear on one day."""
    for statement in CHARGES.split(";"):
        connection.execute(statement, {"incident": incident} if "$incident" in statement else None)


def detected(connection: duckdb.DuckDBPyConnection) -> dict[str, Detection]:
    as_of, now = date(2026, 5, 11), datetime(2026, 5, 11, 6)  # noqa: DTZ001
    return {
        source.basis: detect_anomalies(rows, source, as_of=as_of, scored_at_utc=now, memberships=more)
        for source, rows, more in watched_rows(connection, as_of)
    }


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A bill of four services in two accounts, and the same as usage; one service is six times as dear on one day."""
    with duckdb.connect() as connection:
        fill(connection, INCIDENT)
        connection.execute(USAGE)
        yield connection


@pytest.fixture(scope="module")
def found(warehouse: duckdb.DuckDBPyConnection) -> dict[str, Detection]:
    return detected(warehouse)


def test_an_incident_in_a_bill_is_flagged_on_its_day_with_its_service_and_account(found: dict[str, Detection]):
    incidents = found["billed"].incidents
    incident = incidents[incidents["first_date"] == INCIDENT].iloc[0]
    assert set(incident["scope_type"].split("+")) == {"service", "sub_account"}
    assert set(incident["scope_id"].split("+")) == {"Bedrock", "222"}
    assert incident["last_date"] == INCIDENT
    assert incident["volume_change_usd"] == pytest.approx(incident["impact_usd"], abs=Decimal("0.01"))
    assert Decimal(140) < incident["impact_usd"] < Decimal(160)
    flagged = found["billed"].scores.query("is_anomaly")
    assert set(flagged["usage_date"]) == {INCIDENT}
    assert {"billed/service:Bedrock", "billed/sub_account:222", "billed/tag:env=test"} <= set(flagged["series_id"])


def test_slices_of_bills_and_of_usage_do_not_share_an_id(found: dict[str, Detection]):
    assert not set(found["billed"].scores["series_id"]) & set(found["metered"].scores["series_id"])
    assert not set(found["billed"].scores["anomaly_id"]) & set(found["metered"].scores["anomaly_id"])


@pytest.mark.parametrize("basis", ["metered", "billed"])
def test_evidence_runs_as_printed_and_shows_the_day(
    warehouse: duckdb.DuckDBPyConnection, found: dict[str, Detection], basis: str
):
    incidents = found[basis].incidents
    incident = incidents[incidents["first_date"] == INCIDENT].iloc[0]
    warehouse.execute("use marts")
    shown = warehouse.execute(incident["evidence_query"]).fetch_arrow_table().to_pylist()
    warehouse.execute("use main")
    day = "usage_date" if basis == "metered" else "charge_date"
    on_the_day = sum(row["cost_usd"] for row in shown if row[day] == INCIDENT)
    assert on_the_day == pytest.approx(incident["actual_cost_usd"], abs=Decimal("0.000001"))
    assert len({row[day] for row in shown}) == 29


def test_a_row_of_1970_is_not_read(warehouse: duckdb.DuckDBPyConnection):
    warehouse.execute(
        "begin; insert into marts.fct_charges select * replace (date '1970-01-01' as charge_date) "
        "from marts.fct_charges limit 1"
    )
    rows = {source.basis: rows for source, rows, _ in watched_rows(warehouse, date(2026, 5, 11))}
    warehouse.execute("rollback")
    assert min(rows["billed"]["usage_date"]) == date(2026, 1, 1)


def test_tags_of_any_name_are_slices_and_none_stops_the_others() -> None:
    tags = ['{"": "x", "quo\\"te": "1", "a.b": "2", "$": "3", "none": null}', '{"team": "b"}', "[1]", "no json", None]
    with duckdb.connect() as connection:
        connection.execute(
            "create schema marts; create table marts.fct_charges (charge_date date, cost int, tags text)"
        )
        connection.executemany(
            "insert into marts.fct_charges values (?, 1, ?)", [(LAST, each) for each in (*tags, '{"team":"b", "x": 1}')]
        )
        connection.execute("alter table marts.fct_charges rename cost to billed_cost_usd")
        connection.executemany(
            "insert into marts.fct_charges values (?, 1, ?)", [(LAST, f'{{"id": {n}}}') for n in range(MOST_VALUES + 1)]
        )
        sql = BY_TAG.format(tagged=TAGGED_CHARGES, most=MOST_VALUES).format(window="between $as_of - 1 and $as_of")
        rows = connection.execute(sql, {"as_of": LAST}).fetchall()
    assert {scope: cost for _, scope, _, cost, _ in rows} == {
        "=x": 1, 'quo"te=1': 1, "a.b=2": 1, "$=3": 1, "team=b": 2, "x=1": 1,
    }  # fmt: skip
    assert len(rows) == 6


@pytest.mark.parametrize("basis", ["metered", "billed"])
def test_a_tag_that_moves_alone_is_an_incident_with_its_amounts_and_evidence(basis: str) -> None:
    """Spend of one job goes to another: no service, account or team costs more."""
    with duckdb.connect() as connection:
        fill(connection, date(2030, 1, 1))
        connection.execute(
            "update marts.fct_charges set tags = json_object('a/b''s \"job\"', case when service_name = 'S3' "
            "or (service_name = 'EC2' and charge_date >= $incident) then 'small' else 'rest' end)",
            {"incident": INCIDENT},
        )
        connection.execute(USAGE)
        found = detected(connection)[basis]
        (incident,) = found.incidents.to_dict("records")
        cost = "select sum(billed_cost_usd) from marts.fct_charges where charge_date between ? and ? and tags like ?"
        said = connection.execute(cost, [INCIDENT, LAST, "%small%"]).fetchone()
        connection.execute("use marts")
        shown = connection.execute(incident["evidence_query"]).fetch_arrow_table().to_pylist()
    assert (incident["scope_type"], incident["first_date"]) == ("tag", INCIDENT)
    assert incident["scope_id"] == 'a/b\'s "job"=small'
    assert incident["kind"] == "level_shift"
    assert said is not None
    assert incident["actual_cost_usd"] == pytest.approx(said[0], abs=Decimal("0.000001"))
    assert incident["impact_usd"] == pytest.approx(said[0] * Decimal("0.83"), rel=Decimal("0.05"))
    drivers = [incident[name] for name in incident if name.endswith("_change_usd")]
    assert sum(drivers) == incident["impact_usd"]
    assert incident["other_change_usd"] == incident["impact_usd"]
    assert "By cause" not in incident["reason"]
    assert {row["charge_date" if basis == "billed" else "usage_date"] for row in shown} >= {INCIDENT, LAST}
    after = sum(float(row["cost_usd"]) for row in shown if row.get("charge_date", row.get("usage_date")) >= INCIDENT)
    assert after == pytest.approx(float(said[0]), abs=1e-6)
