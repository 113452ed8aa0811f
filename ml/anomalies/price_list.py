"""Changes of prices in use, as the price list dates them: what they are worth a day, and the incidents that they are.

A price is a fact. Where it changes for a part of a model's requests only (those of one context size), the day's
dollars and even the model's mean price hide it; the price list does not.

Put here: which changes are told, the rows of both tables. Keep out: where prices come from (`dbt_project`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from ml.anomalies.decompose import DRIVERS
from ml.anomalies.detect import Detection
from ml.anomalies.incidents import ADAPTED_DAYS, GAP_DAYS
from ml.anomalies.kinds import KINDS
from ml.anomalies.params import AnomalyParams
from ml.anomalies.severity import severities
from ml.anomalies.words import signed
from ml.contracts import columns_of
from ml.identity import stable_id
from ml.money import to_decimal

MODEL_NAME, MODEL_VERSION = "price_list", "1"
PRICED = "price_change"
CERTAIN = 12.0
"""Strength of what is known, as of the rarest days."""
PLACES = Decimal(1).scaleb(-12)
TOLD_PRICES = 4
PRICE = ("model_id", "price_variant", "context_tier", "meter", "old_price_usd_per_unit", "new_price_usd_per_unit")
"""With provider and day, what a change of price is known by."""
EVIDENCE = """select usage_date, model_id, price_variant, context_tier, meter, contracted_price_usd_per_unit,
    sum(quantity) as quantity, sum(contracted_cost_usd) as cost_usd
from fct_llm_usage_hourly
where usage_date between date '{first}' and date '{last}'
  and model_id in ({models})
