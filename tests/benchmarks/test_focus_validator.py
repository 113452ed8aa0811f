"""FinOps' focus-validator on the 1.2 view of a small demo and of the FOCUS sample.

The validator needs Python 3.12 or newer in an environment of its own: COSTOPS_FOCUS_PYTHON names one, else one is
looked for; COSTOPS_FOCUS_VALIDATOR names a validator to use. It exits 0 when rules fail, so its JUnit output is read.
At tiny size the export alone is made, of the small company that the end-to-end tests share.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.sources.billing.pipeline import land
from tests.benchmarks.focus_waivers import WAIVERS
from tests.benchmarks.size import IS_FULL
from tests.e2e.conftest import LAST_DATE, costops
from tests.support.shared_data import shared_data
from tests.support.warehouse import ScratchWarehouse

VERSION = "2.2.1"
INSTANTS = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
EXPORT = "select * replace ({}) from focus_cost_and_usage_1_2".format(
    ", ".join(f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') as {name}" for name in INSTANTS)
)
"""What docs/focus.md tells to export."""


def _python() -> str:
    named = os.environ.get("COSTOPS_FOCUS_PYTHON")
    pyenv = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))
    for candidate in (named, *map(str, pyenv), *(shutil.which(f"python3.{minor}") for minor in (12, 13, 14))):
        if candidate:
            code = "import sys, venv; sys.exit(sys.version_info < (3, 12))"
            if subprocess.run([candidate, "-c", code], capture_output=True, check=False).returncode == 0:
                return candidate
    pytest.skip("no Python 3.12 or newer is here; COSTOPS_FOCUS_PYTHON names one")


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The validator's executable."""
    if named := os.environ.get("COSTOPS_FOCUS_VALIDATOR"):
        return Path(named)
    environment = tmp_path_factory.mktemp("validator")
    subprocess.run([_python(), "-m", "venv", str(environment)], check=True)
    install = [str(environment / "bin/python"), "-m", "pip", "install", "-q"]
    done = subprocess.run(
        [*install, f"focus-validator=={VERSION}", "pyarrow<22"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"focus-validator cannot be installed: {done.stderr[-500:]}")
    return environment / "bin/focus-validator"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 1.2 view of a company of 40 days, exported with `costops query`."""
    folder = tmp_path_factory.mktemp("demo")
    home = folder / "home"
    made = costops("demo", "--days", "40", "--scale", "0.05", "--last-date", LAST_DATE, home=home)
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-3000:]
    exported = costops("query", EXPORT, "--format", "csv", home=home)
    assert exported.returncode == 0, exported.stderr
    (folder / "demo.csv").write_text(exported.stdout)
    return folder / "demo.csv"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 1.2 view of the FOCUS 1.0 sample."""
    warehouse = ScratchWarehouse.create(tmp_path_factory.mktemp("sample"))
    settings = Settings.from_env({"COSTOPS_HOME": str(warehouse.folder)})
    settings.billing_dir.mkdir(parents=True)
    shutil.copy2(shared_data("billing/focus_sample_1_0/focus_sample.csv"), settings.billing_dir / "sample.csv")
    land(settings, now=datetime(2026, 1, 1, tzinfo=UTC))
    cautious = ("--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")
    warehouse.dbt("build", "--select", "+focus_cost_and_usage_1_2", *cautious)
    target = warehouse.folder / "sample.csv"
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        connection.execute("use marts")
        connection.execute(f"copy ({EXPORT}) to '{target}' (header)")
    return target


def failed_rules(validator: Path, data: Path, criteria: str) -> tuple[set[str], int]:
    """Ids of the rules that fail, composites left out, and how many rules passed."""
    report = data.with_suffix(f".{criteria}.xml")
    (packages,) = (validator.parents[1] / "lib").glob("python3*/site-packages")
    command = [str(validator), "--data-file", str(data), "--block-download", "--validate-version", "1.2.0.1"]
    command += ["--focus-dataset", "CostAndUsage", "--output-type", "unittest", "--output-destination", str(report)]
    command += ["--applicability-criteria", criteria] if criteria else []
    done = subprocess.run(command, cwd=packages, capture_output=True, text=True, check=False)
    assert report.exists(), done.stderr[-3000:]
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    failed = [str(case.get("name")) for case in cases if case.find("failure") is not None]
    assert [case.get("name") for case in cases if case.find("error") is not None] == []
    passed = sum(len(list(case)) == 0 for case in cases)
    return {re.split(r" :: ", name)[0] for name in failed if "Composite" not in name}, passed


@pytest.mark.skipif(not IS_FULL, reason="an environment of its own for the validator, and a whole run")
@pytest.mark.parametrize("criteria", ["", "ALL"], ids=["as_is", "every_criterion"])
@pytest.mark.parametrize("data", ["demo", "sample"])
def test_validator_fails_nothing_but_the_waived_rules(
    request: pytest.FixtureRequest, validator: Path, data: str, criteria: str
) -> None:
    failed, passed = failed_rules(validator, request.getfixturevalue("company" if data == "demo" else data), criteria)
    print(f"\n{data} {criteria}: {passed} rules pass, waived: {sorted(failed)}")
    assert passed > 100
    assert failed == set(WAIVERS[data, criteria]), "a waiver that is not needed any more goes, too"


@pytest.mark.skipif(IS_FULL, reason="the other test exports, too")
def test_what_is_validated_can_be_exported(demo: tuple[Path, str]) -> None:
    exported = costops("query", EXPORT, "--format", "csv", home=demo[0])
    assert exported.returncode == 0, exported.stderr
    rows = list(csv.DictReader(io.StringIO(exported.stdout)))
    assert len(rows) > 100
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", row["BillingPeriodStart"]) for row in rows)
