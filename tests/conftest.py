"""What holds for every test.

Put here: what one test could leave to the next in the same process. Keep out: fixtures of a subject.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def the_umask_of_before() -> Iterator[None]:
    """Commands keep a home's files private by the umask of the process, which is this one where a test calls them."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)
