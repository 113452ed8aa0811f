"""A small home whose files keep changing, landed in a process of its own that can be killed at any moment.

Put here: the files of each step, one run of all landings as `costops run` does them, what it must leave. Keep out:
killing, tearing, asserting.
"""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from genai_prices.data_snapshot import DataSnapshot, get_snapshot

from ingestion.api.pulls import FILE_NAME
from ingestion.config import Settings
from ingestion.landing.database import connect
from ingestion.landing.keeping import PRICE_TABLES
from ingestion.sources.billing import pipeline as billing
from ingestion.sources.events import pipeline as events
from ingestion.sources.openai import pipeline as openai
from ingestion.sources.org import pipeline as org
from ingestion.sources.prices import pipeline as prices
from orchestration.home.faults import cause_in_words
from orchestration.home.last_good import heal, keep_last_good
from orchestration.home.lock import hold_home
from orchestration.publishing.published_copy import publish
from orchestration.warehouse.kept import ADJUSTMENTS, KEPT, keep, ready_tables
from tests.integration.ingestion.prices_killed_run import raised_list

START = datetime.fromisoformat("2026-06-01T12:00:00")
SOURCES = (events, billing, org, openai)
COMPARED = {
    "raw_events.requests": "event_id",
    "raw_events.files": "path",
    "raw_events.quarantine": "file_path, row_number",
    "raw_billing.focus_charges": "all",
    "raw_billing.files": "path",
    "raw_org.teams": "all",
    "raw_openai.costs": "all",
    "raw_openai.pulls": "all",
    **{table.name: "all" for table in (*PRICE_TABLES, ADJUSTMENTS)},
}


def now_of(step: int) -> datetime:
    """The clock of a step's run."""
    return START + timedelta(hours=step)


def lay(home: Path, step: int) -> None:
    """Bring the files of a home to a step: of one or two sources some change, some come, some go."""
    drop, turn = home / "drop", step % 4
    if turn in (0, 1):
        _write(drop / f"events/canonical/{step % 7}.jsonl", [_event(step, n) for n in range(40)] + ["broken"], step)
        (drop / f"events/canonical/{(step + 4) % 7}.jsonl").unlink(missing_ok=True)
    if turn in (0, 2):
        rows = [_charge(step, day) for day in range(1, 29)]
        header = ",".join(rows[0])
        _write(drop / "billing/focus/acme/june.csv", [header, *(",".join(row.values()) for row in rows)], step)
    if turn in (0, 3):
        teams = [f"t{n},Team {n} {step}" for n in range(step % 3 + 2)]
        _write(drop / "org/teams.csv", ["team_id,team_name", *teams], step)
        _spool(home / "spool/openai", step)


def _event(step: int, number: int) -> str:
    asked = START + timedelta(minutes=number)
    return json.dumps({"event_id": f"{step % 7}-{number}", "requested_at_utc": f"{asked.isoformat()}Z",
                       "provider_name": "openai", "requested_model": "gpt-4o-mini", "uncached_input_tokens": step + 1,
                       "output_tokens": number})  # fmt: skip


def _charge(step: int, day: int) -> dict[str, str]:
    cost = f"{step}.{day:02}"
    costs = dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), cost)
    return costs | {
        "BillingAccountId": "acme", "BillingCurrency": "USD", "ChargeCategory": "Usage",
        "BillingPeriodStart": "2026-05-01T00:00:00Z", "BillingPeriodEnd": "2026-06-01T00:00:00Z",
        "ChargePeriodStart": f"2026-05-{day:02}T00:00:00Z", "ChargePeriodEnd": f"2026-05-{day + 1:02}T00:00:00Z",
        "ChargeDescription": "tokens", "ChargeFrequency": "Usage-Based", "ProviderName": "AWS",
        "ServiceName": "Bedrock", "ServiceCategory": "AI and Machine Learning", "PublisherName": "AWS",
        "InvoiceIssuerName": "AWS",
    }  # fmt: skip


