"""How pictures look: what all of them share.

Put here: colours, type, the language. Keep out: what is drawn.
"""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]
"""A Vega-Lite specification with its data in it; pages take it as it is."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""The name of the language; nothing is read from there."""
INK, RED = "#1f3a5f", "#c0392b"
FRAME: Spec = {"font": "sans-serif", "view": {"stroke": None}}
AXIS = {"gridColor": "#eeeeee", "domainColor": "#999999", "tickColor": "#999999"}
