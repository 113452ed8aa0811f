"""The summary at the end of a run, in words and figures a manager understands.

Put here: how it looks. Keep out: how figures come about (they are read from the published marts).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from ingestion.config import Settings
from ingestion.landing.counting import counted
from orchestration.publishing.query import open_published
from orchestration.running.progress import RunTally
from orchestration.running.summary_bills import (
    dollars,
    print_charges,
    print_corrections,
    print_recorded,
    print_unconverted,
    print_unjudged_budgets,
    tell,
)
from orchestration.text.terminal import plain

RECENT_DAYS = 30
ABSENT = (duckdb.CatalogException, duckdb.BinderException)
"""A mart, or a column of it, that the published copy does not have: it is older than the code, or held back."""

_WINDOW = f"""
with bounds as (
    select max(usage_date) as last_date from fct_allocated_costs_daily
), recent as (
    select costs.* from fct_allocated_costs_daily as costs, bounds
    where costs.usage_date > bounds.last_date - {RECENT_DAYS}
)
"""
_KINDS = {"llm": "LLM", "infrastructure": "infrastructure", "own": "own costs"}
_BASES = {
    "billed": "",
    "declared": "declared as own costs",
    "rated": "GPU time at the rate list",
    "recorded": "charged by providers on the calls",
    "estimated": "as sources estimated it, where no price is known",
}
"""What spend can rest on beside prices, in words; bills come first on their own."""
_TEAM = "coalesce(team_id, case when cost_center_id = 'unallocated' then 'unallocated' else '(no team)' end)"


def print_summary(settings: Settings, tally: RunTally, console: Console) -> int:
    """Print spend by provider and team, top models, what is unpriced and quarantined, alerts, where the files are.

    Returns how many marts are held back. A part whose marts are not there is left out.
    """
    connection = open_published(settings)
    try:
        for part in (_print_heading, _print_spend):
            with suppress(*ABSENT):
                part(connection, console)
        _print_attention(connection, console, tally)
        held_back = _print_held_back(connection, console)
    finally:
        connection.close()
    tell(console, f"\n[bold]Files[/]  marts    {settings.published_database}")
    tell(console, f"       parquet  {settings.published_dir / 'parquet'}")
    home = "" if settings.home.name == ".costops" else f" --home {settings.home}"
    console.print(
        f'[bold]Next[/]   costops query{home} "from rpt_cost_monthly order by spend_usd desc limit 20"'
        f"\n       costops dashboard{home}\n       costops ui{home}",
        highlight=False,
        soft_wrap=True,
        markup=True,
    )
    return held_back


def _print_heading(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    row = connection.execute(
        "select min(usage_date), max(usage_date), sum(allocated_cost_usd), "
        + ", ".join(f"sum(case when cost_kind = '{kind}' then allocated_cost_usd end)" for kind in _KINDS)
        + "".join(f", sum(case when cost_basis = '{basis}' then allocated_cost_usd end)" for basis in _BASES)
        + "".join(f", sum(case when cost_kind = '{kind}' then unknown_cost_item_count end)" for kind in _KINDS)
        + ", sum(case when spend_item_type = 'prepaid_balance' then allocated_cost_usd end) "
        "from fct_allocated_costs_daily"
    ).fetchone()
    if row is None or row[0] is None:
        console.print("\nNo spend in the warehouse yet.")
        return
    first, last, total, *rest, prepaid = row
    kinds, others, lacking = rest[: len(_KINDS)], rest[len(_KINDS) : -len(_KINDS)], rest[-len(_KINDS) :]
    bases = dict(zip(_BASES, others, strict=True))
    by_kind = " + ".join(
        f"{_at_least(amount, unknown)} {name}"
        for amount, unknown, name in zip(kinds, lacking, _KINDS.values(), strict=True)
    )
    priced = (total or 0) - sum(amount or 0 for amount in bases.values())
    sources = [
        f"{dollars(bases['billed'])} from bills",
        *(f"{dollars(bases[basis])} {words}" if bases[basis] else "" for basis, words in _BASES.items() if words),
        f"{dollars(priced)} priced where no bill covers the usage",
    ]
    balance = f"; {dollars(prepaid)} of it is prepaid and not yet consumed" if prepaid else ""
    tell(
        console,
        f"\n[bold]Spend from {first} to {last}: {_at_least(total, any(lacking))}[/] = {by_kind}\n"
        f"of it {', '.join(part for part in sources if part)}{balance}",
    )


def _at_least(amount: Decimal | None, unknown: int | bool | None) -> str:
    """A sum, and whether items of unknown cost are missing from it."""
    return f"at least {dollars(amount or 0)}" if unknown else dollars(amount or 0)


def _print_spend(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    last = _one(connection, "select max(usage_date) from fct_allocated_costs_daily")
    if last is None:
        return
    window = f"{last - timedelta(days=RECENT_DAYS - 1)} to {last}"
    total = _one(connection, _WINDOW + "select sum(allocated_cost_usd) from recent where cost_kind = 'llm'") or Decimal(
        0
    )
    for title, column in (("provider", "coalesce(provider_id, '(unknown)')"), ("team", _TEAM)):
        rows = connection.execute(
            _WINDOW + f"select {column} as name, sum(allocated_cost_usd) as cost from recent where cost_kind = 'llm' "
            "group by 1 order by 2 desc"
        ).fetchall()
        console.print(_table(f"Last {RECENT_DAYS} days ({window}), LLM by {title}", rows, total))
    rows = connection.execute(
        _WINDOW + "select coalesce(provider_id, '(unknown)') || ' / ' || coalesce(model_id, '(no model)'), "
        "sum(allocated_cost_usd) as cost from recent where cost_kind = 'llm' group by 1 order by 2 desc limit 8"
    ).fetchall()
    console.print(_table(f"Top models, last {RECENT_DAYS} days ({window})", rows, total))


def _print_attention(connection: duckdb.DuckDBPyConnection, console: Console, tally: RunTally) -> None:
    console.print("\n[bold]Worth knowing[/]")
    for part in (
        _print_unpriced,
        print_recorded,
        print_charges,
        print_unconverted,
        print_unjudged_budgets,
        print_corrections,
        _print_quarantined,
        _print_alerts,
        _print_savings,
    ):
        with suppress(*ABSENT):
            part(connection, console)
    checks = f"{tally.checks_passed:,} passed"
    if tally.checks_warned:
        checks += f", {len(tally.checks_warned)} warned ({plain(', '.join(tally.checks_warned[:3]))})"
    if tally.checks_failed:
        checks += f", {len(tally.checks_failed)} failed ({plain(', '.join(tally.checks_failed[:3]))})"
    tell(console, f"  checks        {checks}")
    with suppress(*ABSENT):
        _print_freshness(connection, console)


def _print_held_back(connection: duckdb.DuckDBPyConnection, console: Console) -> int:
    """Marts that show their last good version, by what is wrong; returns how many there are."""
    try:
        rows = connection.execute(
            "select reason, remedy, list(mart order by mart), min(held_back_since_utc) from rpt_mart_status "
            "where status <> 'current' group by all order by 4, 1"
        ).fetchall()
    except ABSENT:
        return 0
    for reason, remedy, marts, since in rows:
        shown = ", ".join(marts[:3]) + (f" and {len(marts) - 3} more" if len(marts) > 3 else "")
        tell(
            console,
            f"  [yellow]held back[/]     {counted(len(marts), 'mart', 'marts')} since {since:%Y-%m-%d %H:%M} UTC: "
            f"{plain(shown)}\n"
            f"                {plain(reason)}\n                {plain(remedy)} (rpt_mart_status lists all)",
        )
    return sum(len(marts) for _, _, marts, _ in rows)


def _print_unpriced(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    unpriced = connection.execute(
        "select raw_model, unpriced_reason, sum(quantity) from fct_unpriced_usage_daily group by 1, 2 order by 3 desc"
    ).fetchall()
    if unpriced:
        names = ", ".join(
            f"{plain((model or '(no model)')[:60])} ({plain((reason or '').replace('_', ' '))})"
            for model, reason, _ in unpriced[:4]
        )
        tell(
            console,
            f"  unpriced      {counted(len(unpriced), 'model has', 'models have')} usage but no price: {names}",
        )
    else:
        console.print("  unpriced      nothing: every metered unit has a price")


def _print_quarantined(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    quarantined = connection.execute(
        "select source, count(*) from fct_quarantined_rows group by 1 order by 2 desc"
    ).fetchall()
    total = sum(count for _, count in quarantined)
    detail = ", ".join(f"{plain(source)} {count:,}" for source, count in quarantined)
    tell(console, f"  quarantined   {counted(total, 'row', 'rows')}{': ' + detail if detail else ''}")


def _print_alerts(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    for severity, title in connection.execute(
        "select severity, title from rpt_alerts where resolved_at_utc is null order by first_seen_at_utc desc limit 5"
    ).fetchall():
        style = "red" if severity == "critical" else "yellow"
        console.print(f"  alert         [{style}]{plain(severity)}[/] {plain(title)}", highlight=False)


def _print_savings(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    row = connection.execute(
        "select sum(incremental_saving_usd), count(*), min_by(title, portfolio_order) from rpt_recommendations "
        "where is_open and incremental_saving_usd > 0"
    ).fetchone()
    if row and row[0]:
        tell(
            console,
            f"  savings       {dollars(row[0])} in 30 days by {row[1]} recommendations, first: {plain(row[2] or '')} "
            "(costops recommend list)",
        )
    row = connection.execute(
        "select sum(realised_saving_usd), count(*) from rpt_verified_savings "
        "where status in ('verified', 'negative', 'reversed')"
    ).fetchone()
    if row and row[1]:
        console.print(
            f"  saved         {dollars(row[0])} so far by {row[1]} that were implemented (costops recommend verified)",
            highlight=False,
        )


def _print_freshness(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    rows = connection.execute(
        "select source, latest_data_date, coverage_pct from rpt_source_freshness "
        "where latest_data_date is not null order by 1"
    ).fetchall()
    parts = [
        f"{plain(source)} to {latest}" + (f" ({pct:.1f} % priced)" if pct is not None else "")
        for source, latest, pct in rows
    ]
    tell(console, f"  fresh         {'; '.join(parts) or 'no usage and no bill yet'}")


def _table(title: str, rows: list[tuple[Any, ...]], total: Decimal) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    table.add_column("", min_width=34)
    table.add_column("USD", justify="right", min_width=14)
    table.add_column("share", justify="right")
    for name, cost in rows:
        share = f"{float(cost) / float(total):.1%}" if total > 0 and cost is not None else "–"
        table.add_row(plain(name), dollars(cost, sign=""), share)
    return table


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None
