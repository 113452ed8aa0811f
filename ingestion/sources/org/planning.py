"""What personnel, business metrics, targets, scenarios and commitments must satisfy, row by row.

Put here: rules of a single row of these files. Keep out: reading, references, what follows from them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Context, Decimal

from ingestion.sources.org.currencies import currency_of
from ingestion.sources.org.model import BEGINNING, END, OTHER_NAMES, OWN_COST_CATEGORIES, Row
from ingestion.sources.org.tco import AMORTIZATION_MONTHS, MONEY_STEP

BENEFITS_FACTOR = Decimal("1.3")
"""What a salary costs with benefits where the file says nothing."""
_WIDE = Context(prec=60)
_HIGHER_IS_BETTER = ("gpu_utilization_efficiency",)
_CHANGES = ("change_pct", "monthly_usd", "one_time_usd", "growth_pct", "efficiency_pct")
_THROUGHPUT = ("azure_ptu", "bedrock_provisioned", "gcp_gsu")


def complete_personnel(row: Row) -> None:
    """Fills defaults and `annual_cost`: salary × benefits × headcount × allocation."""
    values = row.values
    values["role_name"] = values["role_name"] or values["role_id"]
    values["currency"] = currency_of(row)
    for column, default in (
        ("benefits_factor", BENEFITS_FACTOR),
        ("headcount", Decimal(1)),
        ("allocation_pct", Decimal(100)),
    ):
        if values[column] is None:
            values[column] = default
    if row.problem is not None:
        return
    cost = values["annual_salary"]
    for factor in (values["benefits_factor"], values["headcount"], values["allocation_pct"], Decimal("0.01")):
        cost = _WIDE.multiply(cost, factor)
    if cost > 10**12:
        row.reject("annual_salary", "amount_out_of_range", f"the role costs {cost:f} a year; give less than 10^12")
        return
    values["annual_cost"] = cost.quantize(MONEY_STEP, context=_WIDE)


def complete_metric(row: Row) -> None:
    """A value is of the calendar month of valid_from, or of the days up to valid_to within it."""
    values = row.values
    values["metric"] = (values["metric"] or "").lower().replace(" ", "_")
    start, stop = row.valid
    if (values["subject_type"] is None) != (values["subject_id"] is None):
        row.reject("subject_id", "missing_value", "subject_type and subject_id go together; fill in both or neither")
    if start == BEGINNING:
        return
    next_month = datetime(start.year + start.month // 12, start.month % 12 + 1, 1)  # noqa: DTZ001 - naive UTC
    if stop == END:
        values["valid_to_utc"] = next_month
    elif stop > next_month:
        row.reject(
            "valid_to",
            "invalid_validity",
            f"a value is of one month or of days within it, and {stop:%Y-%m-%d} is after {next_month:%Y-%m-%d}; "
            "write a row per month",
        )


def complete_target(row: Row) -> None:
    """The warning lies on the worse side of the target."""
    kpi, target, warning = (row.values[column] for column in ("kpi", "target", "warning"))
    if target is None or warning is None:
        return
    if kpi in _HIGHER_IS_BETTER and warning > target:
        row.reject("warning", "unexpected_value", f"{kpi} is better when higher: the warning is below the target")
    if kpi not in _HIGHER_IS_BETTER and warning < target:
        row.reject("warning", "unexpected_value", f"{kpi} is better when lower: the warning is above the target")
    if target == 0:
        row.reject("target", "amount_out_of_range", "a target of 0 gives no score; give more than 0")


def complete_change(row: Row) -> None:
    """A row of a scenario says one thing at least that changes, and about what."""
    values = row.values
    values["scenario_name"] = values["scenario_name"] or values["scenario_id"]
    if values["scenario_id"] == "baseline":
        row.reject("scenario_id", "unexpected_value", "baseline is what is, and changes nothing; name it otherwise")
    if all(values[column] is None for column in _CHANGES):
        row.reject("change_pct", "missing_value", f"changes nothing; fill in one of {', '.join(_CHANGES)}")
    if values["category"] is not None and values["category"] not in OWN_COST_CATEGORIES:
        row.reject("category", "unknown_value", f"{values['category']!r} is none of {', '.join(OWN_COST_CATEGORIES)}")
    values["category"] = OTHER_NAMES.get(values["category"], values["category"])
    if values["one_time_usd"] is not None:
        values["amortization_months"] = values["amortization_months"] or AMORTIZATION_MONTHS
    elif values["amortization_months"] is not None:
        row.reject("amortization_months", "unexpected_value", "goes with one_time_usd; empty it or fill that in")
    added = values["monthly_usd"] is not None or values["one_time_usd"] is not None
    if added and values["category"] is None and values["cost_group"] is None:
        row.reject("category", "missing_value", "what is added has a category or a cost_group; fill one in")


def complete_commitment(row: Row) -> None:
    """The term gives the end where none is written; throughput says what one unit serves."""
    values = row.values
    kind = values["commitment_type"]
    values["commitment_name"] = values["commitment_name"] or values["commitment_id"]
    if values["upfront_usd"] is None:
        values["upfront_usd"] = Decimal(0)
    if row.problem is None:
        for name in ("upfront", "hourly"):
            whole = _WIDE.multiply(values["quantity"], values[f"{name}_usd"])
            if whole > 10**12:
                row.reject(f"{name}_usd", "amount_out_of_range", f"{whole:f} in all; give less than 10^12")
            else:
                values[f"total_{name}_usd"] = whole.quantize(MONEY_STEP, context=_WIDE)
    start, stop = row.valid
    months = values["term_months"]
    if months is not None and months != months.to_integral_value():
        row.reject("term_months", "invalid_amount", f"{months.normalize():f} is no whole number of months")
    elif months is not None and stop == END and start != BEGINNING:
        later = start.year * 12 + start.month - 1 + int(months)
        values["valid_to_utc"] = _same_day(start, later // 12, later % 12 + 1)
    elif stop == END and values["upfront_usd"]:
        row.reject("term_months", "missing_value", "an upfront payment is spread over a term; fill in term_months")
    if kind in _THROUGHPUT and values["tokens_per_minute"] is None:
        row.reject("tokens_per_minute", "missing_value", f"a {kind} needs what one unit serves; fill it in")
    if kind in _THROUGHPUT and values["provider_name"] is None:
        row.reject("provider_name", "missing_value", f"a {kind} needs the provider whose usage it serves; fill it in")
    if kind not in _THROUGHPUT and values["tokens_per_minute"] is not None:
        row.reject("tokens_per_minute", "unexpected_value", f"a {kind} serves no tokens by the minute; empty it")
    if kind == "reservation" and not (values["gpu_name"] or values["host"]):
        row.reject("gpu_name", "missing_value", "a reservation needs gpu_name or host, which say what uses it")


def _same_day(start: datetime, year: int, month: int) -> datetime:
    """The same day of another month, or its last."""
    for day in range(start.day, 27, -1):
        try:
            return start.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month)


COMPLETED: dict[str, Callable[[Row], None]] = {
    "personnel": complete_personnel,
    "business_metrics": complete_metric,
    "kpi_targets": complete_target,
    "tco_scenarios": complete_change,
    "commitments": complete_commitment,
}
"""File to what its rows must satisfy."""
