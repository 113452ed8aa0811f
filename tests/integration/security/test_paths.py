"""Links and names that lead out of a drop folder are not followed, and are named."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.landing.links import leads_outside, outside_links
from ingestion.landing.scan import scan
from ingestion.sources.billing.manifests import read_manifests
from ingestion.sources.billing.remote import _place
from ingestion.sources.events.pipeline import land as land_events
from ingestion.sources.org.pipeline import land as land_org

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SECRET = "root-secret-that-stays-where-it-is"


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A drop folder with one file and every kind of link; what is outside holds a secret."""
    outside, folder = tmp_path / "outside", tmp_path / "home" / "drop" / "events"
    (outside / "folder").mkdir(parents=True)
    for name in ("passwd.csv", "folder/shadow.csv"):
        (outside / name).write_text(f"{SECRET},{SECRET}\n{SECRET}\n")
    (folder / "openai").mkdir(parents=True)
    (folder / "openai" / "real.jsonl").write_text("{}\n")
    (folder / "openai" / "alias.jsonl").symlink_to("real.jsonl")
    (folder / "openai" / "stolen.csv").symlink_to(outside / "passwd.csv")
    (folder / "openai" / "relative.csv").symlink_to("../../../../outside/passwd.csv")
    (folder / "folder").symlink_to(outside / "folder")
    (folder / "openai" / "chain.csv").symlink_to("stolen.csv")
    (folder / "openai" / "loop.csv").symlink_to("loop.csv")
    (folder / "openai" / "broken.csv").symlink_to(outside / "absent.csv")
    (folder / "openai" / "proc.csv").symlink_to("/proc/self/environ")
    return folder


def _found(folder: Path) -> list[str]:
    return [file.relative_path for file in scan(folder).files]


def test_only_files_of_the_folder_are_found(drop: Path) -> None:
    assert _found(drop) == ["openai/alias.jsonl", "openai/real.jsonl"]


def test_each_link_that_is_not_followed_is_named_with_a_remedy(drop: Path) -> None:
    named = {note.file for note in outside_links(drop)}
    links = ("broken", "chain", "loop", "proc", "relative", "stolen")
    assert named == {"folder", *(f"openai/{name}.csv" for name in links)}


def test_a_file_behind_a_linked_folder_is_outside(drop: Path) -> None:
    assert leads_outside(drop / "folder" / "shadow.csv", drop)
    assert not leads_outside(drop / "openai" / "real.jsonl", drop)


def test_a_drop_folder_may_itself_be_a_link(drop: Path, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to(drop)
    assert not leads_outside(tmp_path / "here" / "openai" / "real.jsonl", tmp_path / "here")
    assert len(_found(tmp_path / "here")) == 2


def _everything(home: Path) -> str:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        tables = db.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        return "\n".join(str(db.execute(f'from "{s}"."{t}"').fetchall()) for s, t in tables)


def test_nothing_from_outside_is_landed(drop: Path, tmp_path: Path) -> None:
    mapped = drop / "mapped" / "ours"
    mapped.mkdir(parents=True)
    (mapped / "calls.csv").write_text("a,b\n1,2\n")
    (mapped / "mapping.yml").symlink_to(tmp_path / "outside" / "passwd.csv")
    settings = Settings.from_env({}, home=tmp_path / "home")
    report = land_events(settings, now=NOW)
    org = tmp_path / "home" / "drop" / "org"
    org.mkdir()
    (org / "teams.csv").symlink_to(tmp_path / "outside" / "passwd.csv")
    land_org(settings, now=NOW)
    named = {note.file for note in report.notes if note.kind == "link_outside"}
    assert named >= {"folder", "openai/stolen.csv"}
    assert "leads out of the drop folder" in _everything(tmp_path / "home")
    assert SECRET not in _everything(tmp_path / "home")


@pytest.mark.parametrize(
    "listed", ["../../../etc/passwd", "/etc/passwd", "..\\..\\etc\\passwd", "a/../../../b.csv", "\0", "x" * 5_000]
)
def test_a_manifest_opens_no_file_that_it_lists(tmp_path: Path, listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"blobs": [{"blobName": listed}]}))
    opened: list[str] = []
    real = Path.open

    def watched(self: Path, *arguments: object, **options: object) -> object:
        opened.append(self.name)
        return real(self, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", watched)
    manifests = read_manifests(tmp_path)
    assert opened == ["manifest.json"]
    assert manifests.listing("export/other.csv") is None


@pytest.mark.parametrize("name", ["../x.csv", "a/../../x.csv", "/etc/passwd", ".."])
def test_an_object_of_a_bucket_is_copied_nowhere_else(tmp_path: Path, name: str) -> None:
    assert _place(tmp_path, name) is None


def test_a_name_of_any_bytes_stays_a_name(tmp_path: Path) -> None:
    names = (b"a\x1b[31m.csv", b"b\xff.csv", b"c'; drop table t; --.csv", b"d\n.csv", b"{{ e }}.csv", b"[f]*.csv")
    folder = tmp_path / "home" / "drop" / "events" / "openai"
    folder.mkdir(parents=True)
    for name in names:
        (folder / os.fsdecode(name)).write_text("x\n")
    settings = Settings.from_env({}, home=tmp_path / "home")
    report = land_events(settings, now=NOW)
    assert len(_found(folder)) == len(names)
    assert report.files_landed + len(report.notes) >= len(names)
    assert land_events(settings, now=NOW).files_landed == 0
