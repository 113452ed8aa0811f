"""Names what an implied price means against the price list and the contract.

Put here: the classes and the words for them. Keep out: fitting.
"""

from __future__ import annotations

from dataclasses import dataclass

MATCHES_LIST = "matches_list"
MATCHES_CONTRACT = "matches_contract"
HIDDEN_DISCOUNT = "hidden_discount"
PRICE_CHANGED = "price_changed"
UNKNOWN_TIER = "unknown_tier"
NOT_IDENTIFIABLE = "not_identifiable"
NOT_LISTED = "not_listed"

CLASSIFICATIONS = (
    MATCHES_LIST,
    MATCHES_CONTRACT,
    HIDDEN_DISCOUNT,
    PRICE_CHANGED,
    UNKNOWN_TIER,
    NOT_IDENTIFIABLE,
    NOT_LISTED,
)


@dataclass(frozen=True)
class Finding:
    """Class of a price, whether it departs from what was agreed, and why in words."""

    classification: str
    is_drift: bool
    reason: str


def classify(
    *,
    is_reference: bool,
    reference: str | None,
    has_own_contract: bool,
    ratio: float,
    ratio_to_previous: float | None,
    fits_list: bool,
    snap_rule: str | None,
    variant_rules: frozenset[str],
) -> Finding:
    """Class of one identified price of one stretch.

    `ratio` is implied ÷ reference; `ratio_to_previous` is None in the first stretch. `has_own_contract`: the
    contracted price is not the list price. `variant_rules`: snap rules that stand for other variants' list prices.
    """
    if reference is None:
        if ratio_to_previous is not None:
            return Finding(
                PRICE_CHANGED, True, f"no price is listed; it was {1 / ratio_to_previous:.6g} times this before"
            )
        return Finding(NOT_LISTED, False, "no single price is listed or agreed; this is what the bill implies")
    if is_reference:
        if reference == "contracted" and has_own_contract:
            return Finding(MATCHES_CONTRACT, False, "the bill follows the contracted price")
        return Finding(MATCHES_LIST, False, "the bill follows the list price")
    words = f"billed at {ratio:.6g} times the {reference} price"
    if snap_rule:
        words += f": {snap_rule}"
    if fits_list and has_own_contract:
        return Finding(MATCHES_LIST, True, "billed at the list price, though a contract says otherwise")
    if ratio_to_previous is not None:
        return Finding(PRICE_CHANGED, True, f"{words}; {ratio_to_previous:.6g} times the price before")
    if snap_rule in variant_rules:
        return Finding(UNKNOWN_TIER, True, words)
    if ratio < 1:
        return Finding(HIDDEN_DISCOUNT, True, words)
    return Finding(UNKNOWN_TIER, True, words)


def not_identifiable(
    *, moves_with: list[str], is_short: bool, reference: str | None, is_drift: bool, ratio: float
) -> Finding:
    """A price that the bill does not single out, and what it says about the meters together (`ratio` to reference)."""
    if moves_with:
        words = f"its quantity moves together with {', '.join(moves_with)}"
    elif is_short:
        words = "too few billed lines so far to tell its meters apart"
    else:
        words = "too little of it is billed to tell its price from rounding"
    if is_drift:
        words += f"; together billed at {ratio:.6g} times the {reference} price"
    elif reference:
        words += f"; the bill agrees with the {reference} price"
    return Finding(NOT_IDENTIFIABLE, is_drift, words)
