"""What running language models costs the sample company beside its bills: a licence, support, a setup, a reseller.

Put here: rows of `tco_items.csv` and who shares one of them. Keep out: spend on bills (`spend`), files (`org`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.text import decimal_text

PICO_PER_CENT = 10**10
TOKEN_COLUMNS = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
COLUMNS = (
    *("item_id", "item_name", "category", "cost_behavior", "amount", "period", "driver", "rate"),
    *("amortization_months", "vendor_name", "team_id", "project_id", "cost_center_id"),
)
OVERHEAD = (
    ("security-tools", "Security tools", "security_compliance", 3),
    ("compliance-audit", "Compliance audit", "security_compliance", 2),
    ("training", "Training", "overhead", 2),
)
"""Id, name, category, percent of a month's spend."""
RESELLER = "reseller-fee"
RESELLER_PERCENTAGES = {"cc-110": 70, "cc-210": 30}
"""Nobody owns the reseller's fee: a rule shares it between two departments."""


@dataclass(frozen=True)
class OwnCost:
    """A line of `tco_items.csv`. `monthly_pico` is about what it comes to in a month, in 10^-12 dollars."""

    id: str
    name: str
    category: str
    behavior: str
    monthly_pico: int
    team_id: str | None = None
    cost_center_id: str | None = None
    amount_cents: int | None = None
    period: str | None = None
    driver: str | None = None
    rate: str | None = None
    amortization_months: int | None = None
    valid_from: date | None = None

    @property
    def row(self) -> list[object]:
        """Cells by `COLUMNS`, then valid_from and valid_to."""
        amount = None if self.amount_cents is None else decimal_text(self.amount_cents, 2, strip=False)
        what = [self.id, self.name, self.category, self.behavior, amount, self.period, self.driver, self.rate]
        who = [self.amortization_months, "Example Ltd", self.team_id, None, self.cost_center_id]
        return [*what, *who, self.valid_from, None]


def monthly_spend(spend: pd.DataFrame, calendar: Calendar) -> int:
    """What 30 days of `daily_spend` come to, in 10^-12 dollars."""
    return int(spend["pico"].sum()) * 30 // calendar.days


def own_costs(spend: pd.DataFrame, requests: pd.DataFrame, calendar: Calendar) -> tuple[OwnCost, ...]:
    """Fixed, semi-variable, one-time and variable items, each a few percent of a month of `daily_spend`."""
    month = monthly_spend(spend, calendar)
    million_tokens = max(1, int(requests[list(TOKEN_COLUMNS)].sum().sum()) * 30 // calendar.days // 10**6)

    def cents(percent: int) -> int:
        return max(1, month * percent // 100 // PICO_PER_CENT)

    return (
        OwnCost(
            "observability-suite",
            "Observability suite",
            "software_licence",
            "fixed",
            month * 4 // 100,
            team_id="team_platform",
            amount_cents=cents(4),
            period="month",
        ),
        OwnCost(
            "gateway-support",
            "Gateway support plan",
            "support",
            "semi_variable",
            month * 3 // 100,
            cost_center_id="cc-110",
            amount_cents=cents(2),
            period="month",
            driver="million_tokens",
            rate=decimal_text(max(1, month // 100 // million_tokens // 10**6), 6),
        ),
        OwnCost(
            "gateway-setup",
            "Gateway setup",
            "infrastructure",
            "one_time",
            month * 2 // 100,
            cost_center_id="cc-120",
            amount_cents=cents(2) * 36,
            amortization_months=36,
            valid_from=calendar.first.replace(day=1),
        ),
        *(
            OwnCost(
                item,
                name,
                category,
                "fixed",
                month * percent // 100,
                cost_center_id="cc-100",
                amount_cents=cents(percent),
                period="month",
            )
            for item, name, category, percent in OVERHEAD
        ),
        OwnCost(
            RESELLER,
            "Reseller fee",
            "other",
            "variable",
            month * 15 // 1000,
            driver="percent_of_spend",
            rate="1.5",
        ),
    )
