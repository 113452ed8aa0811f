"""Lines survive kills and full disks whole; whoever records never waits and never fails."""

from __future__ import annotations

import errno
import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ingestion.capture import Recorder
from ingestion.capture import recorder as recording
from ingestion.capture.files import LineFile, adopt
from tests.support.http_stub import Answer, Asked, serving

KILLS = int(os.environ.get("COSTOPS_TEST_CAPTURE_KILLS", "2"))
LEAST_CALLS = int(os.environ.get("COSTOPS_TEST_CAPTURED_CALLS", "4000"))
FLUSH, ALLOWED = 0.02, 0.3
"""Seconds that an event may wait, and how old a lost one may be on a busy machine."""
WRITER = f"""
import sys, time
from ingestion.capture import Recorder
recorder = Recorder(sys.argv[1], flush_seconds={FLUSH}, rotate_seconds=0.2, most_waiting=1_000_000)
number = int(sys.argv[2])
while True:
    recorder.record({{"number": number, "filler": "x" * (number % 700)}})
    number += 1
    if number % 50 == 0:
        print(number, time.monotonic(), flush=True)
        time.sleep(0.001)
"""
"""Records until it is killed; a line says that all below a number was recorded by then."""


def lines(folder: Path) -> list[dict[str, object]]:
    """Every line of every file that has its name; each is whole."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def test_what_is_recorded_is_in_files_that_appear_whole(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, flush_seconds=0.01, rotate_seconds=0.05)
    for number in range(500):
        recorder.record({"number": number})
        if number % 100 == 0:
            time.sleep(0.06)
    recorder.close()
    assert [line["number"] for line in lines(tmp_path)] == list(range(500))
    assert len(list(tmp_path.iterdir())) > 2
    recorder.record({"number": 501})
    assert recorder.lost == 1


def test_processes_killed_at_random_lose_at_most_what_waited_and_no_line_is_half(tmp_path: Path) -> None:
    choose = random.Random(20261129)
    safe: list[tuple[int, int]] = []
    begin = recorded = 0
    while len(safe) < KILLS or recorded < LEAST_CALLS:
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(begin)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        first = process.stdout.readline()
        time.sleep(choose.uniform(0.5, 1.0))
        process.send_signal(signal.SIGKILL)
        killed_at = time.monotonic()
        said = [line.split() for line in [first, *process.stdout.read().splitlines()] if line.count(" ") == 1]
        process.wait()
        long_ago = [int(number) for number, at in said if float(at) < killed_at - ALLOWED]
        safe.append((begin, max(long_ago)))
        recorded += int(said[-1][0]) - begin
        begin += 1_000_000
    adopt(tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    numbers = [int(str(line["number"])) for line in lines(tmp_path)]
    assert len(set(numbers)) == len(numbers)
    for start, until in safe:
        mine = sorted(number for number in numbers if start <= number < start + 1_000_000)
        assert mine == list(range(start, start + len(mine)))
        assert start + len(mine) >= until
    print(f"{len(safe)} kills, {recorded} calls, {recorded - len(numbers)} lost")


def test_a_file_that_is_written_is_left_to_its_writer(tmp_path: Path) -> None:
    file = LineFile(tmp_path, 60, 1 << 20)
    file.write([b'{"a": 1}\n'])
    assert adopt(tmp_path) == 0
    file.settle(is_last=True)
    (tmp_path / ".gone.jsonl.part").write_bytes(b'{"a": 2}\n{"a": ')
    (tmp_path / ".empty.jsonl.part").write_bytes(b'{"a')
    assert adopt(tmp_path) == 1
    assert sorted(str(line["a"]) for line in lines(tmp_path)) == ["1", "2"]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_full_disk_costs_waiting_then_counted_loss_and_never_a_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = LineFile._open
    is_full = threading.Event()

    class Full:
        """A file on a disk that takes seven bytes more."""

        def __init__(self, file: object) -> None:
            self.file = file

        def write(self, data: memoryview) -> int:
            if not is_full.is_set():
                return self.file.write(data)  # type: ignore[attr-defined,no-any-return]
            self.file.write(data[:7])  # type: ignore[attr-defined]
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    def opened(self: LineFile) -> object:
        self._file = Full(real(self))  # type: ignore[assignment]
        return self._file

    monkeypatch.setattr(LineFile, "_open", opened)
    recorder = Recorder(tmp_path, flush_seconds=0.01, most_waiting=100)
    recorder.record({"number": 0})
    assert recorder.flush()
    is_full.set()
    with caplog.at_level(logging.WARNING, "costops.capture"):
        for number in range(1, 301):
            recorder.record({"number": number})
        assert recorder.flush()
    assert recorder.lost >= 200
    assert "No space left on device" in caplog.text
    is_full.clear()
    recorder.record({"number": 999})
    recorder.close()
    numbers = [line["number"] for line in lines(tmp_path)]
    assert numbers[0] == 0
    assert len(numbers) == len(set(numbers)) == 302 - recorder.lost


def test_a_dead_server_costs_nothing_but_counted_loss_and_one_that_comes_back_gets_what_waited() -> None:
    answers = [503, 503, 200]
    got: list[int] = []

    def answer(asked: Asked) -> Answer:
        assert asked.headers["authorization"] == "Bearer key"
        status = answers.pop(0) if answers else 200
        if status == 200:
            got.extend(each["number"] for each in asked.json["events"])
        return Answer({"accepted": 1}, status=status)

    with serving(answer) as server:
        recorder = Recorder(server.url, key="key", flush_seconds=0.02)
        for number in range(1_200):
            recorder.record({"number": number})
        end = time.monotonic() + 10
        while len(got) < 1_200 and time.monotonic() < end:
            time.sleep(0.02)
        recorder.close()
    assert got == list(range(1_200))
    dead = Recorder(server.url, key="key", flush_seconds=0.01, most_waiting=10)
    started = time.monotonic()
    for number in range(1_000):
        dead.record({"number": number})
    assert time.monotonic() - started < 0.5
    dead.close()
    assert dead.lost == 1_000


def test_a_server_that_refuses_is_not_asked_again_for_the_same(caplog: pytest.LogCaptureFixture) -> None:
    with serving(lambda _: Answer({}, status=401)) as server, caplog.at_level(logging.WARNING, "costops.capture"):
        recorder = Recorder(server.url, key="wrong", flush_seconds=0.01)
        recorder.record({"number": 1})
        assert recorder.flush()
        recorder.close()
        assert len(server.asked) == 1
    assert recorder.lost == 1
    assert "the server answered 401" in caplog.text
    assert "wrong" not in caplog.text


def test_a_key_does_not_follow_a_redirect(caplog: pytest.LogCaptureFixture) -> None:
    with serving(lambda _: Answer({"accepted": 1})) as other:
        moved = Answer({}, status=302, headers={"Location": f"{other.url}/api/v1/events"})
        with serving(lambda _: moved) as server, caplog.at_level(logging.WARNING, "costops.capture"):
            recorder = Recorder(server.url, key="key", flush_seconds=0.01)
            recorder.record({"number": 1})
            assert recorder.flush()
            recorder.close()
            assert len(server.asked) >= 1
        assert other.asked == []
    assert recorder.lost == 1
    assert "the server answered 302" in caplog.text


def test_what_cannot_be_written_as_json_is_lost_alone(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, flush_seconds=0.01)
    recorder.record({"number": object()})
    recorder.record({"number": 1})
    recorder.close()
    assert recorder.lost == 1
    assert [line["number"] for line in lines(tmp_path)] == [1]


def test_a_child_of_a_fork_has_a_file_of_its_own(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, flush_seconds=0.01)
    recorder.record({"number": 1})
    assert recorder.flush()
    child = os.fork()
    if child == 0:
        recorder.record({"number": 2})
        recorder.close()
        os._exit(0)
    os.waitpid(child, 0)
    recorder.record({"number": 3})
    recorder.close()
    assert sorted(str(line["number"]) for line in lines(tmp_path)) == ["1", "2", "3"]
    assert len(list(tmp_path.iterdir())) == 2


def test_losses_are_said_once_a_minute(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert recording.SAID_EVERY_SECONDS == 60
    with caplog.at_level(logging.WARNING, "costops.capture"):
        recorder = Recorder(tmp_path, flush_seconds=0.005)
        for _ in range(20):
            recorder.lose()
            time.sleep(0.01)
        recorder.close()
    assert len(caplog.records) == 1


def test_a_key_does_not_travel_where_others_can_read_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"use https://") as refused:
        Recorder("http://costs.example.com:8080", key="costops_secret")
    assert "secret" not in str(refused.value)
    for to in (
        "https://costs.example.com",
        "http://127.0.0.1:9",
        "http://localhost:9",
        "http://[::1]:9",
        str(tmp_path),
    ):
        Recorder(to, key="costops_secret").close(timeout=0)
