"""What rounding moved, in SQL, against Python's decimal: many numbers in one statement."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_EVEN, Context, Decimal

import duckdb
import jinja2
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.warehouse import DBT_PROJECT

EXACT = Context(prec=200, rounding=ROUND_HALF_EVEN)
COUNT = 10_000


def printed_numbers(seed: int) -> list[str]:
    """Amounts as providers print them: plain with up to 30 decimals, scientific, negative, ties."""
    draw = random.Random(seed)
    found = []
    for _ in range(COUNT):
        sign = draw.choice(["", "-"])
        whole = draw.randrange(10 ** draw.randint(1, 8))
        digits = "".join(draw.choices("0123456789", k=draw.randint(1, 30)))
        found.append(
            draw.choice(
                [
                    f"{sign}{whole}.{digits}",
                    f"{sign}{draw.randint(1, 9)}.{digits[:15]}e-{draw.randint(1, 14)}",
                    f"{sign}{whole}.{digits[:11]:0<12}5",
                    f"{sign}{whole}",
                ]
            )
        )
    return found


def statement() -> str:
    macros = (DBT_PROJECT / "macros" / "charges" / "billing.sql").read_text()
    moved = jinja2.Environment().from_string(macros + "{{ rounding_moved('printed', 'amount') }}").render().strip()
    return f"select {moved} as moved, sum({moved}) over () as total from numbers order by number"


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 2**32))
def test_what_rounding_moved_is_exact_number_by_number_and_in_sum(seed: int) -> None:
    printed = printed_numbers(seed)
    amounts = [Decimal(text).quantize(Decimal("1e-12"), context=EXACT) for text in printed]
    moved = [EXACT.subtract(Decimal(text), amount) for text, amount in zip(printed, amounts, strict=True)]
    assert sum(each != 0 for each in moved) > COUNT // 3
    numbers = pa.table(  # read by the statement
        {"number": range(COUNT), "printed": printed, "amount": pa.array(amounts, pa.decimal128(38, 12))}
    )
    with duckdb.connect() as connection:
        connection.register("numbers", numbers)
        rows = connection.execute(statement()).fetchall()
    assert [row[0] for row in rows] == moved
    total = Decimal(0)
    for each in moved:
        total = EXACT.add(total, each)
    assert rows[0][1] == total


def test_text_that_is_no_number_has_no_rounding() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table numbers as select 1 as number, 'free' as printed, 0::decimal(38, 12) as amount "
            "union all select 2, null, 1 union all select 3, '123456789012345.0000000000005', 123456789012345"
        )
        rows = connection.execute(statement()).fetchall()
    assert [row[0] for row in rows] == [None, None, Decimal("5e-13")]
