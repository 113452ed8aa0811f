"""Brings `identity` up to date with what landed: every id has a pseudonym before models read it.

Looks only at tables that changed since the last look. Put here: that order, and its SQL. Keep out: finding words in
texts (`mentions`), columns (`places`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.config import Settings
from ingestion.landing.database import transaction
from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.identities.mentions import ATOM, Mentions, is_full_name, is_mention
from orchestration.identities.places import DESCRIBED, ONLY_WHERE, PERSON_COLUMNS, TEXT_COLUMNS, THINGS, Described
from orchestration.warehouse.identity_tables import PEOPLE, SUBSTITUTES, ensure_identity_tables

PERSON, TEXT = "person", "text"
BY_FILE = "raw_events.requests"
"""What is built by file and day: a text of it that is shown otherwise than before makes usage due again."""


@dataclass
class _Look:
    """One look at a warehouse: which of the tables are there, and which changed."""

    db: duckdb.DuckDBPyConnection
    names: Pseudonyms
    columns: Mapping[str, frozenset[str]]
    changed: frozenset[str]
    new: dict[str, str] = field(default_factory=dict)
    """Ids, names and addresses that were not known, with where they were found."""
    recent: tuple[str, ...] = ()
    """Whoever was new in this look and is written down."""

    def has(self, table: str, column: str | None) -> bool:
        return column is not None and column in self.columns.get(table, frozenset())

    def changed_columns(self, places: Mapping[str, tuple[str, ...]], *, every: bool = False) -> list[tuple[str, str]]:
        return [
            (table, column)
            for table, names in places.items()
            for column in names
            if self.has(table, column) and (every or table in self.changed)
        ]


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> int:
    """Give everybody who is new a pseudonym and every text that mentions somebody its substitute; how many are new.

    The home must be held, and its raw tables there.
    """
    ensure_identity_tables(connection)
    names = Pseudonyms.of_home(settings.home)
    columns = _columns(connection)
    stamps = {table: _stamp(connection, table, columns[table]) for table in _tables() if table in columns}
    with transaction(connection):
        epoch = _epoch(connection, names)
        seen = dict(connection.execute("select table_name, stamp from identity.looks").fetchall())
        changed = frozenset(table for table, stamp in stamps.items() if seen.get(table) != stamp)
        if not changed:
            return 0
        look = _Look(connection, names, columns, changed)
        _find_people(look)
        count = _store_people(look, now)
        late = _find_mentions(look, _loaded_until(seen.get(BY_FILE)))
        count += _store_people(look, now)
        _describe(look)
        connection.execute("delete from identity.looks")
        connection.executemany("insert into identity.looks values (?, ?)", list(stamps.items()))
        if late:
            connection.execute("update identity.epochs set epoch = ?", [f"{epoch}+{now:%Y%m%d%H%M%S%f}"[-200:]])
    return count


def _tables() -> set[str]:
    return {*PERSON_COLUMNS, *TEXT_COLUMNS, *(each.table for each in DESCRIBED)}


def _columns(db: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    rows = db.execute(
        "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() "
        "where database_name = current_database() group by 1"
    ).fetchall()
    return {table: frozenset(names) for table, names in rows}


def _stamp(db: duckdb.DuckDBPyConnection, table: str, columns: frozenset[str]) -> str:
    """Changes with any landing into a table; of a small one that nothing lands in, with any change."""
    if "_loaded_at_utc" in columns and "_source_file_id" in columns:
        what = "count(*), max(_loaded_at_utc), sum(_source_file_id::hugeint), sum(_source_row::hugeint)"
    else:
        what = "count(*), sum(hash(content)::hugeint)"
    found = db.execute(f"select {what} from {table} as content").fetchone()
    return json.dumps([str(each) for each in found or ()])


def _loaded_until(stamp: str | None) -> str | None:
    """When the newest row was loaded that was looked at."""
    until = json.loads(stamp)[1] if stamp else "None"
    return None if until == "None" else until


def _epoch(db: duckdb.DuckDBPyConnection, names: Pseudonyms) -> str:
    """The epoch so far; another key begins another, with nothing of before."""
    found = db.execute("select epoch from identity.epochs").fetchone()
    if found and str(found[0]).startswith(names.key_id):
        return str(found[0])
    for table in ("people", "substitutes", "looks", "epochs"):
        db.execute(f"delete from identity.{table}")
    db.execute("insert into identity.epochs values (?)", [names.key_id])
    return names.key_id


def _find_people(look: _Look) -> None:
    """Ids that no substitute is known for."""
    for table, column in look.changed_columns(PERSON_COLUMNS):
        condition = f" and {ONLY_WHERE[table]}" if table in ONLY_WHERE else ""
        rows = look.db.execute(
            f"select distinct {column} from {table} where {column} is not null{condition} except "
            f"select delivered from {SUBSTITUTES} where kind = '{PERSON}'"
        ).fetchall()
        for (word,) in rows:
            look.new.setdefault(word, table)
    for each in DESCRIBED:
        for column in filter(None, (each.name, each.email)):
            if each.table in look.changed and look.has(each.table, column):
                _find_words(look, each.table, column)


def _find_words(look: _Look, table: str, column: str) -> None:
    rows = look.db.execute(
        f"select distinct trim({column}) from {table} where trim({column}) <> '' except "
        f"select delivered from {SUBSTITUTES} where kind = '{PERSON}'"
    ).fetchall()
    for (word,) in rows:
        if "@" in word or is_full_name(word):
            look.new.setdefault(word, table)


def _store_people(look: _Look, now: datetime) -> int:
    """Write down who is new, and how many they are."""
    substitutes = {word: look.names.of(word) for word in look.new}
    _insert(look.db, SUBSTITUTES, [(PERSON, word, shown) for word, shown in substitutes.items()])
    people = [
        (shown, word, None, None, look.new[word], now.replace(tzinfo=None))
        for word, shown in substitutes.items()
        if shown != word
    ]
    _insert(look.db, PEOPLE, people)
    own = {shown: shown for word, shown in substitutes.items() if shown != word}
    _insert(look.db, SUBSTITUTES, [(PERSON, shown, shown) for shown in own])
    look.recent += tuple(word for word, shown in substitutes.items() if shown != word)
    look.new = {}
    return len(people)


def _insert(db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows at once: one by one they would cost a millisecond each."""
    if rows:
        kinds = [row[0] for row in db.execute(f"select column_type from (describe {table})").fetchall()]
        types = [pa.timestamp("us") if kind == "TIMESTAMP" else pa.string() for kind in kinds]
        arrays = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), types, strict=True)]
        db.register("rows_to_insert", pa.table(arrays, names=[f"c{place}" for place in range(len(arrays))]))
        db.execute(f"insert into {table} select * from rows_to_insert")
        db.unregister("rows_to_insert")


