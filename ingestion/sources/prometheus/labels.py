"""Labels of exporters' series, whose spelling has changed over the years and with the scrape.

Put here: which label says what. Keep out: values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

EXPORTERS = ("dcgm-exporter", "dcgm_exporter", "nvidia-dcgm")
"""In the name of the pod that measures, not of one that uses a GPU."""
_RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
"""The letters that Kubernetes makes names up of."""
_GENERATED = (
    re.compile(rf"-{_RANDOM}{{6,10}}-{_RANDOM}{{5}}\Z"),
    re.compile(rf"-{_RANDOM}{{5}}\Z"),
    re.compile(r"-\d{1,4}\Z"),
)


class Labels:
    """The labels of one series."""

    def __init__(self, given: Any, *, only_exported: bool = False) -> None:
        self._given = {str(name): str(value) for name, value in given.items()} if isinstance(given, Mapping) else {}
        self._lower = {name.lower(): value for name, value in self._given.items()}
        self._only_exported = only_exported

    def text(self, *names: str) -> str | None:
        """The first label that is there and not empty, in any case."""
        return next((self._lower[name] for name in names if self._lower.get(name)), None)

    @property
    def metric(self) -> str:
        """Name of the metric."""
        return self._given.get("__name__", "")

    @property
    def has_exported(self) -> bool:
        """Whether the scrape has labels of its own, so that the exporter's are called `exported_…`."""
        return any(name.startswith("exported_") for name in self._lower)

    @property
    def host(self) -> str:
        """The machine: what the exporter calls it, else the address that was scraped."""
        named = self.text("hostname", "node", "kubernetes_node")
        return named or re.sub(r":\d+\Z", "", self.text("instance") or "")

    @property
    def gpu_id(self) -> str:
        """Its id that stays when a machine starts anew; only without one its number."""
        return self.text("uuid", "gpu_uuid") or self.text("gpu", "device", "minor_number") or "0"

    @property
    def gpu(self) -> tuple[str, str]:
        """Machine and id."""
        return self.host, self.gpu_id

    @property
    def gpu_name(self) -> str | None:
        """Model of the GPU."""
        return self.text("modelname", "model_name", "name")

    @property
    def slice_id(self) -> str | None:
        """Which slice of a sliced GPU."""
        return self.text("gpu_i_id")

    @property
    def slice_sevenths(self) -> int:
        """How many sevenths a slice is: `3g.40gb` → 3; 7 where it does not say."""
        found = re.match(r"(?:\d+c\.)?([1-7])g\.", self.text("gpu_i_profile") or "")
        return int(found[1]) if found else 7

    def _of_pod(self, name: str) -> str | None:
        if self.has_exported or self._only_exported:
            return self.text(f"exported_{name}")
        return self.text(name)

    @property
    def pod(self) -> str | None:
        """The pod that had the GPU; the exporter's own is none."""
        pod = self._of_pod("pod") or (None if self._only_exported else self.text("pod_name"))
        return None if pod and any(word in pod for word in EXPORTERS) else pod

    @property
    def namespace(self) -> str | None:
        """Its namespace."""
        return self._of_pod("namespace") if self.pod else None

    @property
    def workload(self) -> str | None:
        """Who used it: the job of a scheduler, else what the pod belongs to."""
        return self.text("hpc_job") or workload_of(self.pod)

    @cached_property
    def everything(self) -> tuple[tuple[str, str], ...]:
        """All labels, in order: what tells series apart."""
        return tuple(sorted(self._given.items()))


def workload_of(pod: str | None) -> str | None:
    """A pod's name without what its controller made up: `chat-7d9f8b6c5d-x2x9k` → `chat`, `chat-0` → `chat`."""
    if not pod:
        return None
    for pattern in _GENERATED:
        shorter = pattern.sub("", pod)
        if shorter and shorter != pod:
            return shorter
    return pod
