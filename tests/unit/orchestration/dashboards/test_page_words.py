"""The page's program says figures in the words of everything else, and guards what a spreadsheet would evaluate."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.presenting.formats import Unit, shown
from orchestration.text.spreadsheets import csv_cell

PAGE = Path(__file__).resolve().parents[4] / "orchestration" / "dashboards" / "page"
FORMATS = (PAGE / "formats.js").read_text()
WORDS = [
    "=1+1", "+1", "-1", "-x", "@sum", " =1", "\t=1", "＝1", "1e5", "+1.5", "-0.5", "team", "", "a,b", 'say "hi"',
    "\r=1", "1-2", "<b>", "'=1", "٣", "-", "=", "+.5", "-1e", "=cmd|' /C calc'!A0",
]  # fmt: skip
UNITS = [unit for unit in Unit if unit.is_number]


def run(program: str, expression: str, given: Any) -> Any:
    """What an expression gives after a part of the page's program, `given` being what it is asked."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node runs the page's program without a browser, and is not here")
    script = f"{program}\nconst given = JSON.parse(require('fs').readFileSync(0, 'utf8'));\n"
    result = subprocess.run(
        [node, "-e", f"{script}process.stdout.write(JSON.stringify({expression}))"],
        input=json.dumps(given), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout)


def values() -> list[float]:
    chance = random.Random(12)
    steps = [
        0.0,
        0.004,
        0.005,
        0.0049,
        0.049,
        0.05,
        0.0005,
        0.994,
        0.995,
        0.9995,
        1.0,
        9.995,
        10.0,
        99.95,
        999.4,
        999.5,
        1000.0,
    ]
    spread = [round(chance.uniform(0.1, 9.99) * 10 ** chance.randint(-8, 12), chance.randint(0, 9)) for _ in range(400)]
    return [sign * value for value in (*steps, *spread, 99_999.995, 100_000.0, 123_456.789, 1e12) for sign in (1, -1)]


@pytest.mark.parametrize("is_short", [False, True], ids=["whole", "short"])
def test_figures_read_as_everywhere(is_short: bool) -> None:
    # A ratio above a million has more digits than a double.
    asked = [[value, unit.value] for unit in UNITS for value in values() if unit is not Unit.RATIO or abs(value) < 1e6]
    expression = f"given.map(([value, unit]) => shown(value, unit, {str(is_short).lower()}))"
    expected = [shown(Decimal(str(value)), Unit(unit), is_short=is_short) for value, unit in asked]
    found = run(FORMATS, expression, asked)
    assert [each for each in zip(asked, found, expected, strict=True) if each[1] != each[2]] == []


def test_unknown_reads_unknown() -> None:
    assert run(FORMATS, "given.map((unit) => shown(null, unit))", [unit.value for unit in Unit]) == ["unknown"] * len(
        Unit
    )


def test_cells_of_csv_are_guarded_as_everywhere() -> None:
    program = (PAGE / "widgets.js").read_text()
    found = run(program[program.index("const csvCell") : program.index("const csvOf")], "given.map(csvCell)", WORDS)
    unquoted = [cell[1:-1].replace('""', '"') if cell.startswith('"') else cell for cell in found]
    assert [cell.startswith("'") for cell in unquoted] == [str(csv_cell(word)).startswith("'") for word in WORDS]


@pytest.mark.parametrize(
    ("value", "unit", "step", "text"),
    [
        (0, "usd", 250, "$0"),
        (1000, "usd", 250, "$1k"),
        (1500, "usd", 500, "$1.5k"),
        (20_000, "usd", 5_000, "$20k"),
        (100_000, "count", 20_000, "100k"),
        (2_500_000, "count", 500_000, "2.5M"),
        (-3_000, "usd", 1_000, "-$3k"),
        (0.05, "usd_fine", 0.05, "$0.05"),
        (0.3, "usd_fine", 0.1, "$0.3"),
        (150, "percent", 50, "150%"),
        (0.25, "ratio", 0.25, "25%"),
        (0.125, "usd", 0.025, "$0.125"),
        (0.5, "usd", 0.5, "$0.50"),
        (7.5, "usd", 2.5, "$7.50"),
        (0.075, "ratio", 0.025, "7.5%"),
        (2.5, "percent", 2.5, "2.5%"),
    ],
)
def test_ticks_of_an_axis_are_short_and_right(value: float, unit: str, step: float, text: str) -> None:
    assert run(FORMATS, "tickText(...given)", [value, unit, step]) == text


@pytest.mark.parametrize("unit", ["usd", "usd_fine", "count", "ratio", "percent", "decimal"])
def test_a_tick_says_the_value_at_which_it_stands(unit: str) -> None:
    chance = random.Random(5)
    highs = [chance.uniform(1, 10) * 10 ** chance.randint(-6, 12) for _ in range(400)] + [1, 2, 2.5, 3, 10, 0.11]
    axes = run(
        FORMATS + (PAGE / "axes.js").read_text(),
        f"given.map(([low, high]) => {{ const axis = niceTicks(low, high, 4, '{unit}'); "
        f"return axis.ticks.map((tick) => [tick, tickText(tick, '{unit}', axis.step)]); }})",
        [(0, high) for high in highs] + [(-high / 3, high) for high in highs],
    )
    factors = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "%": 0.01 if unit == "ratio" else 1}
    for ticks in axes:
        for value, text in ticks:
            digits, factor = text.replace("$", "").replace(",", ""), 1.0
            if digits[-1] in factors:
                digits, factor = digits[:-1], factors[digits[-1]]
            assert float(digits) * factor == pytest.approx(value, rel=1e-6, abs=1e-9), ticks
            assert unit != "count" or value == round(value)
