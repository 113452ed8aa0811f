"""The meters are one list in two places: Python for landing, a seed for SQL."""

import csv
from pathlib import Path

from ingestion.sources.prices.unit_registry import unit_registry
from ingestion.vocabulary.meters import METERS, NEGOTIATED_ONLY
from ingestion.vocabulary.usage_columns import INFORMATION_COLUMNS, OTHER_METER_COLUMNS, TOKEN_COLUMNS

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "meters.csv"


def test_seed_and_python_hold_the_same_meters() -> None:
    with SEED.open(newline="", encoding="utf-8") as file:
        seed = [
            (row["meter"], row["raw_column"], row["unit"], row["is_token"], row["is_input_token"])
            for row in csv.DictReader(file)
        ]
    code = [
        (m.name, m.raw_column or "", m.unit, str(m.is_token).lower(), str(m.is_input_token).lower()) for m in METERS
    ]
    assert seed == code


def test_every_raw_quantity_is_a_meter_and_every_meter_has_a_raw_quantity() -> None:
    used = {meter.raw_column for meter in METERS if meter.raw_column}
    assert used == {*TOKEN_COLUMNS, *OTHER_METER_COLUMNS, *INFORMATION_COLUMNS}


def test_only_token_columns_are_token_meters() -> None:
    assert tuple(meter.raw_column for meter in METERS if meter.is_token) == TOKEN_COLUMNS


def test_every_meter_is_a_unit_of_the_price_list_or_priced_by_contract_alone() -> None:
    known = {frozenset(unit.dimensions.items()) for unit in unit_registry()[0].units.values()}
    assert {meter.name for meter in METERS if frozenset(meter.dimensions.items()) not in known} == NEGOTIATED_ONLY
