"""A folder of modules as a family: whoever is in it is found, and whoever does not fit is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ml.discovery import members

ONE = "class Named(int):\n    name = 'x'\nMEMBER = Named(1)"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"one": "RULE = 1"}, "one has no MEMBER of type int"),
        ({"one": ONE, "two": ONE}, "several modules named x"),
    ],
)
def test_a_module_without_its_member_and_a_name_twice_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], words: str
) -> None:
    package = f"family_{len(files)}"
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TypeError, match=words):
        members(package, [str(folder)], "MEMBER", int)
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]
