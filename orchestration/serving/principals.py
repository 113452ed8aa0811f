"""Who may ask, from `principals.csv` of the organisation folder: an id, a role, teams, an address for signing in.

A row that cannot be read gives no access, and says why. Put here: reading and adding rows. Keep out: keys, rights.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from orchestration.home.organisation_rows import add_row
from orchestration.serving.viewers import RIGHTS, Right, Role, Viewer

FILE = "principals.csv"
COLUMNS = ("principal_id", "role", "teams", "email", "valid_from", "valid_to")
MOST_BYTES = 4 << 20
_ID = re.compile(r"[\w.@+-]{1,64}\Z")


@dataclass(frozen=True)
class Principal:
    """A row of the file."""

    principal_id: str
    role: Role
    teams: frozenset[str]
    email: str | None
    valid_from: date | None
    valid_to: date | None

    def viewer(self, *, sends: bool = False, key_id: str | None = None) -> Viewer:
        """It as somebody who asks."""
        return Viewer(self.principal_id, self.role, self.teams, sends, key_id)

    def is_valid(self, day: date) -> bool:
        """Whether it holds on a day; `valid_to` is the first day on which it does not."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Principals:
    """Everyone who may ask, and what is wrong with the file."""

    by_id: dict[str, Principal]
    problems: tuple[str, ...] = ()

    def valid(self, principal_id: str, day: date | None = None) -> Principal | None:
        """The principal, where it holds today."""
        found = self.by_id.get(principal_id)
        return found if found and found.is_valid(day or datetime.now(UTC).date()) else None

    def by_email(self, email: str) -> Principal | None:
        """Who signs in with an address; None where it is nobody's, or several's."""
        found = [each for each in self.by_id.values() if each.email and each.email.casefold() == email.casefold()]
        return self.valid(found[0].principal_id) if len(found) == 1 else None


def read_principals(org_dir: Path) -> Principals:
    """The file of an organisation folder; without one nobody may ask."""
    path = org_dir / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Principals({}, (f"{path} is not there: nobody may ask yet. costops keys create NAME --role admin",))
    except OSError as error:
        return Principals({}, (f"{path} cannot be read: {error.strerror}",))
    if len(content) > MOST_BYTES:
        return Principals({}, (f"{path} is larger than {MOST_BYTES} bytes: nobody may ask",))
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        return Principals({}, (f"{path} is no CSV in UTF-8 ({error}): nobody may ask",))
    found: dict[str, Principal] = {}
    problems: list[str] = []
    for number, row in enumerate(rows, 1):
        principal = _read({(name or "").strip().lower(): (text or "") for name, text in row.items() if name}, problems,
                          f"{FILE} row {number}")  # fmt: skip
        if principal is None:
            continue
        if principal.principal_id in found:
            problems.append(f"{FILE} row {number}: principal_id {principal.principal_id} stands twice: neither holds")
            found[principal.principal_id] = _nobody(principal)
            continue
        found[principal.principal_id] = principal
    return Principals(found, tuple(problems))


def add_principal(org_dir: Path, principal: Principal) -> Path:
    """Append a row; the file and its heading are made where they are missing."""
    path = org_dir / FILE
    row = dict.fromkeys(COLUMNS, "") | {
        "principal_id": principal.principal_id,
        "role": str(principal.role),
        "teams": ";".join(sorted(principal.teams)),
        "email": principal.email or "",
    }
    add_row(path, row)
    return path


def _read(row: dict[str, str], problems: list[str], where: str) -> Principal | None:
    def wrong(field: str, message: str) -> Principal | None:
        problems.append(f"{where}: {field} {message}")
        return None

    name = row.get("principal_id", "").strip()
    if not _ID.match(name):
        return wrong("principal_id", "is empty or no plain name: letters, digits and . _ @ + - only, 64 at most")
    try:
        role = Role(row.get("role", "").strip().lower())
    except ValueError:
        return wrong("role", f"is none of {', '.join(Role)}: {name} gets no access")
    teams = frozenset(each.strip() for each in row.get("teams", "").split(";") if each.strip())
    if Right.READ_ALL not in RIGHTS[role] and not teams:
        return wrong("teams", f"is empty: {name} is {role} and sees nothing; name teams, joined by ;")
    days = []
    for field in ("valid_from", "valid_to"):
        try:
            days.append(date.fromisoformat(row[field].strip()) if row.get(field, "").strip() else None)
        except ValueError:
            return wrong(field, f"is no day such as 2026-01-31: {name} gets no access")
    return Principal(name, role, teams, row.get("email", "").strip() or None, days[0], days[1])


def _nobody(principal: Principal) -> Principal:
    return Principal(principal.principal_id, Role.VIEWER, frozenset(), None, date.max, None)
