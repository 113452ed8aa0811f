"""What the path of a billing file says: which delivery it is part of, which part, of which stream, run and period.

Put here: reading names. Keep out: what is in the files.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_TABLE_SUFFIX = re.compile(
    r"(\.(csv|tsv|txt|parquet|snappy|gzip|gz|zip|zst|bz2|xz|json|jsonl|ndjson|xlsx|xlsm))+$", re.IGNORECASE
)
_DATE_AT_END = re.compile(r"(19|20)\d{2}[-_.]?(0[1-9]|1[0-2])([-_.]?(0[1-9]|[12]\d|3[01]))?$")
_DAY_AT_END = re.compile(r"((?:19|20)\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])$")
_PART_AT_END = re.compile(
    r"([-_.](part[-_]?)?\d{1,5})+$|[-_.]?part[-_.]?\d+([-_.]\d+)*$|(^|[-_.])0\d{11}$", re.IGNORECASE
)
"""The last: shards of a BigQuery extract, `bill-000000000001`."""
_PART_OF = re.compile(r"[-_. (]*(?:part[-_. ]*)?(\d{1,5})[-_. ]*of[-_. ]*(\d{1,5})\)?$", re.IGNORECASE)
_SPARK_PART = re.compile(
    r"part-(\d{5})-(tid-\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(-[-0-9a-f]*)?(-c\d+)?(\.c\d+)?$",
    re.IGNORECASE,
)
_PERIOD_FOLDER = re.compile(
    r"((19|20)\d{6}-(19|20)\d{6}|(19|20)\d{2}-?(0[1-9]|1[0-2])(-?(0[1-9]|[12]\d|3[01]))?"
    r"|(billing_?period|period|year|month|day|date)=.*)",
    re.IGNORECASE,
)
_RUN_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_RUN_TIME = re.compile(
    r"(?:(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})?Z?"
    r"|(\d{4})-(\d{2})-(\d{2})T(\d{2})[:-]?(\d{2})[:-]?(\d{2})?(?:[.,]\d+)?Z?)"
    rf"(?:-{_RUN_ID.pattern})?",
    re.IGNORECASE,
)
"""Such as `202410030200`, or `2026-08-03T10:20:30.123Z-<execution id>` of AWS Data Exports."""
_SPAN = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})-((?:19|20)\d{2})(\d{2})(\d{2})")
_MONTH_FOLDER = re.compile(
    r"(19|20)\d{6}-(19|20)\d{6}|(19|20)\d{2}-?(0[1-9]|1[0-2])|(billing_?period|period|month)=.*", re.IGNORECASE
)
_TYPES = (("amortized", "amortized"), ("amortised", "amortized"), ("actual", "actual"))


@dataclass(frozen=True)
class PartName:
    """A file's name without its part number, the numbers, and how many parts there are said to be."""

    stem: str
    numbers: tuple[int, ...] = ()
    of: int | None = None
    is_strict: bool = False
    """The name is one that exporters give to parts; `bill_2.csv` may as well be a second copy."""


def part_of(path: str) -> PartName:
    """What the parts of one delivery share, and which part a file is.

    `run/part_0_0001.csv` gives `run/part`, `cur-00002.csv.gz` gives `cur`; a date at the end is no part number.
    """
    folder, _, name = path.rpartition("/")
    stem = _TABLE_SUFFIX.sub("", name)
    numbers: tuple[int, ...] = ()
    of: int | None = None
    is_strict = False
    if match := _SPARK_PART.fullmatch(stem):
        stem, numbers, is_strict = f"part-{match[2].lower()}", (int(match[1]),), True
    elif match := _PART_OF.search(stem):
        stem, numbers, of, is_strict = stem[: match.start()] or "part", (int(match[1]),), int(match[2]), True
    elif not _DATE_AT_END.search(stem) and (match := _PART_AT_END.search(stem)):
        text = match[0]
        numbers = tuple(int(each) for each in re.findall(r"\d+", text))
        is_strict = "part" in text.lower() or match.start() == 0 or bool(re.search(r"(?<!\d)0\d{3,}|\d{5}", text))
        is_strict = is_strict or stem[: match.start()].lower().endswith("part")
        stem = stem[: match.start()] or "part"
    return PartName(f"{folder}/{stem}" if folder else stem, numbers, of, is_strict)


