"""Where the shared real data lies, for tests that read it in place.

Put here: locating. Keep out: reading, copying.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_data(part: str) -> Path:
    """The folder or file `part` (such as `series/nab`); skips the test with the reason when it is absent."""
    root = os.environ.get("COSTOPS_SHARED_DATA") or Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
    path = (Path(root) / part).resolve()
    if not path.exists():
        pytest.skip(f"shared data {part} is not there; set COSTOPS_SHARED_DATA to its root to run this test")
    return path
