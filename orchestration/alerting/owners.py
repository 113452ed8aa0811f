"""Who is told, and which key belongs to which team, provider and model.

Put here: look-ups in the two optional frames. Keep out: rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

SPECIFICITY = {"total": 0, "provider": 1, "team": 2, "model": 3, "api_key": 4}
"""Scope types from broad to specific."""

_LINK_COLUMNS = {"api_key": "api_key_id", "model": "model_id", "team": "team_id", "provider": "provider_id"}


@dataclass(frozen=True)
class Owners:
    """`owners`: rows `scope_type, scope_id, owner`. `links`: rows `api_key_id, team_id, provider_id, model_id` seen
    together in usage, or None when not known."""

    by_scope: dict[tuple[str, str], str]
    links: pd.DataFrame | None = None

    @classmethod
    def from_frames(cls, owners: pd.DataFrame | None, links: pd.DataFrame | None) -> Owners:
        """Both frames are optional; rows without an owner are ignored."""
        known = {} if owners is None else owners.dropna(subset=["scope_id", "owner"]).to_dict("records")
        return cls({(str(r["scope_type"]), str(r["scope_id"])): str(r["owner"]) for r in known}, links)

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
        columns = [_LINK_COLUMNS[first[0]], _LINK_COLUMNS[second[0]]]
        if self.links is None or not set(columns) <= set(self.links.columns):
            return True
        rows = self.links
        return bool(((rows[columns[0]] == first[1]) & (rows[columns[1]] == second[1])).any())

    def teams(self, scope: tuple[str, str]) -> set[str]:
        """The teams a scope is used by; the team itself for a team; empty when unknown."""
        return {scope[1]} if scope[0] == "team" else self._related(*scope, "team")

    def _related(self, scope_type: str, scope_id: str, wanted: str) -> set[str]:
        column, target = _LINK_COLUMNS.get(scope_type), _LINK_COLUMNS[wanted]
        if self.links is None or column is None or not {column, target} <= set(self.links.columns):
            return set()
        return {str(v) for v in self.links.loc[self.links[column] == scope_id, target].dropna().unique()}
