"""Calls that two tools, folders or files may both tell, under ids of their own: both count, and the run asks.

A gateway's log beside traces of the application behind it is such a pair, and so is a file without ids that was
copied. Put here: noticing them once all files have landed. Keep out: calls that share an id (`landing.uniqueness`),
sums and their calls (`families`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from pathlib import PurePosixPath
from typing import NamedTuple

from ingestion.config import Settings
from ingestion.landing.counting import counted
from ingestion.landing.database import connect
from ingestion.landing.delivery_rules import DeliveryRules
from ingestion.landing.notes import Note
from ingestion.reading.packed import ENDINGS
from ingestion.sources.events.answers import how_to_answer
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

CALLS_ALIKE = "calls_alike"
NEAR_SECONDS = 5
"""Tools time a call by its start, its end or the second of its answer."""
LOOKED_AT = 100_000
"""About so many calls are compared; of more, those of some counts are, which both tools have alike."""
SHARE_OF_CALLS, SHARE_OF_FILE = 0.8, 0.05
"""Of the calls of a file between the first and last that the other has, and of all its calls."""


class Alike(NamedTuple):
    """A file of which another has calls: how many and with what in them, their cost where every one has any."""

    path: str
    source: str
    other_path: str
    other_source: str
    calls: int
    tokens: int
    cost: Decimal | None
    is_copy: bool


def told_twice(settings: Settings, rules: DeliveryRules) -> list[Note]:
    """A question for each two tools (of one tool: folders or files) that have the same counts at the same times.

    None for files of which `rules` say that each adds calls of its own.
    """
    with connect(settings.warehouse_path) as db:
        if db.execute("select count(*) from raw_events.files where row_count > 0").fetchone()[0] < 2:
            return []
        total = db.execute("select count(*) from raw_events.requests").fetchone()[0]
        every = max(1, round(total / LOOKED_AT))
        found = [Alike(*row) for row in db.execute(_ALIKE, [every]).fetchall()]
    found = [each for each in found if not rules.between([each.path], [each.other_path])]
    grouped: dict[tuple[str, str], list[Alike]] = defaultdict(list)
    for alike in found:
        grouped[_tellers(alike)].append(alike)
    best: dict[tuple[str, str], tuple[tuple[str, str], list[Alike]]] = {}
    for tellers, group in grouped.items():
        pair = (min(tellers), max(tellers))
        if pair not in best or _weight(group) > _weight(best[pair][1]):
            best[pair] = (tellers, group)
    return [_note(tellers, group, every) for tellers, group in best.values()]


def _tellers(alike: Alike) -> tuple[str, str]:
    """What a person would take out: all of a tool, a folder, or a file."""
    if alike.source != alike.other_source:
        return f"{alike.source}/", f"{alike.other_source}/"
    folder, other = PurePosixPath(alike.path).parent, PurePosixPath(alike.other_path).parent
    if folder != other and not alike.is_copy:
        return f"{folder}/", f"{other}/"
    return alike.path, alike.other_path


def _weight(group: list[Alike]) -> tuple[int, bool]:
    return sum(each.calls for each in group), all(each.cost is not None for each in group)


def _note(tellers: tuple[str, str], group: list[Alike], every: int) -> Note:
    calls, tokens = every * sum(each.calls for each in group), every * sum(each.tokens for each in group)
    costs = [each.cost for each in group if each.cost is not None]
    amount = every * sum(costs, Decimal(0)) if len(costs) == len(group) else None
    about = "about " if every > 1 else ""
    told = f"{about}{counted(calls, 'call', 'calls')}, {tokens:,} tokens"
    if amount:
        told += f", {amount.normalize():f} USD of recorded cost"
    first, (one, other) = group[0], tellers
    if first.is_copy:
        message = f"{one} is a copy of {other}, and no row has an id. Both count, so that twice: {told}"
    else:
        such = "" if one == first.path else f", such as those of {first.path} and {first.other_path}"
        message = (
            f"calls of {one} have the counts and times of calls of {other} under other ids{such}. All count; if they "
            f"are the same calls, twice: {told}"
        )
    message += f"; {how_to_answer(one, other)}"
    return Note(
        CALLS_ALIKE, message, first.path, count=calls, amount=amount or None, currency="USD" if amount else None
    )


def _sum(side: str) -> str:
    return " + ".join(f"coalesce({name}, 0)" for name in TOKEN_COLUMNS if ("output" in name) == (side == "output"))


def _plain(path: str) -> str:
    return f"regexp_replace({path}, '({'|'.join(map(re.escape, ('.gz', *ENDINGS)))})$', '')"


_ALIKE = f"""
    with calls as (
        select _source_file_id as file_id, event_source as source, epoch_us(requested_at_utc) as told_at,
            {_sum("input")} as input, {_sum("output")} as output, recorded_cost_usd as cost, hash(event_id) as id,
            unnest(list_distinct([input, coalesce(uncached_input_tokens, 0)])) as as_told
        from raw_events.requests
        where input + output > 0 and is_billable
    ), near as (
        select *, told_at // {NEAR_SECONDS}000000 as slot from calls where hash(as_told, output) % ?::ubigint = 0
    ), around as (
        select * exclude (slot), slot + unnest([-1, 0, 1]) as slot from near
    ), matched as (
        select distinct on (call.id, other.file_id)
            call.file_id, call.source, other.file_id as other_id, other.source as other_source,
            call.told_at, call.input, call.output, call.cost
        from near as call
        join around as other using (slot, as_told, output)
        where call.file_id <> other.file_id and abs(call.told_at - other.told_at) <= {NEAR_SECONDS}000000
    ), pairs as (
        select file_id, source, other_id, other_source, count(*) as calls, count(distinct (input, output)) as counts,
            count(distinct told_at) as times, min(told_at) as first_at, max(told_at) as last_at,
            sum(input + output) as tokens,
            case when count(cost) = count(*) then sum(cost) end as cost
        from matched group by all
        having counts > 1 and times > 1
    ), shares as (
        select pairs.*, count(*) as all_calls,
            count(*) filter (calls.told_at between first_at and last_at) as between_calls
        from pairs
        join (select distinct file_id, id, told_at from near) as calls using (file_id)
        group by all
    ), told as (
        select file_id, source, other_id, other_source, calls, tokens, cost
        from shares
        where calls >= {SHARE_OF_CALLS} * between_calls and calls >= {SHARE_OF_FILE} * all_calls
    ), copies as (
        select file.file_id, min(other.file_id) as other_id
        from raw_events.files as file
        join raw_events.files as other using (source_format, row_count)
        where file.path > other.path and row_count > 0
            and (file.content_hash = other.content_hash or {_plain("file.path")} = {_plain("other.path")})
        group by 1
    ), copied as (
        select copies.file_id, event_source, other_id, event_source, count(*), sum({_sum("input")} + {_sum("output")}),
            case when count(recorded_cost_usd) = count(*) then sum(recorded_cost_usd) end
        from copies
        join raw_events.requests on _source_file_id = copies.file_id
        group by all
    ), found as (
        select *, false as is_copy from told where (file_id, other_id) not in (select file_id, other_id from copies)
            and (other_id, file_id) not in (select file_id, other_id from copies)
        union all
        select *, true from copied
    )
    select file.path, source, other.path, other_source, calls, tokens, cost, is_copy
    from found
    join raw_events.files as file on file.file_id = found.file_id
    join raw_events.files as other on other.file_id = other_id
    order by file.path, other.path
"""
"""Files of which another has calls of equal counts (with their cache or, as some tools tell, without) at nearly the
same times, more than chance gives: of several counts, at several times, and nearly all between the first and the last
of them. And files that are copies of another."""
