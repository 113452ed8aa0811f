# ruff: noqa: DTZ001 - instants are naive UTC
"""Whether a delivery is complete: parts, damaged files, manifests."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from ingestion.sources.billing.manifests import Listed, Manifest, Manifests, read_manifests
from tests.unit.ingestion.billing.landed import asked, gone, registered


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        (["part-1-of-3.csv", "part-3-of-3.csv"], "part 2 of 3"),
        (["cur-00001.csv", "cur-00003.csv"], "part 2"),
        (["part_0_0001.csv", "part_2_0001.csv"], "part 1"),
        (["cur-00002.csv"], "part 1"),
    ],
)
def test_a_delivery_that_misses_a_part_is_held_whole(new: list[str], problem: str) -> None:
    old = registered("focus/x/2025-10-01/b.csv", 1, "a>s|2025-09|1-20")
    parts = [registered(f"focus/x/2025-10-02/{name}", 2, "a>s|2025-09|1-21") for name in new]
    assert gone([old, *parts]) == {(part.path, "s", "2025-09", "1-21") for part in parts}
    (note,) = asked([old, *parts])
    assert problem in note


def test_a_damaged_file_is_held_and_counts_where_nothing_older_is() -> None:
    old = registered("focus/2025-10-01/b.csv", 1, "a>s|2025-09|1-20")
    new = registered("focus/2025-10-02/b.csv", 2, "a>s|2025-09|1-21", damage="it breaks off")
    assert gone([old, new]) == {(new.path, "s", "2025-09", "1-21")}
    assert gone([new]) == set()
    assert "breaks off. It counts as far as it goes" in asked([new])[0]


@pytest.mark.parametrize(
    ("listed", "problem"),
    [
        ((Listed("e/run2/a.csv", row_count=21), Listed("e/run2/b.csv")), "e/run2/b.csv is listed"),
        ((Listed("e/run2/a.csv", row_count=22),), "has 21 rows and 22"),
        ((Listed("e/run2/a.csv", byte_count=2),), "has 1 bytes and 2"),
    ],
)
def test_a_manifest_that_says_more_than_arrived_holds_the_delivery(listed: tuple[Listed, ...], problem: str) -> None:
    old = registered("azure/e/run1/a.csv", 1, "a>s|2025-09|1-20")
    new = registered("azure/e/run2/a.csv", 2, "a>s|2025-09|1-21")
    manifests = Manifests([Manifest("azure/e/run2/manifest.json", None, tuple(each.name for each in listed), listed)])
    assert gone([old, new], manifests) == {(new.path, "s", "2025-09", "1-21")}
    assert problem in asked([old, new], manifests)[0]


def test_an_export_of_a_resource_group_adds_to_that_of_another_and_never_replaces_the_subscription() -> None:
    def run(name: str, day: int, scope: str) -> tuple[Manifest, str]:
        return Manifest(f"azure/{name}/manifest.json", datetime(2025, 10, day), (f"{name}/a.csv",), scope=scope), name

    def files(*runs: tuple[Manifest, str]) -> tuple[set[tuple[str, str, str, str]], list[str]]:
        landed = [registered(f"azure/{name}/a.csv", 9, "a>s|2025-09|1-20", source_format="azure") for _, name in runs]
        manifests = Manifests([manifest for manifest, _ in runs])
        return gone(landed, manifests), asked(landed, manifests)

    group_1, group_2 = (
        run("g1", 1, "subscriptions/s/resourcegroups/1"),
        run("g2", 2, "subscriptions/s/resourcegroups/2"),
    )
    whole = run("whole", 1, "subscriptions/s")
    assert files(group_1, group_2) == (set(), [])
    held, notes = files(whole, group_2)
    assert held == {("azure/g2/a.csv", "s", "2025-09", "1-20")}
    assert "resourcegroups/2 only" in notes[0]
    assert files(group_1, run("later", 3, "subscriptions/s"))[0] == {("azure/g1/a.csv", "s", "2025-09", "1-20")}


def test_shards_of_other_exporters_are_parts() -> None:
    for names in (
        ("bill-000000000000.csv.gz", "bill-000000000001.csv.gz"),
        ("part-00000-tid-77-9d-1-c000.csv", "part-00001-tid-77-9e-1-c000.csv"),
    ):
        shards = [registered(f"focus/x/{name}", 1, "a>s|2025-09|1-9", sample=(n,)) for n, name in enumerate(names)]
        assert (gone(shards), asked(shards)) == (set(), [])


def test_a_run_whose_manifest_is_not_there_yet_or_that_has_fewer_parts_is_held() -> None:
    month = "azure/e/20250901-20250930"
    old = [registered(f"{month}/202510010000/part_{n}_0001.csv", 1, "a>s|2025-09|1-20") for n in range(3)]
    new = [registered(f"{month}/202510020000/part_{n}_0001.csv", 2, "a>s|2025-09|1-21") for n in range(2)]
    manifest = Manifest(f"{month}/202510010000/manifest.json", None, tuple(file.path for file in old))
    manifests = Manifests([manifest])
    assert gone(old + new, manifests) == {(file.path, "s", "2025-09", "1-21") for file in new}
    assert "no manifest lists it yet" in asked(old + new, manifests)[0]
    assert gone(old + new) == {(file.path, "s", "2025-09", "1-20") for file in new}
    assert "it has 2 parts where the older one has 3" in asked(old + new)[0]


def test_numbered_copies_are_no_parts() -> None:
    copies = [registered(f"focus/bill_{n}.csv", n, "a>s|2025-09|1-9", sample=(5, 6)) for n in (1, 2)]
    assert gone(copies) == {("focus/bill_1.csv", "s", "2025-09", "1-9")}
    parts = [registered(f"focus/bill_{n}.csv", n, "a>s|2025-09|1-9", sample=(5, 6 + n)[1:]) for n in (1, 2)]
    assert gone(parts) == set()


def test_a_header_without_rows_is_asked_about_and_a_manifest_can_say_that_there_were_none() -> None:
    old = registered("azure/e/20250901-20250930/run1/a.csv", 1, "a>s|2025-09|1-20")
    empty = registered("azure/e/20250901-20250930/run2/a.csv", 2)
    assert gone([old, empty]) == set()
    assert asked([registered("azure/e/a.csv", 1, "a>s|2025-09|1-20"), empty]) == []
    manifest = Manifest(
        "azure/e/20250901-20250930/run2/manifest.json", None, ("run2/a.csv",),
        first_day=date(2025, 9, 1), last_day=date(2025, 9, 5),
    )  # fmt: skip
    old = registered("azure/e/20250901-20250930/202510010000/a.csv", 1, "a>s|2025-09|1-20")
    empty = registered("azure/e/20250901-20250930/202510020000/a.csv", 2)
    assert "a header and no row" in asked([old, empty])[0]
    manifest = Manifest(
        "azure/e/20250901-20250930/202510020000/manifest.json", None, ("202510020000/a.csv",),
        first_day=date(2025, 9, 1), last_day=date(2025, 9, 5),
    )  # fmt: skip
    assert gone([old, empty], Manifests([manifest])) == {(old.path, "s", "2025-09", "1-5")}


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
    assert gone(files, manifests) == {("azure/e/p/run1/x.csv", "s", "2025-09", "1-9")}


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


def test_a_manifest_beside_its_files_speaks_of_no_other_export_that_ran_in_the_same_minute(tmp_path: Path) -> None:
    run = "20250901-20250930/202510010400"
    for export, parts in (("actual", 2), ("amortized", 1), ("synced", 1)):
        folder = tmp_path / "azure" / export / run
        folder.mkdir(parents=True)
        for number in range(parts):
            (folder / f"part_{number}_0001.csv").write_text("x")
    blobs = [{"blobName": f"c/actual/{run}/part_{number}_0001.csv"} for number in range(3)]
    (tmp_path / "azure" / "actual" / run / "manifest.json").write_text(json.dumps({"blobs": blobs}))
    manifests = read_manifests(tmp_path)
    assert manifests.listing(f"azure/actual/{run}/part_0_0001.csv") is not None
    assert manifests.listing(f"azure/amortized/{run}/part_0_0001.csv") is None
    assert manifests.listing(f"azure/synced/{run}/part_2_0001.csv") is None
