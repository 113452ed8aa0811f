"""Kinds of notes on what organisation files say that nothing answers to.

Put here: those kinds. Keep out: all others (`note_kinds`).
"""

from __future__ import annotations

from ingestion.landing.note_kind import NoteKind, Pressing

ORGANISATION_KINDS: dict[str, NoteKind] = {
    "commitment_nowhere": NoteKind(
        Pressing.LOSS,
        "commitment whose cost is in no total",
        "commitments whose cost is in no total",
        "if no bill will come: an item of that id in tco_items.csv, see docs/commitments.md",
    ),
    "offer_nowhere": NoteKind(
        Pressing.LOSS,
        "offer of negotiated_prices.csv that fits nothing",
        "offers of negotiated_prices.csv that fit nothing",
        "write provider and model as usage or the price list names them, see docs/pricing.md",
    ),
    "day_without_row": NoteKind(
        Pressing.LOSS,
        "day between two rows of one thing that neither is valid for",
        "days between two rows of one thing that neither is valid for",
        "end the one row on the day on which the other begins: valid_to is exclusive",
    ),
    "band_without_row": NoteKind(
        Pressing.LOSS,
        "span of units between two bands of an offer that neither is for",
        "spans of units between two bands of offers that neither is for",
        "end the one band where the other begins: tier_to_units is exclusive",
    ),
    "part_or_percent": NoteKind(
        Pressing.ASSUMPTION,
        "discount below one percent, read as a percentage",
        "discounts below one percent, read as percentages",
        "write 15 for 15 %, see docs/pricing.md",
    ),
    "within_day": NoteKind(
        Pressing.ASSUMPTION,
        "row that begins or ends within a day: it holds for whole UTC days",
        "rows that begin or end within a day: they hold for whole UTC days",
        "write valid_from and valid_to as days, see docs/sources/organisation.md",
    ),
    "budget_nowhere": NoteKind(
        Pressing.LOSS,
        "budget whose scope nothing knows: it stays at 0 whatever is spent",
        "budgets whose scopes nothing knows: they stay at 0 whatever is spent",
        "write scope_id as usage and bills name it, or leave it if it is yet to come; see docs/budgets.md",
    ),
}
