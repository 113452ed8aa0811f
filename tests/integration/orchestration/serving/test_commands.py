"""`costops serve` and `costops keys` as a person calls them: where it listens, what is shown, what is refused."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.text.terminal import SafeConsole
from tests.support.ports import free_port
from tests.support.served_home import served_home

RUNNER = CliRunner()


def listening_addresses(process_id: int) -> set[str]:
    """Addresses on which a process listens, of both families."""
    import psutil

    found = psutil.Process(process_id).net_connections(kind="inet")
    return {each.laddr.ip for each in found if each.status == psutil.CONN_LISTEN}


def test_it_listens_on_this_machine_alone_unless_told(tmp_path: Path) -> None:
    served_home(tmp_path)
    port = free_port()
    program = "from orchestration.cli import app; app()"
    command = [sys.executable, "-c", program, "serve", "--port", str(port), "--home", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for _ in range(400):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                    assert json.load(answer) == {"status": "ok"}
                break
            except OSError:
                time.sleep(0.05)
        assert listening_addresses(process.pid) == {"127.0.0.1"}
    finally:
        process.terminate()
        said = process.communicate(timeout=20)[0]
    assert f"http://127.0.0.1:{port}/" in said
    assert "warning" not in said
    assert "Traceback" not in said


def test_a_port_in_use_and_a_wrong_provider_are_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served_home(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wrong = RUNNER.invoke(app, ["serve", "--port", str(taken.getsockname()[1]), "--home", str(tmp_path)])
    assert (wrong.exit_code, "--port" in wrong.output) == (1, True)
    monkeypatch.setenv("COSTOPS_SERVE_OIDC_ISSUER", "http://id.example")
    monkeypatch.setenv("COSTOPS_SERVE_OIDC_CLIENT_ID", "x")
    assert RUNNER.invoke(app, ["serve", "--home", str(tmp_path)]).exit_code == 2


def test_a_key_is_shown_once_and_its_principal_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def keys(*arguments: str) -> tuple[int, str]:
        screen = io.StringIO()
        monkeypatch.setattr("orchestration.commands.api.console", SafeConsole(file=screen, width=200))
        result = RUNNER.invoke(app, ["keys", *arguments, "--home", str(tmp_path)])
        return result.exit_code, result.output + screen.getvalue()

    code, said = keys("create", "lea")
    assert (code, "--role" in said) == (1, True)
    assert keys("create", "lea", "--role", "boss")[0] == 2
    assert keys("create", "lea", "--role", "viewer")[0] == 2
    code, said = keys("create", "lea", "--role", "team_lead", "--team", "alpha", "--note", "hers")
    assert code == 0
    text = said.strip().splitlines()[-1]
    assert text.startswith("costops_")
    rows = (tmp_path / "drop" / "org" / "principals.csv").read_text().splitlines()
    assert rows[1].startswith("lea,team_lead,alpha")
    assert keys("create", "lea", "--role", "admin")[0] == 2
    code, listed = keys("list", "--format", "json")
    (row,) = json.loads(listed)
    assert (row["principal_id"], row["role"], row["state"], row["note"]) == ("lea", "team_lead", "good", "hers")
    assert text[-43:] not in listed
    assert keys("revoke", row["key_id"])[0] == 0
    assert json.loads(keys("list", "--format", "json")[1])[0]["state"] == "revoked"
    assert keys("revoke", "nothing")[0] == 2


def test_the_command_line_starts_without_the_packages_of_the_server() -> None:
    names = "('fastapi', 'uvicorn', 'authlib')"
    program = f"import sys; import orchestration.cli; print([each for each in {names} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