def _spool(folder: Path, step: int) -> None:
    """A day of costs as OpenAI sent it, without a key: the provider is switched off."""
    day = datetime.fromisoformat("2026-05-01") + timedelta(days=step % 9)
    start = int(day.timestamp())
    result = {"object": "organization.costs.result", "amount": {"value": step + 0.25, "currency": "usd"},
              "line_item": "gpt-4o-mini, input", "project_id": "p"}  # fmt: skip
    request = {"endpoint": "costs", "params": {}, "window_start": None, "window_end": None, "page_cursor": None,
               "page_number": 1, "received_at_utc": f"{START.isoformat()}Z", "group_by": ["line_item"]}  # fmt: skip
    bucket = {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": [result]}
    path = folder / "costs" / f"{day.date()}.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps({"request": request, "bucket": bucket}).encode(), mtime=0))
    os.utime(path, (start + step, start + step))
    state = {"endpoint": "costs", "usage_date": str(day.date()), "status": "complete", "row_count": 1,
             "last_pulled_at_utc": str(now_of(step))}  # fmt: skip
    with (folder / FILE_NAME).open("a") as pulls:
        pulls.write(json.dumps(state) + "\n")
    os.utime(folder / FILE_NAME, (start + step, start + step))


def _write(path: Path, lines: list[str], step: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    at = START.timestamp() + step
    os.utime(path, (at, at))


At = Callable[[str], None]
MOMENTS = ("landing", "state", "build", "checkpoint", "publication", "last_good")


def run(home: Path, step: int, said: list[str] | None = None, at: At = lambda _: None) -> None:
    """One run without dbt and Dagster: the home is held, healed, all is landed, an adjustment booked, a copy kept.

    `at` hears of each of `MOMENTS` just before it.
    """
    settings = Settings.from_env({}, home)
    tell = said.append if said is not None else lambda _: None
    with hold_home(settings) as was_killed:
        heal(settings, tell, thorough=was_killed)
        now = now_of(step)
        at("landing")
        for source in SOURCES:
            source.land(settings, now=now)
        at("state")
        is_raised = step % 8 >= 4
        prices.land(settings, now=now, snapshot=_price_list(is_raised), source_version=str(is_raised))
        _book(settings, step, at)
        at("publication")
        publish(settings.warehouse_path, settings.published_dir, now=now)
        at("last_good")
        keep_last_good(settings)


@cache
def _price_list(is_raised: bool) -> DataSnapshot:
    """A few models of the published list, or of a later one with other prices, without Mistral, with a newcomer."""
    most = {"openai": 20, "groq": 20, "newcomer": 5, "mistral": 4}
    whole = raised_list() if is_raised else get_snapshot()
    few = [replace(each, models=each.models[: most[each.id]]) for each in whole.providers if each.id in most]
    return DataSnapshot(providers=few, from_auto_update=False)


def _book(settings: Settings, step: int, at: At) -> None:
    """An adjustment as `costops reprice` books it: in the warehouse first, then kept."""
    with connect(settings.warehouse_path) as db:
        ready_tables(db, settings)
        db.execute(
            "insert into adjustments.price_adjustments by name select ? as adjustment_id, 'r' as repricing_id, "
            "? as repriced_at_utc, 1.5::decimal(38,12) as list_difference_usd where not exists "
            "(from adjustments.price_adjustments where adjustment_id = ?)",
            [f"a{step:05}", now_of(step), f"a{step:05}"],
        )
        keep(db, settings, *KEPT)
        at("build")
        db.execute("create schema if not exists marts")
        db.execute(
            "create or replace table marts.fct_requests as select event_id, output_tokens from raw_events.requests"
        )
        at("checkpoint")


def in_child(
    home: Path, step: int, kill_after: float | None = None, *, at: At = lambda _: None, words: Path | None = None
) -> int | None:
    """Run in a forked process; returns its exit code, None where it was killed after so many seconds.

    What goes wrong is written to `words` as the command line would say it.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run(home, step, at=at)
            code = 0
        except Exception as error:
            if words is None:
                traceback.print_exc()
            else:
                words.write_text(cause_in_words(error) or f"Traceback: {error!r}")
        finally:
            os._exit(code)
    deadline = None if kill_after is None else time.monotonic() + kill_after
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if deadline is not None and time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.002)


def rows_of(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that a run must leave; what differs by nature (load ids, numbers of files) is left out."""
    found = {}
    with connect(Settings.from_env({}, home).warehouse_path) as db:
        for table, order in COMPARED.items():
            names = {name for name, *_ in db.execute(f"describe {table}").fetchall()}
            without = sorted(names & {"_dlt_load_id", "_dlt_id", "_source_file_id", "file_id"})
            exclude = f"exclude ({', '.join(without)})" if without else ""
            found[table] = db.execute(f"select * {exclude} from {table} order by {order}").fetchall()
    return found
