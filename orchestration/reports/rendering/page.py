"""A report as one page that holds everything it shows.

Put here: what the page's template asks for. Keep out: the template (`page.html.j2`), sending.
"""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.charts.basic import narrow
from orchestration.charts.rendering import svg
from orchestration.presenting.formats import Unit, shown
from orchestration.presenting.theme import DARK, FONT, LIGHT
from orchestration.reports.content import Column, KeyFigures, Notice, Picture, Report, Table, Words

if TYPE_CHECKING:
    from jinja2 import Template

ROOM = 24
"""Pixels beside a picture for words in a font that is wider than the one it was measured with."""
_LOGO_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}


def page(report: Report) -> str:
    """HTML with its style, pictures and figures in it; it refers to nothing outside."""
    return _template().render(
        report=report,
        light=LIGHT.css.replace(f"--primary:{LIGHT.primary}", f"--primary:{report.style.primary_color}"),
        dark=DARK.css,
        font=f"'{report.style.font}', {FONT}",
        logo=_logo(report.style.logo),
        made_at=shown(report.made_at_utc, Unit.INSTANT),
        picture=_picture,
        kind=_kind,
        align=_align,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _picture(picture: Picture, is_narrow: bool) -> str:
    """As an image of its own, so that nothing in it is part of the page."""
    spec = narrow(picture.spec) if is_narrow else picture.spec
    drawn = base64.b64encode(svg(spec, beside=ROOM).encode()).decode()
    return f"data:image/svg+xml;base64,{drawn}"


def _kind(block: Any) -> str:
    kinds = {KeyFigures: "figures", Words: "words", Notice: "notice", Table: "table", Picture: "picture"}
    return kinds[type(block)]


def _align(column: Column) -> str:
    return "number" if column.unit.is_number else ""


def _logo(path: str | None) -> str:
    if path is None:
        return ""
    kind = _LOGO_TYPES.get(Path(path).suffix.lower(), "image/png")
    return f"data:{kind};base64,{base64.b64encode(Path(path).read_bytes()).decode()}"
