"""The sample company's metered usage and bills as anomaly detection reads them, made of its ground truth alone.

Put here: daily rows by leaf. Keep out: detection, what is expected of it.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from ingestion.demo.company import GroundTruth
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.generator import owner_at
from ingestion.demo.company.models import MODELS
from ingestion.demo.company.prices import METERS, PICO_PER_USD, VARIANT_NUMBER, PriceBook, contracted_unit_prices
from ingestion.demo.company.prices import contracts as contracts_of
from ingestion.demo.company.projects import PROJECT_NUMBER

KINDS = ("uncached_input", "cache_read", "cache_write", "output")
LEAF = ["usage_date", "provider_id", "project_id", "api_key_id", "model_id", "feature", "service_tier", "team_id"]


def metered_rows(truth: GroundTruth, calendar: Calendar) -> pd.DataFrame:
    """What files said: logged calls at contracted prices, with costs by kind of token; unpriced ones are left out."""
    calls = truth.requests()
    calls = calls[calls["is_logged"] & calls["contracted_cost_usd"].notna()].reset_index(drop=True)
    calls["usage_date"] = calls["requested_at_utc"].dt.date
    model = calls["model"].map({one.raw_name: n for n, one in enumerate(MODELS)}).to_numpy()
    day = np.array([(each - calendar.first).days for each in calls["usage_date"]])
    quantities = np.stack(
        [calls["web_searches" if m == "web_search" else f"{m}_tokens"].to_numpy(dtype=np.int64) for m in METERS], axis=1
    )
    quantities = np.where(calls["is_billable"].to_numpy(dtype=bool)[:, None], quantities, 0)
    listed = PriceBook(calendar.first, calendar.days).unit_prices(
        model, calls["price_variant"].map(VARIANT_NUMBER).to_numpy(), day, quantities[:, :5].sum(axis=1)
    )
    agreed = contracts_of(calendar.first, calendar.contract_renewal)
    unit = contracted_unit_prices(listed, model, np.datetime64(calendar.first) + day, agreed)
    costs = quantities * np.maximum(unit, 0) / PICO_PER_USD
    for kind in KINDS:
        columns = [n for n, meter in enumerate(METERS) if meter.startswith(kind)]
        calls[f"{kind}_tokens"] = quantities[:, columns].sum(axis=1)
        calls[f"{kind}_cost_usd"] = costs[:, columns].sum(axis=1)
    calls["cost_usd"] = costs.sum(axis=1)
    calls["request_count"] = 1
    calls["error_count"] = calls["error_type"].notna().astype("int64")
    calls["model_id"] = calls["price_model_id"]
    owner = owner_at(calendar)
    pairs = calls[["project_id", "usage_date"]].drop_duplicates()
    teams = {
        (project, at): owner(PROJECT_NUMBER[project], at) if project in PROJECT_NUMBER else None
        for project, at in pairs.itertuples(index=False)
    }
    calls["team_id"] = [teams[pair] for pair in zip(calls["project_id"], calls["usage_date"], strict=True)]
    numbers = ["request_count", "error_count", "cost_usd"]
    numbers += [f"{kind}_{what}" for kind in KINDS for what in ("tokens", "cost_usd")]
    return calls.groupby(LEAF, dropna=False, sort=True)[numbers].sum().reset_index()


def billed_rows(truth: GroundTruth) -> pd.DataFrame:
    """Bills by day, service, account, category and item."""
    lines = truth.charges
    rows = pd.DataFrame(
        {
            "usage_date": lines["charge_date"],
            "provider_id": lines["provider_id"],
            "service_name": lines["provider_id"].str.cat(lines["charge_kind"].replace("refund", "tokens"), sep=" "),
            "sub_account_id": lines["sub_account_id"],
            "charge_category": lines["charge_category"],
            "item_id": [
                " · ".join(str(part) for part in parts if part is not None)
                for parts in lines[["charge_kind", "model", "meter", "price_variant"]].astype(object).to_numpy()
            ],
            "quantity": lines["quantity"].astype(float),
            "cost_usd": lines["billed_cost_usd"].astype(float),
        }
    )
    keys = [c for c in rows if c not in ("quantity", "cost_usd")]
    return rows.groupby(keys, dropna=False, sort=True)[["quantity", "cost_usd"]].sum().reset_index()


def calendar_of(truth: GroundTruth, days: int) -> Calendar:
    """The calendar of a company that was made with `days`."""
    last = max(truth.usage["usage_date"])
    return Calendar(last - timedelta(days=days - 1), last)
