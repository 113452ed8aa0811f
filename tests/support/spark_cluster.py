"""A cluster of Spark on loopback, from the `pyspark` package: a master, workers and a Thrift server, each a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.ports import LOOPBACK, free_port

STARTING_SECONDS = 180
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
DRIVER_MEMORY = "2g"
JAVA_OPTIONS = "-Duser.timezone=UTC"
THRIFT = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"


@dataclass
class SparkCluster:
    """Processes of one cluster; each has its folder and its log below `folder`."""

    folder: Path
    workers: int
    memory: str
    master_port: int = field(default_factory=free_port)
    thrift_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def thrift(self) -> str:
        """Where statements are sent, as COSTOPS_SPARK_THRIFT has it."""
        return f"{LOOPBACK}:{self.thrift_port}"

    @property
    def master(self) -> str:
        """Where executors are asked for, as COSTOPS_SPARK_MASTER has it."""
        return f"spark://{LOOPBACK}:{self.master_port}"

    def start(self) -> None:
        """Start what does not run, and wait until statements are answered."""
        self._start("master", [MASTER, "--host", LOOPBACK, "--port", str(self.master_port), "--webui-port", "0"])
        self._wait_for("master", self.master_port)
        for number in range(self.workers):
            self.start_worker(number)
        self.start_thrift()

    def start_worker(self, number: int) -> None:
        """Start a worker of one core."""
        name = f"worker{number}"
        arguments = ["--host", LOOPBACK, "--webui-port", "0", "--cores", "1", "--memory", self.memory]
        self._start(name, [WORKER, *arguments, "--work-dir", str(self.folder / name / "work"), self.master])

    def start_thrift(self) -> None:
        """Start the Thrift server, the driver of the cluster, with a metastore of its own."""
        settings = {
            "spark.master": self.master,
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.driver.memory": DRIVER_MEMORY,
            "spark.executor.memory": self.memory,
            "spark.executor.extraJavaOptions": f"{JAVA_OPTIONS} -XX:+UseSerialGC",
            "spark.driver.extraJavaOptions": f"{JAVA_OPTIONS} -XX:+UseParallelGC",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "4",
            # Every statement of a build would bring code of its own, which takes longer to compile than small tables
            # take to be read.
            "spark.sql.codegen.wholeStage": "false",
            "spark.local.dir": str(self.folder / "local"),
            "spark.sql.warehouse.dir": str(self.folder / "warehouse"),
        }
        options = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        hive = {"hive.server2.thrift.port": self.thrift_port, "hive.server2.thrift.bind.host": LOOPBACK}
        named = [part for name, value in hive.items() for part in ("--hiveconf", f"{name}={value}")]
        submit = ["org.apache.spark.deploy.SparkSubmit", *options, "--class", THRIFT, "spark-internal", *named]
        self._start("thrift", submit, self.memory)
        self._wait_for("thrift", self.thrift_port)

    def kill(self, name: str) -> None:
        """End one process at once, with what it started: no chance to clean up."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End all of them."""
        for name in list(self.processes):
            self.kill(name)

    def _start(self, name: str, arguments: list[str], memory: str = "256m") -> None:
        if name in self.processes:
            return
        import pyspark

        home = Path(pyspark.__file__).parent
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK", "JAVA_TOOL"))}
        environment |= {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": LOOPBACK,
            "SPARK_PUBLIC_DNS": LOOPBACK,
            "SPARK_DAEMON_MEMORY": memory,
            "SPARK_USER": "costops",
        }
        with (folder / "log.txt").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *arguments],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_for(self, name: str, port: int) -> None:
        until = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < until:
            if self.processes[name].poll() is not None:
                break
            with socket.socket() as client:
                if client.connect_ex((LOOPBACK, port)) == 0:
                    return
            time.sleep(0.2)
        log = (self.folder / name / "log.txt").read_text(errors="replace")
        raise RuntimeError(f"{name} of Spark's cluster does not answer on {port}:\n{log[-3000:]}")


@contextmanager
def spark_cluster(folder: Path, *, workers: int = 2, memory: str = "1g") -> Iterator[SparkCluster]:
    """A cluster that runs until the block ends."""
    cluster = SparkCluster(folder, workers, memory)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
