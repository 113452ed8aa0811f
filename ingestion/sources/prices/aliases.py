"""Resolves what events call a provider and a model to an entry of the price list, once per distinct spelling.

Data flow: distinct usage contexts of `raw_events.requests` → `raw_prices.model_aliases`.

Put here: the resolution and its reasons. Keep out: prices and databases. A name that the list does not know
stays unresolved with its nearest neighbours beside it; it is never priced as one of them.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import pyarrow as pa
from genai_prices.data_snapshot import DataSnapshot, find_provider_by_id
from genai_prices.types import ModelInfo, Provider

from ingestion.raw_schemas import arrow_schema
from ingestion.sources.prices.flatten import STANDARD, variant_name
from ingestion.sources.prices.moving import MOVING_NAME, is_moving
from ingestion.sources.prices.provider_names import (
    SELF_HOSTED,
    is_bedrock_id,
    model_forms,
    provider_id_of,
)
from ingestion.sources.prices.regions import region_of
from ingestion.sources.prices.user_aliases import UserAlias, UserAliases
from ingestion.sources.prices.variants import choose_context
from ingestion.vocabulary.makers import OWN_NAME_MAKERS

MAX_CANDIDATES = 3
MAX_NAME_LENGTH = 300
MAX_NAMES_COMPARED = 500
"""Comparing a name with the whole list takes some 20 ms; a flood of nonsense names must not take minutes."""


@dataclass(frozen=True)
class UsageContext:
    """What decides the price list entry of a request, as events state it; '' and False where they do not."""

    provider_name: str
    model: str
    is_batch: bool
    service_tier: str
    speed: str
    price_region: str = ""


@dataclass(frozen=True)
class Match:
    """An entry of the list and how it was found; `provider` is the one whose prices apply.

    `is_fallback`: another provider serves it, whose own prices the list does not have.
    """

    provider: Provider
    model: ModelInfo
    method: str
    is_fallback: bool = False


@dataclass(frozen=True)
class Miss:
    """Why a name is in no list, and what comes nearest."""

    reason: str
    candidates: tuple[str, ...] = ()


class NameResolver:
    """Looks names up in one price list; each distinct (provider, model) once."""

    def __init__(
        self,
        snapshot: DataSnapshot,
        user_aliases: Iterable[UserAlias] = (),
        max_names_compared: int = MAX_NAMES_COMPARED,
    ) -> None:
        self._snapshot = snapshot
        self._max_names_compared = max_names_compared
        self._owner = {id(model): provider for provider in snapshot.providers for model in provider.models}
        self._found: dict[tuple[str, str], Match | Miss] = {}
        self._names_compared = 0
        self._user_aliases = UserAliases(user_aliases, self._provider_key)
        self._is_provider = lru_cache(maxsize=4096)(lambda name: self._provider(name) is not None)

    def resolve(self, provider_name: str, model: str) -> Match | Miss:
        """The entry for a model as reported by a provider as named."""
        key = (provider_name, model)
        if key not in self._found:
            target = self._user_aliases.target(provider_name, model)
            if target is None:
                self._found[key] = self._resolve(provider_name, model)
            else:
                self._found[key] = self._resolve_target(provider_name, target)
        return self._found[key]

    def _resolve_target(self, provider_name: str, target: str) -> Match | Miss:
        """The entry that a user's alias names: `provider/model` of the list, or a model as the provider calls it."""
        provider_id, _, model_id = target.strip().lower().partition("/")
        if provider := find_provider_by_id(self._snapshot.providers, provider_id):
            for model in provider.models:
                if provider.id == provider_id and model.id.lower() == model_id:
                    return Match(provider, model, "user_alias")
        for name in (provider_name, ""):
            if isinstance(found := self._resolve(name, target), Match):
                return Match(found.provider, found.model, "user_alias", found.is_fallback)
        return Miss("alias_target_unknown", self._closest(target, None))

    def _provider(self, name: str) -> Provider | None:
        known = None if name in SELF_HOSTED else provider_id_of(name)
        return find_provider_by_id(self._snapshot.providers, known) if known else None

    def _provider_key(self, name: str) -> str:
        known = self._provider(name)
        return known.id if known else provider_id_of(name) or name.strip().lower()

    def entry(self, provider_id: str, model_id: str) -> Match | None:
        """The entry of exactly this id in a provider's part of the list."""
        for provider in self._snapshot.providers:
            if provider.id == provider_id:
                for model in provider.models:
                    if model.id.lower() == model_id.strip().lower():
                        return Match(provider, model, "exact")
        return None

    def provider_id(self, name: str) -> str | None:
        """Who serves calls under this provider name, as facts and prices call it; None where it does not say."""
        if name.strip().lower() in SELF_HOSTED:
            return name.strip().lower()
        reported = provider_id_of(name)
        known = self._provider(name) if reported else None
        return known.id if known else reported

    def _resolve(self, provider_name: str, model: str) -> Match | Miss:
        if not model.strip():
            return Miss("no_model_name")
        if len(model) > MAX_NAME_LENGTH:
            return Miss("unknown_model")
        if provider_name.strip().lower() in SELF_HOSTED:
            return Miss("no_public_price")
        reported = provider_id_of(provider_name)
        if reported is not None and not self._is_provider(reported):
            return Miss("unknown_provider", self._closest(model, None))
        for named, form in model_forms(model, self._is_provider):
            provider_id = reported or named or ("aws" if is_bedrock_id(model) else None)
            if match := self._lookup(form, provider_id):
                if is_moving(form, match.model.id):
                    return Miss(MOVING_NAME, (f"{match.provider.id}/{match.model.id}",))
                return match
        known = reported or next((name for name, _ in model_forms(model, self._is_provider) if name), None)
        return Miss("unknown_model", self._closest(model, known)) if known else self._without_provider(model)

    def _without_provider(self, model: str) -> Match | Miss:
        """The model of the one maker who lists it, where the name alone does not say whose it is."""
        for find in (self.entry, self._lookup_own):
            found = [match for maker in OWN_NAME_MAKERS if (match := find(maker, model))]
            if len(found) == 1:
                return found[0]
        try:
            provider = self._snapshot.find_provider(model.lower(), None, None)
        except LookupError:
            return Miss("unknown_provider", self._closest(model, None))
        return Miss("unknown_model", self._closest(model, provider.id))

    def _lookup(self, form: str, provider_id: str | None) -> Match | None:
        known = self._provider(provider_id) if provider_id else None
        try:
            provider, model = self._snapshot.find_provider_model(form, known, None, None)
        except LookupError:
            return None
        owner = self._owner[id(model)]
        if owner is not provider:
            return Match(owner, model, "fallback_provider", is_fallback=True)
        return Match(owner, model, "exact" if form.lower() == model.id.lower() else "match_rule")

    def _lookup_own(self, maker: str, model: str) -> Match | None:
        found = self._lookup(model, maker)
        return None if found is None or found.is_fallback else found

    def _closest(self, model: str, provider_id: str | None) -> tuple[str, ...]:
        if self._names_compared >= self._max_names_compared:
            return ()
        self._names_compared += 1
        provider = self._provider(provider_id) if provider_id else None
        makers_first = sorted(self._snapshot.providers, key=lambda listed: listed.model_match is None)
        full_names: dict[str, str] = {}
        for listed in [provider] if provider else makers_first:
            for entry in listed.models:
                full_names.setdefault(entry.id.lower(), f"{listed.id}/{entry.id}")
        close = difflib.get_close_matches(model.strip().lower(), full_names, MAX_CANDIDATES, 0.5)
        return tuple(full_names[name] for name in close)


