"""How the chosen forecasts fare on real daily series: error against the baseline, and coverage of the intervals.

Put here: reading daily series in place, rolling judgement. Keep out: assertions.
Run `python tests/unit/ml/forecast_evaluation.py <folder of the shared data>` for the table in docs/forecasting.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ml.forecasting import ForecastParams, forecast_costs

SCORED = datetime(2000, 1, 1)  # noqa: DTZ001
HISTORY_DAYS = 400


def read_daily(folder: Path) -> Iterator[tuple[str, pd.Series]]:
    """Pedestrian counts, Wikipedia page views (stored as logarithms) and calls of a shop's API, all per day."""
    for name, is_log in (("pedestrians_covid", False), ("wp_log_peyton_manning", True), ("wp_log_R", True)):
        frame = pd.read_csv(folder / "prophet_examples" / f"example_{name}.csv", parse_dates=["ds"])
        values = frame.groupby("ds")["y"].mean().sort_index()
        yield name, np.exp(values) if is_log else values
    calls = pd.read_csv(folder / "ms_cloud_monitoring" / "ecommerce-api-incoming-rps" / "api-01.csv.gz")
    times = pd.to_datetime(calls["TimeStamp"], utc=True).dt.tz_localize(None)
    yield "ecommerce_api_calls", calls["Value"].groupby(times.dt.floor("D")).sum()


def judge(values: pd.Series, origins: int = 12, params: ForecastParams | None = None) -> pd.DataFrame:
    """One row per origin and model: `wape`, `covered_ratio`, `is_selected`; each trained on the 400 days before it."""
    params = params or ForecastParams()
    first = min(HISTORY_DAYS, len(values) - params.horizon_days - 60)
    rows = []
    for origin in np.linspace(first, len(values) - params.horizon_days, origins).astype(int):
        training, actual = values.iloc[max(0, origin - HISTORY_DAYS) : origin], values.iloc[origin : origin + 30]
        frame = pd.DataFrame(
            {"series_id": "s", "scope_type": "total", "scope_id": "all", "ds": training.index, "y": training.to_numpy()}
        )
        as_of = (training.index[-1] + pd.Timedelta(days=1)).date()
        forecasts = forecast_costs(frame, as_of=as_of, scored_at_utc=SCORED, params=params).forecasts
        forecasts = forecasts.set_index(pd.to_datetime(forecasts["forecast_date"]))
        for model, part in forecasts.groupby("model_name"):
            part = part.reindex(actual.index).dropna(subset=["predicted_cost_usd"])
            truth = actual.reindex(part.index)
            predicted, lower, upper = (part[f"{c}_cost_usd"].astype(float) for c in ("predicted", "lower", "upper"))
            rows.append(
                {
                    "model": model,
                    "is_selected": bool(part["is_selected"].iloc[0]),
                    "wape": float((truth - predicted).abs().sum() / truth.abs().sum()),
                    "covered_ratio": float(((lower <= truth) & (truth <= upper)).mean()),
                }
            )
    return pd.DataFrame(rows)


def _main() -> None:
    for name, values in read_daily(Path(sys.argv[1]) / "series"):
        result = judge(values)
        chosen = result[result["is_selected"]]
        errors = result.groupby("model")["wape"].mean().round(3).to_dict()
        print(f"{name:25s} selected WAPE {chosen['wape'].mean():.3f}, covered {chosen['covered_ratio'].mean():.0%}")
        print(f"  WAPE per model {errors}, chosen {chosen['model'].value_counts().to_dict()}")


if __name__ == "__main__":
    _main()
