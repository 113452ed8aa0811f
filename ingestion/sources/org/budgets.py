"""What one row of `budgets.csv` must satisfy: amount and currency, a scope that fits its kind, period, thresholds.

Put here: rules of a single budget row. Keep out: reading, references to other files.
"""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal

from ingestion.reading.tabular.values import Unusable, exact_decimal
from ingestion.sources.org.currencies import currency_of
from ingestion.sources.org.model import BEGINNING, DEFAULT_THRESHOLDS, END, Row
from ingestion.sources.org.tags import complete_tag

METERED_SCOPES = ("user", "model", "feature")
"""Scopes that are held against metered usage, which is of language models alone."""
EVERYTHING = ("*", "-", "all", "global", "everything", "company", "n/a", "none")
"""What people write where a global budget has no scope."""
DEFAULT_ALERT_THRESHOLDS = "75;90;100"
LARGEST_PART = 2
"""Marks up to so much are meant as parts of the budget (0.8), not as percentages of it."""
DEFAULT_PROJECTED_PCT = Decimal(110)
HOUR_SCOPES = ("global", "team", "project", "user", "model", "feature", "cost_center", "provider")
"""Scopes that usage by the hour knows; it carries no tags."""


def complete_budget(row: Row) -> None:
    """Fills name, currency, amounts and thresholds; rejects what does not fit together.

    `amount` is in `currency`; `amount_usd` is the same in US dollars and NULL for every other currency.
    """
    row.values["budget_name"] = row.values["budget_name"] or row.values["budget_id"]
    _scope(row)
    _period(row)
    _amount(row)
    _counts(row)
    _thresholds(row)


def _scope(row: Row) -> None:
    kind, scope = row.values["scope_type"], row.values["scope_id"]
    if kind == "global" and scope and scope.strip().lower() in EVERYTHING:
        scope = row.values["scope_id"] = None
    if kind == "global" and scope:
        row.reject("scope_id", "unexpected_scope", "a global budget has no scope_id; empty it or change scope_type")
    if kind not in (None, "global") and not scope:
        row.reject("scope_id", "missing_value", f"a {kind} budget needs a scope_id; fill it in")
    if kind == "tag":
        complete_tag(row, "scope_id")


def _period(row: Row) -> None:
    kind, (start, stop) = row.values["period"], row.valid
    if kind == "hour" and row.values["scope_type"] not in (None, *HOUR_SCOPES):
        row.reject(
            "scope_type",
            "scope_without_hours",
            f"usage by the hour knows no {row.values['scope_type']}; take a longer period or another scope",
        )
    if kind != "custom":
        return
    for column, value, missing in (("valid_from", start, BEGINNING), ("valid_to", stop, END)):
        if value == missing:
            row.reject(column, "missing_value", f"a custom period runs from valid_from to valid_to; fill in {column}")
        elif value.time() != time():
            row.reject(column, "invalid_validity", f"{value} is within a day; give whole UTC days")


def _amount(row: Row) -> None:
    values = row.values
    currency = currency_of(row)
    if values["amount_usd"] is not None:
        if currency != "USD":
            row.reject(
                "currency", "invalid_currency", f"{currency} contradicts amount_usd; put the figure under amount"
            )
        values["amount"] = values["amount_usd"]
    elif currency == "USD":
        values["amount_usd"] = values["amount"]
    values["currency"] = currency


def _counts(row: Row) -> None:
    """LLM spend where nothing is said: a budget for models must not be used up by salaries."""
    counts = row.values["counts"] = row.values["counts"] or "llm"
    is_metered = row.values["period"] == "hour" or row.values["scope_type"] in METERED_SCOPES
    if is_metered and counts in ("infrastructure", "own"):
        what = "an hour" if row.values["period"] == "hour" else f"a {row.values['scope_type']}"
        row.reject(
            "counts", "scope_without_kind", f"the budget of {what} is held against LLM usage; write llm or total"
        )


def _thresholds(row: Row) -> None:
    """What is written down makes alerts; of the default marks, the first is for reading."""
    own = row.values["thresholds_pct"]
    text = own or DEFAULT_THRESHOLDS
    between = ";" if ";" in text else r"[|/]|,\s*" if re.search(r"[|/,]", text) else r"\s+"
    try:
        steps = sorted({exact_decimal(part.strip(" %")) for part in re.split(between, text) if part.strip(" %")})
    except Unusable:
        steps = []
    if not steps or steps[0] <= 0 or steps[-1] > 1000:
        row.reject("thresholds_pct", "invalid_thresholds", f"{text!r}: write percentages as in {DEFAULT_THRESHOLDS}")
    elif steps[-1] <= LARGEST_PART:
        percentages = ";".join(f"{(step * 100).normalize():f}" for step in steps)
        message = f"{text!r} would be marks of {LARGEST_PART} % and less; write parts of the whole as {percentages}"
        row.reject("thresholds_pct", "invalid_thresholds", message)
    row.values["thresholds_pct"] = ";".join(f"{step.normalize():f}" for step in steps)
    row.values["alert_thresholds_pct"] = row.values["thresholds_pct"] if own else DEFAULT_ALERT_THRESHOLDS
    if row.values["alert_projected_pct"] is None:
        row.values["alert_projected_pct"] = DEFAULT_PROJECTED_PCT
