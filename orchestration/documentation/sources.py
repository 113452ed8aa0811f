"""Where the site's content comes from on this machine: our pages, dbt's, the published copy.

Put here: finding and making them. Keep out: layout.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingestion.config import Settings
from orchestration.home.dbt_project import DbtError, manifest_path, project_dir, reporting_variables, target_dir

DBT_PAGE = "static_index.html"
_MODEL = re.compile(r"model\.\w+\.(\w+)")


def docs_dir() -> Path:
    """Our pages: beside this package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parents[1]
    packaged = package / "_docs"
    return packaged if packaged.exists() else package.parent / "docs"


def readme() -> Path | None:
    """README, where there is a checkout."""
    path = docs_dir().parent / "README.md"
    return path if path.exists() and docs_dir().name == "docs" else None


def manifest(settings: Settings) -> dict[str, Any]:
    """dbt's manifest of this home.

    Raises:
        DbtError: the project cannot be parsed.
    """
    return dict(json.loads(manifest_path(settings).read_text()))


def dbt_page(settings: Settings, *, has_catalog: bool) -> Path:
    """dbt's documentation as one file; with `has_catalog` it reads types and sizes from the warehouse, which is held.

    Raises:
        DbtError: with dbt's own words.
    """
    import os

    from dbt.cli.main import dbtRunner

    folder = target_dir(settings).with_name("docs")
    project = str(project_dir())
    arguments = [
        "--quiet", "docs", "generate", "--static", "--project-dir", project, "--profiles-dir", project,
        "--target-path", str(folder), "--log-path", str(settings.dbt_dir / "logs"), "--log-level", "none",
        "--log-level-file", os.environ.get("DBT_LOG_LEVEL_FILE", "none"), "--no-use-colors",
        *([] if has_catalog else ["--empty-catalog", "--no-compile"]),
    ]  # fmt: skip
    if variables := reporting_variables(settings):
        arguments += ["--vars", json.dumps(variables)]
    before = os.environ.get("COSTOPS_WAREHOUSE")
    os.environ["COSTOPS_WAREHOUSE"] = str(settings.warehouse_path)
    try:
        result = dbtRunner().invoke(arguments)
    finally:
        if before is None:
            os.environ.pop("COSTOPS_WAREHOUSE", None)
        else:
            os.environ["COSTOPS_WAREHOUSE"] = before
    page = folder / DBT_PAGE
    if not result.success or not page.exists():
        raise DbtError(f"dbt docs generate failed: {result.exception or 'see run.log'}")
    return page


def lineage_page(settings: Settings, say: Callable[[str], None]) -> Path | None:
    """Column lineage by dbt-colibri from what dbt wrote; None where it is not installed, which is said."""
    try:
        from dbt_colibri.lineage_extractor.extractor import DbtColumnLineageExtractor
        from dbt_colibri.report.generator import DbtColibriReportGenerator
    except ImportError:
        say("column lineage is left out: it needs the extra docs (pip install 'llm-cost-ops[docs]')")
        return None
    folder = target_dir(settings).with_name("docs")
    out = target_dir(settings).with_name("lineage")
    shutil.rmtree(out, ignore_errors=True)
    with _errors_of("colibri") as failed:
        extractor = DbtColumnLineageExtractor(str(folder / "manifest.json"), str(folder / "catalog.json"))
        DbtColibriReportGenerator(extractor, disable_telemetry=True).generate_report(output_dir=str(out))
    if failed:
        models = sorted({found[1] for words in failed if (found := _MODEL.search(words))})
        say(f"column lineage cannot follow {len(failed)} columns of {', '.join(models) or 'some models'}")
    page = out / "index.html"
    return page if page.exists() else None


@contextmanager
def _errors_of(name: str) -> Iterator[list[str]]:
    """What a program would write to the terminal as errors, caught."""
    caught: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                caught.append(record.getMessage())

    logger, handler = logging.getLogger(name), Keep()
    before, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield caught
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
