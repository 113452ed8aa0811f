"""Reading the body of a Cost Management query.

Put here: what may be asked, and the limits. Keep out: answering.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ingestion.demo.providers.conditions import every, passing, some
from ingestion.demo.providers.endpoint import Refusal
from ingestion.demo.providers.ledger import Chosen, Dimension
from ingestion.demo.providers.moments import DAY, read_rfc3339

TYPES = ("actualcost", "amortizedcost", "usage")
MEASURES = ("cost", "costusd", "pretaxcost", "pretaxcostusd", "usagequantity")
GRANULARITIES = ("none", "daily", "monthly")
MOST_DAYS = 31
MOST_MONTHLY_DAYS = 366
MOST_GROUPINGS = 2


def _bad(message: str) -> Refusal:
    return Refusal(400, message, "BadRequest")


@dataclass(frozen=True)
class Query:
    """A query; `fields` are dimensions in lower case, tags as `tag:<key>`; the end is exclusive."""

    start: int
    end: int
    granularity: str
    measures: list[str]
    groupings: list[tuple[str, str]]
    """(name as asked for, field)."""
    filter: dict[str, Any] = field(default_factory=dict)

    @property
    def fields(self) -> list[str]:
        """What rows are grouped by."""
        return [name for _, name in self.groupings]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Name and type of each column, in the order of the request."""
        found = [(name, "Number") for name in self.measures]
        if self.granularity == "daily":
            found.append(("UsageDate", "Number"))
        elif self.granularity == "monthly":
            found.append(("BillingMonth", "Datetime"))
        for name, grouped in self.groupings:
            tagged = [("TagKey", "String"), ("TagValue", "String")]
            found.extend(tagged if grouped.startswith("tag:") else [(name, "String")])
        return [*found, ("Currency", "String")]

    def where(self, dimensions: Mapping[str, Dimension]) -> Chosen:
        """The filter as a condition."""
        return _condition(self.filter, dimensions) if self.filter else every([])


def _is_in(wanted: frozenset[str]) -> Callable[[str], bool]:
    return lambda value: value.lower() in wanted


def _condition(node: dict[str, Any], dimensions: Mapping[str, Dimension]) -> Chosen:
    for joined, join in (("and", every), ("or", some)):
        if joined in node:
            if len(node[joined]) < 2:
                raise _bad(f"Filter {joined!r} needs at least two expressions.")
            return join([_condition(one, dimensions) for one in node[joined]])
    for kind, prefix in (("dimensions", ""), ("tags", "tag:")):
        if kind in node:
            name = prefix + str(node[kind].get("name", ""))
            key = name if prefix else name.lower()
            if key not in dimensions:
                raise _bad(f"Invalid dimension {name!r} in the filter.")
            wanted = frozenset(str(value).lower() for value in node[kind].get("values", []))
            return passing(dimensions, key, _is_in(wanted))
    raise _bad("The filter is not valid.")


def _groupings(asked: list[dict[str, Any]], known: set[str]) -> list[tuple[str, str]]:
    if len(asked) > MOST_GROUPINGS:
        raise _bad(f"At most {MOST_GROUPINGS} groupings are allowed.")
    found = []
    for one in asked:
        name, kind = str(one.get("name", "")), str(one.get("type", "Dimension")).lower()
        key = f"tag:{name}" if kind in ("tagkey", "tag") else name.lower()
        if key not in known:
            raise _bad(f"Invalid dimension {name!r} in the grouping.")
        found.append((name, key))
    return found


def _measures(asked: dict[str, Any]) -> list[str]:
    names = []
    for one in asked.values():
        name = str(one.get("name", ""))
        if name.lower() not in MEASURES or str(one.get("function", "")).lower() != "sum":
            raise _bad(f"Invalid aggregation {name!r}.")
        names.append(name)
    if not names or len(names) > 2:
        raise _bad("One or two aggregations are needed.")
    return names


def _period(body: dict[str, Any]) -> tuple[int, int]:
    if str(body.get("timeframe", "")).lower() != "custom":
        raise _bad("The simulator knows the timeframe Custom.")
    try:
        first = read_rfc3339(body["timePeriod"]["from"]) // DAY * DAY
        last = read_rfc3339(body["timePeriod"]["to"]) // DAY * DAY
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _bad("Invalid timePeriod.") from None
    if last < first:
        raise _bad("Invalid timePeriod: it ends before it begins.")
    return first, last + DAY


def read_query(body: bytes, known: set[str]) -> Query:
    """A query that keeps to the limits; `to` names the last day, which is included.

    Raises:
        Refusal: it is not one.
    """
    try:
        asked = orjson.loads(body)
        dataset = asked["dataset"]
        granularity = str(dataset.get("granularity", "None")).lower()
        kind = str(asked.get("type", "")).lower()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _bad("The request body is not a query.") from None
    if kind not in TYPES or granularity not in GRANULARITIES:
        raise _bad("Invalid query type or granularity.")
    start, end = _period(asked)
    if granularity == "daily" and end - start > MOST_DAYS * DAY:
        raise _bad("Invalid query definition: daily queries span at most 31 days.")
    if granularity == "monthly" and end - start > MOST_MONTHLY_DAYS * DAY:
        raise _bad("Invalid query definition: monthly queries span at most 12 months.")
    measures = _measures(dataset.get("aggregation", {}))
    return Query(
        start, end, granularity, measures, _groupings(dataset.get("grouping", []), known), dataset.get("filter") or {}
    )
