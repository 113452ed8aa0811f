"""The prices that commands quote from: the published ones, else the installed list, and negotiated ones beside them.

Put here: finding a model and its price rows. Keep out: arithmetic (`ml.quotes`), printing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version

import duckdb
from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import ModelInfo, Provider

from ingestion.config import Settings
from ingestion.sources.org.pipeline import read_folder
from ingestion.sources.prices.aliases import Match, Miss, NameResolver
from ingestion.sources.prices.flatten import SHIPPED_PRICE_KEY, STANDARD, flatten_model, variant_name
from ingestion.sources.prices.knowledge import LIST_KNOWS_FROM
from ingestion.sources.prices.moving import price_list
from ingestion.sources.prices.provider_names import provider_id_of
from ingestion.sources.prices.regions import region_of
from ingestion.sources.prices.rows import PRICE_SOURCE, SHIPPED_SOURCE
from ingestion.sources.prices.supplements import with_supplements
from ingestion.sources.prices.user_aliases import UserAlias
from ingestion.sources.prices.variants import choose_context
from ingestion.vocabulary.makers import MAKERS
from ingestion.vocabulary.meters import METERS
from ml.quotes import ListPrice, MeterKinds, ModelOffer, NegotiatedPrice
from orchestration.publishing.query import NothingPublishedError, open_published

METER_KINDS = MeterKinds(
    token=frozenset(meter.name for meter in METERS if meter.is_token),
    input_token=frozenset(meter.name for meter in METERS if meter.is_input_token),
    free_without_price=frozenset({"request", "reasoning_surcharge", "citation_surcharge"}),
    free_beside_tokens=frozenset(
        {"input_character", "audio_millisecond", "document_page", "annotated_document_page", "image"}
    ),
)
_COLUMNS = (
    "provider_id, model_id, meter, price_variant, valid_from_utc, valid_to_utc, time_of_day_from_second, "
    "time_of_day_to_second, context_over_tokens, context_up_to_tokens, list_price_usd_per_unit, minimum_quantity, "
    "price_source, price_source_version"
)


class UnknownModelError(LookupError):
    """No entry of the price list answers to this name; `candidates` come closest."""

    def __init__(self, name: str, reason: str, candidates: tuple[str, ...]) -> None:
        super().__init__(name)
        self.reason, self.candidates = reason, candidates


@dataclass(frozen=True)
class PricedModel:
    """An entry of the list for one request: `price_variant` None where the list has none for what was asked, with why.

    `provider_id` is whose contract applies (the reported provider), `offer.provider_id` whose list price.
    """

    offer: ModelOffer
    provider_id: str
    names: tuple[str, ...]
    price_variant: str | None
    unpriced_reason: str | None
    is_published: bool


@dataclass
class PriceBook:
    """Prices of a home. Works without one: then the installed list is all there is."""

    settings: Settings
    notes: list[str] = field(default_factory=list)
    published: duckdb.DuckDBPyConnection | None = None
    """A copy that is open already, its marts the default schema; without it the newest is opened."""

    @cached_property
    def snapshot(self) -> DataSnapshot:
        """The installed price list."""
        return price_list()

    @cached_property
    def negotiated(self) -> list[NegotiatedPrice]:
        """The offers in `negotiated_prices.csv` of the organisation folder; rows in error are noted and left out."""
        if not self.settings.org_dir.is_dir():
            return []
        table = read_folder(self.settings.org_dir)["negotiated_prices"]
        problems = [*table.problems, *(row.problem for row in table.rows if row.problem)]
        self.notes += [problem.message for problem in problems]
        ladders = [row for row in table.good if row.values.get("tier_from_units")]
        if ladders:
            self.notes.append("volume bands of contracts: the price of the first units of a month is shown")
        return [
            NegotiatedPrice(
                provider_id=provider_id_of(row.values["provider_name"]) or row.values["provider_name"].lower(),
                model=row.values["model"] or None,
                meter=row.values["meter"] or None,
                discount_pct=row.values["discount_pct"],
                price_usd_per_million_units=row.values["price_usd_per_million_units"],
                valid_from_utc=row.values["valid_from_utc"],
                valid_to_utc=row.values["valid_to_utc"],
                account_id=row.values.get("account_id") or None,
                price_variant=row.values.get("variant") or None,
            )
            for row in table.good
            if row not in ladders
        ]

    @cached_property
    def user_aliases(self) -> list[UserAlias]:
        """The names in `model_aliases.csv` of the organisation folder."""
        if not self.settings.org_dir.is_dir():
            return []
        return [
            UserAlias(row.values["provider_name"] or "", row.values["model"], row.values["price_model"])
            for row in read_folder(self.settings.org_dir)["model_aliases"].good
        ]

    def find(
        self,
        model: str,
        *,
        provider: str = "",
        is_batch: bool = False,
        tier: str = "",
        speed: str = "",
        region: str = "",
    ) -> PricedModel:
        """The entry for a model by any name that events might use, and the variant of its prices.

        Raises:
            UnknownModelError: with the closest names of the list.
        """
        resolver = self._resolver
        found = resolver.resolve(provider, model)
        if isinstance(found, Miss) and not provider:
            found = self._of_a_maker(resolver, model) or found
        if isinstance(found, Miss):
            raise UnknownModelError(model, found.reason, found.candidates)
        choice = choose_context(found.model, is_batch, tier, speed, found.is_fallback, found.provider.id)
        where = region_of(found.provider.id, found.model.id, _plain_region(region))
        if choice.unresolved_reason is None:
            choice = replace(where, context=choice.context | where.context)
        offer, is_published = self._offer(found.provider, found.model)
        return PricedModel(
            offer=offer,
            provider_id=provider_id_of(provider) or found.provider.id,
            names=(model, found.model.id),
            price_variant=None if choice.unresolved_reason else variant_name(choice.context),
            unpriced_reason=choice.unresolved_reason,
            is_published=is_published,
        )

    @cached_property
    def _resolver(self) -> NameResolver:
        return NameResolver(self.snapshot, self.user_aliases)

    def _of_a_maker(self, resolver: NameResolver, model: str) -> Match | None:
        """The entry of the first maker that has a model of this bare name under its own name."""
        known = set(self.provider_ids)
        for maker in (maker for maker in MAKERS if maker in known):
            found = resolver.entry(maker, model) or resolver.resolve(maker, model)
            if isinstance(found, Match) and not found.is_fallback:
                self.notes.append(f"{model} without a provider is priced as {maker}'s; --provider says otherwise")
                return found
        return None

    def models(self, providers: tuple[str, ...]) -> Iterator[ModelOffer]:
        """Every model in service of these providers that has standard prices for text in and out."""
        for provider in self.snapshot.providers:
            if provider.id not in providers:
                continue
            for model in provider.models:
                if model.deprecated:
                    continue
                offer, _ = self._offer(provider, model)
                meters = {price.meter for price in offer.prices if price.price_variant == STANDARD}
                if {"uncached_input", "output"} <= meters:
                    yield offer

    @property
    def provider_ids(self) -> tuple[str, ...]:
        """Every provider of the installed list."""
        return tuple(provider.id for provider in self.snapshot.providers)

    def _offer(self, provider: Provider, model: ModelInfo) -> tuple[ModelOffer, bool]:
        published = self._published.get((provider.id, model.id))
        prices = published or [
            ListPrice(
                provider_id=row.provider_id,
                model_id=row.model_id,
                meter=row.meter,
                price_variant=row.variant,
                valid_from_utc=row.valid_from,
                valid_to_utc=row.valid_to,
                time_of_day_from_second=row.time_of_day_from_second,
                time_of_day_to_second=row.time_of_day_to_second,
                context_over_tokens=row.context_over_tokens,
                context_up_to_tokens=row.context_up_to_tokens,
                usd_per_unit=row.price.rounded_usd,
                minimum_quantity=row.minimum_quantity,
                price_source=SHIPPED_SOURCE if row.price.source_price_key == SHIPPED_PRICE_KEY else PRICE_SOURCE,
                price_source_version=self._installed_version,
            )
            for row in with_supplements(flatten_model(provider, model))
        ]
        known = tuple(
            price
            if price.price_source not in (PRICE_SOURCE, SHIPPED_SOURCE) or price.valid_from_utc >= LIST_KNOWS_FROM
            else replace(price, valid_from_utc=LIST_KNOWS_FROM)
            for price in prices
            if price.price_source not in (PRICE_SOURCE, SHIPPED_SOURCE) or price.valid_to_utc > LIST_KNOWS_FROM
        )
        offer = ModelOffer(provider.id, model.id, model.name or model.id, model.context_window, known)
        return offer, published is not None

    @cached_property
    def _installed_version(self) -> str:
        return version("genai-prices")

    @cached_property
    def _published(self) -> dict[tuple[str, str], list[ListPrice]]:
        try:
            connection = self.published or open_published(self.settings)
        except NothingPublishedError:
            return {}
        found: dict[tuple[str, str], list[ListPrice]] = {}
        try:
            tables = {name for (name,) in connection.execute("show tables").fetchall()}
            current = "dim_prices_current" if "dim_prices_current" in tables else "dim_prices"
            rows = connection.execute(f"select {_COLUMNS} from {current}").fetchall()
        except duckdb.Error as error:
            self.notes.append(f"the published prices cannot be read ({error}); the installed list is used")
            return {}
        finally:
            if connection is not self.published:
                connection.close()
        for row in rows:
            found.setdefault((row[0], row[1]), []).append(ListPrice(*row))
        return found


def _plain_region(region: str) -> str:
    """A place as usage contexts spell it: nothing where a call runs anywhere."""
    place = region.strip().lower()
    return "" if place in ("global", "default", "not_available", "unspecified") else place
