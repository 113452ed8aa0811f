"""A billing folder in a bucket: what is new is copied, what is gone goes, a broken copy never lands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from ingestion.config import Settings
from ingestion.landing.scan import scan
from ingestion.sources.billing.remote import UnreachableFolderError, mirror


@pytest.fixture
def bucket() -> Any:
    """An empty in-memory bucket."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()


def names(folder: Path) -> list[str]:
    return [file.relative_path for file in scan(folder).files]


def told(folder: Path) -> list[str]:
    return [str(note) for note in mirror("memory://bill", folder)]


def test_new_and_changed_files_are_copied_and_the_rest_is_not_read(bucket: Any, tmp_path: Path) -> None:
    bucket.pipe("/bill/focus/a.csv", b"1")
    bucket.pipe("/bill/aws_cur/x/b.csv", b"2")
    assert told(tmp_path) == ["2 files copied from memory://bill"]
    assert names(tmp_path) == ["aws_cur/x/b.csv", "focus/a.csv"]
    assert told(tmp_path) == []
    bucket.pipe("/bill/focus/a.csv", b"one")
    assert told(tmp_path) == ["1 file copied from memory://bill"]
    assert (tmp_path / "focus/a.csv").read_text() == "one"


def test_what_left_the_bucket_stays_in_the_mirror_and_is_said_until_its_copy_is_deleted(
    bucket: Any, tmp_path: Path
) -> None:
    bucket.pipe("/bill/a.csv", b"1")
    bucket.pipe("/bill/b.csv", b"2")
    mirror("memory://bill", tmp_path)
    bucket.rm("/bill/a.csv")
    for _ in range(2):
        (note,) = told(tmp_path)
        assert note.startswith(
            "1 file is no longer in memory://bill, such as a.csv; what was copied is kept and counts"
        )
        assert names(tmp_path) == ["a.csv", "b.csv"]
    (tmp_path / "a.csv").unlink()
    assert (told(tmp_path), names(tmp_path)) == ([], ["b.csv"])
    bucket.pipe("/bill/a.csv", b"1")
    assert told(tmp_path) == ["1 file copied from memory://bill"]


def test_a_part_that_a_smaller_rewrite_left_out_leaves_the_mirror(bucket: Any, tmp_path: Path) -> None:
    bucket.pipe("/bill/r/cur-00001.csv", b"1")
    bucket.pipe("/bill/r/cur-00002.csv", b"2")
    mirror("memory://bill", tmp_path)
    for name in ("cur-00001.csv", "cur-00002.csv"):
        os.utime(tmp_path / "r" / name, (1_700_000_000, 1_700_000_000))
    bucket.rm("/bill/r/cur-00002.csv")
    bucket.pipe("/bill/r/cur-00001.csv", b"one")
    mirror("memory://bill", tmp_path)
    assert names(tmp_path) == ["r/cur-00001.csv"]


def test_remote_times_are_kept_because_the_newest_delivery_counts(tmp_path: Path) -> None:
    remote = tmp_path / "remote"
    remote.mkdir()
    (remote / "a.csv").write_text("1")
    os.utime(remote / "a.csv", (1_700_000_000, 1_700_000_000))
    mirror(f"file://{remote}", tmp_path / "mirror")
    assert (tmp_path / "mirror/a.csv").stat().st_mtime == 1_700_000_000


def test_a_copy_that_breaks_is_tried_again_and_then_an_error_without_a_half_file(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.pipe("/bill/a.csv", b"12345")
    tries = []

    def cut(self: Any, name: str, place: str, **_: Any) -> None:
        tries.append(name)
        Path(place).write_bytes(b"12")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryFileSystem, "get_file", cut)
        with pytest.raises(UnreachableFolderError, match="2 of 5 bytes"):
            mirror("memory://bill", tmp_path)
    assert len(tries) == 3
    assert names(tmp_path) == []
    assert told(tmp_path) == ["1 file copied from memory://bill"]


def test_a_missing_package_names_its_extra(tmp_path: Path) -> None:
    if any(name in ("s3fs",) for name in _installed()):
        pytest.skip("s3fs is installed")
    with pytest.raises(UnreachableFolderError, match=r"llm-cost-ops\[s3\]"):
        mirror("s3://bucket/prefix", tmp_path)


def _installed() -> list[str]:
    from importlib.util import find_spec

    return [name for name in ("s3fs",) if find_spec(name)]


def test_an_address_switches_the_billing_folder_to_its_mirror(tmp_path: Path) -> None:
    settings = Settings.from_env({"COSTOPS_BILLING_DIR": "s3://b/p"}, home=tmp_path)
    assert (settings.billing_url, settings.billing_dir) == ("s3://b/p", tmp_path.resolve() / "mirror" / "billing")
    assert Settings.from_env({}, home=tmp_path).billing_url is None
