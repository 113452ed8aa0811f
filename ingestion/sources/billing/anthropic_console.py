"""The cost export of Anthropic's Console (CSV) → `raw_billing.focus_charges`, in the columns of FOCUS.

Every row is a day's cost of a model, workspace, key and kind of token. The file names no organisation, so its folder is
the account. Put here: the Console's names. Keep out: which of bill and API counts, which is dbt's.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.tabular.values import by_distinct, pack_json
from ingestion.sources.billing import focus
from ingestion.sources.billing.console_days import add_bounds
from ingestion.sources.billing.model import Cells, RowRule, by_alias, has_headers, squash

_ALIASES = {
    "usagedateutc": "charge_period_start_utc",
    "costusd": "billed_cost",
    "listpriceusd": "list_cost",
    "workspace": "sub_account_name",
    "apikeyid": "resource_id",
    "apikey": "resource_name",
    "inferencegeo": "region_id",
}
_CONSTANTS = {
    "focus_version": "none",
    "provider_name": "Anthropic",
    "publisher_name": "Anthropic",
    "invoice_issuer_name": "Anthropic",
    "billing_currency": "USD",
    "charge_category": "Usage",
    "service_category": "AI and Machine Learning",
    "service_name": "Claude API",
}


_BETWEEN = "\x1f"


def adapt(cells: Cells) -> None:
    """Model and kind of token name the SKU; the end of the day, and the costs that the Console does not tell apart."""
    add_bounds(cells)
    if "billed_cost" in cells.known:
        cells.known["effective_cost"] = cells.known["contracted_cost"] = cells.known["billed_cost"]
    names = {squash(name): name for name in cells.extra}
    if "model" in names:
        cells.extra[names["model"]] = by_distinct(cells.extra[names["model"]], model_id, pa.string()).values
    said = [cells.extra[names[each]] for each in ("model", "usagetype", "tokentype", "contextwindow") if each in names]
    if said:
        joined = pc.binary_join_element_wise(*(pc.fill_null(column, "") for column in said), _BETWEEN)
        text = by_distinct(joined, _described, pa.string()).values
        cells.known["charge_description"] = cells.known["sku_meter"] = pc.replace_substring(text, "_", " ")
    if "model" in names:
        cells.extra["x_Model"] = cells.extra.pop(names["model"])
    if "sub_account_name" in cells.known:
        tags = pack_json({"workspace": cells.known["sub_account_name"]})
        if tags is not None:
            cells.known["tags"] = tags


def model_id(shown: str) -> str:
    """A model's id from the name that the Console shows: `Claude Haiku 4.5` is claude-haiku-4-5, and before version 4
    the number stood first (`Claude Haiku 3.5` is claude-3-5-haiku). Any other text in lower case with hyphens."""
    words = shown.strip().lower().replace(".", "-").split()
    if len(words) == 3 and words[2][:1] in ("2", "3"):
        words[1:] = reversed(words[1:])
    return "-".join(words)


def _described(joined: str) -> str | None:
    return " - ".join(part for part in joined.split(_BETWEEN) if part) or None


FORMAT = replace(
    focus.FORMAT,
    canonical=by_alias(_ALIASES),
    recognises=has_headers("usagedateutc", "costusd"),
    expected_headers="at least usage_date_utc and cost_usd, as Anthropic's Console exports costs",
    required=(
        RowRule("billed_cost", "missing_cost", "a cost needs its amount (0 if it is free); export the costs again"),
        RowRule("charge_period_start_utc", "missing_time", "a cost needs its day; export the costs again"),
    ),
    adapt=adapt,
    scope=replace(focus.SCOPE, identity=(*focus.SCOPE.identity, "sub_account_name")),
    day_first_columns=("charge_period_start_utc",),
    constants=lambda names: _CONSTANTS,
)
