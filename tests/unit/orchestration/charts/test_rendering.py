"""Pictures keep room for a reader's font."""

from __future__ import annotations

import re

from orchestration.charts.rendering import svg

BARS = {
    "data": {"values": [{"team": "a team with a long name", "usd": 1}]},
    "mark": "bar",
    "encoding": {"y": {"field": "team", "type": "nominal"}, "x": {"field": "usd", "type": "quantitative"}},
}


def test_room_beside_a_picture_moves_nothing_in_it() -> None:
    plain, roomy = svg(BARS), svg(BARS, beside=24)
    width = float(re.search(r'width="([\d.]+)"', plain)[1])  # type: ignore[index]
    assert f'width="{width + 48:g}"' in roomy
    assert 'viewBox="-24 0 ' in roomy
    assert plain.partition(">")[2] == roomy.partition(">")[2]
