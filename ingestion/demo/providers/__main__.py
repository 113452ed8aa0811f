"""Serve the providers of a sample company: `python -m ingestion.demo.providers FOLDER`.

Put here: the command line. Keep out: everything else.
"""

from __future__ import annotations

import argparse
import threading
from datetime import datetime
from pathlib import Path

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers.server import CONTROL_PATH, running_simulator


def main() -> None:
    """Print what points the sources here, then serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m ingestion.demo.providers", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where `python -m ingestion.demo.company` wrote the company")
    parser.add_argument("--port", type=int, default=0, help="by default a free one")
    parser.add_argument("--now", type=datetime.fromisoformat, help="the simulated moment, UTC")
    asked = parser.parse_args()
    with running_simulator(GroundTruth.load(asked.folder), now=asked.now, port=asked.port) as urls:
        for name, value in urls.environment().items():
            print(f"export {name}='{value}'", flush=True)
        print(f"# faults and clock: {urls.root}{CONTROL_PATH}; stop with Ctrl-C", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
