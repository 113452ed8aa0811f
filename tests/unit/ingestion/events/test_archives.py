"""Every file in an archive is read as if it lay in its place, once, and what is wrong with one is said of it alone."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.limits import Limits, limited_to
from ingestion.sources.events import routing
from tests.unit.ingestion.events.conftest import source_file


def body(identity: str) -> bytes:
    usage = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
    call = {"id": identity, "object": "response", "created_at": 1_780_617_600, "model": "gpt-5", "usage": usage}
    return json.dumps(call).encode() + b"\n"


def zipped(members: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return whole.getvalue()


def tarred(members: dict[str, bytes], mode: str) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()


def read(folder: Path, name: str, content: bytes) -> tuple[list[str], list[str], list[str]]:
    """(event ids, what was set aside, what is said) of an archive that lies in its folder."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    found = routing.route(name)
    assert isinstance(found, tuple), found
    plain = source_file(path)
    file = SourceFile(path, name, plain.size_bytes, plain.modified_at_utc, "0")
    batches: list[ParsedBatch] = list(found[1](file))
    rows: list[dict[str, Any]] = [
        row for batch in batches if batch.table is not None for row in batch.table.to_pylist()
    ]
    bad = [row.message for batch in batches for row in batch.quarantined]
    return sorted(row["event_id"] for row in rows), bad, [str(note) for batch in batches for note in batch.notes]


FILES = {"a/one.jsonl": body("resp_1"), "b.json.gz": gzip.compress(body("resp_2")), "README.md": b"x"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("all.zip", zipped(FILES)),
        ("all.tar", tarred(FILES, "w")),
        ("all.tar.gz", tarred(FILES, "w:gz")),
        ("all.TGZ", tarred(FILES, "w:gz")),
        ("all.tar.bz2", tarred(FILES, "w:bz2")),
        ("all.zip", zipped({"in.zip": zipped(FILES), "again.zip": zipped({"copy.jsonl": FILES["a/one.jsonl"]})})),
    ],
)
def test_every_file_in_an_archive_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    found, bad, _ = read(tmp_path, f"provider_bodies/{name}", content)
    assert (sorted(set(found)), bad) == (["resp_1", "resp_2"], [])


def test_what_is_wrong_with_one_file_is_said_of_it_alone(tmp_path: Path) -> None:
    members = {"one.jsonl": body("resp_1") + b"{bad\n", "copy.jsonl": body("resp_2"), "again.jsonl": body("resp_2")}
    others = {"../out.jsonl": body("resp_3"), "__MACOSX/._x.jsonl": body("resp_4"), "a.png": b"x"}
    found, bad, said = read(tmp_path, "provider_bodies/all.zip", zipped(members | others))
    assert found == ["resp_1", "resp_2"]
    assert [message.partition(":")[0] for message in bad] == ["one.jsonl"]
    assert [note.partition(" in it")[0] for note in said] == ["a.png", "copy.jsonl"]
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("content", [zipped(FILES)[:90], b"", tarred(FILES, "w:gz")[:120]])
def test_a_damaged_archive_is_named(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, "canonical/all.zip", content)[:2] == ([], [_DAMAGED])


_DAMAGED = "the archive breaks off, is damaged or locked: deliver it again, or unpack it"


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with limited_to(Limits(unpacked_bytes=1_000)):
        for name, content in (
            ("all.zip", zipped({"a": b"0" * 200_000})),
            ("b.tgz", tarred({"a": b"0" * 200_000}, "w:gz")),
        ):
            _, bad, _ = read(tmp_path, f"canonical/{name}", content)
            assert ["the limit" in message for message in bad] == [True]
