"""Specifications to images, without a browser.

Put here: PNG, SVG, Markdown. Keep out: what is drawn.
"""

from __future__ import annotations

import base64
import io
from typing import Any

Spec = dict[str, Any]
"""A Vega-Lite specification with its data in it; pages take it as it is."""
VEGA_LITE = "6.1"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""The name of the language; nothing is read from there."""


def png(spec: Spec, scale: float = 1.0) -> bytes:
    """The picture as PNG."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[]))


def svg(spec: Spec) -> str:
    """The picture as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[]))


def markdown(spec: Spec, alternative: str) -> str:
    """A Markdown image that carries the picture in itself; `alternative` says in words what it shows."""
    return f"![{alternative}](data:image/png;base64,{base64.b64encode(_few_colours(png(spec))).decode()})"


def _few_colours(image: bytes) -> bytes:
    """The picture in 64 colours, an eighth of its size: it is stored with every run."""
    from PIL import Image

    small = io.BytesIO()
    Image.open(io.BytesIO(image)).convert("RGB").quantize(64).save(small, "PNG", optimize=True)
    return small.getvalue()
