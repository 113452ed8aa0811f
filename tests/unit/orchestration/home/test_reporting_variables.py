"""What a home declares for its reports reaches dbt, and the defaults are those of the dbt project."""

from __future__ import annotations

import yaml

from ingestion.config import Settings
from orchestration.home.dbt_project import REPORTING_DEFAULTS, project_dir, reporting_variables


def test_currency_and_zone_are_handed_to_dbt_where_they_are_declared() -> None:
    assert reporting_variables(Settings.from_env({})) == {"identities": "pseudonyms"}
    assert reporting_variables(Settings.from_env({"COSTOPS_IDENTITIES": "delivered"})) == {}
    env = {"COSTOPS_REPORTING_TIME_ZONE": "Asia/Kolkata", "COSTOPS_REPORTING_CURRENCY": "INR"}
    env |= {"COSTOPS_IDENTITIES": "Delivered "}
    declared = {"reporting_currency": "INR", "reporting_time_zone": "Asia/Kolkata"}
    assert reporting_variables(Settings.from_env(env)) == declared


def test_defaults_are_those_of_the_dbt_project() -> None:
    variables = yaml.safe_load((project_dir() / "dbt_project.yml").read_text())["vars"]
    assert {name: variables[name] for name in REPORTING_DEFAULTS} == REPORTING_DEFAULTS
