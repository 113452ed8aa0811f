"""Dashboards in and out: definitions as files, pages to be given away, the beginning of a new one.

Put here: that. Keep out: the pages beside the published copy (`site`).
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ingestion.config import Settings
from orchestration.dashboards import grafana
from orchestration.dashboards.catalog import Found, find
from orchestration.dashboards.definitions import TEAM
from orchestration.dashboards.packing import NO_TEAM
from orchestration.dashboards.reading import ENDINGS, NAME, load, read_file
from orchestration.dashboards.rendering import render
from orchestration.dashboards.statements import check
from orchestration.publishing.query import NothingPublishedError, open_published

BEGINNING = """\
title: {title}
description: What it answers.
tags: []
owner: ""
period: 30d
filters: [provider_id, team_id, model_id]
datasets:
  spend:
    mart: rpt_cost_daily
    date: usage_date
    dimensions: [provider_id, model_id, team_id, cost_kind]
    measures: [spend_usd, request_count]
widgets:
  - type: metric
    title: Total monthly cost
    position: {{x: 0, y: 0, w: 3, h: 4}}
    period: month
    value: sum(spend_usd)
    compare: true
    spark: true
  - type: line_chart
    title: Daily cost trend
    position: {{x: 3, y: 0, w: 9, h: 4}}
    values: [{{value: sum(spend_usd)}}]
  - type: pie_chart
    title: Cost by model
    position: {{x: 0, y: 4, w: 6, h: 4}}
    period: month
    by: model_id
    value: sum(spend_usd)
    drill: true
  - type: table
    title: Top 10 users
    position: {{x: 6, y: 4, w: 6, h: 4}}
    query:
      query: |
        select month_start_date, user_label as person, contracted_cost_usd, request_count
        from rpt_cost_by_user_monthly inner join dim_users using (user_key)
      date: month_start_date
      grain: month
      dimensions: [person]
      measures: [contracted_cost_usd, request_count]
    period: month
    columns:
      - {{column: person, label: User}}
      - {{value: sum(contracted_cost_usd), label: Cost, unit: usd}}
      - {{value: sum(request_count), label: Requests, unit: count}}
    sort: -Cost
    limit: 10
"""


class ExchangeError(ValueError):
    """It cannot be done; the message says why and what to do."""


def export_definition(settings: Settings, name: str, to: Path) -> list[str]:
    """Write the definition of a dashboard as JSON or YAML, as the ending says.

    Raises:
        ExchangeError: there is no such dashboard, or the ending is another one.
    """
    if to.suffix not in ENDINGS:
        raise ExchangeError(f"{to.name}: write --to FILE.json, FILE.yml or, for the page, FILE.html")
    found = _named(settings, name)
    content = {"name": name, **load(found.path)}
    if to.suffix == ".json":
        text = json.dumps(content, indent=2, default=_plain) + "\n"
    else:
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    to.write_text(text, encoding="utf-8")
    return [str(to)]


def export_page(settings: Settings, name: str, to: Path, team: str | None) -> list[str]:
    """Write the page of a dashboard without ways to others; with `team` it holds that team's rows and no others.

    Raises:
        ExchangeError: there is no such dashboard or team, or nothing is published.
    """
    found = _named(settings, name)
    assert found.dashboard is not None
    try:
        connection = open_published(settings)
    except NothingPublishedError as error:
        raise ExchangeError(str(error)) from None
    with connection:
        if team is not None:
            teams = [row[0] for row in connection.execute(f"select {TEAM} from dim_teams order by 1").fetchall()]
            if team not in teams:
                raise ExchangeError(f"there is no team {team!r}; there are: {', '.join(map(str, teams)) or 'none'}")
        page, packed = render(connection, found.dashboard, team=team)
    to.write_text(page, encoding="utf-8")
    left_out = [dataset for dataset, fault in packed.faults.items() if fault == NO_TEAM]
    told = [str(to)]
    if left_out:
        told.append(f"left out, since its rows belong to no team: {', '.join(left_out)}")
    return told


def export_grafana(settings: Settings, name: str | None, to: Path) -> list[str]:
    """Write a dashboard as Grafana imports it; without a name the one that is shipped for Grafana.

    Raises:
        ExchangeError: there is no such dashboard.
    """
    dashboard = read_file(grafana.SHIPPED)[0] if name is None else _named(settings, name).dashboard
    assert dashboard is not None
    to.write_text(json.dumps(grafana.to_grafana(dashboard), indent=2) + "\n", encoding="utf-8")
    own = [] if name is None else grafana.own_statements(dashboard)
    return [str(to), *([f"statements of DuckDB, to be checked in PostgreSQL: {', '.join(own)}"] if own else [])]


def import_definition(settings: Settings, path: Path, *, replace: bool = False) -> Path:
    """Check a definition and copy it among those of the home.

    Raises:
        ExchangeError: something in it is wrong, or there is one of its name.
    """
    dashboard, faults = read_file(path)
    if dashboard:
        try:
            with open_published(settings) as connection:
                faults = [*faults, *check(dashboard, path, connection)]
        except NothingPublishedError:
            pass  # it is checked against marts once there are any
    if faults or dashboard is None:
        raise ExchangeError("\n".join(map(str, faults)))
    return _write(settings, dashboard.name, path.suffix, path.read_text(encoding="utf-8"), replace=replace)


def new_definition(settings: Settings, name: str) -> Path:
    """Write the beginning of a dashboard.

    Raises:
        ExchangeError: the name cannot be one, or is taken.
    """
    if not NAME.match(name):
        raise ExchangeError(f"{name!r} is no name: small letters, digits and _, beginning with a letter")
    text = BEGINNING.format(title=name.replace("_", " ").capitalize())
    return _write(settings, name, ".yml", text, replace=False)


def _write(settings: Settings, name: str, suffix: str, text: str, *, replace: bool) -> Path:
    taken = [found.path for found in find(settings.dashboards_dir) if found.dashboard and found.dashboard.name == name]
    own = [path for path in taken if path.parent == settings.dashboards_dir]
    target = own[0] if own and own[0].suffix == suffix else settings.dashboards_dir / f"{name}{suffix}"
    if not replace and (own or target.exists()):
        raise ExchangeError(f"you have a dashboard {name!r} already ({target}); --replace puts this in its place")
    settings.dashboards_dir.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    for former in own:
        if former != target:
            former.unlink()
    return target


def _named(settings: Settings, name: str) -> Found:
    every = find(settings.dashboards_dir)
    for found in every:
        if found.dashboard and found.dashboard.name == name:
            return found
    wrong = [str(fault) for found in every if found.path.stem == name for fault in found.faults]
    names = ", ".join(found.dashboard.name for found in every if found.dashboard)
    raise ExchangeError("\n".join(wrong) or f"there is no dashboard {name!r}; there are: {names}")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)
