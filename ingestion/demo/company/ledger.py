"""What the company's requests cost and what its providers charge for them: the books behind all files.

Put here: pricing every request, adding up charge lines, charges that usage does not explain. Keep out: how a
bill is printed.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingestion.demo.company.company import AWS_PAYER_ACCOUNT, AZURE_ENROLMENT, KEYS, ORGANISATION_ACCOUNTS, workspace
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.models import MODEL_NUMBER, MODELS, UNKNOWN_MODEL
from ingestion.demo.company.prices import (
    COLUMN_OF_METER,
    INPUT_METERS,
    METERS,
    PICO_PER_USD,
    VARIANT_NUMBER,
    Integers,
    NegotiatedPrice,
    PriceBook,
    contracted_unit_prices,
)
from ingestion.demo.company.projects import PROJECT_NUMBER, PROJECTS
from ingestion.demo.company.traffic import TIER_NUMBER

METER_COLUMNS = [COLUMN_OF_METER[meter] for meter in METERS]
BILLED_PROVIDERS = ("openai", "anthropic", "azure", "aws")
PRINTED_DECIMALS = {"openai": 12, "anthropic": 8, "azure": 12, "aws": 10}
"""Digits after the point that each provider's bill prints."""
SOURCE_OF_PROVIDER = {"openai": "focus", "anthropic": "focus", "azure": "azure", "aws": "aws_cur"}

UNKNOWN_MODEL_PICO = {"uncached_input": 800_000, "cache_read": 200_000, "output": 3_200_000}
"""What Azure charges for a token of the fine-tuned model: only the bill says so."""

CODE_EXECUTION_PICO_PER_HOUR = 50_000_000_000
VECTOR_STORAGE_PICO_PER_GB_DAY = 100_000_000_000
AWS_SUPPORT_USD, AWS_TAX_RATE_PCT = 29, 6


def variant_of(requests: pd.DataFrame) -> Integers:
    """Number of the price variant of each request."""
    tier = requests["served_tier"].to_numpy()
    return np.select(
        [
            requests["is_batch"].to_numpy(),
            tier == TIER_NUMBER["flex"],
            tier == TIER_NUMBER["priority"],
            tier == TIER_NUMBER["scale"],
        ],
        [
            VARIANT_NUMBER["processing=batch"],
            VARIANT_NUMBER["service_tier=flex"],
            VARIANT_NUMBER["service_tier=priority"],
            VARIANT_NUMBER["unknown tier"],
        ],
        VARIANT_NUMBER["standard"],
    )


def charge_meters(requests: pd.DataFrame) -> Integers:
    """Quantities that a provider charges, one column per meter: none where an answer came from a cache of ours."""
    quantities = requests[METER_COLUMNS].to_numpy()
    return np.where(requests["is_billable"].to_numpy()[:, None], quantities, 0)


def _cost(quantities: Integers, prices: Integers) -> Integers:
    """Sum over meters in picodollars, -1 where a used meter has no price."""
    is_unpriced = ((quantities > 0) & (prices < 0)).any(axis=1)
    cost = (quantities * np.maximum(prices, 0)).sum(axis=1)
    return np.where(is_unpriced, -1, cost)


def price_requests(
    requests: pd.DataFrame, book: PriceBook, calendar: Calendar, lines: tuple[NegotiatedPrice, ...]
) -> tuple[Integers, Integers]:
    """Add `variant`, `is_over`, `list_pico`, `contracted_pico` (-1: unknown).

    Returns unit prices per request and meter: (list, contracted).
    """
    model = requests["model"].to_numpy()
    day = requests["day"].to_numpy()
    variant = variant_of(requests)
    total_input = requests[[COLUMN_OF_METER[meter] for meter in INPUT_METERS]].sum(axis=1).to_numpy()
    listed = book.unit_prices(model, variant, day, total_input)
    contracted = contracted_unit_prices(listed, model, np.datetime64(calendar.first) + day, lines)
    quantities = charge_meters(requests)
    requests["variant"] = variant
    requests["is_over"] = total_input > book.threshold[model, variant, day]
    requests["list_pico"] = _cost(quantities, listed)
    requests["contracted_pico"] = _cost(quantities, contracted)
    return listed, contracted