def stem_of(path: str) -> str:
    """Folder and file stem without the part number."""
    return part_of(path).stem


def stream_of(key: str) -> str:
    """A delivery's key without what changes from run to run: periods, run times, run ids below them, dates.

    A GUID or a number elsewhere may be an account, so it stays.
    """
    *folders, stem = key.split("/")
    names: list[str] = []
    for folder in folders:
        is_run = bool(_PERIOD_FOLDER.fullmatch(folder)) or run_time_of(f"{folder}/") is not None
        is_run = is_run or bool(names and names[-1] == "*" and _RUN_ID.fullmatch(folder))
        names.append("*" if is_run else folder)
    stem = re.sub(rf"^part-({_RUN_ID.pattern}|tid-\d+)$", "part", stem, flags=re.IGNORECASE)
    return "/".join([*names, _DATE_AT_END.sub("*", stem)])


def run_time_of(path: str) -> datetime | None:
    """The time a run folder such as `202410030200` names, UTC."""
    for folder in reversed(path.split("/")[:-1]):
        match = _RUN_TIME.fullmatch(folder)
        if match:
            year, month, day, hour, minute, second = (
                int(part or 0) for part in (match.groups()[:6] if match[1] else match.groups()[6:12])
            )
            if 2000 <= year < 2100:
                with suppress(ValueError):
                    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - naive UTC
    return None


def date_of(path: str) -> date | None:
    """The day that ends a file's name, or that the nearest folder with a day for a name is called after."""
    *folders, name = path.split("/")
    named = [_DAY_AT_END.search(_TABLE_SUFFIX.sub("", name)), *map(_DAY_AT_END.fullmatch, reversed(folders))]
    for match in filter(None, named):
        with suppress(ValueError):
            return date(*map(int, match.groups()))
    return None


_VERSION = re.compile(
    r"[ _.-]*(?:\((\d{1,3})\)|(?:v|ver|version|rev)[ _.-]?(\d{1,3})"
    r"|(final|corrected|correction|restated|revised|amended))$",
    re.IGNORECASE,
)


def version_of(path: str) -> tuple[str, str, int]:
    """A path without what ends its name as a version does, how that is spelled (`(n)`, `v`, a word, or not at all),
    and its number."""
    stem = _TABLE_SUFFIX.sub("", path)
    match = _VERSION.search(stem)
    if match is None:
        return stem.lower(), "", 0
    spelled = "(n)" if match[1] else "v" if match[2] else "word"
    return stem[: match.start()].lower(), spelled, int(match[1] or match[2] or 1)


def later_by_name(one: str, other: str) -> bool | None:
    """Whether the first of two names says that it is the later version of the same; None where they do not say."""
    (base, spelled, number), (other_base, other_spelled, other_number) = version_of(one), version_of(other)
    if base != other_base or (spelled and other_spelled and spelled != other_spelled) or number == other_number:
        return None
    if not (spelled and other_spelled) and "v" in (spelled, other_spelled) and max(number, other_number) == 1:
        return None  # `bill` may be what came after `bill_v1`
    return number > other_number


def period_of(path: str) -> tuple[date, date] | None:
    """The days that a folder such as `20260601-20260605` names; `…-20260701` ends with the last of June."""
    for folder in reversed(path.split("/")[:-1]):
        match = _SPAN.fullmatch(folder)
        if match:
            with suppress(ValueError):
                numbers = [int(part) for part in match.groups()]
                first, last = date(*numbers[:3]), date(*numbers[3:])
                if last.day == 1 and last > first:
                    last -= timedelta(days=1)
                return (first, last) if first <= last else None
    return None


def may_be_of_one_period(one: str, other: str) -> bool:
    """Whether two paths can be of one billing period: not where both name months, and different ones."""
    months = [
        next((name for name in reversed(path.split("/")[:-1]) if _MONTH_FOLDER.fullmatch(name)), "")
        for path in (one, other)
    ]
    return months[0] == months[1] or not all(months)


def type_of(path: str) -> str:
    """`actual` or `amortized` where a name says so."""
    text = path.lower()
    return next((kind for word, kind in _TYPES if word in text), "")
