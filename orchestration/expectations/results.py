"""What suites found last, kept in the home, and shown as one page.

Put here: the file and the page. Keep out: trying suites.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from html import escape
from typing import Any

from ingestion.config import Settings
from ingestion.whole_files import replace_file
from orchestration.expectations.suite import Suite
from orchestration.expectations.validation import Outcome, SuiteResult
from orchestration.presenting.theme import DARK, FONT, LIGHT

FILE, PAGE = "expectations.json", "expectations.html"
STATES = {"passed": "as expected", "warning": "unusual", "failed": "wrong", "silent": "too little history"}


@dataclass(frozen=True)
class Kept:
    """The newest result of a suite."""

    suite: str
    about: str
    remedy: str
    state: str
    tried_at_utc: str
    rows: int
    outcomes: tuple[Outcome, ...]

    @property
    def words(self) -> str:
        """What is not as expected, and what to do."""
        return f"{self.suite}: {'; '.join(SuiteResult(self.outcomes).failures)}. {self.remedy}"


def state_of(suite: Suite, result: SuiteResult) -> str:
    """In one word."""
    if not result.outcomes:
        return "silent"
    if result.passed:
        return "passed"
    return "failed" if suite.is_error else "warning"


def read_results(settings: Settings) -> list[Kept]:
    """The newest results; none where nothing was tried or the file cannot be read."""
    try:
        given: list[dict[str, Any]] = json.loads((settings.published_dir / FILE).read_text("utf-8"))
        return [
            Kept(**(each | {"outcomes": tuple(Outcome(**outcome) for outcome in each["outcomes"])})) for each in given
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def standing(settings: Settings, suites: Sequence[Suite]) -> list[Kept]:
    """What these suites found last that is not as expected: it holds until they are tried again."""
    names = {suite.name for suite in suites}
    return [each for each in read_results(settings) if each.suite in names and each.state in ("warning", "failed")]


def keep_result(settings: Settings, suite: Suite, result: SuiteResult, rows: int, now: datetime) -> None:
    """Write the result of a suite beside those of the others, and the page of all."""
    state = state_of(suite, result)
    kept = Kept(suite.name, suite.about, suite.remedy, state, f"{now:%Y-%m-%d %H:%M}", rows, result.outcomes)
    others = [each for each in read_results(settings) if each.suite != suite.name]
    results = sorted([*others, kept], key=lambda each: each.suite)
    replace_file(settings.published_dir / FILE, json.dumps([asdict(each) for each in results], indent=1))
    replace_file(settings.published_dir / PAGE, page(results))


def page(results: Sequence[Kept]) -> str:
    """One page that loads nothing: each suite, what it expects, what was seen."""
    order = ("failed", "warning", "passed", "silent")
    parts = [_section(each) for each in sorted(results, key=lambda each: order.index(each.state))]
    counted = {state: sum(each.state == state for each in results) for state in STATES}
    line = ", ".join(f"{number} {STATES[state]}" for state, number in counted.items() if number) or "nothing tried yet"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Expectations</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>:root{{{LIGHT.css}}}@media (prefers-color-scheme:dark){{:root{{{DARK.css}}}}}{_CSS}</style></head>"
        f"<body><main><h1>Expectations</h1><p class=muted>{escape(line)}. What holds figures back are dbt's tests; see "
        f"rpt_mart_status.</p>{''.join(parts)}</main></body></html>\n"
    )


def _section(kept: Kept) -> str:
    rows = "".join(
        f"<tr class={'met' if each.is_met else 'missed'}><td>{'✓' if each.is_met else '✗'}</td>"
        f"<td>{escape(_words(each.expectation))}</td><td>{escape(each.about)}</td><td>{escape(each.seen)}</td></tr>"
        for each in sorted(kept.outcomes, key=lambda each: each.is_met)
    )
    head = "<tr><th></th><th>Expectation</th><th>Of</th><th>Seen</th></tr>"
    table = (
        f"<div class=table tabindex=0><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>" if rows else ""
    )
    remedy = f"<p><b>What to do:</b> {escape(kept.remedy)}</p>" if kept.state in ("warning", "failed") else ""
    return (
        f"<section><h2><span class={kept.state}>{escape(STATES[kept.state])}</span> {escape(kept.suite)}</h2>"
        f"<p>{escape(kept.about)}</p><p class=muted>{kept.rows:,} rows, {escape(kept.tried_at_utc)} UTC</p>"
        f"{remedy}{table}</section>"
    )


def _words(expectation: str) -> str:
    return expectation.removeprefix("expect_").replace("_", " ")


_CSS = (
    f"body{{margin:0;background:var(--background);color:var(--ink);font:15px/1.5 {FONT}}}"
    "main{max-width:1100px;margin:0 auto;padding:1.5rem}.muted{color:var(--muted)}"
    "section{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:0 1rem 1rem;"
    "margin:1rem 0}"
    "h2{font-size:1.05rem;overflow-wrap:anywhere}h2 span{font-size:.8rem;padding:.15rem .5rem;border-radius:4px;"
    "color:var(--surface);margin-right:.4rem;white-space:nowrap}"
    ".passed{background:var(--good)}.warning{background:var(--warning)}.failed{background:var(--danger)}"
    ".silent{background:var(--muted)}"
    ".table{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.85rem}"
    "td,th{border-top:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}"
    "tr.missed td:first-child{color:var(--danger)}tr.met td:first-child{color:var(--good)}"
)
