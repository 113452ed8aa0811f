"""Finds the dbt project and keeps its manifest fresh for a home.

Put here: where dbt's files lie and when to parse. Keep out: asset definitions.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from ingestion.config import Settings

PROFILE = "llm_cost_ops"
REPORTING_DEFAULTS = {
    "reporting_currency": "USD",
    "reporting_time_zone": "UTC",
    "allocation_basis": "billed",
    "identities": "delivered",
}
_INPUTS = ("*.sql", "*.yml", "*.yaml", "*.csv", "*.md")


class DbtError(RuntimeError):
    """dbt could not parse or build: with its own words."""


def project_dir() -> Path:
    """The dbt project: beside this package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parents[1]
    packaged = package / "_dbt_project"
    return packaged if packaged.exists() else package.parent / "dbt_project"


def target_dir(settings: Settings) -> Path:
    """dbt's target folder of this home."""
    return settings.dbt_dir / "target"


def reporting_variables(settings: Settings) -> dict[str, str]:
    """dbt variables of what this home declares otherwise than dbt_project.yml: currency, time zone, cost to allocate,
    what is shown of people.

    Another value makes dbt parse the project again.
    """
    declared = {name: getattr(settings, name) for name in REPORTING_DEFAULTS}
    return {name: value for name, value in declared.items() if value != REPORTING_DEFAULTS[name]}


def manifest_path(settings: Settings) -> Path:
    """The manifest of this home, parsed again when a file of the project or a declared variable has changed.

    Raises:
        DbtError: with dbt's own words.
    """
    manifest = target_dir(settings) / "manifest.json"
    stamp, wanted = manifest.with_name("manifest.stamp"), project_stamp(settings)
    if manifest.exists() and stamp.exists() and stamp.read_text() == wanted:
        return manifest
    from orchestration.running.dbt_invocation import parsed_project

    manifest.parent.mkdir(parents=True, exist_ok=True)
    parsed_project(settings, reporting_variables(settings), write=True)
    stamp.write_text(wanted)
    return manifest


def project_stamp(settings: Settings) -> str:
    """Changes with any file of the project and with what this home declares."""
    declared = sorted(reporting_variables(settings).items())
    return f"{_fingerprint(project_dir())} {declared}"


@lru_cache(maxsize=4)
def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for path in sorted(folder.rglob(pattern)):
            parts = path.relative_to(folder).parts
            if parts[0] in {"target", "logs", "dbt_packages"}:
                continue
            digest.update("/".join(parts).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
