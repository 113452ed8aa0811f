"""Money of every kind of source against Python's decimal: rounded half-even to 12 places once, the own text kept."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Context, Decimal

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion.api.numbers import decimal_of, loads, money, text_of
from ingestion.reading.lines import loads as loads_line
from ingestion.reading.spooled.fields import money_of
from ingestion.reading.tabular import values

EXACT = Context(prec=500, rounding=ROUND_HALF_EVEN)
NUMBERS_PER_EXAMPLE = 250

plain = st.builds(
    "{}{}.{}".format,
    st.sampled_from(["", "-"]),
    st.integers(0, 10**12),
    st.text("0123456789", min_size=1, max_size=30),
)
scientific = st.builds(
    "{}{}{}e{}".format,
    st.sampled_from(["", "-"]),
    st.integers(1, 9),
    st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=18).map(".{}".format)),
    st.integers(-25, 8),
)
ties = st.builds("{}0.{:012d}5".format, st.sampled_from(["", "-"]), st.integers(0, 10**12 - 1))
texts = st.lists(st.one_of(plain, scientific, ties), min_size=NUMBERS_PER_EXAMPLE, max_size=NUMBERS_PER_EXAMPLE)


def rounded(text: str, shift: int = 0) -> Decimal:
    return EXACT.scaleb(Decimal(text), shift).quantize(Decimal("1e-12"), context=EXACT)


@settings(max_examples=48, deadline=None)
@given(texts)
@example(["0.0000000000005", "-0.0000000000015", "0.0000000000025", "1e-13", "-2.5e-12", "0.00000000000049999"])
def test_every_source_reads_a_sum_of_money_as_python_rounds_it(numbers: list[str]) -> None:
    """48 × 250 = 12,000 numbers, each as OpenAI's number and string, Anthropic's cents and a cell of a file."""
    in_files, printed = values.money(pa.array(numbers, pa.string()))
    assert in_files.problems == {}
    assert in_files.values.to_pylist() == [rounded(text) for text in numbers]
    assert [Decimal(text) for text in printed.to_pylist()] == [Decimal(text) for text in numbers]
    for text in numbers:
        for given_as in (loads(text), text):
            amount = decimal_of(given_as)
            assert amount is not None
            assert money(amount) == rounded(text)
            assert text_of(given_as) == text
        for given_as in (loads_line(text), text):
            cents = money_of(given_as, "amount", -2)
            assert cents.value == rounded(text, -2)
            assert cents.printed == text
            assert Decimal(cents.text) == EXACT.scaleb(Decimal(text), -2)


def test_the_examples_of_the_providers_documentation() -> None:
    """Anthropic prints cents as text, OpenAI a JSON number."""
    assert money_of("123.78912", "amount", -2).value == Decimal("1.2378912")
    amount = json.loads('{"value": 0.06}', parse_float=str)["value"]
    assert money(Decimal(amount)) == Decimal("0.06")
