"""Pricing hourly rows with a large price table against the same statement with one constant price.

Ten million hours, 100,000 prices. The statement is that of `int_llm_usage_daily`: stored hours are summed to the grain
at which prices are constant, then joined with the wide price cards and multiplied in decimal. Two other shapes are
measured and printed beside it: a join per hourly row, and the fact's one row per hour and meter.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import duckdb
import jinja2

from tests.benchmarks.size import IS_FULL, sized
from tests.support.warehouse import DBT_PROJECT

ROWS = sized(tiny=10_000, full=10_000_000)
PRICE_ROWS = sized(tiny=1_000, full=100_000)
SERIES = PRICE_ROWS // 25
LIMIT = 1.5
REPEATS = sized(tiny=1, full=3)
METERS = ("uncached_input", "cache_read", "cache_write_5m", "output")
COUNTS = ", ".join(f"cast(sum({meter}_tokens) as bigint) as {meter}_tokens" for meter in METERS)


def _macro(name: str, *arguments: str) -> str:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    module = environment.from_string((DBT_PROJECT / "macros/money/money.sql").read_text()).module
    return str(getattr(module, name)(*arguments))


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _make(db: duckdb.DuckDBPyConnection) -> None:
    """Series of hours; each goes through 25 price cards, so that every card is used."""
    hours, cards = ROWS // SERIES, PRICE_ROWS // SERIES
    prices = ", ".join(
        f"cast(cast(1 + hash(card, {n}) % 99999999 as decimal(18, 0)) * 0.000000000001 as decimal(38, 12)) as {meter}"
        for n, meter in enumerate(METERS)
    )
    db.execute(
        f"create table cards as select cast(hash(card) >> 4 as bigint) as price_card_id, {prices}"
        f" from range({PRICE_ROWS}) as c(card)"
    )
    long = " union all ".join(f"select price_card_id, '{m}' as meter, {m} as price from cards" for m in METERS)
    db.execute(f"create table card_meters as {long}")
    counts = ", ".join(f"cast(hash(s, h, {n}) % 5000000 as bigint) as {meter}_tokens" for n, meter in enumerate(METERS))
    db.execute(
        f"""
        create table hourly as
        select
            cast(timestamp '2026-01-01' + to_hours(cast(h as bigint)) as date) as usage_date,
            cast(hash(cast(s * {cards} + h * {cards} // {hours} as bigint)) >> 4 as bigint) as price_card_id,
            'key-' || s as api_key_id, 'team-' || (s % 40) as team_id, {counts}
        from range({hours}) as a(h), range({SERIES}) as b(s)
        """
    )


def _statements(is_constant: bool) -> dict[str, str]:
    """The three shapes, priced from the table or at one price."""
    one = "cast(0.000003 as decimal(38, 12))"
    price: Callable[[str], str] = (lambda meter: one) if is_constant else (lambda meter: f"cards.{meter}")
    total = " + ".join(f"coalesce({_macro('priced', f'h.{meter}_tokens', price(meter))}, 0)" for meter in METERS)
    join = "" if is_constant else "left join cards on cards.price_card_id = h.price_card_id"
    summed = f"select usage_date, price_card_id, api_key_id, team_id, {COUNTS} from hourly group by 1, 2, 3, 4"
    by_team = f"select h.usage_date, h.team_id, {_macro('money_sum', total)} as cost_usd"
    metered = " union all ".join(
        f"select usage_date, team_id, price_card_id, '{meter}' as meter, {meter}_tokens as quantity from hourly"
        f" where {meter}_tokens <> 0"
        for meter in METERS
    )
    meter_price = one if is_constant else "prices.price"
    meter_join = (
        ""
        if is_constant
        else "left join card_meters as prices on prices.price_card_id = h.price_card_id and prices.meter = h.meter"
    )
    return {
        "summed, then priced": f"with h as ({summed}) {by_team} from h {join} group by 1, 2",
        "row by row": f"{by_team} from hourly as h {join} group by 1, 2",
        "row and meter": f"with h as ({metered}) select h.usage_date, h.team_id, h.meter,"
        f" {_macro('money_sum', _macro('priced', 'h.quantity', meter_price))} as cost_usd"
        f" from h {meter_join} group by 1, 2, 3",
    }


def test_pricing_by_card_stays_near_a_constant_price(tmp_path: Path) -> None:
    seconds: dict[tuple[str, bool], list[float]] = {}
    with duckdb.connect(str(tmp_path / "bench.duckdb")) as db:
        _make(db)
        used = db.execute("select count(*), count(distinct price_card_id) from hourly").fetchall()
        assert used == [(ROWS, PRICE_ROWS)]
        for _ in range(REPEATS):
            for is_constant in (False, True):
                for shape, sql in _statements(is_constant).items():
                    before = _cpu_seconds()
                    db.execute(f'create or replace temp table "{shape} {is_constant}" as {sql}')
                    seconds.setdefault((shape, is_constant), []).append(_cpu_seconds() - before)
        exact = " + ".join(f"sum({m}_tokens::hugeint * ({m} * 1000000000000)::hugeint)" for m in METERS)
        ((expected,),) = db.execute(f"select {exact} from hourly join cards using (price_card_id)").fetchall()
        for shape in _statements(False):
            ((found,),) = db.execute(f'select sum(cost_usd) from "{shape} False"').fetchall()
            assert int(found.scaleb(12)) == expected, shape
    ratios = {shape: min(seconds[shape, False]) / min(seconds[shape, True]) for shape in _statements(False)}
    print(f"\n{ROWS:,} hourly rows, {PRICE_ROWS:,} prices, CPU seconds:")
    for shape, ratio in ratios.items():
        looked_up, constant = min(seconds[shape, False]), min(seconds[shape, True])
        print(f"  {shape}: {looked_up:.2f} / {constant:.2f} = {ratio:.2f}")
    assert ratios["summed, then priced"] <= LIMIT or not IS_FULL