def _describe(look: _Look) -> None:
    """Names and addresses beside ids; the last table that knows somebody is read first, so that the first counts."""
    for each in reversed(DESCRIBED):
        if each.table in look.changed and look.has(each.table, each.user_id):
            look.db.execute(_descriptions(each))


def _descriptions(each: Described) -> str:
    name = f"any_value(nullif(trim({each.name}), ''))" if each.name else "null"
    email = f"any_value(nullif(trim({each.email}), ''))" if each.email else "null"
    ids = [each.user_id, *(f"trim({column})" for column in (each.name, each.email) if column)]
    known = " union all ".join(
        f"select {column} as user_id, {name} as display_name, {email} as email from {each.table} "
        f"where {column} is not null group by all"
        for column in ids
    )
    known = (
        f"select user_id, any_value(display_name) as display_name, any_value(email) as email from ({known}) group by 1"
    )
    return (
        f"update {PEOPLE} as people set display_name = coalesce(known.display_name, people.display_name), "
        f"email = coalesce(known.email, people.email) from ({known}) as known where known.user_id = people.user_id"
    )


def _find_mentions(look: _Look, loaded_until: str | None) -> bool:
    """Substitutes of texts; whether one that models read before is shown otherwise from now on.

    What is new is looked through for everybody, what is known for whoever is new.
    """
    things = things_of(look.db)
    words = [word for (word,) in look.db.execute(f"select user_id from {PEOPLE}").fetchall()]
    known = set(words)
    place = ""

    def stand_in(word: str) -> str:
        if word not in known:  # an address that only a text has
            known.add(word)
            look.new[word] = place
        return look.names.of(word)

    mentions = Mentions((word for word in words if is_mention(word, things)), stand_in)
    recent = Mentions((word for word in look.recent if is_mention(word, things)), stand_in, addresses=False)
    late = False
    for table, column in look.changed_columns(TEXT_COLUMNS, every=bool(look.recent)):
        place = table
        fresh: dict[str, str] = {}
        if table in look.changed:
            texts = _candidates(look, table, column, mentions, is_new=True)
            fresh = {text: shown for text in texts if (shown := mentions.shown(text)) != text}
        if look.recent:
            texts = _candidates(look, table, column, recent, is_new=False)
            again = {text: mentions.shown(text) for text in texts if text not in fresh and recent.shown(text) != text}
            fresh |= again
            if table == BY_FILE and loaded_until:
                told = [text for text in fresh if recent.shown(text) != text]
                late = late or _is_of_before(look, column, told, loaded_until)
        _store_mentions(look, fresh)
    return late


