"""Time buckets as OpenAI and Anthropic page through them: aligned, oldest first, so many per page.

Put here: widths, limits, pages. Keep out: what is in a bucket, the words of a provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.demo.providers.endpoint import Refusal
from ingestion.demo.providers.faults import Faults
from ingestion.demo.providers.moments import DAY, HOUR, MINUTE
from ingestion.demo.providers.paging import UnusablePageToken, page_token, read_page_token

BAD_REQUEST = 400


@dataclass(frozen=True)
class Width:
    """A bucket width, and how many buckets a page has by default and at most."""

    micros: int
    default: int
    most: int


USAGE_WIDTHS = {"1m": Width(MINUTE, 60, 1440), "1h": Width(HOUR, 24, 168), "1d": Width(DAY, 7, 31)}


@dataclass(frozen=True)
class Page:
    """Buckets of `width` microseconds in [`start`, `end`), and the token of the next page."""

    start: int
    end: int
    width: int
    next_page: str | None

    @property
    def starts(self) -> range:
        """Where each bucket begins."""
        return range(self.start, self.end, self.width)


def read_width(text: str | None, widths: dict[str, Width]) -> Width:
    """The width asked for, days by default; Refusal if it does not exist."""
    width = widths.get(text or "1d")
    if width is None:
        raise Refusal(BAD_REQUEST, f"Invalid bucket_width {text!r}: use {', '.join(widths)}.", param="bucket_width")
    return width


def read_limit(text: str | None, default: int, most: int) -> int:
    """The limit asked for; Refusal if it is not between 1 and `most`."""
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(BAD_REQUEST, f"Invalid limit {text!r}: it must be between 1 and {most}.", param="limit")
    return int(text)


def cut_page(
    start: int,
    end: int,
    width: Width,
    limit: int,
    token: str | None,
    question: Sequence[tuple[str, str]],
    faults: Faults,
) -> Page:
    """The page of [`start`, `end`), widened to whole buckets, that `token` stands for, or the first one."""
    first = start // width.micros * width.micros
    last = -(-end // width.micros) * width.micros
    begin = first
    if token is not None:
        try:
            begin = read_page_token(token, question, faults)
        except UnusablePageToken as problem:
            raise Refusal(BAD_REQUEST, str(problem), "invalid_page", "page") from problem
    stop = max(begin, min(last, begin + limit * width.micros))
    return Page(begin, stop, width.micros, page_token(question, stop) if stop < last else None)
