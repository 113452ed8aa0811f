"""What the user says that a model name means: `model_aliases.csv`, which wins over every rule.

Data flow: `raw_org.model_aliases` → the resolution of names. Put here: finding the row for a name as reported.
Keep out: looking its target up in the price list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingestion.sources.prices.provider_names import model_forms, provider_id_of


@dataclass(frozen=True)
class UserAlias:
    """One row of the file: a name, the provider that reports it ('' for any), and the entry it stands for."""

    provider_name: str
    model: str
    price_model: str


class UserAliases:
    """The rows, found by provider and name as reported; the row of a provider beats the row for any.

    `provider_key` gives all spellings of a provider the same key.
    """

    def __init__(self, aliases: Iterable[UserAlias], provider_key: Callable[[str], str]) -> None:
        self._key = provider_key
        self._targets = {(self._key(row.provider_name), row.model.strip().lower()): row.price_model for row in aliases}

    def target(self, provider_name: str, model: str) -> str | None:
        """What a name stands for; a prefix such as `azure/` may be on it or not."""
        if not self._targets:
            return None
        forms = [form.lower() for _, form in model_forms(model, lambda name: provider_id_of(name) is not None)]
        keys = [(provider, form) for provider in (self._key(provider_name), "") for form in forms]
        return next((self._targets[key] for key in keys if key in self._targets), None)
