"""Lands the public price list and the names that events use for its models.

Data flow: installed genai-prices list → `raw_prices.model_prices` and `raw_prices.model_catalog`;
distinct usage contexts of `raw_events.requests` and of the usage that providers report →
`raw_prices.model_aliases`; a LiteLLM price file in `COSTOPS_ORG_DIR` → `raw_prices.other_prices`; dated ones in
`COSTOPS_PRICES_DIR` → prices from before the list knows any. Prices and aliases
keep every version with the time it was known. Runs offline.
Alone: `python -m ingestion.sources.prices`.

Put here: reading the warehouse's state, the guards before writing, the dlt run. Keep out: flattening and
resolution.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import pyarrow as pa
from genai_prices.data_snapshot import DataSnapshot

from ingestion.catalog import CATALOG
from ingestion.config import Settings
from ingestion.landing import LandingReport, connect, ensure_tables
from ingestion.landing.database import transaction
from ingestion.landing.keeping import PRICE_TABLES, KeptState
from ingestion.landing.notes import Note
from ingestion.landing.shapes import changed_by_hand, start_again
from ingestion.landing.stamps import files_in, is_stamped, set_stamp, stamp_of
from ingestion.sources.prices.aliases import UsageContext, resolve_contexts
from ingestion.sources.prices.flatten import flatten
from ingestion.sources.prices.history import read_history
from ingestion.sources.prices.litellm import other_prices_tables
from ingestion.sources.prices.loading import load_prices
from ingestion.sources.prices.moving import price_list
from ingestion.sources.prices.rows import (
    PRICE_SOURCE,
    ROW_HASHES,
    model_catalog_table,
    model_prices_table,
    versioned_aliases,
)
from ingestion.sources.prices.supplements import with_supplements
from ingestion.sources.prices.unit_registry import unit_registry
from ingestion.sources.prices.user_aliases import UserAlias

MAX_VANISHED_RATIO = 0.2
STAMP = "prices"

_CONTEXTS_SQL = " union ".join(spec.models_sql for spec in CATALOG if spec.models_sql) + " order by all"
"""As `int_usage_contexts` has them: what events say and what provider reports group by."""

_USER_ALIASES_SQL = """
    select coalesce(provider_name, ''), model, price_model from raw_org.model_aliases order by all
