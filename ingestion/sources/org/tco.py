"""What one row of `tco_items.csv` must satisfy: an amount, a rate or both, as its cost behaviour asks.

Put here: rules of a single item. Keep out: reading, references, how amounts are spread over days.
"""

from __future__ import annotations

from decimal import Decimal

from ingestion.sources.org.currencies import currency_of
from ingestion.sources.org.model import BEGINNING, Row

MOST_PERCENT = 1_000
RATE_STEP = Decimal("0.000001")
_NEEDS = {
    "fixed": ("amount", "period"),
    "one_time": ("amount", "valid_from"),
    "variable": ("driver", "rate"),
    "semi_variable": ("amount", "period", "driver", "rate"),
}
_EITHER_WAY = {"one_time": {"period"}}
_OPTIONAL = ("amount", "period", "driver", "rate", "amortization_months")


def complete_tco_item(row: Row) -> None:
    """Fills name, currency and months; rejects columns that the behaviour lacks or has no use for."""
    values = row.values
    behavior = values["cost_behavior"]
    values["item_name"] = values["item_name"] or values["item_id"]
    values["currency"] = currency_of(row)
    if behavior not in _NEEDS:
        return
    for column in _NEEDS[behavior]:
        is_missing = row.valid[0] == BEGINNING if column == "valid_from" else values[column] is None
        if is_missing:
            row.reject(column, "missing_value", f"a {behavior} item needs {column}; fill it in")
    allowed = {*_NEEDS[behavior], *_EITHER_WAY.get(behavior, ())} | (
        {"amortization_months"} if behavior == "one_time" else set()
    )
    for column in _OPTIONAL:
        if values[column] is not None and column not in allowed:
            row.reject(
                column, "unexpected_value", f"a {behavior} item has no {column}; empty it or change cost_behavior"
            )
    if values["period"] is not None and (values["period"] == "once") != (behavior == "one_time"):
        row.reject("period", "unexpected_value", f"{values['period']} does not fit a {behavior} item")
    if behavior == "one_time":
        months = values["amortization_months"] or Decimal(1)
        if months != months.to_integral_value():
            row.reject("amortization_months", "invalid_amount", f"{months.normalize():f} is no whole number of months")
        values["amortization_months"], values["period"] = months, "once"
    rate = values["rate"]
    if rate is not None and values["driver"] == "percent_of_spend" and rate > MOST_PERCENT:
        row.reject("rate", "amount_out_of_range", f"{rate.normalize():f} percent of spend; give 0 to {MOST_PERCENT}")
    if rate is not None and rate != rate.quantize(RATE_STEP):
        row.reject("rate", "invalid_amount", f"{rate.normalize():f} has more than 6 decimals; round it")
