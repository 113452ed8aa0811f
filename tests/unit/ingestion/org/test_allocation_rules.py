"""Allocation rules: each refusal names rule, row and remedy; service departments are solved exactly."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest

from ingestion.landing.model import QuarantinedRow
from ingestion.sources.org.model import OrgTable
from ingestion.sources.org.pipeline import read_folder
from ingestion.sources.org.rules import service_shares
from ingestion.sources.org.services import WHOLE, Node, normalised, rings, solve, whole_weights, without_outlet

COMPANY = {
    "cost_centers": "cost_center_id\nit\nhr\nsales\nmaking\n",
    "teams": "team_id,cost_center_id\na,sales\nb,making\n",
    "projects": "project_id,team_id\np,a\n",
}


def rules(folder: Path, text: str) -> tuple[OrgTable, list[QuarantinedRow]]:
    for name, content in COMPANY.items():
        (folder / f"{name}.csv").write_text(content)
    (folder / "allocation_rules.csv").write_text(text)
    table = read_folder(folder)["allocation_rules"]
    return table, [row.problem for row in table.rows if row.problem]


PERCENT = "rule_id,method,target_type,target_id,percent,valid_from,valid_to\n"
WEIGHT = "rule_id,method,source_type,source_id,target_type,target_id,weight\n"


@pytest.mark.parametrize(
    ("text", "column", "reason", "said"),
    [
        (PERCENT + "r,fixed_percent,team,a,60\nr,fixed_percent,team,b,30\n", "percent", "percent_not_100", "sum to 90"),
        (
            PERCENT + "r,fixed_percent,team,a,60,,\nr,fixed_percent,team,b,40,,2026-07-01\n",
            "percent",
            "percent_not_100",
            "rule r on 2026-07-01: the percentages sum to 60",
        ),
        ("rule_id,method,target_type,target_id\nr,magic,team,a\n", "method", "unknown_value", "magic"),
        ("rule_id,method,target_type,target_id\nr,direct,planet,a\n", "target_type", "unknown_value", "planet"),
        ("rule_id,method,target_type,target_id\nr,direct,team,z\n", "target_id", "unknown_reference", "teams.csv"),
        (
            "rule_id,method,target_type,target_id\nr,direct,team,a\nr,direct,team,b\n",
            "target_id",
            "ambiguous_target",
            "",
        ),
        ("rule_id,method,target_type,target_id\nr,proportional,team,a\n", "basis", "missing_value", "proportional"),
        ("rule_id,method,target_type,target_id,weight\nr,even,team,a,3\n", "weight", "unexpected_value", "even"),
        ("rule_id,method,target_type,target_id,weight\nr,weighted,team,a,-1\n", "weight", "amount_out_of_range", "-1"),
        ("rule_id,method,target_type,target_id,weight\nr,weighted,team,a,0\n", "weight", "no_weight", "rule r"),
        (
            "rule_id,method,target_type,target_id,model\nr,even,team,a,m\nr,even,team,b,\n",
            "model",
            "inconsistent_rule",
            "rule r",
        ),
        (WEIGHT + "r,waterfall,team,a,team,a,1\n", "target_id", "own_target", ""),
        (WEIGHT + "r,waterfall,team,a,team,b,1\ns,waterfall,team,b,team,a,1\n", "source_id", "cycle", "a → b"),
        (WEIGHT + "r,reciprocal,team,a,team,b,1\ns,reciprocal,team,b,team,a,1\n", "source_id", "no_outlet", "a → b"),
        (
            WEIGHT + "r,reciprocal,team,a,team,b,1\ns,waterfall,team,a,project,p,1\n",
            "source_id",
            "overlapping_validity",
            "rule r",
        ),
    ],
)
def test_a_rule_that_does_not_hold_is_refused_by_name(
    tmp_path: Path, text: str, column: str, reason: str, said: str
) -> None:
    _, found = rules(tmp_path, text)
    problem = next(each for each in found if each.reason == reason)
    assert problem.field == column
    assert problem.message.startswith(f"allocation_rules.csv, row {problem.row_number}")
    assert said in problem.message


def test_one_bad_row_takes_its_whole_rule_and_no_other(tmp_path: Path) -> None:
    table, found = rules(
        tmp_path,
        "rule_id,method,target_type,target_id,weight\n"
        "r,weighted,team,a,1\nr,weighted,team,nobody,3\ns,weighted,team,a,1\ns,weighted,team,b,3\n",
    )
    assert [row.values["rule_id"] for row in table.good] == ["s", "s"]
    assert {problem.reason for problem in found} == {"unknown_reference", "incomplete_rule"}


def test_textbook_case_of_reciprocal_departments(tmp_path: Path) -> None:
    """Two departments that charge each other a tenth and a fifth, solved by hand as two equations."""
    table, found = rules(
        tmp_path,
        WEIGHT
        + "x,reciprocal,cost_center,it,cost_center,hr,10\nx,reciprocal,cost_center,it,cost_center,sales,60\n"
        + "x,reciprocal,cost_center,it,cost_center,making,30\n"
        + "y,reciprocal,cost_center,hr,cost_center,it,20\ny,reciprocal,cost_center,hr,cost_center,sales,40\n"
        + "y,reciprocal,cost_center,hr,cost_center,making,40\n",
    )
    assert found == []
    shares: dict[str, dict[str, Fraction]] = {}
    for row in service_shares(table):
        shares.setdefault(row["source_id"], {})[row["target_id"]] = Fraction(row["weight"])
    total = {name: sum(parts.values()) for name, parts in shares.items()}
    # it: 0.6 + 0.1·hr(sales); hr: 0.4 + 0.2·it(sales)  →  it = 0.64 / 0.98, hr = 0.52 / 0.98
    assert shares["it"]["sales"] / total["it"] == Fraction(32, 49)
    assert shares["hr"]["sales"] / total["hr"] == Fraction(26, 49)
    assert set(shares["it"]) == {"sales", "making"}


def test_departments_change_on_their_dates(tmp_path: Path) -> None:
    table, found = rules(
        tmp_path,
        "rule_id,method,source_type,source_id,target_type,target_id,weight,valid_from,valid_to\n"
        "w,waterfall,cost_center,it,cost_center,sales,1,,2026-07-01\n"
        "w,waterfall,cost_center,it,cost_center,making,1,2026-07-01,\n",
    )
    assert found == []
    assert [(row["target_id"], str(row["valid_from_utc"].date())) for row in service_shares(table)] == [
        ("sales", "1900-01-01"),
        ("making", "2026-07-01"),
    ]


def random_departments(chance: random.Random) -> dict[Node, dict[Node, Fraction]]:
    """Up to six departments that serve one another at random, and three that keep what they get."""
    nodes = [("team", f"s{number}") for number in range(chance.randint(1, 6))]
    carriers = [("cost_center", f"c{number}") for number in range(3)]
    shares = {}
    for node in nodes:
        targets = [other for other in nodes + carriers if other != node and chance.random() < 0.5]
        weights = [(target, Fraction(chance.randint(0, 10**6), 10 ** chance.randint(0, 3))) for target in targets]
        if parts := normalised(weights):
            shares[node] = parts
    return shares


def test_ten_thousand_random_departments_lose_nothing() -> None:
    chance = random.Random(5)
    circular = 0
    for _ in range(10_000):
        shares = random_departments(chance)
        lost = without_outlet(shares)
        if lost:
            with pytest.raises(ValueError, match="no target outside the ring"):
                solve(shares)
            continue
        circular += bool(rings(shares))
        solved = solve(shares)
        for node, parts in solved.items():
            assert sum(parts.values()) == 1
            assert not parts.keys() & shares.keys(), "nothing stays with a department that passes it on"
            # The defining equation: what a department's targets carry in the end is what it carries itself.
            expected: dict[Node, Fraction] = {}
            for target, part in shares[node].items():
                for final, share in solved.get(target, {target: Fraction(1)}).items():
                    expected[final] = expected.get(final, Fraction(0)) + part * share
            assert {key: part for key, part in expected.items() if part} == parts
            weights = whole_weights(parts)
            assert sum(weights.values()) <= WHOLE
            assert all(
                abs(Fraction(weights.get(key, 0), sum(weights.values())) - part) <= Fraction(1, WHOLE // 2)
                for key, part in parts.items()
            )
    assert circular > 1_000
