"""A row is added to a file of the organisation, and nothing else of it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.home.organisation_rows import UnwritableFileError, add_row

ROW = {"recommendation_id": "r1", "action": "accept", "note": 'a "b", c'}


def test_a_new_file_begins_with_a_header(tmp_path: Path) -> None:
    path = tmp_path / "org" / "actions.csv"
    add_row(path, ROW)
    add_row(path, ROW | {"action": "reject", "note": ""})
    assert path.read_text() == 'recommendation_id,action,note\nr1,accept,"a ""b"", c"\nr1,reject,\n'
    assert [each.name for each in path.parent.iterdir()] == ["actions.csv"], "nothing is left beside it"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"action,recommendation_id,note\r\n", b'action,recommendation_id,note\r\naccept,r1,"a ""b"", c"\r\n'),
        (
            "\ufeffnote;action;recommendation_id;x\n;y;z;".encode(),
            '\ufeffnote;action;recommendation_id;x\n;y;z;\n"a ""b"", c";accept;r1;\n'.encode(),
        ),
        (b"", b'recommendation_id,action,note\nr1,accept,"a ""b"", c"\n'),
    ],
    ids=["Windows", "semicolons, a mark at the beginning, no end of line", "empty"],
)
def test_what_is_there_stays_as_it_is(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "actions.csv"
    path.write_bytes(before)
    add_row(path, ROW)
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("before", "words"), [(b"recommendation_id\n", "has no column action, note"), (b"\xff\xfe\x00", "not in UTF-8")]
)
def test_a_file_that_cannot_take_the_row_stays_as_it_is(tmp_path: Path, before: bytes, words: str) -> None:
    path = tmp_path / "actions.csv"
    path.write_bytes(before)
    with pytest.raises(UnwritableFileError, match=words):
        add_row(path, ROW)
    assert path.read_bytes() == before
