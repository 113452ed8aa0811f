"""Specifications to images, without a browser.

Put here: PNG, SVG, pages, Markdown. Keep out: what is drawn.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

from orchestration.charts.style import Spec

VEGA_LITE = "6.1"
FILES = (".png", ".svg", ".html")
"""Endings of the files that `write` makes."""


def png(spec: Spec, scale: float = 1.0) -> bytes:
    """The picture as PNG."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[]))


def svg(spec: Spec, beside: int = 0) -> str:
    """The picture as SVG, with `beside` pixels of room on its left and right.

    Words take the room that fonts of this machine need; where a reader's are wider, they need more.
    """
    import vl_convert

    drawn = str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[]))
    return _FRAME.sub(lambda frame: _wider(frame, beside), drawn, count=1) if beside else drawn


_FRAME = re.compile(r'width="([\d.]+)" height="([\d.]+)" viewBox="0 0 \1 \2"')


def _wider(frame: re.Match[str], beside: int) -> str:
    width, height = float(frame[1]) + 2 * beside, frame[2]
    return f'width="{width:g}" height="{height}" viewBox="{-beside} 0 {width:g} {height}"'


def pdf(spec: Spec) -> bytes:
    """The picture as PDF, its text as text."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_pdf(spec, vl_version=VEGA_LITE, allowed_base_urls=[]))


def page(spec: Spec) -> str:
    """The picture as a page with its library in it."""
    import vl_convert

    return str(vl_convert.vegalite_to_html(spec, bundle=True))


def write(spec: Spec, path: Path) -> None:
    """The picture as a file, of the kind that its ending says (`FILES`).

    Raises:
        OSError: it cannot be written.
    """
    kind = path.suffix.lower()
    if kind == ".png":
        path.write_bytes(png(spec, scale=2))
    else:
        path.write_text(svg(spec) if kind == ".svg" else page(spec))


def markdown(spec: Spec, alternative: str) -> str:
    """A Markdown image that carries the picture in itself; `alternative` says in words what it shows."""
    return f"![{alternative}](data:image/png;base64,{base64.b64encode(_few_colours(png(spec))).decode()})"


def _few_colours(image: bytes) -> bytes:
    """The picture in 64 colours, an eighth of its size: it is stored with every run."""
    from PIL import Image

    small = io.BytesIO()
    Image.open(io.BytesIO(image)).convert("RGB").quantize(64).save(small, "PNG", optimize=True)
    return small.getvalue()