def sub_account(provider: str, key: int) -> str | None:
    """The part of a provider's account that a key's use is charged to."""
    owner = KEYS[key]
    if provider == "openai":
        return PROJECTS[owner.project_number].id if owner.project_number >= 0 else None
    return owner.workspace_id if provider == "anthropic" else owner.account_id


def billing_account(provider: str) -> str:
    """The account a provider's invoice is addressed to."""
    return {"aws": AWS_PAYER_ACCOUNT, "azure": AZURE_ENROLMENT}.get(provider) or ORGANISATION_ACCOUNTS[provider]


def round_pico(pico: Integers, decimals: int) -> Integers:
    """Half-even to the decimals a bill prints."""
    step = 10 ** (12 - decimals)
    whole, rest = np.divmod(pico, step)
    up = (rest * 2 > step) | ((rest * 2 == step) & (whole % 2 == 1))
    return (whole + up) * step


def _usage_charges(requests: pd.DataFrame, listed: Integers, contracted: Integers, calendar: Calendar) -> pd.DataFrame:
    provider = np.array([model.provider for model in MODELS])[requests["model"]]
    unknown = requests["model"].to_numpy() == MODEL_NUMBER[UNKNOWN_MODEL]
    for meter, pico in UNKNOWN_MODEL_PICO.items():
        listed[unknown, METERS.index(meter)] = contracted[unknown, METERS.index(meter)] = pico
    through = (calendar.billed_through - calendar.first).days
    rows = (
        np.isin(provider, BILLED_PROVIDERS)
        & (requests["day"].to_numpy() <= through)
        & (requests["variant"].to_numpy() != VARIANT_NUMBER["unknown tier"])
    )
    charged = requests.loc[rows, ["day", "key", "model", "variant", "is_over"]].reset_index(drop=True)
    # Keys of one project share its sub-account: bills do not tell them apart.
    place = {number: sub_account(key.provider, number) or "" for number, key in enumerate(KEYS)}
    charged["sub_account_id"] = np.array([place[number] for number in range(len(KEYS))], dtype=object)[charged["key"]]
    quantities = charge_meters(requests)[rows]
    pieces = []
    for column, meter in enumerate(METERS):
        piece = charged.assign(
            meter=meter,
            quantity=quantities[:, column],
            list_unit_pico=listed[rows, column],
            contracted_unit_pico=contracted[rows, column],
        )
        pieces.append(piece[piece["quantity"] > 0])
    parts = pd.concat(pieces, ignore_index=True)
    by = ["day", "sub_account_id", "model", "variant", "is_over", "meter", "list_unit_pico", "contracted_unit_pico"]
    lines = parts.groupby(by, sort=True, as_index=False).agg(quantity=("quantity", "sum"))
    lines["provider"] = np.array([model.provider for model in MODELS])[lines["model"]]
    lines["list_pico"] = lines["quantity"] * lines["list_unit_pico"]
    lines["contracted_pico"] = lines["quantity"] * lines["contracted_unit_pico"]
    lines["category"], lines["charge_class"] = "Usage", ""
    lines["is_explained"] = True
    lines["kind"] = "tokens"
    return lines


def _line(
    provider: str, day: int, sub_account_id: str, kind: str, category: str, quantity: int, unit_pico: int
) -> dict[str, object]:
    return {
        "provider": provider,
        "day": day,
        "sub_account_id": sub_account_id,
        "model": -1,
        "variant": 0,
        "is_over": False,
        "meter": "",
        "list_unit_pico": unit_pico,
        "contracted_unit_pico": unit_pico,
        "quantity": quantity,
        "list_pico": quantity * unit_pico,
        "contracted_pico": quantity * unit_pico,
        "category": category,
        "charge_class": "",
        "is_explained": False,
        "kind": kind,
    }


