"""A PostgreSQL server of one's own in a scratch folder, and `psql` as a client that is not ours.

Put here: starting, stopping, asking. Keep out: what is published.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.support.ports import free_port

PASSWORD = "s3cret/of test"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=128MB", "max_wal_size=2GB")


class Psql:
    """One session that stays open: transactions last over several questions."""

    def __init__(self, binary: Path, url: str) -> None:
        command = [str(binary), url, "-XqAt", "-F", "|", "-v", "ON_ERROR_STOP=0"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )

    def ask(self, sql: str) -> list[str]:
        """What psql prints for statements, errors too."""
        assert self._process.stdin
        assert self._process.stdout
        mark = f"done {uuid.uuid4()}"
        self._process.stdin.write(f"{sql};\n\\echo '{mark}'\n")
        self._process.stdin.flush()
        lines = []
        while (line := self._process.stdout.readline()) and line.rstrip("\n") != mark:
            lines.append(line.rstrip("\n"))
        return lines

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    psql: Path

    def url(self, user: str = "postgres", database: str = "postgres", password: str = PASSWORD) -> str:
        from urllib.parse import quote

        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def ask(self, sql: str, user: str = "postgres", database: str = "postgres") -> list[str]:
        client = Psql(self.psql, self.url(user, database))
        try:
            return client.ask(sql)
        finally:
            client.close()

    @contextmanager
    def client(self, user: str = "postgres", database: str = "postgres") -> Iterator[Psql]:
        client = Psql(self.psql, self.url(user, database))
        try:
            yield client
        finally:
            client.close()


@contextmanager
def running_server() -> Iterator[Server]:
    """A server from the package `pgserver`, or of the programs in the folder `COSTOPS_TEST_POSTGRES_BIN`.

    It refuses to be root's, so root starts it as nobody.
    """
    given = os.environ.get("COSTOPS_TEST_POSTGRES_BIN")
    packages = Path(str(find_spec("pgserver").origin)).parents[1]  # importing it starts nothing, but warns
    folder = Path(tempfile.mkdtemp(prefix="costops-postgres-"))
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    try:
        if account:  # whose own folders hide the package from others
            for part in ("pgserver", "pgserver.libs"):
                shutil.copytree(packages / part, folder / "packages" / part)
            packages = folder / "packages"
            os.chmod(folder, 0o755)
            (folder / "data").mkdir(mode=0o700)
            os.chown(folder / "data", account.pw_uid, account.pw_gid)
        (folder / "password").write_text(PASSWORD)
        os.chmod(folder / "password", 0o644)
        data, binaries = folder / "data", Path(given or packages / "pgserver" / "pginstall" / "bin")

        def run(*command: object) -> None:
            subprocess.run(
                [str(part) for part in command], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=60, **who
            )

        run(
            binaries / "initdb", "-D", data, "-U", "postgres", "-E", "utf8", "--locale=C", "-N",
            "--auth=scram-sha-256", f"--pwfile={folder / 'password'}",
        )  # fmt: skip
        port = free_port()
        options = " ".join(f"-c {setting}" for setting in (*_FAST, "listen_addresses=127.0.0.1", f"port={port}"))
        control = (binaries / "pg_ctl", "-D", data, "-w")
        run(*control, "-l", data / "log", "-o", f"{options} -k ''", "start")
        try:
            yield Server(port, binaries / "psql")
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
