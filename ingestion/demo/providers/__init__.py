"""Providers' APIs on loopback, spoken as published, from the sample company's ground truth.

`docs/simulator.md` says what it does and by what each part is verified. Put here: nothing but these names.
"""

from ingestion.demo.providers.faults import Faults, ScriptedFault
from ingestion.demo.providers.server import Urls, application, running, running_simulator
from ingestion.demo.providers.state import Keys, Options, Simulator
from ingestion.demo.providers.visibility import Restatement

__all__ = [
    "Faults",
    "Keys",
    "Options",
    "Restatement",
    "ScriptedFault",
    "Simulator",
    "Urls",
    "application",
    "running",
    "running_simulator",
]
