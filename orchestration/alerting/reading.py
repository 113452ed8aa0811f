"""The situation as the warehouse shows it.

Put here: which tables are read for alerts, reading them. Keep out: judging them (`rules`), connections.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb

from orchestration.alerting.model import Row, Situation
from orchestration.alerting.owners import Owners
from orchestration.alerting.rulebook import RuleBook
from orchestration.alerting.rules import alert_rules
from orchestration.alerting.store import read_alerts, rows_of

OWNERS_TABLE, USAGE_TABLE = "marts.dim_teams", "intermediate.int_metered_costs_daily"
_OWNERS = f"select 'team' as scope_type, team_id as scope_id, owner from {OWNERS_TABLE} where owner is not null"
_LINKS = f"select distinct api_key_id, team_id, provider_id, model_id from {USAGE_TABLE}"


def tables_read() -> tuple[str, ...]:
    """Every table that deciding on alerts reads, as `schema.table`."""
    of_rules = {table for rule in alert_rules() for table in (*rule.reads, *rule.helped_by)}
    return tuple(sorted({OWNERS_TABLE, USAGE_TABLE, *of_rules}))


def tables_of_single_rules() -> tuple[str, ...]:
    """Tables that no rule needs but such as have a query of their own: without one only these are not asked."""
    others = {table for rule in alert_rules() if not rule.query for table in rule.reads}
    return tuple(sorted({*tables_read()} - others - {OWNERS_TABLE, USAGE_TABLE}))


def read_situation(
    connection: Any,
    as_of: date,
    *,
    book: RuleBook | None = None,
    now: datetime | None = None,
    held_back: Collection[str] = (),
    given: Mapping[str, Sequence[Row]] | None = None,
) -> Situation:
    """What the rules are asked about. A table that is not there is left out, and its rules say so.

    A rule that reads what is held back sees nothing: it raises no alert and ends none.
    """
    tables: dict[str, Sequence[Row]] = {name: () for rule in alert_rules() for name in rule.given}
    tables |= given or {}
    for rule in alert_rules():
        for name in (*rule.inputs, *rule.helped_by):
            if name in tables or (name in rule.helped_by and name in held_back):
                continue
            if rule.query and not {*rule.reads}.isdisjoint(held_back):
                tables[name] = []
                continue
            try:
                query = rule.query if rule.query and name == rule.name else f"select * from {name}"
                asked = {"as_of": as_of} if "$as_of" in query else {}
                tables[name] = [*rows_of(connection.execute(query, asked))]
            except (duckdb.CatalogException, duckdb.BinderException):
                continue
    return Situation(
        as_of=as_of,
        tables=tables,
        existing={str(row["alert_id"]): row for row in read_alerts(connection)},
        owners=Owners.of(rows_of(connection.execute(_OWNERS)), rows_of(connection.execute(_LINKS))),
        book=book or RuleBook(),
        now=now,
    )
