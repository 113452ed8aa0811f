"""A file makes no more work than the limits allow, and the error says which limit and how to raise it."""

import gzip
import io
import zipfile

import pytest

from ingestion.limits import (
    COMMON_RATIO,
    VARIABLES,
    BoundedStream,
    LimitError,
    Limits,
    archive_members,
    limited_to,
    limits,
    most_unpacked,
    open_member,
)


def test_every_limit_has_a_variable_that_sets_it() -> None:
    given = Limits.from_env({variable: str(1_000 + number) for number, variable in enumerate(VARIABLES.values())})
    assert [getattr(given, name) for name in VARIABLES] == list(range(1_000, 1_000 + len(VARIABLES)))


@pytest.mark.parametrize("text", ["a lot", "-1", "0", "1e9", "½"])
def test_a_limit_that_cannot_be_read_names_its_variable(text: str) -> None:
    with pytest.raises(ValueError, match="COSTOPS_MAX_COLUMNS"):
        Limits.from_env({"COSTOPS_MAX_COLUMNS": text})


def test_limits_are_in_force_only_within_their_block() -> None:
    with limited_to(Limits(columns=3)):
        assert limits().columns == 3
    assert limits() == Limits()


def test_a_stream_ends_as_it_is_when_it_keeps_the_limit() -> None:
    assert io.BufferedReader(BoundedStream(io.BytesIO(b"x" * 5_000), 5_000)).read() == b"x" * 5_000


def test_a_gzip_bomb_stops_at_the_limit_not_at_its_end() -> None:
    packed = gzip.compress(b"\0" * 50_000_000)
    stream = io.BufferedReader(BoundedStream(gzip.GzipFile(fileobj=io.BytesIO(packed)), 1_000_000))
    seen: list[bytes] = []
    with pytest.raises(LimitError, match="COSTOPS_MAX_UNPACKED_BYTES"):
        seen.extend(iter(lambda: stream.read(65_536), b""))
    assert 900_000 < len(b"".join(seen)) <= 1_000_000


def _archive(files: dict[str, bytes]) -> tuple[zipfile.ZipFile, int]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return zipfile.ZipFile(buffer), len(buffer.getvalue())


def test_a_zip_bomb_is_refused_by_what_its_directory_says() -> None:
    archive, size = _archive({"bomb.csv": b"\0" * 20_000_000})
    with limited_to(Limits(unpacked_bytes=100_000)), pytest.raises(LimitError, match="COSTOPS_MAX_UNPACKED_BYTES"):
        archive_members(archive, size)


def test_a_zip_bomb_whose_directory_lies_stops_at_the_limit() -> None:
    archive, size = _archive({"bomb.csv": b"\0" * 20_000_000})
    with limited_to(Limits(unpacked_bytes=100_000)):
        stream = open_member(archive, archive.infolist()[0], size)
    with pytest.raises(LimitError):
        stream.readall()


def test_an_archive_of_too_many_files_is_refused() -> None:
    archive, size = _archive({f"{number}.csv": b"" for number in range(4)})
    with limited_to(Limits(archive_members=3)), pytest.raises(LimitError, match="COSTOPS_MAX_ARCHIVE_MEMBERS"):
        archive_members(archive, size)


def test_what_compresses_as_logs_do_needs_no_setting() -> None:
    with limited_to(Limits(unpacked_bytes=1)):
        assert most_unpacked(1_000) == 1_000 * COMMON_RATIO
