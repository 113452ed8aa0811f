"""The currency codes are one list in two places: Python for files, a seed for SQL."""

from pathlib import Path

from babel.core import get_global

from ingestion.vocabulary.currencies import CURRENCY_CODES

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "currency_codes.csv"


def test_seed_and_python_hold_the_same_codes() -> None:
    header, *codes = SEED.read_text("utf-8").splitlines()
    assert header == "currency_code"
    assert codes == sorted(CURRENCY_CODES)


def test_every_legal_tender_since_2020_is_known() -> None:
    """By CLDR: code, first day, last day (None: still), whether it is legal tender; by territory."""
    tender = {
        code
        for currencies in get_global("territory_currencies").values()
        for code, _, last_day, is_tender in currencies
        if is_tender and (last_day is None or last_day >= (2020, 1, 1))
    }
    assert len(tender) > 100
    assert tender <= CURRENCY_CODES
