"""Bills for the random companies: several charges under each spend line, with costs and quantities of every kind.

Put here: making charges and the warehouse they stand in. Keep out: expectations.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from tests.integration.allocation.scenarios import Row, amount
from tests.support.warehouse import DBT_PROJECT, ScratchWarehouse

COSTS = ("billed_cost", "effective_cost", "contracted_cost", "list_cost", "pricing_currency_effective_cost")
QUANTITIES = ("consumed_quantity", "pricing_quantity", "commitment_discount_quantity")
DESCRIBED = (
    *("provider_id", "billing_account_id", "model_id", "charge_category", "service_name", "tags"),
    *("is_llm_charge", "cost_kind", "charge_last_date"),
)
OWN = {
    **dict.fromkeys(("charge_key", "charge_source", "provider_id", "meter", "derived_columns"), "varchar"),
    **{"model_id": "varchar", "is_llm_charge": "boolean", "billed_cost_usd": "decimal(38,12)"},
    "billed_cost_rounding": "decimal(38,30)",
}
PENNY = Decimal(1).scaleb(-12)


def focus_columns() -> dict[str, str]:
    """Columns of int_focus_charges and their types, read from the contract of the mart over it."""
    path = DBT_PROJECT / "models/marts/focus/focus_cost_and_usage.yml"
    (mart,) = yaml.safe_load(path.read_text())["models"]
    named = {column["name"]: column["data_type"] for column in mart["columns"] if not column["name"].startswith("x_")}
    snake = {name: re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in named}
    return OWN | {
        column + ("_utc" if column.endswith(("period_start", "period_end")) else ""): named[name]
        for name, column in snake.items()
    }


def billed_warehouse(folder: Path, allocated: ScratchWarehouse, seed: int = 3) -> ScratchWarehouse:
    """A warehouse with spend lines of charges, what allocation made of them, and charges that sum to the lines.

    Every fourth company and those with awkward weights. Left out are the few lines that companies describe alike and
    give to different owners, which ownership cannot.
    """
    made = ScratchWarehouse.create(folder)
    alike = ", ".join(("usage_date", "project_id", *DESCRIBED))
    with allocated.connection() as source:
        of_charges = "where spend_item_type = 'charge'"
        lines = source.execute(f"select * from intermediate.int_spend_lines {of_charges}").to_arrow_table()
        facts = source.execute(f"select * from marts.fct_allocated_costs_daily {of_charges}").to_arrow_table()
    with made.connection() as connection:
        connection.register("lines", lines)
        connection.register("facts", facts)
        for statement in (
            "create schema intermediate; create schema marts; create schema if not exists staging",
            "create table intermediate.int_spend_lines as with chosen as (select * replace ("
            "case when is_llm_charge then coalesce(charge_last_date, usage_date) end as charge_last_date) from lines "
            "where try_cast(substr(provider_id, 2) as bigint) % 4 = 1 or provider_id in ('seven', 'weights')) "
            f"select * from chosen qualify count(*) over (partition by {alike}) = 1",
            "create table intermediate.int_allocated_costs_daily as select * from facts "
            "where spend_item_key in (select spend_item_key from intermediate.int_spend_lines)",
            "create view marts.fct_allocated_costs_daily as select * from intermediate.int_allocated_costs_daily",
            *(
                f"create table staging.stg_org__{kind}s ({kind}_id varchar, {kind}_name varchar, "
                "valid_from_utc timestamp, valid_to_utc timestamp)"
                for kind in ("project", "cost_center", "team")
            ),
            "insert into staging.stg_org__teams select distinct team_id, 'Team ' || team_id, "
            "timestamp '2000-01-01', timestamp '2200-01-01' "
            "from intermediate.int_allocated_costs_daily where team_id is not null",
        ):
            connection.execute(statement)
        found = connection.execute(
            f"select spend_item_key, usage_date, project_id, {', '.join(DESCRIBED)}, spend_usd "
            "from intermediate.int_spend_lines order by 1"
        ).to_arrow_table()
        charges, focus = _bills(found.to_pylist(), random.Random(seed))
        types = focus_columns()
        declared = ", ".join(f"{name} {kind}" for name, kind in types.items())
        connection.execute(f"create table intermediate.int_focus_charges ({declared})")
        connection.register("incoming", pa.Table.from_pylist(focus, schema=_schema(focus)))
        connection.execute("insert into intermediate.int_focus_charges by name select * from incoming")
        connection.register("bills", pa.Table.from_pylist(charges, schema=_schema(charges)))
        connection.execute(
            "create table intermediate.int_charges as select * from bills; "
            "create view marts.fct_charges as select * from intermediate.int_charges"
        )
    return made


def _schema(rows: Iterable[Row]) -> pa.Schema:
    kinds = {Decimal: pa.decimal128(38, 12), bool: pa.bool_()}
    found: dict[str, pa.DataType] = {}
    for row in rows:
        for name, value in row.items():
            if name.endswith("_date"):
                found[name] = pa.date32()
            elif value is not None:
                found[name] = kinds.get(type(value), pa.string())
            else:
                found.setdefault(name, pa.string())
    found["charge_period_end_utc"] = pa.timestamp("us")
    return pa.schema(list(found.items()))


def _bills(lines: list[Row], chance: random.Random) -> tuple[list[Row], list[Row]]:
    charges: list[Row] = []
    focus: list[Row] = []
    for line in lines:
        usd = line["spend_usd"]
        count = chance.choice((1, 1, 2, 3, 5))
        parts = [None] * count if usd is None else _cut(usd, count, chance)
        if count > 1 and chance.random() < 0.1:
            parts.append(None)  # a charge of the same line in a currency without a rate
        # What a savings plan pays stands on the bill at its price and in FOCUS at 0.
        is_planned = usd is not None and chance.random() < 0.03
        for number, part in enumerate(parts):
            key = f"{line['spend_item_key']}-{number}"
            last = line["charge_last_date"]
            end = last and datetime.combine(last, time()) + timedelta(days=1)
            charges.append(
                {name: line[name] for name in DESCRIBED if name != "charge_last_date"}
                | {"charge_key": key, "charge_date": line["usage_date"], "sub_account_id": line["project_id"]}
                | {"charge_period_end_utc": end, "line_type": "SavingsPlanCoveredUsage" if is_planned else None}
            )
            focus.append(_focus(line, key, Decimal(0) if is_planned else part, chance))
    return charges, focus


def _cut(usd: Decimal, count: int, chance: random.Random) -> list[Decimal]:
    """`count` amounts that sum to one, some of the other sign, 0 or the smallest there is."""
    parts = [chance.choice((amount(chance), -PENNY, Decimal(0), usd)) for _ in range(count - 1)]
    return [*parts, usd - sum(parts, Decimal(0))]


def _focus(line: Row, key: str, usd: Decimal | None, chance: random.Random) -> Row:
    billed = amount(chance) if usd is None else usd
    row: dict[str, Any] = {"charge_key": key, "provider_id": line["provider_id"], "tags": line["tags"]}
    row |= {"billed_cost_usd": usd, "billed_cost": billed, "is_llm_charge": line["is_llm_charge"]}
    row |= {name: billed if chance.random() < 0.7 else amount(chance) for name in COSTS[1:4]}
    row[COSTS[4]] = chance.choice((None, billed))
    for name in QUANTITIES:
        row[name] = chance.choice((None, Decimal(chance.randint(0, 10**7)), amount(chance), _large(chance)))
    if line["provider_id"] == "s1":
        row |= {"allocated_method_id": "the provider's own", "allocated_tags": '{"a":"b"}'}
    return row


def _large(chance: random.Random) -> Decimal:
    """Byte-seconds of a month, give or take a refund."""
    return Decimal(chance.randint(10**25, 10**36)).scaleb(-12) * chance.choice((1, 1, -1))
