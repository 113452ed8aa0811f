"""The web interface runs once per home, and nothing of it is left however it ends.

The family is a stand-in of two processes here, as what counts is who ends whom.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from ingestion.config import Settings
from orchestration.home.processes import is_alive, process_mark
from orchestration.running import ui
from tests.support.ports import free_port

PARENT = """
import os, sys
from pathlib import Path
from rich.console import Console
from ingestion.config import Settings
from orchestration.running import ui, ui_family
home = Path(sys.argv[1])
child = f"echo $$ >> {home}/pids; sleep 1000 & echo $! >> {home}/pids; wait"
ui._dagster = lambda port: ["/bin/sh", "-c", f"trap '' INT; {child}" if sys.argv[2] == "deaf" else child]
sys.exit(ui.serve(Settings.from_env({}, home), int(sys.argv[3]), Console()))
"""


def started(home: Path, kind: str = "") -> tuple[subprocess.Popen[bytes], list[int]]:
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(home), kind, str(port)])
    pids = home / "pids"
    until = time.monotonic() + 60
    while not (pids.exists() and len(pids.read_text().split()) == 2):
        assert time.monotonic() < until
        assert parent.poll() is None
        time.sleep(0.05)
    return parent, [int(each) for each in pids.read_text().split()]


def all_ended(pids: list[int]) -> bool:
    until = time.monotonic() + 40
    marks = [process_mark(pid) for pid in pids]
    while any(is_alive(mark) and not mark.endswith("ended") for mark in marks):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_ends_the_whole_family(tmp_path: Path, number: signal.Signals) -> None:
    parent, pids = started(tmp_path / "home")
    parent.send_signal(number)
    assert parent.wait(timeout=40) == (-9 if number == signal.SIGKILL else 0)
    assert all_ended(pids)


def test_a_member_that_is_killed_ends_the_others_and_the_command_says_so(tmp_path: Path) -> None:
    parent, pids = started(tmp_path / "home")
    os.kill(pids[0], signal.SIGKILL)
    assert parent.wait(timeout=40) == 1
    assert all_ended(pids)


def test_a_second_one_names_the_first_and_what_a_killed_one_left_stops_nobody(tmp_path: Path) -> None:
    parent, pids = started(tmp_path / "home")
    settings = Settings.from_env({}, tmp_path / "home")
    with pytest.raises(ui.CannotServeError, match=rf"process {parent.pid}, http://127.0.0.1:\d+, since 2"):
        ui.serve(settings, 3999, Console())
    parent.kill()
    parent.wait()
    assert all_ended(pids)
    (tmp_path / "home" / "pids").unlink()
    parent, pids = started(tmp_path / "home")
    parent.terminate()
    assert parent.wait(timeout=40) == 0


def test_a_port_in_use_is_named_with_one_that_is_free(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ui.CannotServeError, match=r"Give another one: costops ui --port \d+"):
            ui.serve(Settings.from_env({}, tmp_path / "home"), taken.getsockname()[1], Console())
