"""A lake in a bucket, and what is said where the address, the credentials or the store are at fault."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import s3fs

from ingestion.config import Settings
from ingestion.landing import connect
from orchestration.lake.keeping import NoLakeError, address_of, keep_in_lake, lake_of, last_writing
from orchestration.lake.restoring import restore
from orchestration.publishing.distribution import TargetError
from orchestration.publishing.places import Place, place_at
from tests.support.buckets import SECRET, bucket_server
from tests.support.lake_home import TOUCHED, LakeHome, event
from tests.support.lake_reader import Open, differences

ADDRESS = "s3://lakes/costs"


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """One server for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch, bucket_server(patch, "lakes") as client:
        yield client


@pytest.fixture
def bucket(server: Any) -> Any:
    for each in server.list_objects_v2(Bucket="lakes").get("Contents", []):
        server.delete_object(Bucket="lakes", Key=each["Key"])
    return server


@pytest.fixture
def home(empty_home: Path, tmp_path: Path) -> LakeHome:
    shutil.copytree(empty_home, tmp_path / "home")
    home = LakeHome(tmp_path / "home", ADDRESS)
    home.settings = replace(home.settings, lake_url=ADDRESS)
    return home


def opened_by(client: Any) -> Open:
    """The lake as boto3 reads it."""
    return lambda name: io.BytesIO(client.get_object(Bucket="lakes", Key=f"costs/{name}")["Body"].read())


def kept(home: LakeHome, settings: Settings | None = None) -> str | None:
    """One writing as a run does it; what failed."""
    with connect(home.settings.warehouse_path) as db:
        return keep_in_lake(settings or home.settings, db, home.now, lambda _: None)[1]


def test_a_bucket_holds_what_landed_and_gives_it_back(bucket: Any, home: LakeHome, tmp_path: Path) -> None:
    home.landed(a=[event(1, 1), event(2, 2)], b=[event(3, 2)])
    assert kept(home) is None
    home.landed(a=[event(1, 1, 7)], b=None, c=[event(4, 3)])
    assert kept(home) is None
    assert home.differences(opened_by(bucket)) == {}
    other = replace(home.settings, home=tmp_path / "other")
    done = restore(other, lambda _: None)
    assert (done.version, done.is_ours) == (2, False)
    with connect(other.warehouse_path) as db:
        assert differences(db, opened_by(bucket), TOUCHED) == {}
        rows = db.execute("select event_id, output_tokens from raw_events.requests order by 1").fetchall()
    assert rows == [("e1", 7), ("e4", 1)]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_of_two_that_write_one_version_at_once_the_bucket_lets_one(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_at(ADDRESS, "COSTOPS_LAKE_URL", is_shared=False)
    monkeypatch.setattr(s3fs.S3FileSystem, "exists", lambda *_, **__: False)  # both looked before either wrote
    assert [place.create("manifests/1.json", content) for content in (b"one", b"two")] == [True, False]
    assert place.read("manifests/1.json") == b"one"


def test_a_store_that_fails_in_the_middle_costs_nothing_but_time(
    bucket: Any, home: LakeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.landed(a=[event(1)])
    assert kept(home) is None
    before = bucket.get_object(Bucket="lakes", Key="costs/manifest.json")["Body"].read()
    home.landed(**{f"f{number}": [event(number, 2)] for number in range(9)})
    original, sent = Place.put, list[str]()

    def put(place: Place, file: Path, name: str) -> None:
        if len(sent) == 4:
            raise TargetError("the place of COSTOPS_LAKE_URL cannot be written (OSError: it is gone)")
        sent.append(name)
        original(place, file, name)

    monkeypatch.setattr(Place, "put", put)
    assert kept(home) == "the place of COSTOPS_LAKE_URL cannot be written (OSError: it is gone)"
    last = last_writing(home.settings)
    assert last is not None
    assert last.failure == "the place of COSTOPS_LAKE_URL cannot be written (OSError: it is gone)"
    assert bucket.get_object(Bucket="lakes", Key="costs/manifest.json")["Body"].read() == before
    monkeypatch.setattr(Place, "put", original)
    assert kept(home) is None
    assert home.differences(opened_by(bucket)) == {}
    lake = lake_of(home.settings)
    lake.open()
    assert set(lake.own_files()) == lake.named(), "nothing is left of the first try"


def test_a_bucket_that_is_not_there_is_named_by_its_variable(bucket: Any, home: LakeHome) -> None:
    settings = replace(home.settings, lake_url="s3://absent/costs")
    failure = kept(home, settings) or ""
    assert failure.startswith("the place of COSTOPS_LAKE_URL cannot be ")
    assert "check the address, the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE" in failure
    assert SECRET not in failure


def test_missing_credentials_are_named(bucket: Any, home: LakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(home.settings.home))
    s3fs.S3FileSystem.clear_instance_cache()
    failure = kept(home) or ""
    s3fs.S3FileSystem.clear_instance_cache()
    assert "COSTOPS_LAKE_URL" in failure
    assert "AWS_ACCESS_KEY_ID" in failure


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("gs://bucket/x", r"COSTOPS_LAKE_URL: gs:// needs a package; install llm-cost-ops\[gs\]"),
        ("nonsense://x", "COSTOPS_LAKE_URL: no such address"),
        ("/proc/nowhere/lake", "COSTOPS_LAKE_URL: the folder cannot be made"),
    ],
)
def test_a_wrong_address_is_named_by_its_variable(home: LakeHome, address: str, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        lake_of(replace(home.settings, lake_url=address))


def test_what_is_shown_of_an_address_has_no_password(home: LakeHome) -> None:
    settings = replace(home.settings, lake_url="https://user:hunter2@store.example/lake?token=hunter3")
    assert address_of(settings) == "https://store.example/lake"
    assert "hunter" not in repr(settings)


def test_without_an_address_the_variable_is_named(home: LakeHome) -> None:
    with pytest.raises(NoLakeError, match="COSTOPS_LAKE_URL is not set"):
        lake_of(replace(home.settings, lake_url=None))


def test_the_query_of_the_page_reads_a_bucket(bucket: Any, home: LakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home.landed(a=[event(1, 1, 5) | {"provider_name": "openai"}, event(2, 2, 7) | {"provider_name": "openai"}])
    home.sync()
    page = (Path(__file__).parents[4] / "docs" / "lake.md").read_text()
    code = page.split("```python\n")[1].split("```")[0].replace("s3://bucket/llm-costs", ADDRESS)
    statements = code.replace("2026-11-01", "2026-05-02").replace("duckdb.execute(", "found = duckdb.execute(")
    names: dict[str, Any] = {}
    exec(statements, names)
    assert names["found"] == [("openai", 7)]
