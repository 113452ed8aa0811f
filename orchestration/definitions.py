"""The Dagster entry point: collects everything in `orchestration.defs`."""

from __future__ import annotations

import dagster as dg

from orchestration import defs as subjects
from orchestration.defs.transformation import dbt_resource
from orchestration.progress import progress_logger
from orchestration.resources import Home


@dg.definitions
def definitions() -> dg.Definitions:
    """All assets, checks, jobs, schedules, sensors and resources."""
    return dg.Definitions.merge(
        dg.load_definitions_from_package_module(subjects),
        dg.Definitions(
            resources={"home": Home(), "dbt": dbt_resource},
            loggers={"console": dg.colored_console_logger, "progress": progress_logger},
        ),
    )