"""


class PriceListShrank(RuntimeError):
    """The new price list lacks too many models of the one in the warehouse to be believed."""


def land(
    settings: Settings,
    *,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    snapshot: DataSnapshot | None = None,
    source_version: str | None = None,
) -> LandingReport:
    """Bring `raw_prices` up to date with the installed price list and the usage seen so far.

    `now` becomes `known_from_utc` of new rows and `known_to_utc` of those they replace; a clock that runs behind
    what is known already counts as the newest instant that is. Raises `PriceListShrank` or `InvalidPriceList`
    before anything is written.
    """
    tell = progress or (lambda _: None)
    now = _naive_utc(now)
    _recall(settings, tell)
    contexts, user_aliases = _read_usage(settings.warehouse_path)
    made_from = _made_from(settings, now, contexts, user_aliases) if snapshot is None else None
    if made_from and (unchanged := _as_before(settings, made_from, tell)):
        return unchanged
    snapshot = snapshot or price_list()
    source_version = source_version or version("genai-prices")
    listed = model_prices_table(with_supplements(flatten(snapshot.providers)), source_version)
    history = read_history(settings.prices_dir, snapshot)
    prices = pa.concat_tables([listed, *history.tables])
    catalog = model_catalog_table(snapshot.providers)
    tell(f"prices: {PRICE_SOURCE} {source_version}, {listed.num_rows:,} price rows")
    now = max(now, _check_and_read_newest(settings.warehouse_path, catalog))
    aliases = versioned_aliases(resolve_contexts(contexts, snapshot, priced_variants(prices), now, user_aliases))
    versioned = {"model_prices": prices, "model_aliases": aliases}
    replaced = {"model_catalog": catalog, **other_prices_tables(settings.org_dir, snapshot, now, history.problems)}
    _keep(settings, versioned, now)
    with connect(settings.warehouse_path) as db:  # held open: dlt opens the file for each of its jobs
        load_prices(versioned, replaced, now, settings.warehouse_path, settings.dlt_dir)
        for table in PRICE_TABLES:
            KeptState(settings.state_dir, tell).keep(db, table)
        if made_from:
            set_stamp(db, STAMP, _stamp(db, made_from), now)
    unresolved = aliases.num_rows - aliases["unresolved_reason"].null_count
    tell(f"prices: {aliases.num_rows:,} usage contexts, {unresolved:,} without a price")
    return LandingReport(
        source="prices",
        is_on=True,
        rows_by_table={
            "model_prices": prices.num_rows,
            "model_aliases": aliases.num_rows,
            "model_catalog": catalog.num_rows,
            "other_prices": replaced["other_prices"].num_rows,
            "quarantine": replaced["quarantine"].num_rows,
        },
        quarantined_rows=replaced["quarantine"].num_rows,
        notes=[
            Note("run_figures", f"price list {PRICE_SOURCE} {source_version}: {catalog.num_rows:,} models"),
            *([Note("other", registry_sentence)] if (registry_sentence := unit_registry()[1]) else []),
            *history.notes,
            Note("run_figures", f"usage contexts resolved: {aliases.num_rows - unresolved:,} of {aliases.num_rows:,}"),
        ],
    )


def _as_before(settings: Settings, made_from: str, tell: Callable[[str], None]) -> LandingReport | None:
    """The report of a landing that has nothing to do: what it is made from and its rows are those of the last one."""
    with connect(settings.warehouse_path) as db:
        if not is_stamped(db, STAMP, _stamp(db, made_from)):
            return None
        rows = db.execute(
            "select kind, message, file_path, row_number, affected_count, amount, amount_currency "
            "from raw_landing.notes where source = 'prices' and _source_file_id is null"
        ).fetchall()
        tables = ("model_prices", "model_aliases", "model_catalog", "other_prices", "quarantine")
        counted = {table: db.execute(f"select count(*) from raw_prices.{table}").fetchall()[0][0] for table in tables}
    tell("prices: the list, the names and the files are those of the last run")
    return LandingReport(
        source="prices",
        is_on=True,
        rows_by_table=counted,
        quarantined_rows=counted["quarantine"],
        notes=[Note(*row) for row in rows],
    )


def _made_from(settings: Settings, now: datetime, contexts: list[UsageContext], user_aliases: list[UserAlias]) -> str:
    """Everything that prices and aliases come from, as one word: list, code, files, day, usage and its names."""
    return stamp_of(
        version("genai-prices"),
        files_in(Path(__file__).parent, (".py", ".csv")),
        files_in(settings.prices_dir),
        files_in(settings.org_dir),
        now.date(),
        contexts,
        user_aliases,
    )


def _stamp(db: duckdb.DuckDBPyConnection, made_from: str) -> str:
    """What prices are made from, and how many rows of them there are."""
    rows = [db.execute(f"select count(*) from raw_prices.{table.table}").fetchall() for table in PRICE_TABLES]
    return stamp_of(made_from, rows)


def _recall(settings: Settings, tell: Callable[[str], None]) -> None:
    """Give a warehouse that was restored or built anew the versions that it lacks."""
    ensure_tables(settings.warehouse_path)
    with connect(settings.warehouse_path) as db:
        if what := changed_by_hand(db, "raw_prices"):
            with transaction(db):
                start_again(db, "raw_prices")
            tell(f"changed by hand: {'; '.join(what)}. Prices are landed again")
        broken: list[str] = []
        state = KeptState(settings.state_dir, broken.append)
        recalled = sum(state.recall(db, table) for table in PRICE_TABLES)
        for words in broken:
            tell(words)
        for table in PRICE_TABLES if broken else ():
            state.keep(db, table)
    if recalled:
        tell(f"prices: {recalled:,} versions of prices and names were read back from {settings.state_dir}")


def _keep(settings: Settings, versioned: Mapping[str, pa.Table], now: datetime) -> None:
    """Write what this landing learns to the kept state first, so that a kill at any later moment loses none of it."""
    state = KeptState(settings.state_dir)
    with connect(settings.warehouse_path) as db:
        for table in PRICE_TABLES:
            row_hash = ROW_HASHES[table.table]
            db.register("incoming", versioned[table.table])
            have = {row[0] for row in db.execute(f"describe {table.name}").fetchall()}
            known = row_hash if row_hash in have else "null"
            active = f"select {known} from {table.name} where known_to_utc is null"
            learned = (
                f"select *, $now::timestamp as known_from_utc, null::timestamp as known_to_utc from incoming "
                f"where {row_hash} not in (select h from ({active}) t(h) where h is not null)"
            )
            ended = (
                f"select * replace ($now::timestamp as known_to_utc) from {table.name} where known_to_utc is null "
                f"and {known} not in (select {row_hash} from incoming)"
            )
            query = f"select columns(c -> not starts_with(c, '_dlt_')) from ({learned} union all by name {ended})"
            state.keep_rows(db, table, query, {"now": now})
            db.unregister("incoming")


def _naive_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _read_usage(warehouse: Path) -> tuple[list[UsageContext], list[UserAlias]]:
    """The usage contexts to resolve, and the user's aliases."""
    with connect(warehouse) as db:
        contexts = [UsageContext(*row) for row in db.execute(_CONTEXTS_SQL).fetchall()]
        return contexts, [UserAlias(*row) for row in db.execute(_USER_ALIASES_SQL).fetchall()]


