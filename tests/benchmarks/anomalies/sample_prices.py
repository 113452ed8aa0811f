"""The sample company's changes of prices, found by asking what each call would have cost a day later or earlier.

Put here: rows as `ml.anomalies.price_list` reads them, made of the ground truth alone. Keep out: what is expected.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from ingestion.demo.company import GroundTruth
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.models import MODELS
from ingestion.demo.company.prices import METERS, VARIANT_NUMBER, PriceBook, contracted_unit_prices
from ingestion.demo.company.prices import contracts as contracts_of

WINDOW = 28
BY = ["provider_id", "model_id", "price_variant", "context_tier", "meter", "valid_from_date"]
PRICES = ["old_price_usd_per_unit", "new_price_usd_per_unit"]


def price_change_rows(truth: GroundTruth, calendar: Calendar) -> pd.DataFrame:
    """Calls of four weeks before each change, at the prices of the day before it and of its first day."""
    calls = truth.requests()
    known = calls["is_logged"] & calls["contracted_cost_usd"].notna() & calls["is_billable"]
    calls = calls[known & calls["price_model_id"].notna()].reset_index(drop=True)
    model = calls["model"].map({one.raw_name: n for n, one in enumerate(MODELS)}).to_numpy()
    variant = calls["price_variant"].map(VARIANT_NUMBER).to_numpy()
    day = np.array([(each.date() - calendar.first).days for each in calls["requested_at_utc"]])
    quantities = np.stack(
        [calls["web_searches" if m == "web_search" else f"{m}_tokens"].to_numpy(dtype=np.int64) for m in METERS], axis=1
    )
    inputs = quantities[:, :5].sum(axis=1)
    book = PriceBook(calendar.first, calendar.days)
    agreed = contracts_of(calendar.first, calendar.contract_renewal)

    def unit(rows: np.ndarray, at: int) -> np.ndarray:
        days = np.full(int(rows.sum()), at)
        listed = book.unit_prices(model[rows], variant[rows], days, inputs[rows])
        return contracted_unit_prices(listed, model[rows], np.datetime64(calendar.first) + days, agreed)

    parts = []
    for at in range(1, calendar.days):
        rows = (day >= at - WINDOW) & (day < at)
        old, new = unit(rows, at - 1), unit(rows, at)
        for column, meter in enumerate(METERS):
            moved = (old[:, column] != new[:, column]) & (quantities[rows, column] > 0)
            moved &= (old[:, column] >= 0) & (new[:, column] >= 0)
            if moved.any():
                number, kind = model[rows][moved], variant[rows][moved]
                over = inputs[rows][moved] > book.threshold[number, kind, at - 1]
                parts.append(
                    pd.DataFrame(
                        {
                            "provider_id": [MODELS[n].provider for n in number],
                            "model_id": calls.loc[rows, "price_model_id"].to_numpy()[moved],
                            "price_variant": calls.loc[rows, "price_variant"].to_numpy()[moved],
                            "context_tier": np.where(over, "long", "base"),
                            "meter": meter,
                            "valid_from_date": calendar.first + timedelta(days=at),
                            "old_price_usd_per_unit": old[moved, column],
                            "new_price_usd_per_unit": new[moved, column],
                            "quantity": quantities[rows, column][moved],
                            "day": day[rows][moved],
                        }
                    )
                )
    first_use = pd.Series(day).groupby(calls["price_model_id"].to_numpy()).min()
    found = pd.concat(parts, ignore_index=True).groupby([*BY, *PRICES], sort=True)["quantity"].sum().reset_index()
    age = [
        (at - calendar.first).days - int(first_use[m]) for m, at in found[["model_id", "valid_from_date"]].to_numpy()
    ]
    found["counted_days"] = np.clip(age, 1, WINDOW)
    for which in ("old", "new"):
        pico = found[f"{which}_price_usd_per_unit"].to_numpy()
        found[f"{which}_price_usd_per_unit"] = [Decimal(int(each)).scaleb(-12) for each in pico]
        amounts = found["quantity"].to_numpy(dtype=object) * pico.astype(object)
        found[f"{which}_cost_usd"] = [Decimal(int(each)).scaleb(-12) for each in amounts]
    return found
