"""Who a pseudonym is, from the warehouse: the only place that says so.

Put here: looking up. Keep out: who may (`serving.viewers`), logging it (`serving.audit`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.home.lock import wait_until_free
from orchestration.warehouse.connection import connect
from orchestration.warehouse.identity_tables import PEOPLE

_LABEL = "'user-' || substr(md5({column}), 1, 8)"
"""What `dim_users` calls somebody (`user_label`)."""


@dataclass(frozen=True)
class Person:
    """Somebody, as delivered."""

    pseudonym: str
    user_id: str
    display_name: str | None
    email: str | None
    found_in: str | None
    first_seen_at_utc: datetime | None


def resolve(warehouse: Path, names: Sequence[str], *, patience_seconds: float = 2) -> dict[str, Person]:
    """People by what was asked for: pseudonyms, labels or ids. Who is not known is not in it.

    Raises:
        WarehouseIsLockedError: a run holds the warehouse.
    """
    if not warehouse.exists():
        return {}
    wait_until_free(warehouse, patience_seconds=patience_seconds, tell=lambda _: None)
    labels = ", ".join(_LABEL.format(column=column) for column in ("people.pseudonym", "people.user_id"))
    connection = connect(warehouse, read_only=True)
    try:
        rows = connection.execute(
            f"select asked.name, people.* from (select unnest(?::varchar[]) as name) as asked inner join {PEOPLE} as "
            f"people on asked.name in (people.pseudonym, people.user_id, {labels}) "
            "order by people.display_name is null, people.user_id desc",
            [list(names)],
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    finally:
        connection.close()
    return {name: Person(*found) for name, *found in reversed(rows)}
