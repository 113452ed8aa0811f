"""One measured backfill in its own process: `backfill_run.py SOURCE HOME FIRST LAST NOW`; prints a JSON line.

Where the source asks comes from the environment. Put here: the job. Keep out: judging (see `test_backfill.py`).
"""

from __future__ import annotations

import json
import re
import sys
import time
from datetime import date, datetime
from pathlib import Path

from ingestion.config import Settings
from orchestration.running.sources import API_SOURCES


def main(name: str, home: Path, first: date, last: date, now: datetime) -> None:
    """Pull and land every day of a source and print what it took."""
    settings = Settings.from_env(home=home)
    land = API_SOURCES[name].land
    started, cpu = time.perf_counter(), time.process_time()
    report = land(settings, now=now, from_date=first, to_date=last)
    result = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mib": peak_mib(),
        "rows": sum(rows for table, rows in report.rows_by_table.items() if table != "pulls"),
        "quarantined": report.quarantined_rows,
        "spool_mib": sum(path.stat().st_size for path in settings.spool_dir.rglob("*.gz")) / 2**20,
    }
    print(json.dumps(result))


def peak_mib() -> float:
    """The most memory this program held; `ru_maxrss` would count what the process that started it held."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


if __name__ == "__main__":
    first, last = map(date.fromisoformat, sys.argv[3:5])
    main(sys.argv[1], Path(sys.argv[2]), first, last, datetime.fromisoformat(sys.argv[5]))
