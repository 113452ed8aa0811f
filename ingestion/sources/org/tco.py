"""What one row of `tco_items.csv` must satisfy: amount, quantity and price, rate, as its cost behaviour asks.

Put here: rules of a single item. Keep out: reading, references, how amounts are spread over days.
"""

from __future__ import annotations

from decimal import Context, Decimal

from ingestion.sources.org.currencies import currency_of
from ingestion.sources.org.model import BEGINNING, OTHER_NAMES, Row

MOST_PERCENT = 1_000
RATE_STEP = Decimal("0.000001")
MONEY_STEP = Decimal("0.000000000001")
LARGEST_TOTAL = Decimal(10**12)
AMORTIZATION_MONTHS = Decimal(36)
"""Over which a one-time item without a term is spread."""
_NEEDS = {
    "fixed": ("amount", "period"),
    "one_time": ("amount", "valid_from"),
    "variable": ("driver", "rate"),
    "semi_variable": ("amount", "period", "driver", "rate"),
}
"""A semi-variable item may leave out driver and rate: 60 % of it is then taken as fixed, 40 % as variable."""
_EITHER_WAY = {"one_time": {"period"}}
_OPTIONAL = ("amount", "period", "driver", "rate", "amortization_months")


def complete_tco_item(row: Row) -> None:
    """Fills name, currency and months; rejects columns that the behaviour lacks or has no use for."""
    values = row.values
    behavior = values["cost_behavior"]
    values["item_name"] = values["item_name"] or values["item_id"]
    values["currency"] = currency_of(row)
    values["category"] = OTHER_NAMES.get(values["category"], values["category"])
    _total(row)
    if behavior not in _NEEDS:
        return
    needs = _NEEDS[behavior]
    if behavior == "semi_variable" and values["driver"] is None and values["rate"] is None:
        needs = _NEEDS["fixed"]
    for column in needs:
        is_missing = row.valid[0] == BEGINNING if column == "valid_from" else values[column] is None
        if is_missing:
            row.reject(column, "missing_value", f"a {behavior} item needs {column}; fill it in")
    allowed = {*needs, *_EITHER_WAY.get(behavior, ())} | ({"amortization_months"} if behavior == "one_time" else set())
    for column in _OPTIONAL:
        if values[column] is not None and column not in allowed:
            row.reject(
                column, "unexpected_value", f"a {behavior} item has no {column}; empty it or change cost_behavior"
            )
    if values["period"] is not None and (values["period"] == "once") != (behavior == "one_time"):
        row.reject("period", "unexpected_value", f"{values['period']} does not fit a {behavior} item")
    if behavior == "one_time":
        months = values["amortization_months"] or AMORTIZATION_MONTHS
        if months != months.to_integral_value():
            row.reject("amortization_months", "invalid_amount", f"{months.normalize():f} is no whole number of months")
        values["amortization_months"], values["period"] = months, "once"
    rate = values["rate"]
    if rate is not None and values["driver"] == "percent_of_spend" and rate > MOST_PERCENT:
        row.reject("rate", "amount_out_of_range", f"{rate.normalize():f} percent of spend; give 0 to {MOST_PERCENT}")
    if rate is not None and rate != rate.quantize(RATE_STEP):
        row.reject("rate", "invalid_amount", f"{rate.normalize():f} has more than 6 decimals; round it")


def _total(row: Row) -> None:
    """`amount` becomes the whole: quantity × unit_price, or quantity × amount where the amount is that of one unit."""
    values = row.values
    quantity, unit_price = values["quantity"], values["unit_price"]
    if unit_price is not None:
        if values["amount"] is not None:
            row.reject("unit_price", "more_than_one_value", "amount and unit_price are both filled; keep one of them")
        if quantity is None:
            row.reject("quantity", "missing_value", "a unit_price needs a quantity; fill it in")
    price = unit_price if unit_price is not None else values["amount"]
    if quantity is None or price is None:
        return
    if row.problem is None:
        total = Context(prec=60).multiply(quantity, price)
        if total != total.quantize(MONEY_STEP, context=Context(prec=60)) or total > LARGEST_TOTAL:
            row.reject(
                "quantity", "invalid_amount", f"quantity × price is {total:f}; round it to 12 decimals, below 10^12"
            )
        values["amount"], values["unit_price"] = total.quantize(MONEY_STEP, context=Context(prec=60)), price
