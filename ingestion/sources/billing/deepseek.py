"""The cost export of DeepSeek's platform (`cost-….csv`) → `raw_billing.focus_charges`, in the columns of FOCUS.

Every row is a day's cost of a model, paid out of one wallet. What the granted wallet paid was no money: it is billed 0,
and its cost stays as the list cost. Put here: the platform's names. Keep out: its export of usage, which has no costs.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sources.billing import focus
from ingestion.sources.billing.console_days import add_bounds
from ingestion.sources.billing.model import Cells, RowRule, by_alias, has_headers, squash

_ALIASES = {
    "userid": "billing_account_id",
    "utcdate": "charge_period_start_utc",
    "starttimeiso": "charge_period_start_utc",
    "endtimeiso": "charge_period_end_utc",
    "cost": "billed_cost",
    "currency": "billing_currency",
}
_CONSTANTS = {
    "focus_version": "none",
    "provider_name": "DeepSeek",
    "publisher_name": "DeepSeek",
    "invoice_issuer_name": "DeepSeek",
    "charge_category": "Usage",
    "service_category": "AI and Machine Learning",
    "service_name": "DeepSeek API",
}
_GRANTED = ("granted", "gift", "bonus")


def adapt(cells: Cells) -> None:
    """The model is the SKU; what was granted is billed nothing."""
    add_bounds(cells)
    names = {squash(name): name for name in cells.extra}
    cost, wallet = cells.known.get("billed_cost"), cells.extra.get(names.get("wallettype", ""))
    if cost is not None:
        cells.known["list_cost"] = cost
        if wallet is not None:
            is_granted = pc.is_in(pc.utf8_lower(wallet), value_set=pa.array(_GRANTED))
            cost = cells.known["billed_cost"] = pc.if_else(pc.and_(is_granted, pc.is_valid(cost)), "0", cost)
        cells.known["effective_cost"] = cells.known["contracted_cost"] = cost
    if "model" in names:
        model = cells.extra.pop(names["model"])
        cells.known["charge_description"] = cells.known["sku_meter"] = cells.extra["x_Model"] = model


FORMAT = replace(
    focus.FORMAT,
    canonical=by_alias(_ALIASES),
    recognises=has_headers("userid", "wallettype", "cost", "currency"),
    expected_headers="at least user_id, wallet_type, cost and currency, as DeepSeek's platform exports costs",
    required=(
        RowRule("billed_cost", "missing_cost", "a cost needs its amount (0 if it is free); export the costs again"),
        RowRule("charge_period_start_utc", "missing_time", "a cost needs its day; export the costs again"),
    ),
    adapt=adapt,
    day_first_columns=("charge_period_start_utc",),
    constants=lambda names: _CONSTANTS,
)
