"""Every source, in the order in which they land: the folders of `ingestion.sources` that hold a `spec`.

Settings, raw tables, Dagster's assets, `costops doctor` and what prices are looked up for follow from this list. dbt
cannot read it: `api_sources` in `dbt_project/dbt_project.yml` says what dbt needs of a provider, and an architecture
test compares the two.

Put here: finding specs. Keep out: what a source is (its `spec`).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ingestion.vocabulary.spec import SourceSpec

FOLDER = Path(__file__).with_name("sources")


def _found() -> tuple[SourceSpec, ...]:
    names = sorted(path.parent.name for path in FOLDER.glob("*/spec.py"))
    specs: list[SourceSpec] = [import_module(f"ingestion.sources.{name}.spec").SPEC for name in names]
    return tuple(sorted(specs, key=lambda spec: spec.kind))


CATALOG: tuple[SourceSpec, ...] = _found()
SPECS: dict[str, SourceSpec] = {spec.name: spec for spec in CATALOG}
API_SPECS: dict[str, SourceSpec] = {spec.name: spec for spec in CATALOG if spec.is_api}
