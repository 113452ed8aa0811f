"""Damaged bills: the parser never raises, good rows stay good, every bad one has a reason."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from tests.unit.ingestion.billing.parsing import parse_bytes

HEADER = "BilledCost,BillingAccountId,BillingPeriodStart,ChargePeriodStart,Tags\n"


def bill(rows: int) -> bytes:
    lines = [f'{i}.25,acct,2025-09-01,2025-09-02,"{{""n"": ""{i}""}}"\n' for i in range(rows)]
    return (HEADER + "".join(lines)).encode()


def mangle(content: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    data = bytearray(content)
    kind = seed % 8
    position = chance.randrange(len(HEADER), len(data))
    if kind == 0:
        del data[position:]
    elif kind == 1:
        data[position:position] = chance.randbytes(30)
    elif kind == 2:
        data[position] = ord('"')
    elif kind == 3:
        data[position:position] = b"\x00"
    elif kind == 4:
        data[position:position] = b"," * chance.randrange(1, 9)
    elif kind == 5:
        data[position:position] = chance.choice([b"\r", b"\n", b"\r\n\n"])
    elif kind == 6:
        start = max(len(HEADER), position - 40)
        del data[start:position]
    else:
        data[position:position] = "€".encode("cp1252") * 3
    return bytes(data)


@pytest.mark.parametrize("seed", range(80))
def test_one_wound_costs_a_few_rows_at_most(tmp_path: Path, seed: int) -> None:
    intact = {row["tags"]: row["billed_cost"] for row in parse_bytes("focus", tmp_path, bill(200)).rows}
    found = parse_bytes("focus", tmp_path, mangle(bill(200), seed), "mangled.csv")
    same = [row for row in found.rows if intact.get(row["tags"]) == row["billed_cost"]]
    assert len(same) >= (196 if seed % 8 else 0)
    assert len(found.rows) - len(same) <= 2
    assert all(row.message and row.reason for row in found.quarantined)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", ["m.csv.gz", "m.parquet"])
def test_random_bytes_and_broken_archives_are_quarantined(tmp_path: Path, seed: int, name: str) -> None:
    chance = random.Random(seed)
    content = bytearray(
        gzip.compress(bill(2000)) if name.endswith("gz") else b"PAR1" + chance.randbytes(3000) + b"PAR1"
    )
    for _ in range(seed % 5 + 1):
        content[chance.randrange(20, len(content))] ^= 0xFF
    del content[chance.randrange(100, len(content)) :]
    found = parse_bytes("focus", tmp_path, bytes(content), name)
    assert found.quarantined
