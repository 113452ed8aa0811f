"""What keeps a person from being forgotten.

Put here: the fault. Keep out: finding it.
"""

from __future__ import annotations


class CannotForgetError(RuntimeError):
    """Nothing was changed, or what is said; the words say what to do."""
