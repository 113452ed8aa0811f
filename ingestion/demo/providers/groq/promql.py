"""The part of MetricsQL that the simulator understands: a selector, alone or under one sum.

Put here: reading queries. Keep out: samples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingestion.demo.providers.endpoint import Refusal

BAD_DATA, EXECUTION = "bad_data", "execution"
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SELECTOR = re.compile(rf"^\s*(?P<name>{_NAME})?\s*(?:\{{(?P<matchers>.*)\}})?\s*$", re.S)
_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
_BY = r"by\s*\((?P<{}>[^)]*)\)"
_SUM = re.compile(rf"^\s*sum\s*(?:{_BY.format('before')})?\s*\((?P<inner>.*?)\)\s*(?:{_BY.format('after')})?\s*$", re.S)
_STEP = re.compile(r"^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, None: 1}


@dataclass(frozen=True)
class Matcher:
    """A condition on a label; a label that is absent counts as empty."""

    label: str
    operator: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a series fits."""
        found = labels.get(self.label, "")
        if self.operator in ("=", "!="):
            return (found == self.value) == (self.operator == "=")
        return bool(re.fullmatch(self.value, found)) == (self.operator == "=~")


@dataclass(frozen=True)
class Query:
    """`summed_by` is None for a plain selector, else the labels that a sum keeps."""

    matchers: tuple[Matcher, ...]
    summed_by: tuple[str, ...] | None


def read_selector(text: str) -> tuple[Matcher, ...]:
    """Conditions, the metric's name among them as `__name__`.

    Raises:
        Refusal: not a selector.
    """
    found = _SELECTOR.match(text)
    if found is None or not (found["name"] or found["matchers"]):
        raise Refusal(422, f"the simulator does not understand the query {text!r}", EXECUTION)
    rest = found["matchers"] or ""
    matchers = [Matcher("__name__", "=", found["name"])] if found["name"] else []
    place = 0
    while place < len(rest) and rest[place:].strip():
        one = _MATCHER.match(rest, place)
        if one is None:
            raise Refusal(400, f"invalid parameter 'query': cannot parse {rest[place:]!r}", BAD_DATA)
        matchers.append(Matcher(one[1], one[2], re.sub(r"\\(.)", r"\1", one[3])))
        place = one.end()
    return tuple(matchers)


def read_query(text: str) -> Query:
    """A query.

    Raises:
        Refusal: empty, or more than a selector or one sum of it.
    """
    if not text.strip():
        raise Refusal(400, "invalid parameter 'query': empty", BAD_DATA)
    summed = _SUM.match(text)
    if summed is None:
        return Query(read_selector(text), None)
    labels = summed["before"] or summed["after"] or ""
    return Query(read_selector(summed["inner"]), tuple(one.strip() for one in labels.split(",") if one.strip()))


def read_step(text: str | None) -> float:
    """Seconds; plain or with a unit, 5 minutes when absent."""
    if text is None:
        return 300.0
    found = _STEP.match(text)
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if seconds <= 0:
        raise Refusal(400, f"invalid parameter 'step': {text!r}", BAD_DATA)
    return seconds
