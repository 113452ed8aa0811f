"""Price steps: what they make of the past and of the days ahead."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ml.forecasting.repricing import price_factors

KEYS = pd.DataFrame({"provider_id": ["acme", "acme"], "model_id": ["cut", "same"]})


def steps(*dated: tuple[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"provider_id": "acme", "model_id": "cut", "valid_from_date": day, "price_index": index}
            for day, index in dated
        ]
    )


def test_the_past_is_taken_to_the_price_of_the_first_day_ahead() -> None:
    past, ahead = price_factors(KEYS, steps(("1900-01-01", 10.0), ("2026-06-09", 5.0)), date(2026, 6, 10), 4, 3)
    assert past[0].tolist() == [0.5, 0.5, 1.0, 1.0]
    assert ahead[0].tolist() == [1.0, 1.0, 1.0]
    assert (past[1] == 1).all()


def test_an_announced_price_counts_from_its_day() -> None:
    past, ahead = price_factors(KEYS, steps(("1900-01-01", 10.0), ("2026-06-12", 8.0)), date(2026, 6, 10), 4, 4)
    assert past[0].tolist() == [1.0] * 4
    assert ahead[0].tolist() == [1.0, 0.8, 0.8, 0.8]


def test_a_price_in_another_unit_changes_nothing() -> None:
    past, ahead = price_factors(KEYS, steps(("1900-01-01", 1e-6), ("2026-06-09", 5.0)), date(2026, 6, 10), 4, 3)
    assert np.all(past == 1)
    assert np.all(ahead == 1)
