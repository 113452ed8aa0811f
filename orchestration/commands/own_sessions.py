"""What `costops run --local` says of a person's own sessions: what was found, and what they are worth at list prices.

Put here: words and figures of local usage. Keep out: finding (`ingestion.agent_folders`), reading.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace

import duckdb

from ingestion.agent_folders import AGENTS
from ingestion.config import Settings
from orchestration.commands.mine import not_found
from orchestration.commands.shared import console, errors, fail
from orchestration.text.terminal import plain


def found(settings: Settings, *, must_be: bool) -> Settings:
    """Say which sessions a run takes in; settings without them where there are none. `must_be`: then it is an error."""
    from orchestration.running.mine import sessions

    there = sessions(settings.agent_folders)
    if not there:
        if must_be:
            raise fail(not_found(settings.agent_folders), 2)
        errors.print(f"[yellow]![/] {plain(not_found(settings.agent_folders))}", highlight=False, soft_wrap=True)
        return replace(settings, reads_local=False)
    console.print("[bold]Your own sessions[/], read where they lie")
    for agent, count in Counter(session.agent for session in there).items():
        places = [str(path) for prefix, path in settings.agent_folders if prefix.startswith(agent) and path.is_dir()]
        files = "file" if count == 1 else "files"
        console.print(
            f"  {AGENTS[agent]:12} {count:>6,} {files} in {plain(', '.join(places))}", highlight=False, soft_wrap=True
        )
    return settings


def print_used(settings: Settings) -> None:
    """Calls, days and list value by agent, and what of it a subscription covers."""
    from orchestration.pricing.price_book import PriceBook
    from orchestration.running.mine import mine

    with suppress(duckdb.Error, OSError):
        days = mine(
            settings.agent_folders, settings.home / "mine.duckdb", PriceBook(settings), settings.plan_covered
        ).days
        if not days:
            return
        console.print("\n[bold]Your own usage[/]  at list prices")
        for agent, title in AGENTS.items():
            own = [day for day in days if day.agent == agent]
            if not own:
                continue
            value, covered = sum(day.list_value for day in own), sum(day.plan_value for day in own)
            unpriced = sum(day.unpriced_calls for day in own)
            console.print(
                f"  {title:12} {sum(day.calls for day in own):>7,} calls on {len({day.day for day in own}):>3} days, "
                f"{own[0].day} to {own[-1].day}: ${value:,.2f}",
                highlight=False,
                soft_wrap=True,
            )
            if covered:
                console.print(
                    f"  {'':12} ${covered:,.2f} of it is covered by a subscription: list value, no spend",
                    highlight=False,
                    soft_wrap=True,
                )
            if unpriced:
                console.print(f"  {'':12} {unpriced:,} calls have no price and are not in it", highlight=False)
        console.print("  By day and model: costops mine", highlight=False)
