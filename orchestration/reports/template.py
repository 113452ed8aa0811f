"""Templates of reports: one YAML file each, in this package or in the home's `reports/`.

Put here: reading and checking them. Keep out: what sections become (`reports.sections`), figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from ingestion.yaml_files import read_yaml
from orchestration.reports.content import Style
from orchestration.reports.figures import figures
from orchestration.reports.sections import section_kinds

SHIPPED = Path(__file__).parent / "templates"
FORMATS = ("html", "pdf", "xlsx", "md", "terminal")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}\Z")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}\Z")
_FONT = re.compile(r"[A-Za-z0-9 -]{1,60}\Z")
_FIELDS = {"name", "title", "subtitle", "description", "period", "formats", "sections", "style", "needs", "audience"}
NEEDS = ("team", "customer", "provider")


class TemplateError(ValueError):
    """A template that cannot be used; the message names file, section, field and remedy."""


@dataclass(frozen=True)
class SectionSpec:
    """One section: its type, its title and what its type takes."""

    type: str
    name: str
    title: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    """A report without its period."""

    name: str
    title: str
    subtitle: str
    description: str
    period: str
    formats: Sequence[str]
    sections: Sequence[SectionSpec]
    style: Style
    needs: Sequence[str]
    path: Path


def load_templates(home_folder: Path | None) -> tuple[dict[str, Template], list[str]]:
    """Every template by name, and what is wrong with those that cannot be used; a home's own stands before a shipped
    one of the same name."""
    found: dict[str, Template] = {}
    problems: list[str] = []
    folders = [SHIPPED, *([home_folder] if home_folder and home_folder.is_dir() else [])]
    for folder in folders:
        for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
            if path.name == "schedules.yml":
                continue
            try:
                template = load_template(path)
            except TemplateError as error:
                problems.append(str(error))
                continue
            found[template.name] = template
    return found, problems


def load_template(path: Path) -> Template:
    """The template of a file.

    Raises:
        TemplateError: it is no template.
    """
    try:
        given = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" line {where.line + 1}" if where else ""
        raise TemplateError(f"{path}{line}: it is no YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(given, dict):
        raise TemplateError(f"{path}: a template is a mapping with name, title and sections")
    _known(path, "", given, _FIELDS)
    name = _text(path, "", given, "name", path.stem)
    if not _NAME.match(name):
        raise TemplateError(f"{path}: name {name!r} may hold small letters, digits and _ only")
    listed = given.get("sections")
    if not isinstance(listed, list) or not listed:
        raise TemplateError(f"{path}: sections is empty; list at least one, each with its type")
    formats = given.get("formats") or ["html", "pdf"]
    if not isinstance(formats, list) or not set(formats) <= set(FORMATS):
        raise TemplateError(f"{path}: formats {formats!r} holds none but {', '.join(FORMATS)}")
    needs = given.get("needs") or []
    if not isinstance(needs, list) or not set(needs) <= set(NEEDS):
        raise TemplateError(f"{path}: needs {needs!r} holds none but {', '.join(NEEDS)}")
    return Template(
        name=name,
        title=_text(path, "", given, "title", name.replace("_", " ").capitalize()),
        subtitle=_text(path, "", given, "subtitle", ""),
        description=_text(path, "", given, "description", ""),
        period=_text(path, "", given, "period", "last_month"),
        formats=tuple(formats),
        sections=tuple(_section(path, number, each) for number, each in enumerate(listed, 1)),
        style=_style(path, given.get("style") or {}),
        needs=tuple(needs),
        path=path,
    )


def _section(path: Path, number: int, given: Any) -> SectionSpec:
    where = f"section {number}"
    if isinstance(given, str):
        given = {"type": given}
    if not isinstance(given, dict) or not isinstance(given.get("type"), str):
        raise TemplateError(f"{path}: {where} has no type; it is one of {', '.join(sorted(section_kinds()))}")
    kind = section_kinds().get(given["type"])
    if kind is None:
        raise TemplateError(
            f"{path}: {where} has type {given['type']!r}; there are: {', '.join(sorted(section_kinds()))}"
        )
    options = {key: value for key, value in given.items() if key not in ("type", "title", "name")}
    _known(path, where, options, set(kind.options))
    if "figure" in options and options["figure"] not in figures():
        close = ", ".join(sorted(figures()))
        raise TemplateError(f"{path}: {where} asks for figure {options['figure']!r}; there are: {close}")
    if "figure" in kind.options and not options.get("figure") and not options.get("query"):
        raise TemplateError(f"{path}: {where} needs figure, or query with columns")
    if wrong := kind.check(options):
        raise TemplateError(f"{path}: {where} ({kind.name}): {wrong}")
    title = given.get("title", "")
    name = given.get("name") or options.get("figure") or given["type"]
    return SectionSpec(given["type"], str(name), str(title) or kind.title, options)


def _style(path: Path, given: Any) -> Style:
    if not isinstance(given, dict):
        raise TemplateError(f"{path}: style is a mapping")
    _known(path, "style", given, {each.name for each in fields(Style)})
    style = Style(**given)
    if not _COLOR.match(str(style.primary_color)):
        raise TemplateError(f"{path}: style primary_color {style.primary_color!r} is no colour; write it as #1E3A8A")
    if not _FONT.match(str(style.font)):
        raise TemplateError(f"{path}: style font {style.font!r} is no name of a font")
    if style.logo is not None and not (path.parent / str(style.logo)).is_file():
        raise TemplateError(f"{path}: style logo {style.logo!r} is no file beside the template")
    logo = str(path.parent / str(style.logo)) if style.logo else None
    return Style(
        style.theme, style.primary_color, style.font, bool(style.page_numbers), bool(style.table_of_contents), logo
    )


def _known(path: Path, where: str, given: Mapping[Any, Any], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise TemplateError(
                f"{path}: {where or 'it'} has {key!r}, which nothing reads; known: {', '.join(sorted(known))}"
            )


def _text(path: Path, where: str, given: Mapping[str, Any], key: str, default: str) -> str:
    value = given.get(key, default)
    if not isinstance(value, str):
        raise TemplateError(f"{path}: {where or 'it'} has {key} {value!r}, which is no text; put it in quotes")
    return value
