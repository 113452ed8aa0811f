"""Who asks: a principal with a role and, for some roles, teams.

Put here: roles and what each may do. Keep out: where principals are written down (`principals`), rows (`reading`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orchestration.serving.faults import NotAllowed


class Role(StrEnum):
    """What a principal is."""

    ADMIN = "admin"
    FINANCE = "finance"
    TEAM_LEAD = "team_lead"
    VIEWER = "viewer"


class Right(StrEnum):
    """What is not everyone's."""

    READ_ALL = "read every team"
    ADMINISTER = "administer"
    CREATE_BUDGETS = "create budgets"
    ACKNOWLEDGE = "acknowledge alerts"
    RESOLVE_PEOPLE = "resolve pseudonyms"
    SEND_USAGE = "send usage"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.FINANCE: frozenset({Right.READ_ALL, Right.CREATE_BUDGETS, Right.ACKNOWLEDGE}),
    Role.TEAM_LEAD: frozenset({Right.CREATE_BUDGETS, Right.ACKNOWLEDGE}),
    Role.VIEWER: frozenset(),
}
"""The only list of what a role may do. Sending usage is a right of a key besides (`keys create --sends`)."""


@dataclass(frozen=True)
class Viewer:
    """A principal who asks; `teams` are those whose rows it sees where it does not see all."""

    principal_id: str
    role: Role
    teams: frozenset[str] = frozenset()
    sends: bool = False
    """Whether its key may send usage."""
    key_id: str | None = None

    def may(self, right: Right) -> bool:
        """Whether it has a right."""
        return right in RIGHTS[self.role] or (right is Right.SEND_USAGE and self.sends)

    def needs(self, right: Right) -> None:
        """Pass, or say which role would.

        Raises:
            NotAllowed: the role does not include the right.
        """
        if not self.may(right):
            roles = ", ".join(role for role, rights in RIGHTS.items() if right in rights)
            raise NotAllowed(
                f"{self.principal_id} is {self.role} and may not {right}", remedy=f"ask somebody who is: {roles}"
            )

    @property
    def sees_all(self) -> bool:
        """Whether every row is its to see."""
        return self.may(Right.READ_ALL)
