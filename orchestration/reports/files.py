"""Reports as files.

Put here: names, writing in one step. Keep out: rendering.
"""

from __future__ import annotations

import re
from pathlib import Path

from ingestion.whole_files import replace_file
from orchestration.reports.content import Report
from orchestration.reports.rendering import ENDINGS, rendered

_ODD = re.compile(r"[^A-Za-z0-9]+")


def file_name(report: Report, form: str) -> str:
    """`executive_monthly_2026-10.pdf`; what a report is about is part of its name."""
    about = _ODD.sub("-", report.subject).strip("-").lower()
    period = report.period.name if report.period.name[0].isdigit() else report.period.first.isoformat()
    if report.period.grain == "month":
        period = f"{report.period.first:%Y-%m}"
    return "_".join(part for part in (report.name, about, period) if part) + ENDINGS[form]


def write(report: Report, form: str, path: Path) -> Path:
    """The file; whoever has the former one open keeps it, and a crash leaves it in place.

    Raises:
        OSError: it cannot be written.
    """
    made = rendered(report, form)
    replace_file(path, made)
    return path