def resolve_contexts(
    contexts: Iterable[UsageContext],
    snapshot: DataSnapshot,
    priced_variants: Mapping[tuple[str, str], frozenset[str]],
    resolved_at: datetime,
    user_aliases: Iterable[UserAlias] = (),
) -> pa.Table:
    """One row of `raw_prices.model_aliases` per usage context.

    `priced_variants` holds, per (provider, model), the variants that have any price row.
    """
    resolver = NameResolver(snapshot, user_aliases)
    rows = [_alias(context, resolver, priced_variants, resolved_at) for context in contexts]
    return pa.Table.from_pylist(rows, schema=arrow_schema("raw_prices", "model_aliases"))


def _alias(
    context: UsageContext,
    resolver: NameResolver,
    priced_variants: Mapping[tuple[str, str], frozenset[str]],
    resolved_at: datetime,
) -> dict[str, object]:
    row: dict[str, object] = {**vars(context), "resolved_at_utc": resolved_at, "closest_candidates": "[]"}
    row["provider_id"] = resolver.provider_id(context.provider_name)
    found = resolver.resolve(context.provider_name, context.model)
    if isinstance(found, Miss):
        return row | {
            "match_method": "unresolved",
            "unresolved_reason": found.reason,
            "closest_candidates": json.dumps(list(found.candidates)),
        }
    variant, reason = _variant(context, found, priced_variants)
    return row | {
        "price_provider_id": found.provider.id,
        "price_model_id": found.model.id,
        "price_model_name": found.model.name or found.model.id,
        "price_variant": variant,
        "match_method": found.method,
        "unresolved_reason": reason,
        "context_window": found.model.context_window,
    }


def _variant(
    context: UsageContext, match: Match, priced_variants: Mapping[tuple[str, str], frozenset[str]]
) -> tuple[str | None, str | None]:
    priced = priced_variants.get((match.provider.id, match.model.id), frozenset())
    if STANDARD not in priced:
        return None, "no_price_listed"
    choice = choose_context(
        match.model, context.is_batch, context.service_tier, context.speed, match.is_fallback, match.provider.id
    )
    if choice.unresolved_reason:
        return None, choice.unresolved_reason
    where = region_of(match.provider.id, match.model.id, context.price_region)
    if where.unresolved_reason:
        return None, where.unresolved_reason
    return variant_name(choice.context | where.context), None
