"""Colours: contrast by the formula of WCAG 2.2, and parts that can be told apart without hue."""

from __future__ import annotations

import pytest

from orchestration.presenting.theme import DARK, LIGHT, Theme

READABLE, LARGE = 4.5, 3.0


def luminance(color: str) -> float:
    parts = [int(color[position : position + 2], 16) / 255 for position in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_words_can_be_read(theme: Theme) -> None:
    for ground in (theme.background, theme.surface):
        for ink in (theme.ink, theme.muted, theme.good, theme.danger, theme.warning, theme.primary):
            assert contrast(ink, ground) >= READABLE, (ink, ground)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_neighbours_differ_in_lightness(theme: Theme) -> None:
    for one, other in zip(theme.categories, theme.categories[1:], strict=False):
        assert contrast(one, other) >= 1.3, (one, other)
