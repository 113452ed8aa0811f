"""From billed quantities to implied prices: fit each stretch, snap, classify.

Put here: the way from a series to its rows. Keep out: numerics (`bounds`), time (`stretches`), words (`classify`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from ml.contracts import columns_of
from ml.identity import stable_id
from ml.implied_prices.bounds import robust_ratios, variance_inflation
from ml.implied_prices.classify import NOT_IDENTIFIABLE, Finding, classify, not_identifiable
from ml.implied_prices.fitting import ColumnFit, ListedPrices, StretchFit, fit_stretch, prices_at_end, reference_price
from ml.implied_prices.lines import Series, build_series
from ml.implied_prices.params import IMPLIED_PRICE_MODEL, IMPLIED_PRICE_VERSION, ImpliedPriceParams
from ml.implied_prices.stretches import Stretch, cut_stretches, overall_ratio
from ml.money import to_decimal

IMPLIED_PRICE_COLUMNS = columns_of("implied_prices")


def infer_prices(
    billed: pd.DataFrame,
    listed: pd.DataFrame | None = None,
    *,
    scored_at_utc: datetime,
    params: ImpliedPriceParams | None = None,
) -> pd.DataFrame:
    """The effective unit price of everything on the bills, stretch by stretch, and how it departs from the agreed one.

    `billed`: `lines.INPUT_COLUMNS`, one row per billed amount × price point (money Decimal, USD; quantities
    in single units; dates are days of one time zone). `listed` (optional): `provider_id, model_id, meter,
    price_variant, context_tier, list_price_usd_per_unit`: what other variants cost, to name an unexpected price.
    Returns `IMPLIED_PRICE_COLUMNS`, one row per price series × price point × stretch. A price is
    Decimal of 12 places; `price_ratio` is implied ÷ reference. Raises ValueError when a column is missing.
    """
    params = params or ImpliedPriceParams()
    names = _listed_prices(listed)
    rows = [
        row
        | {"model_name": IMPLIED_PRICE_MODEL, "model_version": IMPLIED_PRICE_VERSION, "scored_at_utc": scored_at_utc}
        for series in build_series(billed)
        for row in _series_rows(series, names, params)
    ]
    return pd.DataFrame(rows, columns=list(IMPLIED_PRICE_COLUMNS))


def _listed_prices(listed: pd.DataFrame | None) -> ListedPrices:
    found: dict[tuple[str | None, str | None, str | None], dict[str, Decimal]] = {}
    if listed is not None:
        for row in listed.to_dict("records"):
            key = (row["provider_id"], row["model_id"], row["meter"])
            context = row.get("context_tier")
            name = f"list price of {row['price_variant']}" + (f", {context}" if context not in (None, "base") else "")
            found.setdefault(key, {})[name] = row["list_price_usd_per_unit"]
    return found


def _series_rows(series: Series, names: ListedPrices, params: ImpliedPriceParams) -> Iterator[dict[str, Any]]:
    cut = cut_stretches(series, params)
    irregular = len(cut.irregular_days)
    if cut.is_noisy:
        whole = Stretch(0, len(series.dates) - 1, np.arange(len(series.cost)), False)
        for column in range(len(series.points)):
            yield _noisy_row(series, whole, column, irregular, params)
        return
    previous: StretchFit | None = None
    for stretch in cut.stretches:
        fit = fit_stretch(series, stretch, names, params)
        for column, found in enumerate(fit.columns):
            if found is not None:
                yield _row(series, fit, found, column, previous, irregular, params)
        previous = fit


def _row(
    series: Series,
    fit: StretchFit,
    found: ColumnFit,
    column: int,
    previous: StretchFit | None,
    irregular: int,
    params: ImpliedPriceParams,
) -> dict[str, Any]:
    stretch = fit.stretch
    before = _previous_ratio(previous, column)
    finding = _finding(series, fit, found, before)
    shown = found.ratio if found.is_known or stretch.is_reference else fit.ratio
    drift = finding.is_drift
    return _common(series, stretch, column, irregular) | {
        "list_price_usd_per_unit": found.listed,
        "contracted_price_usd_per_unit": found.contracted,
        "reference": None if series.reference is None else "contracted" if found.has_own_contract else "list",
        "fitted_price_usd_per_unit": to_decimal(found.fitted),
        "lower_price_usd_per_unit": to_decimal(found.lower),
        "upper_price_usd_per_unit": to_decimal(found.upper),
        "snapped_price_usd_per_unit": found.snapped.price if found.snapped else None,
        "snap_rule": found.snapped.rule if found.snapped else None,
        "price_ratio": shown if series.reference else None,
        "previous_price_ratio": before if series.reference else None,
        "classification": finding.classification,
        "is_drift": drift,
        "changed_on_date": series.dates[stretch.first] if previous is not None else None,
        "monthly_effect_usd": _monthly_effect(series, stretch, column, shown, params) if drift else Decimal(0),
        "confidence": _confidence(found, before, finding),
        "reason": finding.reason,
        "collinear_meters": ", ".join(_names(series, found.moves_with)) if found.is_collinear else None,
        "variance_inflation": _finite(found.inflation),
        "condition_number": _finite(fit.condition),
    }


def _finding(series: Series, fit: StretchFit, found: ColumnFit, before: float | None) -> Finding:
    stretch = fit.stretch
    reference = None if series.reference is None else "contracted" if found.has_own_contract else "list"
    if found.is_collinear or (not found.is_known and not stretch.is_reference and len(series.points) > 1):
        return not_identifiable(
            moves_with=_names(series, found.moves_with) if found.is_collinear else [],
            is_short=len(stretch.lines) < 2 * len(series.points),
            reference=reference,
            is_drift=series.reference is not None and not stretch.is_reference,
            ratio=fit.ratio,
        )
    snapped = found.snapped
    return classify(
        is_reference=stretch.is_reference,
        reference=reference,
        has_own_contract=found.has_own_contract,
        ratio=found.ratio,
        ratio_to_previous=None if before is None or stretch.is_reference else found.ratio / before,
        fits_list=snapped is not None and snapped.price == found.listed,
        snap_rule=snapped.rule if snapped else None,
        variant_rules=found.variant_rules,
    )


def _noisy_row(
    series: Series, stretch: Stretch, column: int, irregular: int, params: ImpliedPriceParams
) -> dict[str, Any]:
    """The quantities do not explain the bill to its rounding: a robust ratio, and no drift claimed on it."""
    listed, own = prices_at_end(series, stretch, column)
    reference = reference_price(series, listed, own)
    ratio = float(robust_ratios(series.amounts, series.cost)[column])
    finding = Finding(NOT_IDENTIFIABLE, False, "the quantities known here do not explain the bill line by line")
    close = abs(overall_ratio(series, stretch.lines) - 1) <= params.noisy_tolerance_ratio
    if series.reference and close and len(series.dates) >= params.min_days_when_noisy and len(series.points) == 1:
        agreed = classify(
            is_reference=True,
            reference=series.reference,
            has_own_contract=own is not None and own != listed,
            ratio=ratio,
            ratio_to_previous=None,
            fits_list=False,
            snap_rule=None,
            variant_rules=frozenset(),
        )
        finding = Finding(agreed.classification, False, "on the whole " + agreed.reason + ", not line by line")
    factors, condition = variance_inflation(series.amounts)
    return _common(series, stretch, column, irregular) | {
        "list_price_usd_per_unit": listed,
        "contracted_price_usd_per_unit": own,
        "reference": series.reference,
        "fitted_price_usd_per_unit": to_decimal(ratio * float(reference)),
        "price_ratio": ratio if series.reference else None,
        "classification": finding.classification,
        "is_drift": False,
        "monthly_effect_usd": Decimal(0),
        "confidence": 0.0,
        "reason": finding.reason,
        "variance_inflation": _finite(factors[column]),
        "condition_number": _finite(condition),
    }


def _common(series: Series, stretch: Stretch, column: int, irregular: int) -> dict[str, Any]:
    point, rows = series.points[column], stretch.lines
    expected = series.amounts[rows, column].sum() if series.reference else None
    quantity = series.quantity[rows, column].sum()
    cost = series.cost[rows].sum()
    only = len(series.points) == 1
    return dict.fromkeys(IMPLIED_PRICE_COLUMNS) | {
        "implied_price_id": stable_id(*series.key.values(), *vars(point).values(), series.dates[stretch.first]),
        **series.key,
        **vars(point),
        "stretch_from_date": series.dates[stretch.first],
        "stretch_to_date": series.dates[stretch.last],
        "billed_day_count": len(set(series.day[rows].tolist())),
        "charge_count": int(series.charge_count[rows].sum()),
        "quantity": to_decimal(quantity),
        "quantity_source": series.quantity_source,
        "billed_cost_usd": to_decimal(cost),
        "expected_cost_usd": to_decimal(expected) if expected is not None else None,
        "baseline_price_usd_per_unit": to_decimal(cost / quantity) if only and quantity else None,
        "irregular_day_count": irregular,
    }


def _previous_ratio(previous: StretchFit | None, column: int) -> float | None:
    if previous is None:
        return None
    if previous.stretch.is_reference:
        return 1.0
    found = previous.columns[column]
    return found.ratio if found is not None and found.ratio > 0 else None


def _monthly_effect(
    series: Series, stretch: Stretch, column: int, ratio: float, params: ImpliedPriceParams
) -> Decimal | None:
    if series.reference is None:
        return None
    due = series.amounts[stretch.lines, column].sum()
    days = len(set(series.day[stretch.lines].tolist()))
    return to_decimal(due * (ratio - 1) / days * float(params.days_per_month))


def _confidence(found: ColumnFit, before: float | None, finding: Finding) -> float:
    """1 where the bounds leave no doubt: distance to the rival price over that distance plus the bounds' width."""
    if finding.classification == NOT_IDENTIFIABLE:
        return 0.0
    if not finding.is_drift:
        return float(max(0.0, 1.0 - min(1.0, found.width_ratio)))
    rival = 1.0 if before is None else before
    gap = abs(found.ratio - rival) / max(abs(found.ratio), 1e-300)
    sure = gap / (gap + found.width_ratio) if gap > 0 else 0.0
    return float(min(sure, 1.0 - found.snapped.accidental_candidates) if found.snapped else sure)


def _names(series: Series, columns: tuple[int, ...]) -> list[str]:
    found = []
    for number in columns:
        point = series.points[number]
        extra = [x for x in (point.price_variant, point.context_tier) if x not in (None, "standard", "base")]
        found.append(" ".join([point.meter or "unknown meter", *map(str, extra)]))
    return found


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