def _check_and_read_newest(warehouse: Path, catalog: pa.Table) -> datetime:
    """Check that a new list has not lost its models; the newest instant at which anything was learned.

    Aliases from before they had versions go: they are resolved anew, and a row without a hash would keep dlt from
    adding any.
    """
    with connect(warehouse) as db:
        _refuse_shrunken_list(db, catalog)
        db.execute("delete from raw_prices.model_aliases where known_from_utc is null")
        newest = db.execute(_NEWEST_SQL).fetchone()
    return newest[0] if newest and newest[0] else datetime.min  # noqa: DTZ901


_NEWEST_SQL = """
    select max(instant) from (
        select greatest(max(known_from_utc), max(known_to_utc)) as instant from raw_prices.model_prices
        union all
        select greatest(max(known_from_utc), max(known_to_utc)) from raw_prices.model_aliases
    ) as instants
"""


def _refuse_shrunken_list(db: duckdb.DuckDBPyConnection, catalog: pa.Table) -> None:
    known = set(db.execute("select price_provider_id, price_model_id from raw_prices.model_catalog").fetchall())
    new = set(zip(*(catalog[name].to_pylist() for name in ("price_provider_id", "price_model_id")), strict=True))
    vanished = sorted(known - new)
    if len(vanished) > MAX_VANISHED_RATIO * len(known):
        examples = ", ".join("/".join(name) for name in vanished[:3])
        raise PriceListShrank(
            f"The price list lost {len(vanished):,} of {len(known):,} models (such as {examples}), more than "
            f"{MAX_VANISHED_RATIO:.0%}. Nothing was written. Check the installed genai-prices; if the loss is real, "
            "empty raw_prices.model_catalog and run again."
        )


def priced_variants(prices: pa.Table) -> Mapping[tuple[str, str], frozenset[str]]:
    """The variants that have any price row, per (provider, model)."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    keys = ("price_provider_id", "price_model_id", "price_variant")
    for row in prices.group_by(list(keys)).aggregate([]).to_pylist():
        found[row[keys[0]], row[keys[1]]].add(row[keys[2]])
    return {model: frozenset(variants) for model, variants in found.items()}
