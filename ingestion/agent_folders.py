"""Where coding agents keep a person's sessions, by the rules of the agents themselves.

Put here: places, and the names under which their files are known. Keep out: reading them, the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LOCAL = "@local"
"""Second folder of the path of a file that is read in place: `claude_code/@local/.claude/projects/…`."""
AGENTS = {"claude_code": "Claude Code", "codex": "Codex"}
"""Agents whose sessions are found, by the events folder whose format they have."""
SESSION_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst")
Places = tuple[tuple[str, Path], ...]
"""(path of the events folder under which the files are known, folder), whether it exists or not."""


def agent_folders(person: Path, variables: Mapping[str, str]) -> Places:
    """The places of a person's sessions. `CLAUDE_CONFIG_DIR` (several, with commas) and `CODEX_HOME` say otherwise."""
    stated = (each.strip() for each in variables.get("CLAUDE_CONFIG_DIR", "").split(","))
    given = [Path(each).expanduser() for each in stated if each]
    config = Path(variables.get("XDG_CONFIG_HOME") or person / ".config").expanduser()
    codex = Path(variables.get("CODEX_HOME") or person / ".codex").expanduser()
    found = [("claude_code", each / "projects") for each in given or [person / ".claude", config / "claude"]]
    found += [("codex", codex / name) for name in ("sessions", "archived_sessions")]
    places: dict[Path, tuple[str, Path]] = {}
    for agent, folder in found:
        known = _relative(folder, person)
        places.setdefault(folder.resolve(), (f"{agent}/{LOCAL}/{known}", folder.resolve()))
    return tuple(places.values())


def is_local(relative_path: str) -> bool:
    """Whether a path of the events folder stands for a file that is read in place."""
    parts = relative_path.split("/", 2)
    return len(parts) > 2 and parts[1] == LOCAL


def _relative(folder: Path, person: Path) -> str:
    """A folder as the person knows it, without the name of the person where it lies in the home."""
    path = folder.relative_to(person) if folder.is_relative_to(person) else folder.relative_to(folder.anchor)
    return path.as_posix()
