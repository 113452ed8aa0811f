"""What dlt remembers is what it says itself, and where it has moved it goes its own way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dlt.common.configuration.specs import base_configuration as specs
from dlt.common.schema.typing import TColumnSchema, TStoredSchema, TTableSchema
from dlt.common.typing import TSecretStrValue

from ingestion.landing import shortcuts

HINTS: tuple[Any, ...] = (str, bool | None, TSecretStrValue, specs.CredentialsConfiguration, list[str], dict[str, Any])
ANSWERS = f"""
from dlt.common import validation
from dlt.common.configuration.resolve import is_secret_hint
from {__name__} import HINTS, SCHEMAS
print([is_secret_hint(hint) for hint in HINTS])
print([sorted(map(str, validation.get_type_hints(schema).items())) for schema in SCHEMAS])
"""
ROOT = Path(__file__).parents[3]
SCHEMAS = (TColumnSchema, TTableSchema, TStoredSchema)


def answers(before: str) -> str:
    code = [sys.executable, "-c", before + ANSWERS]
    return subprocess.run(code, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_dlt_says_of_types_what_it_says_itself() -> None:
    spared = "from ingestion.landing.shortcuts import spare_dlt\nassert spare_dlt()\n"
    own = answers("")
    assert "True" in own
    assert "False" in own
    assert answers(spared) == own


def test_a_dlt_that_has_moved_does_it_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcuts, "_ASKS_FOR_SECRETS", ("dlt.common.nowhere",))
    assert shortcuts.spare_dlt.__wrapped__() is False
