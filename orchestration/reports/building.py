"""A template and a period to a report.

Put here: reading every section in one look at one published copy. Keep out: rendering, sending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration.home.clock import utc_now
from orchestration.presenting.periods import Period, parse_period
from orchestration.presenting.standing import published_today, standing_of
from orchestration.reports.content import Notice, Report, Section
from orchestration.reports.reading import FigureError, Scope
from orchestration.reports.sections import section_kinds
from orchestration.reports.template import SectionSpec, Template

_NAMES = {
    "team": "select team_id, team_name from dim_teams order by team_id",
    "customer": "select distinct customer_id, null from fct_allocated_costs_daily where customer_id is not null",
    "provider": "select provider_id, provider_name from dim_providers where has_usage or has_charges order by 1",
}
NAMES_TOLD = 12


class ReportError(ValueError):
    """A report cannot be made; the message says why and what to write instead."""


@dataclass(frozen=True)
class Asked:
    """What a report is asked for besides its template: of teams, customers and providers one, or several with commas
    between them."""

    period: str | None = None
    team: str | None = None
    customer: str | None = None
    provider: str | None = None


def build_report(
    connection: duckdb.DuckDBPyConnection, template: Template, asked: Asked, now: datetime | None = None
) -> Report:
    """The report of a published copy whose marts are the default schema. A section that cannot be read says why in
    its place, the others stand.

    Raises:
        ReportError: period, team, customer or provider are not known.
    """
    today = published_today(connection)
    try:
        whole = parse_period(asked.period or template.period, today)
    except ValueError as error:
        raise ReportError(str(error)) from None
    subjects = {name: _known(connection, template, name, getattr(asked, name)) for name in _NAMES}
    standing = standing_of(connection, whole, today)
    elapsed = whole.through(min(today, max(standing.through_date or today, whole.first)))
    scope = Scope(
        connection, elapsed, elapsed.before(), today, standing,
        **{f"{name}s": [each for each, _ in found] if found else None for name, found in subjects.items()},
    )  # fmt: skip
    subject = ", ".join(label for found in subjects.values() for _, label in found)
    return Report(
        name=template.name,
        title=template.title,
        subtitle=_filled(template.subtitle, whole, subject),
        period=whole,
        before=scope.before,
        standing=standing,
        sections=[_section(spec, scope) for spec in template.sections if spec.type != "cover_page"],
        style=template.style,
        made_at_utc=now or utc_now(),
        has_cover=any(spec.type == "cover_page" for spec in template.sections),
        subject=subject,
    )


def _section(spec: SectionSpec, scope: Scope) -> Section:
    try:
        blocks = section_kinds()[spec.type].build(spec.options, scope)
    except (FigureError, duckdb.Error) as error:
        blocks = [Notice(f"This part could not be read: {str(error).splitlines()[0]}. Run: costops run")]
    return Section(spec.name, spec.title, blocks)


def _known(
    connection: duckdb.DuckDBPyConnection, template: Template, name: str, given: str | None
) -> list[tuple[str, str]]:
    """Ids and names of the teams, customers or providers that were asked for, by either; a name may hold a comma."""
    if given is None and name not in template.needs:
        return []
    try:
        known: Sequence[tuple[str, str]] = connection.execute(_NAMES[name]).fetchall()
    except duckdb.CatalogException:
        known = []
    by_word = {
        str(word).casefold(): (str(each), str(label or each))
        for each, label in reversed(known)
        for word in (label or each, each)
    }
    asked = [] if given is None else [given] if given.casefold() in by_word else [*map(str.strip, given.split(","))]
    if asked and all(word.casefold() in by_word for word in asked):
        return list(dict.fromkeys(by_word[word.casefold()] for word in asked))
    some = ", ".join(str(each) for each, _ in known[:NAMES_TOLD]) + (" …" if len(known) > NAMES_TOLD else "")
    if given is None:
        raise ReportError(f"{template.name} is about one {name}: name it (--{name}), one of: {some or 'none is known'}")
    unknown = next(word for word in asked if word.casefold() not in by_word)
    raise ReportError(f"there is no {name} {unknown!r}; there are: {some or 'none'}")


def _filled(text: str, period: Period, subject: str) -> str:
    """The subtitle: a report that is about some only says so, whether its template does or not."""
    text = text or "{{ period }}"
    if subject and "{{ subject }}" not in text:
        text = "{{ subject }} · " + text
    return text.replace("{{ period }}", period.label).replace("{{ subject }}", subject or "everything")
