"""The list of what was planted, with the figures that follow from the data.

Put here: one function per planted fact. Keep out: planting (`incidents`, `org`, `ledger`).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ingestion.demo.company.allocation import allocation_facts
from ingestion.demo.company.company import KEY_NUMBER, KEYS, UNTAGGED_KEYS
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.incidents import (
    CACHE_BREAK_PROJECT,
    RUNAWAY_FIRST_HOUR,
    RUNAWAY_HOURS,
    RUNAWAY_KEY,
)
from ingestion.demo.company.models import MODEL_NUMBER, MODELS, UNKNOWN_MODEL
from ingestion.demo.company.org import MOVED_PROJECT, NEW_TEAM
from ingestion.demo.company.prices import UNKNOWN_TIER, PriceBook
from ingestion.demo.company.projects import PROJECT_NUMBER
from ingestion.demo.company.spend import Crossing
from ingestion.demo.company.text import decimal_text
from ingestion.demo.company.traffic import TIER_NUMBER
from ingestion.demo.company.truth import PlantedFact


def _usd(requests: pd.DataFrame) -> str:
    return decimal_text(int(requests["list_pico"].clip(lower=0).sum()))


def _days(requests: pd.DataFrame, calendar: Calendar, first: date, last: date) -> pd.DataFrame:
    day = requests["day"]
    return requests[(day >= (first - calendar.first).days) & (day <= (last - calendar.first).days)]


def _runaway(requests: pd.DataFrame, calendar: Calendar) -> PlantedFact:
    day = calendar.runaway_day
    own = requests[requests["key"] == KEY_NUMBER[RUNAWAY_KEY]]
    that_day = _days(own, calendar, day, day)
    usual = own[own["day"] != (day - calendar.first).days]
    return PlantedFact(
        "runaway_agent",
        day,
        day,
        "api_key",
        RUNAWAY_KEY,
        f"An agent of the research team loops from {RUNAWAY_FIRST_HOUR}:00 for {RUNAWAY_HOURS} hours (UTC).",
        {
            "project_id": "proj_research_agents",
            "team_id": "team_research",
            "request_count": len(that_day),
            "list_cost_usd": _usd(that_day),
            "usual_requests_per_day": round(len(usual) / max(1, calendar.days - 1), 2),
        },
    )


def _cache_break(requests: pd.DataFrame, calendar: Calendar) -> PlantedFact:
    first, last = calendar.cache_break
    own = requests[requests["project"] == PROJECT_NUMBER[CACHE_BREAK_PROJECT]]

    def read_ratio(some: pd.DataFrame) -> float:
        names = [
            name
            for name in some.columns
            if name.endswith("_tokens") and name not in ("output_tokens", "reasoning_tokens")
        ]
        total = int(some[names].to_numpy().sum())
        return round(int(some["cache_read_tokens"].sum()) / total, 4) if total else 0.0

    broken = _days(own, calendar, first, last)
    return PlantedFact(
        "cache_break",
        first,
        last,
        "project",
        CACHE_BREAK_PROJECT,
        "A changed prompt prefix: the cache is written on every call and hardly ever read.",
        {
            "cache_read_ratio": read_ratio(broken),
            "usual_cache_read_ratio": read_ratio(own.drop(broken.index)),
            "list_cost_usd": _usd(broken),
        },
    )


def _missing_days(requests: pd.DataFrame, calendar: Calendar) -> PlantedFact:
    lost = requests[~requests["is_logged"]]
    return PlantedFact(
        "missing_days",
        *calendar.missing_days,
        "provider",
        "openai",
        "OpenAI's log files of two days never arrived; the bill covers them.",
        {"request_count": len(lost), "list_cost_usd": _usd(lost)},
    )


def _unpriced(requests: pd.DataFrame, calendar: Calendar) -> list[PlantedFact]:
    unknown = requests[requests["model"] == MODEL_NUMBER[UNKNOWN_MODEL]]
    scale = requests[requests["served_tier"] == TIER_NUMBER["scale"]]
    tokens = [name for name in requests.columns if name.endswith("_tokens") and name != "reasoning_tokens"]
    return [
        PlantedFact(
            "unknown_model",
            calendar.unknown_model_start,
            calendar.last,
            "model",
            UNKNOWN_MODEL,
            "A fine-tuned model on Azure that no price list knows: used and billed, but unpriced.",
            {"request_count": len(unknown), "total_tokens": int(unknown[tokens].to_numpy().sum())},
        ),
        PlantedFact(
            "unknown_tier",
            *calendar.unknown_tier,
            "service_tier",
            UNKNOWN_TIER,
            "Requests served under a tier that is sold by contract: no public price, no line on the bill.",
            {
                "request_count": len(scale),
                "logged_request_count": int(scale["is_logged"].sum()),
                "total_tokens": int(scale[tokens].to_numpy().sum()),
            },
        ),
    ]


def _untagged(requests: pd.DataFrame, calendar: Calendar) -> list[PlantedFact]:
    facts = []
    for provider, name in UNTAGGED_KEYS:
        own = requests[requests["key"] == KEY_NUMBER[name]]
        facts.append(
            PlantedFact(
                "untagged_key",
                calendar.first,
                calendar.last,
                "api_key",
                KEYS[KEY_NUMBER[name]].id,
                f"A key of {provider} that belongs to no project and that nobody owns.",
                {"request_count": len(own), "list_cost_usd": _usd(own)},
            )
        )
    return facts


def _failures(requests: pd.DataFrame, calendar: Calendar) -> PlantedFact:
    retries = requests[requests["retry_of_id"] != 0]
    return PlantedFact(
        "retries",
        calendar.first,
        calendar.last,
        "company",
        "all",
        "Failed calls asked again under a new id; a call that timed out was charged as well as its retry.",
        {
            "error_count": int((requests["error"] > 0).sum()),
            "retry_count": len(retries),
            "charged_timeout_count": int((requests["error"] == 3).sum()),
        },
    )


def _changes(calendar: Calendar) -> list[PlantedFact]:
    return [
        PlantedFact(
            "reorganisation",
            calendar.reorganisation,
            calendar.reorganisation,
            "project",
            MOVED_PROJECT,
            "The project moves to another team; spend before this day stays with the old one.",
            {"from_team_id": "team_search", "to_team_id": NEW_TEAM},
        ),
        PlantedFact(
            "new_project",
            calendar.new_project,
            calendar.new_project,
            "project",
            "proj_lead_enrichment",
            "The first day of a new project.",
        ),
        PlantedFact(
            "contract_renewal",
            calendar.contract_renewal,
            calendar.contract_renewal,
            "provider",
            "openai",
            "The negotiated discount rises.",
            {"discount_pct_before": 5, "discount_pct_after": 8},
        ),
    ]


def _refund(lines: pd.DataFrame, calendar: Calendar) -> list[PlantedFact]:
    refunds = lines[lines["kind"] == "refund"]
    return [
        PlantedFact(
            "late_refund",
            day,
            calendar.refund_booked,
            "project",
            project_id,
            "A service credit for an earlier day, booked later.",
            {"billed_cost_usd": decimal_text(pico), "provider_id": "openai"},
        )
        for day, project_id, pico in zip(
            refunds["charge_date"].tolist(),
            refunds["sub_account_id"].tolist(),
            refunds["billed_pico"].tolist(),
            strict=True,
        )
    ]


def _per_million(pico: np.int64) -> str:
    return decimal_text(int(pico) * 10**6)


def _price_changes(requests: pd.DataFrame, book: PriceBook, calendar: Calendar) -> list[PlantedFact]:
    """Public price changes of models while they were in use (with the context steps that came or went)."""
    facts = []
    for number, model in enumerate(MODELS):
        used = requests.loc[requests["model"] == number, "day"]
        if used.empty:
            continue
        base, above = book.base[number, 0], book.above[number, 0]
        changed = np.flatnonzero((base[1:] != base[:-1]).any(axis=1) | (above[1:] != above[:-1]).any(axis=1)) + 1
        for day in changed:
            if used.min() < day <= used.max():
                when = (np.datetime64(calendar.first) + int(day)).item()
                facts.append(
                    PlantedFact(
                        "price_change",
                        when,
                        when,
                        "model",
                        model.raw_name,
                        "The public price of a model in use changed.",
                        {
                            "input_usd_per_million_before": _per_million(base[day - 1, 0]),
                            "input_usd_per_million_after": _per_million(base[day, 0]),
                            "long_context_input_usd_per_million_before": _per_million(above[day - 1, 0]),
                            "long_context_input_usd_per_million_after": _per_million(above[day, 0]),
                        },
                    )
                )
    return facts


def _budget(crossing: Crossing) -> PlantedFact:
    budget = crossing.budget
    return PlantedFact(
        "budget_crossing",
        crossing.crossed_on,
        crossing.crossed_on,
        "budget",
        budget.id,
        "The only budget that is crossed; all others stay below half of their amount.",
        {
            "scope_type": budget.scope_type,
            "scope_id": budget.scope_id,
            "period": budget.period,
            "amount_usd": decimal_text(budget.amount_cents, 2, strip=False),
            "spend_before_usd": decimal_text(crossing.spend_before_cents, 2, strip=False),
            "spend_after_usd": decimal_text(crossing.spend_after_cents, 2, strip=False),
        },
    )


def planted_facts(
    requests: pd.DataFrame, lines: pd.DataFrame, book: PriceBook, calendar: Calendar, crossing: Crossing
) -> list[PlantedFact]:
    """Everything planted, in a fixed order."""
    return [
        _runaway(requests, calendar),
        _budget(crossing),
        _cache_break(requests, calendar),
        _missing_days(requests, calendar),
        *_unpriced(requests, calendar),
        *_untagged(requests, calendar),
        *allocation_facts(requests, lines, calendar),
        _failures(requests, calendar),
        *_changes(calendar),
        *_refund(lines, calendar),
        *_price_changes(requests, book, calendar),
    ]
