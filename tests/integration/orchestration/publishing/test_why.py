"""`costops why` on a published copy: words, a table of 80 columns, pictures; wrong use is said in words."""

from __future__ import annotations

import io
import re
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from ingestion.config import PUBLISHED_DATABASE
from orchestration.cli import app
from orchestration.commands import why as module
from orchestration.text.terminal import SafeConsole

PUBLISHED = """
create schema marts;
create table marts.fct_metered_costs_daily as
select
    cast(day as date) as usage_date, 'anthropic' as provider_id, 'chat' as project_id, 'k' as api_key_id, team_id,
    cast(null as varchar) as customer_id, cast(null as varchar) as feature, cast(null as varchar) as environment,
    'a-model-with-a-name-of-quite-some-length-and-a-date-2026-01-01' as model_id, 'standard' as service_tier,
    cast(10 * price as decimal(38, 12)) as cost_usd, 10 as request_count, 0 as error_count, 1000 as input_tokens,
    1000 as uncached_input_tokens, cast(10 * price as decimal(38, 12)) as uncached_input_cost_usd,
    0 as cache_read_tokens, cast(0 as decimal(38, 12)) as cache_read_cost_usd,
    0 as cache_write_tokens, cast(0 as decimal(38, 12)) as cache_write_cost_usd,
    0 as output_tokens, cast(0 as decimal(38, 12)) as output_cost_usd
from (
    select day, team_id, case when day >= timestamp '2026-03-02' and team_id = 'search' then 3 else 2 end as price
    from range(timestamp '2026-01-05', timestamp '2026-03-09', interval 1 day) as days(day)
    cross join (values ('search'), ('support')) as teams(team_id)
)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "published").mkdir()
    with duckdb.connect(home / "published" / PUBLISHED_DATABASE) as connection:
        for statement in PUBLISHED.split(";"):
            connection.execute(statement)
    return home


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is printed, on a screen of 80 columns."""
    file = io.StringIO()
    monkeypatch.setattr(module, "console", SafeConsole(file=file, emoji=False, width=80))
    return file


def why(home: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["why", *options, "--home", str(home)], env={"COLUMNS": "80"})


def test_a_dearer_price_is_explained_by_price_alone(home: Path, screen: io.StringIO):
    # Seven days of ten calls at 3 USD instead of 2: 210 against 140 USD.
    result = why(home, "--team", "search", "--from", "2026-03-02", "--to", "2026-03-08")
    printed = screen.getvalue()
    assert result.exit_code == 0, printed
    said = " ".join(printed.split())
    assert "team search spent 210.00 USD" in said
    assert "140.00 USD" in said
    assert re.search(r"price\s+│\s+\+70\.00\s+│\s+100%", printed)
    assert "volume" not in said
    assert max(len(line) for line in printed.splitlines()) <= 80


def test_without_a_slice_it_says_in_which_the_change_is(home: Path, screen: io.StringIO):
    why(home, "--from", "2026-03-02", "--to", "2026-03-08")
    printed = screen.getvalue()
    assert re.search(r"team\s+│ search\s+│\s+140\.00\s+│\s+210\.00\s+│\s+\+70\.00", printed)
    assert "Explained best by search" in " ".join(printed.split())
    assert max(len(line) for line in printed.splitlines()) <= 80


def test_any_two_periods_can_be_compared(home: Path, screen: io.StringIO):
    why(
        home, "--from", "2026-03-01", "--to", "2026-03-02", "--against-from", "2026-02-01", "--against-to", "2026-02-02"
    )
    printed = screen.getvalue()
    assert "(+10.00, +12%)" in " ".join(printed.split())


@pytest.mark.parametrize(
    ("name", "begins"), [("w.png", b"\x89PNG"), ("w.svg", b"<svg"), ("w.html", b"<!DOCTYPE html>")]
)
def test_pictures_hold_all_they_need(home: Path, tmp_path: Path, name: str, begins: bytes):
    path = tmp_path / name
    result = why(home, "--from", "2026-03-02", "--picture", str(path))
    assert result.exit_code == 0, result.output
    content = path.read_bytes()
    assert content.lstrip().startswith(begins)
    assert not re.search(rb"""<(?:script|link|img)[^>]*(?:src|href)=["']https?:""", content)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--from", "2026-03-40"), 2, "is not a date"),
        (("--from", "2026-03-02", "--team", "nobody"), 1, "there are: search, support"),
        (("--from", "2030-01-01"), 1, "days with spend: 2026-01-05 to 2026-03-08"),
        (("--from", "2026-03-02", "--picture", "x.gif"), 2, ".png, .svg, .html"),
        (("--from", "2026-03-02", "--service", "EC2", "--team", "a"), 2, "bills have no team"),
        (("--from", "2026-03-02", "--against-from", "2026-01-01"), 2, "go together"),
        (("--from", "2026-03-02", "--billed"), 1, "run: costops run"),
        (("--from", "2026-03-02", "--picture", "/nowhere/at/all.png"), 1, "cannot be written"),
    ],
)
def test_wrong_use_is_said_in_words(home: Path, options: tuple[str, ...], code: int, words: str):
    result = why(home, *options)
    assert result.exit_code == code, result.output
    assert words in " ".join(result.output.split())
    assert "Traceback" not in result.output
