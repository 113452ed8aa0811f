"""Pages: what is in them, when they are written, what they never hold."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.config import Settings
from orchestration.dashboards import packing
from orchestration.dashboards.exchange import (
    ExchangeError,
    export_definition,
    export_page,
    import_definition,
    new_definition,
)
from orchestration.dashboards.site import are_dashboards_changed, write_site
from tests.unit.orchestration.dashboards.marts import DEFINITION, home_with, own

SIZES = {"1": "B", "2": "H", "4": "I"}


def content_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="page" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def numbers(column: dict[str, str]) -> list[float | None]:
    data = base64.b64decode(column["d"])
    if column["t"] == "f8":
        values = struct.unpack(f"<{len(data) // 8}d", data)
        return [None if value != value else value for value in values]
    letter = SIZES[column["t"][1]]
    whole = struct.unpack(f"<{len(data) // int(column['t'][1])}{letter}", data)
    return [value - 1 if value else None for value in whole] if column["t"][0] == "n" else list(whole)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = home_with(tmp_path / "home")
    own(made, "own.yml")
    return made


def test_a_page_holds_its_rows_in_few_bytes_and_knows_what_is_unknown(settings: Settings) -> None:
    spend = content_of(write_site(settings).page("own").read_text())["datasets"]["spend"]
    # 1 October (day 20727), 18th and 19th: rows sorted by day, then by the words of each dimension.
    assert (spend["days"], spend["counts"], spend["rows"]) == ([20727, 20744, 20745], [1, 1, 3], 5)
    assert numbers(spend["measures"]["spend_usd"]) == [7.0, 10.0, 1.250000000001, 2.5, None]
    assert numbers(spend["measures"]["request_count"]) == [None, 40, 10, 5, 4]
    assert numbers(spend["unknown"]["spend_usd"]) == [0, 0, 0, 0, 1]
    teams = spend["dimensions"]["team_id"]
    assert [*teams["values"], None][int(numbers(teams)[0] or 0)] is None


def test_a_page_loads_nothing_and_runs_only_its_own_program(settings: Settings) -> None:
    page = write_site(settings).page("own").read_text()
    program = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert program
    assert policy
    hashed = base64.b64encode(hashlib.sha256(program[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{hashed}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe" not in policy[1]
    assert [word for word in re.findall(r"https?://[^\s\"'`)]+", page) if "www.w3.org" not in word] == []
    assert re.findall(r"<(?:link|img|script|iframe)[^>]*(?:src|href)=\"(?!data:,)", page) == []


def test_names_from_outside_are_data(settings: Settings) -> None:
    page = write_site(settings).page("own").read_text()
    assert content_of(page)["names"]["team_id"] == {"a": "Alpha", "b": "</script><script>alert(1)</script>"}
    assert page.count("<script") == 2


def test_only_what_changed_is_written(settings: Settings) -> None:
    first = write_site(settings)
    assert {"own", "index", "executive"} <= set(first.written)
    assert write_site(settings).written == ()
    assert not are_dashboards_changed(settings)
    own(settings, "own.yml", DEFINITION.replace("title: Spend\n", "title: Spent\n", 1))
    assert are_dashboards_changed(settings)
    again = write_site(settings)
    assert "own" in again.written
    (settings.dashboards_dir / "own.yml").unlink()
    gone = write_site(settings)
    assert not gone.page("own").exists()
    assert "own" not in gone.names


def test_a_wrong_definition_is_named_and_costs_the_others_nothing(settings: Settings) -> None:
    own(settings, "wrong.yml", DEFINITION.replace("mart: rpt_cost_daily", "mart: rpt_cost_dayly"))
    own(settings, "write.yml", DEFINITION.replace("mart: rpt_cost_daily", "query: drop table dim_teams"))
    own(settings, "file.yml", DEFINITION.replace("mart: rpt_cost_daily", "query: from read_csv('/etc/passwd')"))
    own(settings, "column.yml", DEFINITION.replace("measures: [spend_usd,", "measures: [spend_usd, cost,"))
    own(settings, "period.yml", DEFINITION.replace("period: 2026-10", "period: fortnight"))
    site = write_site(settings)
    told = "\n".join(map(str, site.faults))
    assert "wrong.yml: dataset spend, field mart: no mart 'rpt_cost_dayly' is published; did you mean rpt_cost" in told
    assert "write.yml: dataset spend, field query: is one select over published marts, and nothing else" in told
    assert "file.yml: dataset spend, field query: " in told
    assert "column.yml: dataset spend, field measures: rpt_cost_daily has no column 'cost'" in told
    assert "period.yml: field period: 'fortnight' is not a period" in told
    assert "own" in site.written
    assert not {"wrong", "write", "file", "column", "period"} & set(site.names)
    listed = content_of(site.index.read_text())["index"]
    assert {"wrong.yml", "write.yml", "file.yml", "column.yml", "period.yml"} <= {
        each["file"] for each in listed["wrong"]
    }
    with duckdb.connect(str(settings.published_database), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.dim_teams").fetchone() == (2,)


def test_a_mart_that_is_not_there_leaves_its_widgets_empty_with_words(settings: Settings) -> None:
    page = content_of(write_site(settings).page("gpu").read_text())
    assert "not published yet" in page["datasets"]["gpus"]["fault"]
    assert "costops query" in page["datasets"]["gpus"]["fault"]


def test_a_page_for_one_team_holds_its_rows_alone(settings: Settings, tmp_path: Path) -> None:
    second = "datasets:\n  all: {query: select count(*) as n from rpt_cost_daily, measures: [n]}"
    text = DEFINITION.replace("datasets:", second).replace("position:", "dataset: spend, position:")
    own(settings, "both.yml", text)
    told = export_page(settings, "both", tmp_path / "a.html", "a")
    assert told[1] == "left out, since its rows belong to no team: all"
    page = (tmp_path / "a.html").read_text()
    content = content_of(page)
    assert content["datasets"]["spend"]["dimensions"]["team_id"]["values"] == ["a"]
    assert content["datasets"]["spend"]["rows"] == 2
    assert "alert(1)" not in page
    assert (content["links"], content["subject"], content["title"]) == ([], "Alpha", "Spend: Alpha")
    with pytest.raises(ExchangeError, match="there are: a, b"):
        export_page(settings, "both", tmp_path / "x.html", "it's")


def test_a_definition_goes_out_and_comes_in_the_same(settings: Settings, tmp_path: Path) -> None:
    export_definition(settings, "own", tmp_path / "given.json")
    (settings.dashboards_dir / "own.yml").unlink()
    taken = import_definition(settings, tmp_path / "given.json")
    assert taken == settings.dashboards_dir / "own.json"
    assert "own" in write_site(settings).written
    with pytest.raises(ExchangeError, match="already"):
        import_definition(settings, tmp_path / "given.json")
    (tmp_path / "bad.yml").write_text("name: bad\n" + DEFINITION.replace("rpt_cost_daily", "rpt_nothing"))
    with pytest.raises(ExchangeError, match="no mart 'rpt_nothing'"):
        import_definition(settings, tmp_path / "bad.yml")


def test_a_new_one_is_one_file(settings: Settings) -> None:
    made = new_definition(settings, "my_team")
    assert made == settings.dashboards_dir / "my_team.yml"
    site = write_site(settings)
    assert [str(fault) for fault in site.faults if fault.file == made.name] == []
    assert "my_team" in site.written
    with pytest.raises(ExchangeError, match="already"):
        new_definition(settings, "my_team")
    with pytest.raises(ExchangeError, match="small letters"):
        new_definition(settings, "../escape")


def test_what_is_too_large_loses_its_oldest_days_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_ROWS", 400)
    rows = (
        "insert into rpt_cost_daily by position select date '2025-01-01' + cast(n // 3 as integer), 'a', 'm' || n % 3, "
        "'llm', 'p', n, 1, 1, 0 from range(1200) as t (n)"
    )
    made = home_with(tmp_path / "home", "delete from rpt_cost_daily", rows)
    own(made, "own.yml")
    own(made, "flat.yml", DEFINITION.replace("    date: usage_date\n", "").replace("sum(spend_usd)}]", "count()}]"))
    site = write_site(made)
    spend = content_of(site.page("own").read_text())["datasets"]["spend"]
    assert spend["days"][-1] - spend["days"][0] == spend["rows"] / 3 - 1
    assert 100 <= spend["rows"] <= 400
    assert spend["cut"] == str(date(1970, 1, 1) + timedelta(days=spend["days"][0]))
    assert spend["days"][-1] == (date(2026, 2, 4) - date(1970, 1, 1)).days  # 400 days from 1 January 2025
    assert "fewer dimensions" in content_of(site.page("flat").read_text())["datasets"]["spend"]["fault"]


def test_texts_that_differ_in_what_is_not_shown_are_one(tmp_path: Path) -> None:
    made = home_with(tmp_path / "home", "update rpt_cost_daily set model_id = 'm1' || chr(8238) where model_id = 'm2'")
    own(made, "own.yml")
    models = content_of(write_site(made).page("own").read_text())["datasets"]["spend"]["dimensions"]["model_id"]
    assert sorted(models["values"]) == ["=1+1", "m1"]
    assert sorted(numbers(models)) == sorted([models["values"].index("m1")] * 3 + [models["values"].index("=1+1"), 2])
