"""What was sent: one line for each attempt, only ever appended to, beside the kept state of the home.

Put here: writing and reading it. Keep out: sending.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

FILE = "report_deliveries.jsonl"


class Deliveries:
    """The record of a home."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE

    @contextmanager
    def held(self) -> Iterator[None]:
        """While something is sent: two senders of one home wait for one another, so nothing goes out twice."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_suffix(".lock")):
            yield

    def delivered(self) -> set[str]:
        """Parcels that have arrived."""
        return {str(line["parcel_id"]) for line in self.lines() if line.get("is_delivered") is True}

    def lines(self) -> list[dict[str, Any]]:
        """Every attempt, oldest first; a line that a kill cut short is no attempt."""
        if not self.path.exists():
            return []
        found = []
        for text in self.path.read_text("utf-8").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and "parcel_id" in line:
                found.append(line)
        return found

    def note(
        self, parcel_id: str, schedule: str, channel: str, due: datetime, now: datetime, problem: str | None
    ) -> None:
        """One attempt, on disk when this returns."""
        line = {
            "parcel_id": parcel_id,
            "schedule": schedule,
            "channel": channel,
            "due_at_utc": due.isoformat(),
            "attempted_at_utc": now.isoformat(),
            "is_delivered": problem is None,
            "problem": problem,
        }
        is_torn = self.path.exists() and not self.path.read_bytes().endswith(b"\n") and self.path.stat().st_size > 0
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(("\n" if is_torn else "") + json.dumps(line) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
