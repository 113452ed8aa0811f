"""Capture inside an application: calls of SDKs become files of the events folder, without a proxy and without text.

    from ingestion.capture import Recorder, instrument, scope

    recorder = Recorder("/var/lib/costops/drop/events/provider_bodies/my_app")
    client = instrument(openai.OpenAI(), recorder)
    with scope(team="search", feature="summaries"):
        client.chat.completions.create(...)

Standard library only. It never raises into the application and never waits for a disk or a network in it: what cannot
be kept is counted (`recorder.lost`) and said once a minute by the logger `costops.capture`. See `docs/capture.md`.

Put here: what applications import. Keep out: what counts mean (the reader of `provider_bodies/` knows), prices.
"""

from ingestion.capture.middleware import CaptureMiddleware
from ingestion.capture.recorder import Recorder
from ingestion.capture.scope import attributed, scope
from ingestion.capture.sdk import instrument

__all__ = ["CaptureMiddleware", "Recorder", "attributed", "instrument", "scope"]
