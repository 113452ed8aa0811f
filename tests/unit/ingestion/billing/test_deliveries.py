# ruff: noqa: DTZ001 - instants are naive UTC
"""Which delivery of a bill counts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ingestion.landing.model import stable_id
from ingestion.landing.registry import RegisteredFile
from ingestion.sources.billing.deliveries import group, run_time_of, stem_of, stream_of, superseded, vanished_parts
from ingestion.sources.billing.manifests import Manifest, Manifests, read_manifests


def registered(path: str, day: int, *scopes: str, source_format: str = "focus", rows: int = 10) -> RegisteredFile:
    return RegisteredFile(
        stable_id(path), path, source_format, 1, datetime(2025, 10, day), "h", rows, 0,
        "\n".join(f"{source_format}|{scope}" for scope in scopes) or None, False, datetime(2025, 10, 30),
    )  # fmt: skip


def gone(files: list[RegisteredFile], manifests: Manifests | None = None) -> set[tuple[str, str]]:
    paths = {file.file_id: file.path for file in files}
    return {(paths[each.file_id], each.scope) for each in superseded(group(files, manifests or Manifests()))}


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("x/20240901-20240930/run/part_0_0001.csv", "x/20240901-20240930/run/part"),
        ("x/part_1_0001.csv.gz", "x/part"),
        ("cur-00001.csv.gz", "cur"),
        ("cur-00002.snappy.parquet", "cur"),
        ("bill_1.csv", "bill"),
        ("bill.part2.csv", "bill"),
        ("bill-2024-09-01.csv", "bill-2024-09-01"),
        ("bill_20240901.csv", "bill_20240901"),
        ("bill_202409.csv", "bill_202409"),
        ("september_v2.csv", "september_v2"),
        ("a/00001.csv", "a/00001"),
    ],
)
def test_parts_share_a_stem(path: str, stem: str) -> None:
    assert stem_of(path) == stem


def test_streams_forget_runs_but_not_accounts() -> None:
    run = "azure/export/20240901-20240930/8f3a2b1c-1111-2222-3333-444455556666/part"
    assert stream_of(run) == "azure/export/*/*/part"
    assert stream_of("azure/8f3a2b1c-1111-2222-3333-444455556666/part") != stream_of(
        "azure/9f3a2b1c-1111-2222-3333-444455556666/part"
    )
    assert stream_of("aws_cur/123456789012/cur") == "aws_cur/123456789012/cur"
    assert run_time_of("azure/202410030200/guid/part_0.csv") == datetime(2024, 10, 3, 2)


def test_the_newest_month_to_date_delivery_wins() -> None:
    files = [registered(f"focus/2025-09-{day:02}/b.csv", day, f"a>s|2025-09|1-{day}") for day in (3, 4, 5)]
    assert gone(files) == {(file.path, "focus|a>s|2025-09") for file in files[:2]}


def test_other_accounts_months_and_formats_stay() -> None:
    files = [
        registered("focus/one.csv", 3, "a>s|2025-09|1-30"),
        registered("focus/two.csv", 4, "b>s|2025-09|1-30", "a>s|2025-08|1-31", "a>t|2025-09|1-30"),
        registered("azure/three.csv", 5, "a>s|2025-09|1-30", source_format="azure"),
    ]
    assert gone(files) == set()


def test_parts_of_one_delivery_add_up_and_replace_the_older_one_together() -> None:
    old = registered("aws_cur/old/cur-00001.csv", 2, "a>s|2025-09|1-30")
    new = [registered(f"aws_cur/new/cur-0000{i}.csv", 3 + i, "a>s|2025-09|1-30") for i in (1, 2)]
    assert gone([old, *new]) == {(old.path, "focus|a>s|2025-09")}


def test_files_for_single_days_add_up() -> None:
    files = [registered(f"focus/b-2025-09-{day:02}.csv", day, f"a>s|2025-09|{day}-{day}") for day in (1, 2, 3)]
    files.append(registered("focus/again/b-2025-09-02.csv", 9, "a>s|2025-09|2-2"))
    assert gone(files) == {("focus/b-2025-09-02.csv", "focus|a>s|2025-09")}


def test_a_correction_of_another_month_does_not_make_two_days_rivals() -> None:
    files = [
        registered("focus/b-2025-09-01.csv", 1, "a>s|2025-09|1-1"),
        registered("focus/b-2025-09-02.csv", 2, "a>s|2025-09|2-2", "a>s|2025-09|0-0"),
    ]
    assert gone(files) == set()


def test_a_sub_account_missing_from_the_next_run_of_the_same_export_goes_too() -> None:
    old = registered("focus/x/20250901-20250930/202510010000/p_1.csv", 1, "a>s|2025-09|1-30", "a>t|2025-09|3-3")
    new = registered("focus/x/20250901-20250930/202510020000/p_1.csv", 2, "a>s|2025-09|1-30")
    other = registered("focus/y/20250901-20250930/202510030000/p_1.csv", 3, "a>u|2025-09|1-30")
    assert gone([old, new, other]) == {(old.path, "focus|a>s|2025-09"), (old.path, "focus|a>t|2025-09")}


def test_equal_times_are_decided_by_path() -> None:
    files = [registered("focus/b.csv", 3, "a>s|2025-09|1-2"), registered("focus/a.csv", 3, "a>s|2025-09|1-2")]
    assert gone(files) == {("focus/a.csv", "focus|a>s|2025-09")}


def test_a_manifest_binds_files_and_dates_them() -> None:
    files = [
        registered("azure/e/p/run1/x.csv", 9, "a>s|2025-09|1-9"),
        registered("azure/e/p/run2/one.csv", 2, "a>s|2025-09|1-9"),
        registered("azure/e/p/run2/two.csv", 2, "a>s|2025-09|1-9"),
    ]
    manifests = Manifests(
        [
            Manifest("azure/e/p/run1/manifest.json", datetime(2025, 10, 1), ("c/e/p/run1/x.csv",)),
            Manifest(
                "azure/e/p/run2/manifest.json", datetime(2025, 10, 2), ("c/e/p/run2/one.csv", "c/e/p/run2/two.csv")
            ),
        ]
    )
    assert gone(files, manifests) == {("azure/e/p/run1/x.csv", "focus|a>s|2025-09")}


def test_manifests_of_azure_and_aws_are_read(tmp_path: Path) -> None:
    azure = {
        "blobs": [{"blobName": "d/run/part_0_0001.csv"}],
        "runInfo": {"submittedTime": "2025-10-02T01:02:03.4567Z"},
    }
    aws = {"reportKeys": ["r/20250901-20251001/abc/r-00001.csv.gz"]}
    for name, content in {
        "azure/run/manifest.json": azure,
        "aws/abc/r-Manifest.json": aws,
        "bad/manifest.json": [],
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(json.dumps(content))
    manifests = read_manifests(tmp_path)
    found = manifests.listing("azure/run/part_0_0001.csv")
    assert found is not None
    assert found.submitted_at_utc == datetime(2025, 10, 2, 1, 2, 3, 456700)
    assert manifests.listing("aws/abc/r-00001.csv.gz") is not None
    assert manifests.listing("elsewhere/r-00001.csv.gz") is None


def test_a_part_that_a_smaller_rewrite_left_behind_goes() -> None:
    files = [
        registered("focus/cur-00001.csv", 5, "a>s|2025-09|1-9"),
        registered("focus/cur-00002.csv", 2, "a>s|2025-09|1-9"),
    ]
    deliveries = group(files, Manifests())
    assert vanished_parts(deliveries, lambda path: True) == []
    (found,) = vanished_parts(deliveries, lambda path: path.endswith("1.csv"))
    assert (found.file_id, found.scope) == (files[1].file_id, "focus|a>s|2025-09")


def test_oci_files_never_replace_one_another() -> None:
    files = [registered("oci/a.csv", 1, source_format="oci"), registered("oci/b.csv", 2, source_format="oci")]
    assert gone(files) == set()
