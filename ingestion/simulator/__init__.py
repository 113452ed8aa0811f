"""Providers' APIs on loopback, spoken as published, from the sample company's ground truth.

`docs/simulator.md` says what it does and by what each part is verified. Put here: nothing but these names.
"""

from ingestion.simulator.faults import Faults, ScriptedFault
from ingestion.simulator.server import Urls, application, running, running_simulator
from ingestion.simulator.state import Keys, Options, Simulator
from ingestion.simulator.visibility import Restatement

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
