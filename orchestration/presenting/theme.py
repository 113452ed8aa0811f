"""Colours of pages and documents, light and dark, and what pictures take from them.

Put here: the palette. Keep out: layout, what is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PRIMARY, SECONDARY, ACCENT = "#1E3A8A", "#3B82F6", "#10B981"
WARNING, DANGER, NEUTRAL = "#F59E0B", "#EF4444", "#6B7280"
SEQUENTIAL = (
    "#EFF6FF", "#DBEAFE", "#BFDBFE", "#93C5FD", "#60A5FA", "#3B82F6", "#2563EB", "#1D4ED8", "#1E40AF", "#1E3A8A",
)  # fmt: skip
DIVERGING = ("#EF4444", "#F59E0B", "#6B7280", "#10B981", "#059669")
CATEGORIES = ("#1E3A8A", "#3B82F6", "#F59E0B", "#8B5CF6", "#10B981", "#DC2626", "#93C5FD", "#6B7280")
"""Of parts that stand side by side, told apart by lightness too, so that no two look alike to the colour-blind; the
last is for what is left over."""
DARK_CATEGORIES = ("#60A5FA", "#FBBF24", "#A78BFA", "#6EE7B7", "#F87171", "#BFDBFE", "#818CF8", "#CBD5E1")
FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"


@dataclass(frozen=True)
class Theme:
    """Colours of one appearance, as CSS takes them."""

    name: str
    background: str
    surface: str
    ink: str
    muted: str
    line: str
    primary: str
    good: str
    warning: str
    danger: str
    categories: tuple[str, ...]

    @property
    def tokens(self) -> dict[str, str]:
        """By the names of custom properties, without their dashes."""
        return {
            "background": self.background,
            "surface": self.surface,
            "ink": self.ink,
            "muted": self.muted,
            "line": self.line,
            "primary": self.primary,
            "good": self.good,
            "warning": self.warning,
            "danger": self.danger,
        }

    @property
    def css(self) -> str:
        """Custom properties, to stand inside a rule."""
        return "".join(f"--{name}:{value};" for name, value in self.tokens.items())

    @property
    def vega(self) -> dict[str, Any]:
        """The configuration of a picture in this appearance; its ground stays clear."""
        return {
            "background": None,
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": self.muted,
                "titleColor": self.muted,
                "gridColor": self.line,
                "domainColor": self.line,
                "tickColor": self.line,
                "labelFontSize": 11,
                "titleFontSize": 11,
                "titleFontWeight": "normal",
                "labelOverlap": True,
            },
            "legend": {"labelColor": self.ink, "titleColor": self.muted, "labelFontSize": 11, "symbolType": "square"},
            "title": {"color": self.ink, "anchor": "start", "fontSize": 13, "subtitleColor": self.muted},
            "text": {"color": self.ink},
            "range": {"category": list(self.categories), "heatmap": list(SEQUENTIAL), "ramp": list(SEQUENTIAL)},
        }


LIGHT = Theme(
    "light", "#F8FAFC", "#FFFFFF", "#0F172A", "#526079", "#E2E8F0", PRIMARY, "#047857", "#B45309", "#DC2626", CATEGORIES
)
DARK = Theme(
    "dark", "#0B1220", "#131C2E", "#E8EEF9", "#9FB0CB", "#26344D", "#60A5FA", "#34D399", "#FBBF24", "#F87171",
    DARK_CATEGORIES,
)  # fmt: skip
