"""The page on the command line names every command and option, as the commands themselves describe them.

`COSTOPS_TEST_WRITE_DOCS=1` writes that part of the page anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from orchestration.cli import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
HEAD = "## Every option\n"


def commands(command: Any, road: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command by its words, in the order of the help."""
    inner = getattr(command, "commands", None)
    if not inner:
        yield " ".join(road), command
        return
    for name, each in inner.items():
        yield from commands(each, (*road, name))


def described() -> Iterator[str]:
    for name, command in commands(typer.main.get_command(app)):
        said = " ".join((command.help or "").split("\n\n")[0].split())
        yield f"**`costops {name}`** {said}\n"
        for parameter in command.params:
            if parameter.name == "help":
                continue
            is_option = parameter.param_type_name == "option"
            names = [*parameter.opts, *parameter.secondary_opts] if is_option else [parameter.name.upper().rstrip("_")]
            assert parameter.help, f"{name} {names[0]} says nothing"
            yield f"* {', '.join(f'`{each}`' for each in names)}: {' '.join(parameter.help.split())}"
        yield ""


def test_the_page_names_every_command_and_option() -> None:
    text = PAGE.read_text()
    assert HEAD in text
    written, wanted = text.split(HEAD)[1].strip(), "\n".join(described()).strip()
    if os.environ.get("COSTOPS_TEST_WRITE_DOCS"):
        PAGE.write_text(text.split(HEAD)[0] + HEAD + "\n" + wanted + "\n")
        return
    assert written == wanted, (
        "docs/cli.md lacks a command or option: COSTOPS_TEST_WRITE_DOCS=1 pytest <this file> adds it"
    )


def test_the_table_of_commands_has_each_of_them() -> None:
    table = PAGE.read_text().split("## All commands\n")[1].split("\n## ")[0]
    wanted = {name.split()[0] for name, _ in commands(typer.main.get_command(app))}
    assert {name for name in wanted if f"`{name}`" not in table} == set()


def test_the_version_is_that_of_the_package() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert said.exit_code == 0
    assert said.output.strip() == f"costops {version('llm-cost-ops')}"
