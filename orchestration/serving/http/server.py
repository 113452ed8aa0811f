"""What the routes share: publications, keys, principals, the log, limits, what was told since the publication.

Put here: the state of one server. Keep out: routes.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ingestion.config import PSEUDONYMS, Settings
from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.serving.audit import AuditLog
from orchestration.serving.captured import CapturedUsage
from orchestration.serving.http.limits import Buckets
from orchestration.serving.http.remembering import GivenAnswers
from orchestration.serving.keys import KeyStore
from orchestration.serving.oidc import Oidc
from orchestration.serving.principals import FILE, Principals, read_principals
from orchestration.serving.publications import Publications
from orchestration.serving.queries.semantic import read_model_of
from orchestration.serving.receiving import Receiver
from orchestration.serving.sessions import Sessions

if TYPE_CHECKING:
    from orchestration.publishing.bi.model import Model

LOCAL = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Options:
    """What whoever starts the server decides."""

    allow_writes: bool = False
    requests_per_minute: float = 600
    failures_per_minute: float = 30
    """Attempts without a good key, for each address."""
    hosts: tuple[str, ...] = ()
    """Names under which it answers besides those of this machine."""
    body_bytes: int = 16 << 20
    """The most that a body may have, unpacked."""
    is_public: bool = False
    """Whether it listens beyond this machine: then it answers under any name."""
    base_url: str | None = None
    """How browsers reach it, for signing in."""
    segment_seconds: float = 60.0
    """How long a file of received events stays open."""
    answers_assistants: bool = True
    """Whether it speaks MCP too, where the SDK is installed."""


@dataclass
class Server:
    """One home, served."""

    settings: Settings
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        self.publications = Publications(self.settings.published_database)
        self.keys = KeyStore(self.settings.home)
        self.audit = AuditLog(self.settings.home)
        self.requests = Buckets(self.options.requests_per_minute)
        self.failures = Buckets(self.options.failures_per_minute)
        self.sessions = Sessions()
        self.oidc = Oidc.configured(self.settings.serve_variables)
        self.captured = CapturedUsage()
        self.answers = GivenAnswers()
        self.receiver = Receiver(self.settings, self.options.segment_seconds, self.shown)
        self.hosts = frozenset({*LOCAL, *self.options.hosts, *self.settings.ui_hosts})
        self.acknowledged: dict[str, datetime] = {}
        self.openings: set[asyncio.Task[None]] = set()
        """Copies that are being opened beside requests: a task that nobody holds may end early."""
        self._lock = threading.Lock()
        self._principals: tuple[tuple[int, int, int] | None, Principals] | None = None
        self._model: Model | None = None
        self._names: Pseudonyms | None = None

    def shown(self, user_id: str) -> str:
        """What marts have for the id of a user."""
        if self.settings.identities != PSEUDONYMS:
            return user_id
        self._names = self._names or Pseudonyms.of_home(self.settings.home)
        return self._names.of(user_id)

    @property
    def principals(self) -> Principals:
        """Who may ask, as the file says now."""
        try:
            found = (self.settings.org_dir / FILE).stat()
            stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        except OSError:
            stamp = None
        known = self._principals
        if known is None or known[0] != stamp:
            known = (stamp, read_principals(self.settings.org_dir))
            self._principals = known
        return known[1]

    @property
    def model(self) -> Model:
        """The metrics by name.

        Raises:
            NotNow: dbt's project cannot be read.
        """
        with self._lock:
            if self._model is None:
                self._model = read_model_of(self.settings)
            return self._model

    def close(self) -> None:
        """Let everything go."""
        self.receiver.rotate(is_closing=True)
        self.publications.close()
        self.audit.close()
