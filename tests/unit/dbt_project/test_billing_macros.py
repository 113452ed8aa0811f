"""Macros that read what a bill keeps beside its known columns, rendered and run on rows of text."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import jinja2
import pytest

SOURCE = (Path(__file__).parents[3] / "dbt_project" / "macros" / "charges" / "billing.sql").read_text()


class Adapter:
    """Hands out the form of DuckDB, as dbt does on it."""

    @staticmethod
    def dispatch(name: str, _package: str) -> Callable[..., str]:
        form: Callable[..., str] = getattr(MACROS, f"default__{name}")
        return form


ENVIRONMENT = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
ENVIRONMENT.globals |= {"adapter": Adapter, "return": str}
MACROS = ENVIRONMENT.from_string(SOURCE).module
UPFRONT, RECURRING = "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod", "reservation/UnusedRecurringFee"
UPFRONT_2, RECURRING_2 = (
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
)


def evaluated(expression: str, extra: dict[str, object] | None) -> object:
    text = None if extra is None else json.dumps(extra)
    [row] = duckdb.execute(f"select {expression} from (select ?::varchar as extra_columns)", [text]).fetchall()
    return row[0]


@pytest.mark.parametrize(
    ("extra", "unused"),
    [
        ({UPFRONT: "3.25", RECURRING: "1.75"}, Decimal(5)),
        ({UPFRONT: "3.25", RECURRING: ""}, Decimal("3.25")),
        ({UPFRONT_2: "0", RECURRING_2: "0.000000000001"}, Decimal("1e-12")),
        ({RECURRING_2: "0"}, Decimal(0)),
        ({"reservation": {"UnusedRecurringFee": "9"}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_reservations_fee_was_not_used_as_far_as_the_bill_says(extra: dict[str, object], unused: Decimal) -> None:
    assert evaluated(MACROS.unused_reservation_cost(), extra) == unused  # type: ignore[attr-defined]


def test_a_member_with_a_slash_or_tilde_in_its_name_is_found() -> None:
    for name in ("a/b", "a~b", "a~1b", "plain"):
        assert evaluated(MACROS.json_member("extra_columns", name), {name: "v"}) == "v"  # type: ignore[attr-defined]


TIME = (Path(__file__).parents[3] / "dbt_project" / "macros" / "time.sql").read_text()


@pytest.mark.parametrize(
    ("begins", "ends", "charged", "month"),
    [
        ("2026-05-31 16:00:00", "2026-06-30 15:59:59", "2026-06-03", "2026-06-01"),
        ("2026-05-31 22:00:00", "2026-06-30 22:00:00", "2026-05-31", "2026-06-01"),
        ("2026-06-01 00:00:00", "2026-07-01 00:00:00", "2026-05-31", "2026-06-01"),
        ("2026-06-01 07:00:00", "2026-07-01 07:00:00", "2026-07-01", "2026-06-01"),
        ("2026-06-30 00:00:00", "2026-07-01 00:00:00", "2026-06-30", "2026-06-01"),
        ("2026-06-01 00:00:00", None, "2026-06-04", "2026-06-01"),
        (None, None, "2026-06-04", "2026-06-01"),
    ],
)
def test_a_bill_of_a_month_elsewhere_is_of_that_month(
    begins: str | None, ends: str | None, charged: str, month: str
) -> None:
    expression = ENVIRONMENT.from_string(TIME).module.billing_month("c")
    [row] = duckdb.execute(
        f"select {expression} from (select ?::timestamp as billing_period_start_utc, "
        "?::timestamp as billing_period_end_utc, ?::timestamp as charge_period_start_utc) as c",
        [begins, ends, charged],
    ).fetchall()
    assert str(row[0]) == month