group by all
order by all"""


def with_price_list(
    detection: Detection,
    rows: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    as_of: date,
    scored_at_utc: datetime,
    params: AnomalyParams | None = None,
) -> tuple[Detection, pd.DataFrame]:
    """The detection of metered spend with an incident for each change of price that it lacks, and `ml.price_changes`.

    `rows`: what was detected in. `changes`: `provider_id, model_id, price_variant, context_tier, meter,
    valid_from_date, old_price_usd_per_unit, new_price_usd_per_unit, counted_days, quantity, old_cost_usd,
    new_cost_usd`, money as Decimal. What a provider changed on one day and no incident tells of yet is one change. It
    is told where its rises or its falls are worth the smallest amount that any anomaly is; else its rows say by how
    much they are not.
    """
    params = params or AnomalyParams()
    oldest = as_of - timedelta(days=params.max_grid_steps)
    known = changes[(changes["valid_from_date"] >= oldest) & (changes["valid_from_date"] < as_of)].copy()
    if known.empty or rows.empty:
        return detection, pd.DataFrame(columns=columns_of("price_changes"))
    known["change_usd_a_day"] = [
        ((new - old) / max(int(days), 1)).quantize(PLACES)
        for old, new, days in zip(known["old_cost_usd"], known["new_cost_usd"], known["counted_days"], strict=True)
    ]
    by_day = rows.groupby("usage_date")["cost_usd"].sum().astype(float)
    added: list[dict[str, Any]] = []
    told: list[pd.DataFrame] = []
    acts: Any = known.groupby(["provider_id", "valid_from_date"], sort=True, dropna=False)
    for (provider, since), act in acts:
        found = {str(model): _incident_of(detection.incidents, str(model), since) for model in act["model_id"].unique()}
        usual = by_day[(by_day.index >= since - timedelta(days=params.baseline_steps)) & (by_day.index < since)]
        whole = float(usual.mean()) if len(usual) else 0.0
        least = max(params.min_impact_usd, params.min_share_of_total * whole)
        rest = act[[found[str(model)] is None for model in act["model_id"]]]
        by_model = rest.groupby("model_id", sort=True)["change_usd_a_day"].sum().to_dict()
        together = max(
            (sum((each for each in by_model.values() if each * sign > 0), Decimal(0)) for sign in (1, -1)), key=abs
        )
        if by_model and abs(float(together)) >= least:
            record = _incident(rest, by_model, since, rows, as_of, whole, scored_at_utc, params)
            added.append(record)
            found |= dict.fromkeys(by_model, str(record["incident_id"]))
        names = [found[str(model)] for model in act["model_id"]]
        told.append(
            act.assign(
                price_change_id=[
                    stable_id(
                        PRICED,
                        provider,
                        since,
                        *(each[name] for name in PRICE),
                    )
                    for each in _records(act)
                ],
                together_usd_a_day=[None if name else together for name in names],
                least_usd_a_day=to_decimal(round(least, 9)),
                is_told=[name is not None for name in names],
                incident_id=names,
                reason=["told by its incident" if name else _too_little(together, least, params) for name in names],
                model_name=MODEL_NAME,
                model_version=MODEL_VERSION,
                scored_at_utc=scored_at_utc,
            )
        )
    listed = pd.concat(told, ignore_index=True)[columns_of("price_changes")]
    if not added:
        return detection, listed
    new = pd.DataFrame(added)[columns_of("cost_incidents")]
    parts = [each for each in (detection.incidents, new) if len(each)]
    return replace(detection, incidents=pd.concat(parts, ignore_index=True)), listed


def _too_little(together: Decimal, least: float, params: AnomalyParams) -> str:
    which = "" if least <= params.min_impact_usd else f", {params.min_share_of_total:.0%} of all spend"
    return (
        f"{float(together):+,.4f} USD a day for all that changed: {least - abs(float(together)):,.4f} USD less than "
        f"the smallest change that is told ({least:,.2f} USD{which})"
    )


def _incident_of(incidents: pd.DataFrame, model: str, since: date) -> str | None:
    """The incident that tells of it already: it began with it."""
    for each in _records(incidents[incidents["kind"] == PRICED]) if len(incidents) else ():
        slices = json.loads(each["slices"])
        where = slices[0]["where"] if slices else {}
        if where.get("model_id") == model and 0 <= (each["first_date"] - since).days <= GAP_DAYS:
            return str(each["incident_id"])
    return None


def _incident(
    changed: pd.DataFrame,
    by_model: dict[str, Decimal],
    since: date,
    rows: pd.DataFrame,
    as_of: date,
    whole: float,
    scored_at_utc: datetime,
    params: AnomalyParams,
) -> dict[str, object]:
    change = sum(by_model.values(), Decimal(0))
    models = sorted(by_model, key=lambda model: -abs(by_model[model]))
    last = min(as_of - timedelta(days=1), since + timedelta(days=ADAPTED_DAYS - 1))
    days = (last - since).days + 1
    inside = (rows["usage_date"] >= since) & (rows["usage_date"] <= last) & rows["model_id"].isin(models)
    actual = to_decimal(round(float(rows.loc[inside.to_numpy(dtype=bool), "cost_usd"].astype(float).sum()), 9))
    impact = (change * days).quantize(PLACES)
    severity = severities(np.array([float(change)]), np.array([CERTAIN]), np.array([True]), np.array([whole]), params)[
        0
    ]
    scope = ("model", models[0]) if len(models) == 1 else ("provider", str(changed["provider_id"].iloc[0]))
    return {
        "incident_id": stable_id("incident", MODEL_NAME, *scope, since.isoformat()),
        "basis": "metered",
        "kind": PRICED,
        "scope_type": scope[0],
        "scope_id": scope[1],
        "first_date": since,
        "last_date": last,
        "day_count": 0,
        "status": "adapted" if days == ADAPTED_DAYS else "open",
        "severity": severity,
        "actual_cost_usd": actual,
        "expected_cost_usd": (actual or Decimal(0)) - impact,
        "impact_usd": impact,
        **{f"{name}_change_usd": impact if name == "price" else Decimal(0) for name in DRIVERS},
        "slices": json.dumps(
            [
                {"where": {"model_id": model}, "change_usd": round(float(by_model[model]) * days, 2)}
                for model in models[:3]
            ]
        ),
        "series_ids": json.dumps([f"model:{model}" for model in models]),
        "reason": _sentence(changed, scope, since, change),
        "evidence_query": EVIDENCE.format(
            first=since - timedelta(days=ADAPTED_DAYS),
            last=last,
            models=", ".join("'" + model.replace("'", "''") + "'" for model in models),
        ),
        "model_name": MODEL_NAME,
        "model_version": MODEL_VERSION,
        "scored_at_utc": scored_at_utc,
    }


def _sentence(changed: pd.DataFrame, scope: tuple[str, str], since: date, change: Decimal) -> str:
    """The prices that make most of it, the largest first, per million units."""
    largest = changed.assign(size=[abs(each) for each in changed["change_usd_a_day"]]).sort_values(
        "size", ascending=False, kind="stable"
    )
    parts = [
        f"{each['model_id']} {each['meter']} {_per_million(each['old_price_usd_per_unit'])} → "
        f"{_per_million(each['new_price_usd_per_unit'])} USD per million ({each['context_tier']}, "
        f"{each['price_variant']}; {signed(float(each['change_usd_a_day']))} a day)"
        for each in _records(largest.head(TOLD_PRICES))
    ]
    more = f" and {len(largest) - len(parts)} more" if len(largest) > len(parts) else ""
    days = int(changed["counted_days"].max())
    return (
        f"{PRICED.replace('_', ' ')} in {scope[0]} {scope[1]} from {since}: {signed(float(change))} USD a day at the "
        f"usage of {days} days; {KINDS[PRICED]}. By price: {', '.join(parts)}{more}"
    )


def _records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


def _per_million(price: Decimal) -> str:
    return f"{(price * 1_000_000).normalize():f}"
