"""What `allocation_rules.csv` must satisfy: each method its own columns, each rule whole or not at all.

A rule is the rows of one `rule_id`; where one of them cannot stand, none does, as the others would share out its part.
Put here: checks of rules and the solved shares of service departments. Keep out: splitting money (dbt does that).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ingestion.sources.org.model import OrgTable, Row
from ingestion.sources.org.services import Node, normalised, rings, solve, whole_weights, without_outlet
from ingestion.sources.org.tags import complete_tag

SCOPE = (
    *("provider_name", "account_id", "project_id", "workspace_id", "api_key_id", "model", "service"),
    *("charge_category", "tag", "environment"),
)
SHARES = {
    "weighted": "weight",
    "waterfall": "weight",
    "reciprocal": "weight",
    "fixed_percent": "percent",
    "overhead": "percent",
    "fixed_amount": "amount_usd",
}
"""Method to the column that says how much a target gets; the others need none."""
SERVICES = ("waterfall", "reciprocal")
SHARED_BY_ROWS = ("priority", "method", *SCOPE, "source_type", "source_id", "basis", "basis_source", "basis_period")
"""What all rows of a rule that are valid at the same time must agree on."""
DEFAULT_PRIORITY = Decimal(100)
TOLERANCE_PCT = Decimal("0.01")
"""By which percentages may miss 100, as three times 33.33 do; they count as weights, so all of the money is shared."""


def complete_rule(row: Row) -> None:
    """What a method asks of a row beyond its columns; defaults are filled in."""
    values = row.values
    method = values["method"]
    values["rule_name"] = values["rule_name"] or values["rule_id"]
    if values["priority"] is None:
        values["priority"] = DEFAULT_PRIORITY
    _need(row, "basis", method == "proportional")
    if method == "proportional":
        values["basis_period"] = values["basis_period"] or "day"
    else:
        _need(row, "basis_source", is_needed=False)
        _need(row, "basis_period", is_needed=False)
    for column in ("weight", "percent", "amount_usd"):
        _need(row, column, SHARES.get(method or "") == column)
    if method in SERVICES:
        _need(row, "source_type", is_needed=True)
        _need(row, "source_id", is_needed=True)
        if values["target_type"] in ("feature", "customer"):
            row.reject("target_type", "unknown_value", f"{method} passes costs to a team, project or cost_center")
        if (values["target_type"], values["target_id"]) == (values["source_type"], values["source_id"]):
            row.reject("target_id", "own_target", "a department cannot be its own target; remove the row")
    elif method == "overhead":
        if values["target_type"] != "cost_center":
            row.reject("target_type", "unknown_value", "overhead is recovered by a cost_center; write cost_center")
        if values["source_type"] not in (None, "cost_center"):
            row.reject("source_type", "unknown_value", "a rate is borne by a cost_center; write cost_center or nothing")
    else:
        _need(row, "source_type", is_needed=False)
        _need(row, "source_id", is_needed=False)
    if (values["source_type"] is None) != (values["source_id"] is None):
        row.reject("source_id", "missing_value", "source_type and source_id go together; fill in both or neither")
    if method in (*SERVICES, "overhead"):
        for column in SCOPE:
            _need(row, column, is_needed=False)
    if values["tag"]:
        complete_tag(row, "tag")


def _need(row: Row, column: str, is_needed: bool) -> None:
    method = row.values["method"]
    if is_needed and row.values[column] is None:
        row.reject(column, "missing_value", f"is empty; the method {method} needs it")
    if not is_needed and row.values[column] is not None:
        row.reject(column, "unexpected_value", f"the method {method} does not use it; empty it or change the method")


def check_rules(table: OrgTable) -> None:
    """Refuse by name each rule that does not hold together; then those whose services run in circles."""
    for rule_id, rows in _by_rule(table.rows).items():
        bad = next((row for row in rows if row.problem), None)
        good = [row for row in rows if row.problem is None]
        if bad is not None:
            _refuse(
                good,
                None,
                "incomplete_rule",
                f"rule {rule_id}: row {bad.number} is in quarantine and a rule needs all its rows; correct that row",
            )
        else:
            _check_rule(rule_id, rows)
    for moment in sorted({moment for row in table.good for moment in row.valid}):
        _check_services([row for row in table.good if row.values["method"] in SERVICES and _holds(row, moment)])


def _check_rule(rule_id: str, rows: list[Row]) -> None:
    for moment in sorted({moment for row in rows for moment in row.valid}):
        now = [row for row in rows if _holds(row, moment)]
        if not now:
            continue
        method, when = now[0].values["method"], f"rule {rule_id} on {moment:%Y-%m-%d}"
        for column in SHARED_BY_ROWS:
            odd = next((row for row in now if row.values[column] != now[0].values[column]), None)
            if odd is not None:
                _refuse(
                    rows,
                    column,
                    "inconsistent_rule",
                    f"{when}: rows {now[0].number} and {odd.number} differ; a rule has one {column}, make them equal",
                )
                return
        if method == "direct" and len(now) > 1:
            _refuse(rows, "target_id", "ambiguous_target", f"{when}: direct has one target, here are {len(now)}")
        if (
            method == "fixed_percent"
            and abs((total := sum(row.values["percent"] for row in now)) - 100) > TOLERANCE_PCT
        ):
            listed = ", ".join(f"row {row.number}: {row.values['percent'].normalize():f}" for row in now)
            _refuse(
                rows,
                "percent",
                "percent_not_100",
                f"{when}: the percentages sum to {total.normalize():f}, not 100 ({listed}); correct them",
            )
        column = SHARES.get(method, "")
        if method in ("weighted", *SERVICES, "fixed_amount") and not sum(row.values[column] for row in now):
            _refuse(rows, column, "no_weight", f"{when}: every {column} is 0; give at least one target more")


def _check_services(rows: list[Row]) -> None:
    owner: dict[Node, str] = {}
    for row in rows:
        first = owner.setdefault(_source(row), row.values["rule_id"])
        if first != row.values["rule_id"]:
            _refuse(
                _rule_of(rows, row),
                "source_id",
                "overlapping_validity",
                f"{row.values['source_id']} already passes its costs on by rule {first}; keep one of the two",
            )
    good = [row for row in rows if row.problem is None]
    shares = _shares(good)
    for ring in rings(shares):
        names = " → ".join(name for _, name in sorted(ring))
        for row in good:
            if _source(row) in ring and row.values["method"] == "waterfall" and row.problem is None:
                _refuse(
                    _rule_of(good, row),
                    "source_id",
                    "cycle",
                    f"a waterfall may not run back: {names} form a ring; remove one or make them reciprocal",
                )
    shares = _shares([row for row in good if row.problem is None])
    lost = without_outlet(shares)
    for row in good:
        if _source(row) in lost and row.problem is None:
            names = " → ".join(name for _, name in sorted(lost))
            _refuse(
                _rule_of(good, row),
                "source_id",
                "no_outlet",
                f"{names} pass costs to one another only; add a target that keeps them",
            )


def service_shares(table: OrgTable) -> list[dict[str, Any]]:
    """Rows of `raw_org.service_shares`: who carries each department's costs, per time in which nothing changes."""
    rows = [row for row in table.good if row.values["method"] in SERVICES]
    moments = sorted({moment for row in rows for moment in row.valid})
    found = []
    for start, stop in pairwise(moments):
        now = [row for row in rows if _holds(row, start)]
        rules = {_source(row): row for row in now}
        for (kind, name), parts in solve(_shares(now)).items():
            rule = rules[(kind, name)]
            for (target_type, target_id), weight in sorted(whole_weights(parts).items()):
                found.append(
                    {
                        "rule_id": rule.values["rule_id"],
                        "method": rule.values["method"],
                        "source_type": kind,
                        "source_id": name,
                        "target_type": target_type,
                        "target_id": target_id,
                        "weight": weight,
                        "valid_from_utc": start,
                        "valid_to_utc": stop,
                        "_source_row": rule.number,
                    }
                )
    return found


def _shares(rows: list[Row]) -> dict[Node, dict[Node, Fraction]]:
    weights: dict[Node, list[tuple[Node, Fraction]]] = defaultdict(list)
    for row in rows:
        target = (row.values["target_type"], row.values["target_id"])
        weights[_source(row)].append((target, Fraction(row.values["weight"])))
    return {node: normalised(parts) for node, parts in weights.items()}


def _source(row: Row) -> Node:
    return row.values["source_type"], row.values["source_id"]


def _holds(row: Row, moment: datetime) -> bool:
    return bool(row.valid[0] <= moment < row.valid[1])


def _by_rule(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.values.get("rule_id"):
            found[row.values["rule_id"]].append(row)
    return found


def _rule_of(rows: list[Row], row: Row) -> Iterator[Row]:
    return (other for other in rows if other.values["rule_id"] == row.values["rule_id"])


def _refuse(rows: Any, column: str | None, reason: str, message: str) -> None:
    for row in rows:
        row.reject(column, reason, message)
