"""Files about money that are known and not read, and what to deliver instead.

Each could mean several things, or lacks what a charge needs. Put here: how to tell them by their headers, and remedies.
Keep out: formats that are read.
"""

from __future__ import annotations

from ingestion.sources.billing.model import squash


def why_unread(names: list[str]) -> str | None:
    """Why a file with these headers is not read, and what to deliver instead; None where it is nothing known."""
    squashed = {squash(name) for name in names}
    if squashed & {"service", "services"} and _has_totals(names):
        return (
            "a report saved from AWS Cost Explorer: it says neither its account nor whether its costs are unblended, "
            "net or amortised. Deliver the Cost and Usage Report or a FOCUS export, or set up its API"
        )
    if "chargeperiodstart" in squashed and "billedcost" not in squashed:
        costs = [name for name in names if squash(name) in ("effectivecost", "listcost", "contractedcost")]
        if costs:
            return (
                f"a FOCUS file without BilledCost: {', '.join(costs)} is not what was billed. Export it with BilledCost"
            )
    if "usagedateutc" in squashed and "costusd" not in squashed:
        return "an export of usage from Anthropic's Console: it has no cost. Export the costs on its cost page"
    if {"starttime", "inputtokens"} <= squashed or {"starttime", "nummodelrequests"} <= squashed:
        return "an export of usage from OpenAI's dashboard: it has no cost. Export the costs instead of the activity"
    return None


def _has_totals(names: list[str]) -> bool:
    return any(name.replace(" ", "").lower().startswith("totalcosts(") for name in names) or (
        len(names) > 1 and all(_is_month(name) for name in names[1:])
    )


def _is_month(name: str) -> bool:
    text = name.strip()
    return len(text) in (7, 10) and text[:4].isdigit() and text[4] == "-" and text[5:7].isdigit()
