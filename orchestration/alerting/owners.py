"""Who is told, and which key belongs to which team, provider and model.

Put here: look-ups in what is known of owners and of keys. Keep out: rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SPECIFICITY = {
    "total": 0,
    "provider": 1,
    "charge_category": 1,
    "region": 1,
    "tag": 1,
    "service": 2,
    "sub_account": 2,
    "team": 2,
    "customer": 2,
    "model": 3,
    "feature": 3,
    "project": 3,
    "api_key": 4,
}
"""Scope types from broad to specific."""

_LINK_COLUMNS = {"api_key": "api_key_id", "model": "model_id", "team": "team_id", "provider": "provider_id"}


@dataclass(frozen=True)
class Owners:
    """`links`: rows `api_key_id, team_id, provider_id, model_id` seen together in usage, or None when not known."""

    by_scope: Mapping[tuple[str, str], str] = field(default_factory=dict)
    links: tuple[Mapping[str, Any], ...] | None = None

    @classmethod
    def of(cls, owners: Iterable[Mapping[str, Any]] = (), links: Iterable[Mapping[str, Any]] | None = None) -> Owners:
        """From rows `scope_type, scope_id, owner` and links; rows without an owner are ignored."""
        known = {
            (str(row["scope_type"]), str(row["scope_id"])): str(row["owner"])
            for row in owners
            if row["scope_id"] is not None and row["owner"] is not None
        }
        return cls(known, None if links is None else tuple(links))

    def find(self, scope_type: str, scope_id: str, default: str | None) -> str | None:
        """The owner of the scope itself, else of the one team it is used by, else `default`."""
        if found := self.by_scope.get((scope_type, scope_id)):
            return found
        teams = self._related(scope_type, scope_id, "team")
        return self.by_scope.get(("team", next(iter(teams))), default) if len(teams) == 1 else default

    def linked(self, first: tuple[str, str], second: tuple[str, str]) -> bool:
        """Whether the spend of one scope is part of the other's.

        Two scopes of one type are linked only when equal; `total` is linked with all. Without links, scopes of
        different types are taken as linked: better one alert too few than the same problem told twice.
        """
        if first[0] == second[0]:
            return first[1] == second[1]
        if "total" in (first[0], second[0]):
            return True
        if self.links is None:
            return True
        if first[0] not in _LINK_COLUMNS or second[0] not in _LINK_COLUMNS:
            return False
        ours, theirs = _LINK_COLUMNS[first[0]], _LINK_COLUMNS[second[0]]
        return any(row.get(ours) == first[1] and row.get(theirs) == second[1] for row in self.links)

    def teams(self, scope: tuple[str, str]) -> set[str]:
        """The teams a scope is used by; the team itself for a team; empty when unknown."""
        return {scope[1]} if scope[0] == "team" else self._related(*scope, "team")

    def _related(self, scope_type: str, scope_id: str, wanted: str) -> set[str]:
        column, target = _LINK_COLUMNS.get(scope_type), _LINK_COLUMNS[wanted]
        if self.links is None or column is None:
            return set()
        return {str(row[target]) for row in self.links if row.get(column) == scope_id and row.get(target) is not None}