def _other_charges(calendar: Calendar, random: np.random.Generator) -> list[dict[str, object]]:
    """Charges that no usage record explains: sandbox hours, storage, support and tax."""
    lines = []
    lab = workspace(PROJECTS[PROJECT_NUMBER["proj_research_agents"]])
    for day in range((calendar.billed_through - calendar.first).days + 1):
        today = calendar.first + timedelta(days=day)
        if random.random() < 0.3:
            hours = int(random.integers(1, 9))
            lines.append(_line("anthropic", day, lab, "code_execution", "Usage", hours, CODE_EXECUTION_PICO_PER_HOUR))
        gigabytes = 1 + day // 120
        lines.append(
            _line(
                "openai",
                day,
                "proj_semantic_search",
                "vector_storage",
                "Usage",
                gigabytes,
                VECTOR_STORAGE_PICO_PER_GB_DAY,
            )
        )
        if today.day == 1 or day == 0:
            support = AWS_SUPPORT_USD * PICO_PER_USD
            lines.append(_line("aws", day, AWS_PAYER_ACCOUNT, "support", "Purchase", 1, support))
            tax = support * AWS_TAX_RATE_PCT // 100
            lines.append(_line("aws", day, AWS_PAYER_ACCOUNT, "tax", "Tax", 1, tax))
    return lines


def _refund(lines: pd.DataFrame, calendar: Calendar) -> list[dict[str, object]]:
    """OpenAI gives 30 % of a bad day of the code review project back, on a later bill.

    The day is the dearest of the fortnight before `calendar.refunded_day`.
    """
    last = (calendar.refunded_day - calendar.first).days
    own = lines[
        (lines["provider"] == "openai")
        & (lines["sub_account_id"] == "proj_ci_review")
        & lines["day"].between(last - 13, last)
    ]
    daily = own.groupby("day")["contracted_pico"].sum()
    if daily.empty:
        return []
    amount = -int(daily.max()) * 3 // 10
    refund = _line(
        "openai", int(daily.index[int(daily.to_numpy().argmax())]), "proj_ci_review", "refund", "Credit", 1, amount
    )
    return [refund | {"charge_class": "Correction", "booked": calendar.refund_booked}]


def month_start(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def charges(
    requests: pd.DataFrame,
    listed: npt.NDArray[np.int64],
    contracted: npt.NDArray[np.int64],
    calendar: Calendar,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Every line of every provider's bill, in order.

    `billed_pico` is what is printed. `quantity` is in single units (tokens, searches, hours, GB days).
    `billing_month` is the first day of the bill's month.
    """
    lines = _usage_charges(requests, listed.copy(), contracted.copy(), calendar)
    extra = pd.DataFrame(_other_charges(calendar, random) + _refund(lines, calendar))
    lines = pd.concat([lines, extra], ignore_index=True)
    lines["charge_date"] = [calendar.first + timedelta(days=int(day)) for day in lines["day"]]
    booked = lines["booked"] if "booked" in lines else pd.Series([None] * len(lines))
    lines["billing_month"] = [
        month_start(day if pd.isna(late) else late) for day, late in zip(lines["charge_date"], booked, strict=True)
    ]
    billed = np.zeros(len(lines), dtype=np.int64)
    for provider, decimals in PRINTED_DECIMALS.items():
        rows = lines["provider"].to_numpy() == provider
        billed[rows] = round_pico(lines["contracted_pico"].to_numpy()[rows], decimals)
    lines["billed_pico"] = billed
    lines["source"] = lines["provider"].map(SOURCE_OF_PROVIDER)
    lines["billing_account_id"] = lines["provider"].map(billing_account)
    order = ["provider", "billing_month", "day", "sub_account_id", "model", "meter", "variant", "is_over", "kind"]
    return lines.drop(columns=["booked"], errors="ignore").sort_values(order, kind="stable", ignore_index=True)
