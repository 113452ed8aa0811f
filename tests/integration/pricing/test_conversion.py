"""Money times a rate, as SQL does it, against Python's decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from random import Random

import duckdb
import jinja2
import pyarrow as pa

from tests.support.warehouse import DBT_PROJECT

CASES = 10_000
ROUND_RATES = [
    Decimal(text) for text in ("0.5", "1.5", "2.5", "0.25", "0.125", "1", "0.00000001", "99999999.999999999999")
]


def converted_sql(amount: str, rate: str) -> str:
    """The macro `converted` as dbt renders it."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    return str(
        environment.from_string((DBT_PROJECT / "macros/money/money.sql").read_text()).module.converted(amount, rate)
    )


def test_conversion_is_exact_and_rounds_half_even_once() -> None:
    random = Random(20_261_122)
    cases = []
    for number in range(CASES):
        size = 10 ** random.randint(1, 28)
        amount = Decimal(random.randint(-size, size)).scaleb(-12)
        rate = Decimal(random.randint(10_000, 10 ** random.randint(5, 18))).scaleb(-12)
        if number % 3 == 0:
            amount = Decimal(random.randint(-(10**15), 10**15)).scaleb(-12)
            rate = random.choice(ROUND_RATES)
        cases.append((number, amount, rate))
    money = pa.decimal128(38, 12)
    numbers, amounts, rates = zip(*cases, strict=True)
    table = pa.table({"number": numbers, "amount": pa.array(amounts, money), "rate": pa.array(rates, money)})
    with duckdb.connect() as db:
        db.register("cases", table)
        sql = converted_sql("amount", "rate")
        types = db.execute(f"select distinct typeof({sql}) from cases").fetchall()
        found = dict(db.execute(f"select number, {sql} from cases").fetchall())
    assert types == [("DECIMAL(38,12)",)]
    step, ties = Decimal("1e-12"), 0
    with localcontext() as context:
        context.prec = 80
        for number, amount, rate in cases:
            exact = amount * rate
            expected = exact.quantize(step, ROUND_HALF_EVEN)
            ties += abs(exact - expected) == step / 2
            assert found[number] == expected, (amount, rate)
    assert ties > 100, "ties are among the cases"
