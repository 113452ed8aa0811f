"""`costops gpu-sample`: samples of this machine's GPUs, for the GPU folder.

Put here: options, the loop. Keep out: asking and writing (`ingestion.sources.gpu.sampler`).
"""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, console, fail, settings_of
from orchestration.text.terminal import plain


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command("gpu-sample")(gpu_sample)


def gpu_sample(
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder of this host. Default: its name in the GPU folder of the home.")
    ] = None,
    every: Annotated[float, typer.Option("--every", min=1, max=3600, help="Seconds between samples.")] = 30.0,
    count: Annotated[
        int | None, typer.Option("--count", min=1, help="End after so many samples. Default: until interrupted.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Sample the GPUs of this machine into CSV files that a run reads (needs nvidia-ml-py)."""
    from ingestion.sources.gpu.sampler import NoGpuError, library, write

    folder = to or settings_of(home).gpu_dir / socket.gethostname()
    try:
        nvml = library()
    except NoGpuError as error:
        raise fail(str(error)) from None
    console.print(f"Sampling every {every:g} s into {plain(str(folder))} (stop with Ctrl-C)", highlight=False)
    done = 0
    try:
        while True:
            path, lines = write(nvml, folder, datetime.now(UTC))
            done += 1
            if count is not None and done >= count:
                break
            time.sleep(every)
    except OSError as error:
        raise fail(f"{folder} cannot be written: {error.strerror}") from None
    except KeyboardInterrupt:
        pass
    if done:
        console.print(f"{done} samples of {lines} GPUs in {plain(str(path))}; next: costops run", highlight=False)
