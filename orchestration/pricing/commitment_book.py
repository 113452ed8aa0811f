"""Commitments as they stand, and what to do about them: published hours of demand, rates of the lists.

Put here: reading demand and offers, asking for advice. Keep out: arithmetic (`ml.optimization.commitments`), printing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from ml.optimization.commitments import LEAST_HOURS, CommitmentAdvice, Offer, advise, best_offer, regret_ratio
from ml.tco.estimate import RESERVED_DISCOUNT
from orchestration.pricing.infrastructure_book import InfrastructureBook, UnknownRateError

WEEKS = 26
"""Of demand that advice is made from, at most."""
TERMS = {"reserved_1y": 12, "reserved_3y": 36}


@dataclass(frozen=True)
class Judged:
    """A commitment or a kind of GPU, with advice or why there is none."""

    subject: str
    unit: str
    held: int
    hours: int
    advice: CommitmentAdvice | None
    backtest_regret_ratio: float | None
    reason: str = ""


def read_months(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The newest month of every commitment, its teams in one row."""
    return _rows(
        connection,
        """
        select month_start_date, commitment_id, any_value(commitment_name) as commitment_name,
            any_value(commitment_type) as commitment_type, any_value(unit) as unit,
            any_value(capacity_unit_hours) as capacity_unit_hours, sum(used_unit_hours) as used_unit_hours,
            sum(spill_over_unit_hours) as spill_over_unit_hours, any_value(utilization_pct) as utilization_pct,
            any_value(commitment_amortized_cost_usd) as amortized_cost_usd,
            any_value(commitment_cash_cost_usd) as cash_cost_usd, sum(stranded_cost_usd) as stranded_cost_usd,
            string_agg(case when stranded_cost_usd > 0 then coalesce(team_id, 'nobody') end, ', ') as stranded_team,
            any_value(spend_source) as spend_source
        from rpt_commitments_monthly group by month_start_date, commitment_id
        qualify row_number() over (partition by commitment_id order by month_start_date desc) = 1
        order by amortized_cost_usd desc, commitment_id""",
    )


def judge_commitments(
    connection: duckdb.DuckDBPyConnection, declared: Sequence[Mapping[str, Any]], at: datetime
) -> list[Judged]:
    """Renew, shrink or grow what is held, from the demand of its hours."""
    found = []
    for row in declared:
        name = str(row["commitment_id"])
        hours = _rows(
            connection,
            "select usage_hour_utc, sum(demand_units) as units, sum(pay_as_you_go_cost_usd) as paid "
            "from fct_commitment_usage_hourly where commitment_id = ? group by 1 order by 1",
            name,
        )
        demand = _filled(hours, max(row["valid_from_utc"], _first_hour(connection, row["commitment_type"])), at)
        if row["commitment_type"] == "aws_savings_plan":
            rate = row["on_demand_hourly_usd"]
        else:
            rate = row["on_demand_hourly_usd"] or _paid_a_unit_hour(hours)
        offer = Offer(
            "its price",
            float(row["hourly_usd"]),
            float(row["upfront_usd"]),
            int(row["term_months"] or 1),
        )
        held = int(row["quantity"])
        found.append(_judged(name, str(row["unit"] or "units"), held, demand, [offer], rate))
    return found


def judge_gpus(
    connection: duckdb.DuckDBPyConnection, book: InfrastructureBook, at: datetime, cloud: str
) -> list[Judged]:
    """What to reserve of each kind of GPU that runs on demand."""
    hours = _rows(
        connection,
        """
        select gpu_type, usage_hour_utc, cast(count(distinct host || ' ' || gpu_id) as decimal(38, 12)) as units,
            max(gpu_rate_usd_per_hour) as rate
        from fct_gpu_usage_hourly
        where gpu_type is not null and coalesce(purchase_option, 'on_demand') = 'on_demand'
            and used_seconds + idle_seconds > 0
        group by all order by all""",
    )
    found = []
    for kind in sorted({row["gpu_type"] for row in hours}):
        own = [row for row in hours if row["gpu_type"] == kind]
        demand = _filled(own, own[0]["usage_hour_utc"], at)
        rate = next((row["rate"] for row in reversed(own) if row["rate"] is not None), None)
        found.append(_judged(kind, "GPUs", 0, demand, _offers(book, kind, cloud, rate), rate))
    return found


def _offers(book: InfrastructureBook, kind: str, cloud: str, rate: Decimal | None) -> list[Offer]:
    found = []
    for option, months in TERMS.items():
        try:
            known = book.find("GPU", "gpu_hour", kind, cloud, option)
        except UnknownRateError:
            known = None
        if known is not None:
            name = f"{option.replace('_', ' ')} ({known.source})"
            guess = "assumption" in known.source
            found.append(Offer(name, float(known.usd), float(known.upfront_usd), known.term_months or months, guess))
    if not found and rate is not None:
        off = float(RESERVED_DISCOUNT)
        name = f"reserved 1y, {off:.0%} off assumed: no reserved rate is known"
        found.append(Offer(name, float(rate) * (1 - off), 0.0, 12, is_assumption=True))
    return found


def _judged(
    subject: str, unit: str, held: int, demand: Sequence[float], offers: Sequence[Offer], rate: Decimal | None
) -> Judged:
    if rate is None or rate <= 0:
        return Judged(subject, unit, held, len(demand), None, None, "what it costs on demand is not known")
    if len(demand) < LEAST_HOURS:
        reason = f"{len(demand):,} hours of demand so far, {LEAST_HOURS:,} say enough (four weeks)"
        return Judged(subject, unit, held, len(demand), None, None, reason)
    advice = best_offer(demand, offers, float(rate), held)
    return Judged(subject, unit, held, len(demand), advice, _backtest(demand, advice, float(rate)))


def _backtest(demand: Sequence[float], advice: CommitmentAdvice | None, rate: float) -> float | None:
    """What the advice of the first half would have cost in the second above the best; None where halves are short."""
    half = len(demand) // 2
    if advice is None or half < LEAST_HOURS:
        return None
    said = advise(demand[:half], advice.offer, rate)
    return regret_ratio(demand[half:], said.units, advice.offer.effective_usd, rate)


def _filled(hours: Sequence[Mapping[str, Any]], first: datetime, at: datetime) -> list[float]:
    """Demand by the hour, 0 where there was none, of the newest weeks up to the last hour with any."""
    if not hours:
        return []
    last = hours[-1]["usage_hour_utc"]
    start = max(first.replace(minute=0, second=0, microsecond=0), last - timedelta(weeks=WEEKS))
    known = {row["usage_hour_utc"]: float(row["units"]) for row in hours}
    count = int((min(last, at) - start).total_seconds() // 3600) + 1
    return [known.get(start + timedelta(hours=n), 0.0) for n in range(max(0, count))]


def _first_hour(connection: duckdb.DuckDBPyConnection, kind: str) -> datetime:
    """Before the first telemetry of GPUs, or usage of all, nothing could be seen; that is not a demand of 0."""
    table = "fct_gpu_usage_hourly" if kind == "reservation" else "rpt_kpis_daily"
    [row] = _rows(connection, f"select min(usage_date) as first from {table}")
    first = row["first"] or date(1900, 1, 1)
    return datetime(first.year, first.month, first.day)  # noqa: DTZ001 - naive UTC


def _paid_a_unit_hour(hours: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """What the demand of a unit in an hour costs by the token."""
    known = [row for row in hours if row["paid"] is not None]
    units = sum((row["units"] for row in known), Decimal(0))
    return sum((row["paid"] for row in known), Decimal(0)) / units if units else None


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: object) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, list(parameters))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