def _is_of_before(look: _Look, column: str, texts: Sequence[str], loaded_until: str) -> bool:
    """Whether a row that was there at the last look has one of these texts."""
    found = look.db.execute(
        f"select 1 from {BY_FILE} where {column} in (select unnest(?::varchar[])) and _loaded_at_utc <= ?::timestamp "
        "limit 1",
        [list(texts), loaded_until],
    ).fetchone()
    return found is not None


def _store_mentions(look: _Look, fresh: Mapping[str, str]) -> None:
    if fresh:
        look.db.execute(
            f"delete from {SUBSTITUTES} where kind = '{TEXT}' and delivered in (select unnest(?::varchar[]))",
            [list(fresh)],
        )
        _insert(look.db, SUBSTITUTES, [(TEXT, text, shown) for text, shown in fresh.items()])


def _candidates(look: _Look, table: str, column: str, mentions: Mentions, *, is_new: bool) -> list[str]:
    """Texts of a column that may mention somebody: those without a substitute, or all."""
    if not is_new and not mentions.atoms and not mentions.bare:
        return []
    atoms = pa.table({"atom": pa.array(mentions.atoms, pa.string())})
    look.db.register("person_atoms", atoms)
    others = "".join(" or contains(lower(text), ?)" for _ in mentions.bare)
    addresses = "contains(text, '@')" if is_new else "false"
    known = f" except select delivered from {SUBSTITUTES} where kind = '{TEXT}'" if is_new else ""
    rows = look.db.execute(
        f"with texts as materialized (select distinct {column} as text from {table} where {column} is not null{known}) "
        f"select text from texts where {addresses}{others} union "
        f"select text from (select text, unnest(regexp_extract_all(lower(text), '{ATOM}')) as atom from texts) "
        "semi join person_atoms using (atom)",
        [word.lower() for word in mentions.bare],
    ).fetchall()
    look.db.unregister("person_atoms")
    return [text for (text,) in rows]


def things_of(db: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Names of teams, projects, features and the like: a word that is one of these is left in texts."""
    columns = _columns(db)
    found: set[str] = set()
    for table, names in THINGS.items():
        for column in columns.get(table, frozenset()).intersection(names):
            rows = db.execute(f"select distinct {column} from {table} where {column} is not null").fetchall()
            found |= {word.casefold() for (word,) in rows}
    return frozenset(found)
