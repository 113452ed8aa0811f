"""A line of a bill with everything its printing needs, and whose it is.

Put here: what all billing formats share. Keep out: columns and spellings of any one format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta

import pandas as pd

from ingestion.demo.company.company import KEYS
from ingestion.demo.company.models import MODELS, Model
from ingestion.demo.company.projects import PROJECT_BY_ID, PROJECTS, Project

PROJECT_OF_SUB_ACCOUNT = {
    account: PROJECTS[key.project_number]
    for key in KEYS
    if key.project_number >= 0
    for account in (key.workspace_id, key.account_id)
    if account
} | dict(PROJECT_BY_ID)
"""Workspaces, AWS accounts and Azure subscriptions belong to one project; OpenAI's projects are our own."""


@dataclass(frozen=True)
class BillLine:
    """One line of `ledger.charges`; amounts in picodollars, `model` -1 for what is no model's."""

    charge_date: date
    billing_month: date
    billing_account_id: str
    sub_account_id: str
    kind: str
    category: str
    charge_class: str
    model: int
    meter: str
    variant: int
    is_over: bool
    quantity: int
    list_unit_pico: int
    contracted_unit_pico: int
    list_pico: int
    contracted_pico: int
    billed_pico: int

    @property
    def project(self) -> Project | None:
        """The project the line's sub-account belongs to."""
        return PROJECT_OF_SUB_ACCOUNT.get(self.sub_account_id)

    @property
    def known_model(self) -> Model | None:
        """The model the line charges for."""
        return MODELS[self.model] if self.model >= 0 else None


def bill_lines(charges: pd.DataFrame) -> Iterator[BillLine]:
    """Rows of `ledger.charges` one by one."""
    columns = [charges[field.name].tolist() for field in fields(BillLine)]
    for values in zip(*columns, strict=True):
        yield BillLine(*values)


def months(charges: pd.DataFrame, provider: str) -> Iterator[tuple[date, pd.DataFrame]]:
    """A provider's lines by month of billing."""
    own = charges[charges["provider"] == provider]
    for month in sorted(set(own["billing_month"])):
        yield month, own[own["billing_month"] == month]


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=32)).replace(day=1)


def start_of(day: date) -> str:
    """Midnight UTC as bills print it."""
    return f"{day}T00:00:00Z"
