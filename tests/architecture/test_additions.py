"""What is promised to be a new file only is one: toys added to a scratch copy of the checkout work, no file is edited.

The table "where does X go" of `docs/developing.md` is compared with what was added here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ingestion", "ml", "orchestration")
TOYS = {
    "an alert rule": "orchestration/alerting/rules/toy_rule.py",
    "an alert channel": "orchestration/alerting/channels/toy_channel.py",
    "an optimisation strategy": "ml/optimization/strategies/toy_strategy.py",
    "an export": "orchestration/publishing/targets/toy_export.py",
}
SOURCES = {
    "an alert rule": '''
"""A toy: spend beyond a limit."""
from orchestration.alerting.model import AlertDraft, AlertRule
def holding(situation):
    for row in situation.rows("marts.fct_toy_spend"):
        if row["cost_usd"] > 100:
            yield AlertDraft("toy-1", "toy_limit", "warning", "team", row["team_id"], None, "Toy", "Over 100 USD")
RULE = AlertRule("toy_limit", ("marts.fct_toy_spend",), holding)
''',
    "an alert channel": '''
"""A toy: a line in a file."""
from pathlib import Path
from orchestration.alerting.delivery import AlertChannel
def connect(variables):
    path = variables.get("COSTOPS_ALERT_TOY_FILE")
    return (lambda notice: Path(path).write_text(notice.text)) if path else None
CHANNEL = AlertChannel("toy", connect, ("COSTOPS_ALERT_TOY_FILE",))
''',
    "an optimisation strategy": '''
"""A toy: everything for half the price."""
from decimal import Decimal
from ml.contracts import columns_of
from ml.optimization.strategy import Strategy
def recommend(inputs, *, as_of, scored_at_utc, params):
    import pandas as pd
    halves = [Decimal(each) / 2 for each in inputs["spend"]["cost_usd"]]
    rows = [{"strategy": "toy_half", "saving_usd": half, "scored_at_utc": scored_at_utc} for half in halves]
    return pd.DataFrame(rows, columns=columns_of("recommendations"))
STRATEGY = Strategy("toy_half", "1", {"spend": "select * from marts.fct_toy_spend"}, recommend)
''',
    "an export": '''
"""A toy: the names of the marts that changed."""
from pathlib import Path
from orchestration.publishing.distribution import PublicationTarget
def connect(variables):
    path = variables.get("COSTOPS_PUBLISH_TOY_FILE")
    return (lambda changed, gone, version: Path(path).write_text(" ".join(changed))) if path else None
TARGET = PublicationTarget("toy", connect, ("COSTOPS_PUBLISH_TOY_FILE",))
''',
}
USE = """
import json, logging, sys
from datetime import date, datetime
from pathlib import Path
import duckdb
import orchestration
from ingestion.config import Settings
from ml.optimization import strategies
from orchestration.alerting import alert_rules, connected_channels, decide, deliver_pending, record_alerts
from orchestration.alerting.reading import read_situation
from orchestration.publishing.distribution import distribute
from orchestration.publishing.published_copy import publish
from orchestration.publishing.targets import connected_targets
from orchestration.running.due.steps import STEPS
from orchestration.warehouse.frames import ensure_ml_tables
from orchestration.warehouse.recommending import recommend

home = Path(sys.argv[1])
settings = Settings.from_env({
    "COSTOPS_ALERT_TOY_FILE": str(home / "alert.txt"), "COSTOPS_PUBLISH_TOY_FILE": str(home / "export.txt"),
}, home)
now = datetime(2026, 3, 1, 12)
with duckdb.connect(str(settings.warehouse_path)) as db:
    ensure_ml_tables(db)
    db.execute("create schema marts; create schema intermediate")
    db.execute("create table marts.fct_toy_spend as select 'search' as team_id, 120::decimal(38, 12) as cost_usd")
    db.execute("create table marts.dim_teams (team_id text, owner text)")
    db.execute("create table intermediate.int_metered_costs_daily "
               "(api_key_id text, team_id text, provider_id text, model_id text)")
    decision = decide(read_situation(db, date(2026, 3, 1)))
    record_alerts(db, decision.drafts, now=now)
    deliver_pending(db, connected_channels(settings.alert_variables), now=now)
    for strategy in strategies():
        recommend(db, strategy, date(2026, 3, 1), now, logging.getLogger("toy"))
    savings = [float(each) for (each,) in db.execute("select saving_usd from ml.recommendations").fetchall()]
publication = publish(settings.warehouse_path, settings.published_dir, now=now, contents={"fct_toy_spend": "1"})
distribute(settings.published_dir, publication.version, connected_targets(settings.publish_variables))
print(json.dumps({
    "code": orchestration.__file__,
    "rule": [draft.title for draft in decision.drafts],
    "channel": (home / "alert.txt").read_text(),
    "strategy": savings,
    "export": (home / "export.txt").read_text(),
    "reads": ["marts.fct_toy_spend" in STEPS[step].reads for step in ("alerts", "score_optimizations")],
}))
"""


def copy_of_checkout(folder: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for package in PACKAGES
        for path in sorted((folder / package).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the toys did in the copy, and which files of it are not those of the checkout."""
    scratch = copy_of_checkout(tmp_path_factory.mktemp("checkout"))
    for addition, path in TOYS.items():
        assert not (scratch / path).exists()
        (scratch / path).write_text(SOURCES[addition].lstrip())
    home = tmp_path_factory.mktemp("home")
    told = subprocess.run(
        [sys.executable, "-c", USE, str(home)],
        cwd=scratch,
        env=os.environ | {"PYTHONPATH": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    before, after = fingerprints(ROOT), fingerprints(scratch)
    said = json.loads(told.stdout.splitlines()[-1])
    assert said.pop("code").startswith(str(scratch))
    return said | {
        "edited": [path for path in before if after.get(path) != before[path]],
        "added": sorted(after.keys() - before.keys()),
    }


def test_the_toys_are_picked_up_and_work(used: dict[str, object]) -> None:
    assert used["rule"] == ["Toy"]
    assert used["channel"] == "[warning] Toy. Over 100 USD"
    assert used["strategy"] == [60.0]
    assert used["export"] == "dim_teams fct_toy_spend rpt_mart_status"
    assert used["reads"] == [True, True], "a run has to know that they are due when what they read changes"


def test_no_existing_file_is_edited(used: dict[str, object]) -> None:
    assert used["edited"] == []
    assert used["added"] == sorted(TOYS.values())


def test_the_table_of_additions_says_so() -> None:
    """One row per kind of addition: what is new, and what is edited."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", (ROOT / "docs" / "developing.md").read_text(), re.MULTILINE)
    table = {addition: (new, edits) for addition, new, edits in rows}
    for addition, path in TOYS.items():
        new, edits = table[addition]
        assert f"`{Path(path).parent.as_posix()}/" in new, addition
        assert edits == "none", addition
    named = {place for new, _ in table.values() for place in re.findall(r"`([\w/]+)/[<{]?\w*[>}]?", new)}
    assert [place for place in sorted(named) if not (ROOT / place).is_dir()] == []
