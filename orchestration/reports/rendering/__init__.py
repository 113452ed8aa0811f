"""A report as page, PDF, workbook, Markdown, or in a terminal.

Put here: one module per form. Keep out: figures, words.
"""

from __future__ import annotations

from collections.abc import Callable

from orchestration.reports.content import Report

ENDINGS = {"html": ".html", "pdf": ".pdf", "xlsx": ".xlsx", "md": ".md"}
"""Forms that are files."""


def rendered(report: Report, form: str) -> bytes:
    """The file of a report in one of `ENDINGS`."""
    return _renderer(form)(report)


def _renderer(form: str) -> Callable[[Report], bytes]:
    if form == "html":
        from orchestration.reports.rendering.page import page

        return lambda report: page(report).encode()
    if form == "pdf":
        from orchestration.reports.rendering.document import document

        return document
    if form == "xlsx":
        from orchestration.reports.rendering.workbook import workbook

        return workbook
    from orchestration.reports.rendering.markdown import markdown

    return lambda report: markdown(report).encode()
