"""What is written and what is not, what goes, what is refused, what a damaged lake says."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from ingestion.lake import planning, versions
from ingestion.lake.changes import Registries
from ingestion.lake.checking import differences, verify
from ingestion.lake.manifest import LakeObject, UnreadableLakeError
from ingestion.lake.planning import plan
from ingestion.lake.restoring import DamagedLakeError, fill
from ingestion.lake.syncing import EmptyWarehouseError
from ingestion.lake.tables import LakeTable, raw_tables
from ingestion.lake.versions import NotOursError
from ingestion.landing import connect, stable_id
from ingestion.landing.model import Joint
from ingestion.landing.repeated import keep_joints
from ingestion.raw_schemas import RAW_SCHEMAS
from tests.support.lake_home import LakeHome, event

REQUESTS = "raw/raw_events/requests"


@pytest.fixture
def home(empty_home: Path, tmp_path: Path) -> LakeHome:
    shutil.copytree(empty_home, tmp_path / "home")
    return LakeHome(tmp_path / "home")


def objects(home: LakeHome, folder: str = REQUESTS) -> list[str]:
    """Files below a folder of the lake, by day and delivery."""
    root = Path(home.address) / folder
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.parquet"))


def in_force(home: LakeHome, table: str = "raw_events.requests") -> list[tuple[str | None, int]]:
    """Day and rows of each object in force."""
    lake = home.lake()
    lake.open()
    content = lake.list_of(table)
    return sorted((each.day, each.rows) for each in content.objects) if content else []


def test_each_delivery_has_its_objects_by_day_and_only_what_changed_is_written(home: LakeHome) -> None:
    home.landed(a=[event(1, 1), event(2, 2), event(3, 2)], b=[event(4, 2)])
    home.sync()
    assert in_force(home) == [("2026-05-01", 1), ("2026-05-02", 1), ("2026-05-02", 2)]
    assert [name.split("/")[0] for name in objects(home)] == ["day=2026-05-01", "day=2026-05-02", "day=2026-05-02"]
    before = set(objects(home))
    home.landed(b=[event(4, 2, 9)])
    report = home.sync()
    assert len(set(objects(home)) - before) == 1
    assert report.rows_written == 1 + 2 + 3, "the event, the registry's two files, settled loads"
    assert home.sync().objects_written == 0


def test_types_are_exact_for_a_reader_of_folders(home: LakeHome) -> None:
    home.landed(a=[event(1, 3), event(2, 4)])
    with connect(home.settings.warehouse_path) as db:
        amount = "12345678901234567890123456.123456789012"
        db.execute(f"update raw_events.requests set recorded_cost_usd = {amount} where event_id = 'e1'")
    home.sync(compare_all=True)
    read = ds.dataset(Path(home.address) / REQUESTS, partitioning="hive").to_table().sort_by("event_id")
    assert read.schema.field("day").type == pa.string()
    assert read["day"].to_pylist() == ["2026-05-03", "2026-05-04"]
    wanted = dict(RAW_SCHEMAS["raw_events"]["requests"])
    assert {name: read.schema.field(name).type for name in wanted} == wanted
    assert read["recorded_cost_usd"].to_pylist() == [Decimal(amount), None]
    assert read["requested_at_utc"][0].as_py().isoformat() == "2026-05-03T12:00:00"


def test_more_than_sixteen_objects_of_a_day_that_is_over_are_gathered() -> None:
    def objects_of(count: int) -> list[LakeObject]:
        days = ("2026-05-01", "2026-05-02")
        return [LakeObject(f"{day}/{n}", 1, 1, day, (str(n),), "v:1") for day in days for n in range(count)]

    kept, items = plan(objects_of(16), set(), {}, date(2026, 5, 2))
    assert (len(kept), items) == (32, [])
    kept, items = plan(objects_of(17), set(), {}, date(2026, 5, 2))
    assert [each.day for each in kept] == ["2026-05-02"] * 17
    assert [(each.day, len(each.deliveries), each.rows) for each in items] == [("2026-05-01", 17, 17)]


def test_a_day_that_is_over_is_gathered_and_taken_apart_again(home: LakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MOST_OBJECTS", 3)
    home.landed(**{f"n{number}": [event(number, 1), event(100 + number, 2)] for number in range(4)})
    home.now = home.now.replace(day=2, month=5)
    home.sync()
    assert in_force(home) == [("2026-05-01", 4), *[("2026-05-02", 1)] * 4], "the second day is not over"
    home.landed(n3=[event(3, 1, 9), event(103, 2)], n2=None)
    home.now += timedelta(days=2)
    home.sync()
    assert in_force(home) == [("2026-05-01", 3), *[("2026-05-02", 1)] * 3]
    assert home.differences() == {}
    home.landed(late=[event(200, 2)])
    home.sync()
    assert in_force(home) == [("2026-05-01", 3), ("2026-05-02", 4)]
    assert home.differences() == {}


def test_rows_without_a_day_and_deliveries_without_rows(home: LakeHome) -> None:
    home.landed(a=[event(1)], empty=[])
    with connect(home.settings.warehouse_path) as db:
        db.execute("update raw_events.requests set requested_at_utc = null")
    home.sync(compare_all=True)
    assert [name.split("/")[0] for name in objects(home)] == ["day=__HIVE_DEFAULT_PARTITION__"]
    assert home.differences() == {}


def test_old_versions_stay_readable_for_a_while(home: LakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (versions.KEPT_VERSIONS, versions.KEPT_HOURS) == (5, 24)
    monkeypatch.setattr(versions, "KEPT_VERSIONS", 2)
    for step in range(3):
        home.landed(a=[event(1, 1, step)])
        home.sync()
    assert len(objects(home)) == 3, "a day has not gone by"
    home.now += timedelta(days=2)
    home.landed(a=[event(1, 1, 10)])
    report = home.sync()
    assert report.files_removed > 0
    assert len(objects(home)) == versions.KEPT_VERSIONS
    names = sorted(path.name for path in (Path(home.address) / "manifests").iterdir())
    assert names == [f"{number:08}.json" for number in range(3, 5)]
    lake = home.lake()
    lake.open()
    assert verify(lake, lambda _: None).unknown == []


def test_an_interrupted_landing_does_not_count(home: LakeHome) -> None:
    home.landed(a=[event(1)])
    home.sync()
    with connect(home.settings.warehouse_path) as db:
        db.execute("update raw_events.files set _dlt_load_id = 'unsettled'")
        db.execute("insert into raw_events.requests (event_id, _source_file_id) values ('half', 7)")
    report = home.sync()
    assert report.notes == ["raw_events: its last landing was interrupted; the lake keeps what it has"]
    assert in_force(home) == [("2026-05-01", 1)]


def test_two_homes_do_not_write_one_lake(home: LakeHome, empty_home: Path, tmp_path: Path) -> None:
    home.landed(a=[event(1)])
    home.sync()
    shutil.copytree(empty_home, tmp_path / "other")
    other = LakeHome(tmp_path / "other", home.address)
    other.landed(z=[event(9)])
    with pytest.raises(NotOursError, match=r"version 1 was written by another home at 2026-06-01 13:00:00 UTC"):
        other.sync()
    shutil.copytree(home.settings.home, tmp_path / "copy")
    home.landed(a=[event(2)])
    home.sync()
    copy = LakeHome(tmp_path / "copy", home.address)
    with pytest.raises(NotOursError, match="version 2 was written by a copy of this home"):
        copy.sync()
    assert in_force(home) == [("2026-05-01", 1)]
    taken = other.lake()
    taken.open()
    taken.adopt()
    other.sync()
    assert other.differences() == {}
    with pytest.raises(NotOursError, match="written by another home"):
        home.sync()


def test_a_version_that_somebody_writes_at_this_moment_is_not_overwritten(home: LakeHome) -> None:
    home.landed(a=[event(1)])
    home.sync()
    path = Path(home.address) / "manifests" / "00000002.json"
    stolen = json.loads((Path(home.address) / "manifest.json").read_text()) | {"version": 2, "writer": "somebody"}
    path.write_text(json.dumps(stolen))
    home.landed(a=[event(2)])
    with pytest.raises(NotOursError, match="version 2 is being written by another home"):
        home.sync()
    assert json.loads(path.read_text())["writer"] == "somebody"


def test_an_empty_warehouse_empties_no_lake(home: LakeHome, tmp_path: Path) -> None:
    home.landed(a=[event(1)])
    home.sync()
    home.landed(a=None)
    with pytest.raises(EmptyWarehouseError, match="no landed file and the lake has 1: nothing was written"):
        home.sync()
    assert in_force(home) == [("2026-05-01", 1)]
    home.sync(believe=True)
    assert in_force(home) == []


def test_what_is_no_lake_is_not_written_over(home: LakeHome) -> None:
    home.landed(a=[event(1)])
    path = Path(home.address) / "manifest.json"
    path.parent.mkdir()
    for content, words in (('{"name": "a web app"}', "not the manifest of a lake"), ("hello", "is no JSON"),
                           ('{"format": 99}', "install a newer one")):  # fmt: skip
        path.write_text(content)
        with pytest.raises(UnreadableLakeError, match=words):
            home.sync()
        assert path.read_text() == content


def test_damage_is_named_and_mended(home: LakeHome, tmp_path: Path) -> None:
    home.landed(a=[event(1, 1)], b=[event(2, 2)], c=[event(3, 3)])
    home.sync()
    root = Path(home.address)
    gone, changed, _ = objects(home)
    whole = (root / REQUESTS / changed).read_bytes()
    (root / REQUESTS / gone).unlink()
    (root / REQUESTS / changed).write_bytes(bytes([whole[0]]) + whole[1:100] + b"x" + whole[101:])
    (root / REQUESTS / "left.parquet").write_bytes(b"left")
    next(iter((root / "lists").glob("raw_events.files-*"))).unlink()
    lake = home.lake()
    lake.open()
    found = verify(lake, lambda _: None)
    assert [fault for fault in found.faults if "lists/" not in fault] == [
        f"{REQUESTS}/{gone} is missing",
        f"{REQUESTS}/{changed} is not what was written",
    ]
    assert found.lost == {"raw_events.files"}
    with duckdb.connect(str(tmp_path / "fresh.duckdb")) as db, pytest.raises((DamagedLakeError, UnreadableLakeError)):
        fill(db, lake, lambda _: None)
    home.sync(mend=found)
    lake = home.lake()
    lake.open()
    assert verify(lake, lambda _: None).faults == []
    assert home.differences() == {}


def test_rows_changed_by_hand_are_seen_when_all_is_compared(home: LakeHome) -> None:
    home.landed(a=[event(1)])
    home.sync()
    with connect(home.settings.warehouse_path) as db:
        db.execute("update raw_events.requests set output_tokens = 77")
        lake = home.lake()
        lake.open()
        assert differences(db, lake, raw_tables(db))["raw_events.requests"] == 1
    assert home.sync().rows_written == 0, "the registry does not know"
    home.sync(compare_all=True)
    assert home.differences() == {}


def test_purging_leaves_nothing_of_before(home: LakeHome) -> None:
    home.landed(a=[event(1, 1, session="maeve")])
    home.sync()
    with connect(home.settings.warehouse_path) as db:
        db.execute("update raw_events.requests set session_id = 'nobody'")
    home.lake().remember(purge_due=True)
    home.sync()
    root = Path(home.address)
    texts = [duckdb.sql(f"select count(*) from read_parquet('{path}') as t where t::varchar like '%maeve%'").fetchall()
             for path in root.rglob("*.parquet")]  # fmt: skip
    assert {rows[0][0] for rows in texts} == {0}
    assert len(objects(home)) == 1
    assert [path.name for path in (root / "manifests").iterdir()] == ["00000002.json"]


def test_a_new_column_is_in_every_object_after_the_next_writing(home: LakeHome) -> None:
    home.landed(a=[event(1)])
    home.sync()
    with connect(home.settings.warehouse_path) as db:
        db.execute("alter table raw_events.requests add column of_next_version decimal(38, 12)")
    home.sync()
    assert home.differences() == {}


def test_registries_tell_new_changed_and_gone() -> None:
    assert Registries({"a": "1", "b": "2"}, {"b": "1", "c": "1"}).changed == {"a", "b", "c"}


def test_every_raw_table_of_usage_and_charges_lies_by_day(home: LakeHome) -> None:
    with connect(home.settings.warehouse_path) as db:
        tables: list[LakeTable] = raw_tables(db)
    undated = {each.name for each in tables if not each.day and not each.table.startswith("_")}
    dated = {each.name: each.day for each in tables if each.day and not each.table.startswith("_")}
    assert dated == {
        "raw_anthropic.claude_code": "usage_date", "raw_anthropic.claude_code_models": "usage_date",
        "raw_anthropic.cost_report": "bucket_start_utc", "raw_anthropic.messages_usage": "bucket_start_utc",
        "raw_aws.cost_explorer": "period_start_date", "raw_aws.cost_forecasts": "period_start_date",
        "raw_azure.cost_query": "usage_date", "raw_azure.metrics": "hour_start_utc",
        "raw_billing.aws_cur_line_items": "line_item_usage_start_utc", "raw_billing.azure_cost_details": "usage_date",
        "raw_billing.focus_charges": "charge_period_start_utc",
        "raw_billing.oci_cost_lines": "interval_usage_start_utc",
        "raw_billing.openai_costs": "bucket_start_utc", "raw_events.requests": "requested_at_utc",
        "raw_gcp.billing_export": "usage_start_time_utc", "raw_gpu.gpu_allocations": "allocated_from_utc",
        "raw_gpu.gpu_sample_hours": "hour_start_utc", "raw_gpu.gpu_samples": "sampled_at_utc",
        "raw_gpu.served_tokens": "hour_start_utc",
        "raw_groq.rates": "hour_start_utc", "raw_openai.costs": "bucket_start_utc",
        "raw_openai.usage": "bucket_start_utc", "raw_openrouter.activity": "usage_date",
        "raw_prometheus.gpu_metrics": "hour_start_utc", "raw_prometheus.gpu_samples": "sampled_at_utc",
        "raw_prometheus.serving_metrics": "hour_start_utc",
    }  # fmt: skip
    assert {name for name in undated if name.endswith((".files", ".pulls", ".quarantine"))}
    assert {name.partition(".")[0] for name in undated} == set(RAW_SCHEMAS)


def test_what_lies_between_rows_of_other_files_is_kept_too(home: LakeHome, tmp_path: Path) -> None:
    home.landed(a=[event(1) | {"event_source": "langfuse"}])
    with connect(home.settings.warehouse_path) as db:
        keep_joints(db, "raw_events", "requests", stable_id("a"), [Joint("langfuse", "mid", "top")])
    home.sync()
    lake = home.lake()
    lake.open()
    with duckdb.connect(str(tmp_path / "fresh.duckdb")) as db:
        fill(db, lake, lambda _: None)
        kept = db.execute("select event_id, parent_event_id, _source_file_id from raw_events._joining_requests")
        assert kept.fetchall() == [("mid", "top", stable_id("a"))]
    assert home.differences() == {}
