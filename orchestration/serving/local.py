"""Who asks where nobody has to show a key: somebody of this machine who can read the files.

Put here: whose rows that is. Keep out: keys and principals themselves.
"""

from __future__ import annotations

from ingestion.config import Settings
from orchestration.serving.faults import NotAllowed
from orchestration.serving.keys import KeyStore
from orchestration.serving.principals import FILE, read_principals
from orchestration.serving.viewers import Role, Viewer


def viewer_on_this_machine(settings: Settings, name: str | None, key: str | None) -> Viewer:
    """A principal by its name, else the owner of a key, else everything: whoever can start this can read the files.

    Raises:
        NotAllowed: there is no such principal today, or the key is not good.
    """
    principals = read_principals(settings.org_dir)
    if name is not None:
        found = principals.valid(name)
        if found is None:
            raise NotAllowed(f"{name} is no principal of {FILE} today", remedy="costops keys list shows them")
        return found.viewer()
    if key:
        known = KeyStore(settings.home).find(key)
        owner = principals.valid(known.principal_id) if known else None
        if known is None or owner is None:
            raise NotAllowed("the key is not good", remedy="costops keys list")
        return owner.viewer(sends=known.sends, key_id=known.key_id)
    return Viewer("local user", Role.ADMIN)
