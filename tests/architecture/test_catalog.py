"""The catalogue and what cannot be derived from it agree: dbt's list of providers, the pages."""

from __future__ import annotations

from pathlib import Path

import yaml

from ingestion.catalog import API_SPECS, CATALOG
from ingestion.config import API_SETTINGS
from ingestion.vocabulary.spec import Kind

ROOT = Path(__file__).parents[2]


def of_dbt() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text())["vars"][
        "api_sources"
    ]
    return found


def test_dbt_knows_every_source_that_has_pulls() -> None:
    assert of_dbt().keys() == {spec.name for spec in CATALOG if "pulls" in spec.shared_tables}


def test_every_provider_says_what_it_reports() -> None:
    for name in of_dbt():
        if name == "prometheus":
            continue  # reports neither usage of providers nor charges: GPUs and tokens of one's own servers
        text = (ROOT / "dbt_project" / "macros" / "providers" / f"{name}.sql").read_text()
        assert f"macro {name}_usage()" in text or f"macro {name}_charges()" in text


def test_every_variable_of_a_source_is_on_its_page() -> None:
    guide = (ROOT / "docs" / "provider_apis.md").read_text() + (ROOT / "docs" / "getting_started.md").read_text()
    for spec in API_SPECS.values():
        page = (ROOT / "docs" / "sources" / f"{spec.name}.md").read_text() + guide
        assert {each.variable for each in spec.settings if each.variable not in page} == set()


def test_sources_are_told_apart() -> None:
    assert len({spec.name for spec in CATALOG}) == len(CATALOG)
    settings = [each.name for spec in CATALOG for each in spec.settings]
    assert len(set(settings)) == len(settings)
    assert len({each.variable for each in API_SETTINGS.values()}) == len(API_SETTINGS)
    assert [spec.name for spec in CATALOG][-1] == "prices", "what reads the others lands last"
    assert all(spec.credentials or spec.off_reason for spec in CATALOG if spec.kind is Kind.API)


def test_credentials_are_never_shown() -> None:
    secret = {each.name for each in API_SETTINGS.values() if each.is_secret}
    named = {name for name in API_SETTINGS if name.endswith(("_key", "_secret", "_token", "_access_key"))}
    assert named <= secret
