"""A source alone in a process of its own, to be killed: `killed_alone.py KIND PLACE WORK FOLDER [URL]`.

With a URL the provider there is asked, otherwise the events of the folder are read. Put here: one run. Keep out:
assertions, killing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.integration.ingestion.standalone.company import NOW, START
from tests.integration.ingestion.standalone.compared import Destination, run, writes


def main(kind: str, place: str, work: str, folder: str, url: str = "") -> None:
    destination = Destination(kind, place)
    source: Any
    if url:
        from ingestion.sources.openrouter.source import openrouter_source as provider

        source = provider(api_key="planted", base_url=url, start_date=START, as_of=NOW, write=writes(destination))
    else:
        from ingestion.sources.events.source import events_source

        source = events_source(folder, write=writes(destination))
    run(destination.pipeline(Path(work), "openrouter" if url else "events"), source, **destination.options)


if __name__ == "__main__":
    print("begins", flush=True)
    main(*sys.argv[1:])
