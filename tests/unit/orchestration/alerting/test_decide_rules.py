"""Rules are found in their folder and asked apart: the fault of one is named and costs the others nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ml.discovery import members
from orchestration.alerting import AlertDraft, AlertRule, Recovery, Situation, alert_rules, decide

DAY = date(2026, 2, 12)
SPEND = "marts.fct_spend"


def draft(rule: str, severity: str = "info") -> AlertDraft:
    return AlertDraft(f"{rule}-1", rule, severity, "team", "search", None, "A title", "A message")


def stored(rule: str) -> dict[str, object]:
    return {"alert_id": f"{rule}-old", "rule": rule, "resolved_at_utc": None, "evidence": "{}"}


def situation(rows: int = 1) -> Situation:
    alerts = [stored("good"), stored("bad"), stored("gone")]
    return Situation(DAY, {SPEND: [{"usage_date": DAY}] * rows}, {str(row["alert_id"]): row for row in alerts})


GOOD = AlertRule("good", (SPEND,), lambda _: [draft("good")])


def broken(_: Situation) -> Iterator[AlertDraft]:
    yield draft("bad")
    raise ZeroDivisionError("no days")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (AlertRule("bad", (SPEND,), broken), "rule bad: ZeroDivisionError: no days"),
        (AlertRule("bad", ("marts.none",), lambda _: []), "rule bad: LookupError: marts.none cannot be read"),
        (AlertRule("bad", (SPEND,), lambda _: [draft("good")]), "it raised an alert of rule good"),
        (AlertRule("bad", (SPEND,), lambda _: [draft("bad", "loud")]), "of rule bad and severity loud"),
    ],
)
def test_a_rule_that_fails_is_named_and_its_alerts_stay(rule: AlertRule, words: str) -> None:
    decision = decide(situation(), [rule, GOOD])
    assert [each.alert_id for each in decision.drafts] == ["good-1"]
    assert decision.recoveries == (Recovery("good-old", "it no longer holds"),)
    assert len(decision.failures) == 1
    assert words in decision.failures[0]


def test_an_end_that_fails_costs_no_other_end() -> None:
    def fail(*_: object) -> Recovery:
        raise KeyError("period")

    decision = decide(situation(), [AlertRule("bad", (SPEND,), lambda _: [], fail), GOOD])
    assert [each.alert_id for each in decision.recoveries] == ["good-old"]
    assert decision.failures == ("rule bad: KeyError: 'period'",)


def test_nothing_to_look_at_ends_nothing() -> None:
    assert decide(situation(rows=0), [GOOD]).recoveries == ()


def test_the_rules_of_the_folder_are_found() -> None:
    names = {rule.name for rule in alert_rules()}
    assert {"budget_projected_over", "budget_threshold_crossed", "cost_anomaly"} <= names


ONE = "class Named(int):\n    name = 'x'\nMEMBER = Named(1)"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"one": "RULE = 1"}, "one has no MEMBER of type int"),
        ({"one": ONE, "two": ONE}, "several modules named x"),
    ],
)
def test_a_module_without_its_member_and_a_name_twice_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], words: str
) -> None:
    package = f"family_{len(files)}"
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TypeError, match=words):
        members(package, [str(folder)], "MEMBER", int)
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]
