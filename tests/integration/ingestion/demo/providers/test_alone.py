"""The simulator as a process of its own."""

import subprocess
import sys
from pathlib import Path

import requests

from ingestion.demo.company import GroundTruth

ROOT = Path(__file__).resolve().parents[5]


def test_it_runs_alone_and_prints_what_points_the_sources_to_it(truth: GroundTruth) -> None:
    assert truth.folder is not None
    command = [
        sys.executable,
        "-m",
        "ingestion.demo.providers",
        str(truth.folder.parent),
        "--now",
        "2026-11-15T00:00:00",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            told: dict[str, str] = {}
            for line in process.stdout:
                if not line.startswith("export "):
                    break
                name, _, value = line.removeprefix("export ").strip().partition("=")
                told[name] = value.strip("'")
            headers = {"Authorization": f"Bearer {told['OPENAI_ADMIN_KEY']}"}
            params = {"start_time": 1_794_528_000}
            answer = requests.get(
                f"{told['OPENAI_BASE_URL']}/organization/costs", headers=headers, params=params, timeout=10
            )
            assert answer.status_code == 200
            assert len(answer.json()["data"]) == 2
        finally:
            process.terminate()
