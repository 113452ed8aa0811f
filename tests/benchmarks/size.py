"""How large a benchmark is: `COSTOPS_BENCH_SIZE` is `tiny` (the suite: its shape, so that none rots) or `full`.

Put here: what every benchmark needs to be of either size. Keep out: what one of them measures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
SIZE = os.environ.get("COSTOPS_BENCH_SIZE", "tiny")
assert SIZE in ("tiny", "full"), f"COSTOPS_BENCH_SIZE is tiny or full, not {SIZE}"
IS_FULL = SIZE == "full"
"""Only then is speed judged: at a tiny size the start of a process is most of what it takes."""

Value = TypeVar("Value")


def sized(tiny: Value, full: Value) -> Value:
    """The value for the size that is asked for."""
    return full if IS_FULL else tiny


def measured(job: Callable[..., Any], *arguments: object, environment: Mapping[str, str] | None = None) -> Any:
    """What a job of a `..._run` module gives; at full size in a process of its own, whose peak memory is the job's."""
    named = dict(environment or {})
    if not IS_FULL:
        before = dict(os.environ)
        os.environ.update(named)
        try:
            return job(*map(str, arguments))
        finally:
            os.environ.clear()
            os.environ.update(before)
    imported = f"import json, sys; from {job.__module__} import {job.__name__} as job"
    command = [sys.executable, "-c", f"{imported}; print(json.dumps(job(*sys.argv[1:])))", *map(str, arguments)]
    env = {**os.environ, **named, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
