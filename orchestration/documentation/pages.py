"""Markdown pages to HTML: links between pages, headings that can be linked to, code in colour.

Put here: one page. Keep out: navigation, files.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

_LINK = re.compile(r"^(?P<path>[^#?:]+\.md)(?P<anchor>#.*)?$")
_WORDS = re.compile(r"[^\w\- ]+")
OUTSIDE = ("http://", "https://", "mailto:")


@dataclass
class Heading:
    """A heading that can be linked to."""

    level: int
    text: str
    anchor: str


@dataclass
class Page:
    """A rendered page; `name` is its path below the documentation, without an ending."""

    name: str
    title: str
    body: str
    text: str
    headings: list[Heading] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    """Pages it links to, by name, with the anchor behind `#`."""
    images: set[str] = field(default_factory=set)
    """Files it shows, below the documentation."""


def render(name: str, source: str, answer: Callable[[str], str] | None = None) -> Page:
    """The page of a Markdown text; `answer(sql)` gives HTML to stand below a query."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "highlight": _highlighted}).enable(["table", "strikethrough"])
    tokens = parser.parse(source)
    page = Page(name, PurePosixPath(name).name.replace("_", " "), "", "")
    seen: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            text = _plain(tokens[place + 1])
            anchor = _anchor(text, seen)
            token.attrSet("id", anchor)
            page.headings.append(Heading(int(token.tag[1]), text, anchor))
        for child in token.children or []:
            _redirect(child, page)
    page.title = page.headings[0].text if page.headings else page.title
    page.text = " ".join(_plain(token) for token in tokens if token.type == "inline")
    page.body = parser.renderer.render(tokens, parser.options, {})
    if answer is not None:
        page.body = _answered(page.body, tokens, answer)
    page.body = page.body.replace("<table>", '<div class="table" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )
    return page


def _redirect(token: Any, page: Page) -> None:
    """Links to pages lead to their HTML; pictures are noted."""
    if token.type == "link_open":
        address = str(token.attrGet("href") or "")
        found = _LINK.match(address)
        if found:
            target = _joined(page.name, found["path"]).removesuffix(".md")
            page.links.add(target + (found["anchor"] or ""))
            token.attrSet("href", f"{up(page.name)}{target}.html{found['anchor'] or ''}")
        elif address.startswith("#"):
            page.links.add(page.name + address)
        elif address.startswith(OUTSIDE):
            token.attrSet("rel", "noopener noreferrer")
        else:
            token.attrSet("href", "#")
    elif token.type == "image":
        file = _joined(page.name, str(token.attrGet("src") or ""))
        page.images.add(file)
        token.attrSet("src", up(page.name) + file)
        token.attrSet("loading", "lazy")


def up(name: str) -> str:
    """From the folder of a page to the root."""
    return "../" * name.count("/")


def _joined(name: str, path: str) -> str:
    """A path that a page names, from the root; README stands one above."""
    parts: list[str] = []
    for part in (*PurePosixPath(name).parent.parts, *PurePosixPath(path).parts):
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ".."):
            parts.append(part)
    return "/".join(parts)


def _anchor(text: str, seen: dict[str, int]) -> str:
    """As GitHub makes them: small letters, hyphens, a number behind a second one."""
    base = _WORDS.sub("", text.lower()).strip().replace(" ", "-")
    seen[base] = seen.get(base, -1) + 1
    return f"{base}-{seen[base]}" if seen[base] else base


def _plain(token: Any) -> str:
    return "".join(child.content for child in token.children or [] if child.type in ("text", "code_inline"))


def _highlighted(code: str, language: str, _: str) -> str:
    """Code in colour; what is no known language as it is."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language) if language else None
    except ClassNotFound:
        lexer = None
    inner = highlight(code, lexer, HtmlFormatter(nowrap=True)) if lexer else html.escape(code)
    return f'<pre tabindex="0"><code>{inner}</code></pre>\n'


def _answered(body: str, tokens: list[Any], answer: Callable[[str], str]) -> str:
    """The page with what each query answers below it."""
    for token in tokens:
        if token.type == "fence" and token.info.strip() == "sql":
            block = _highlighted(token.content, "sql", "")
            body = body.replace(block, block + answer(token.content), 1)
    return body


def read_pages(folder: Path, answer: Callable[[str], str] | None = None) -> dict[str, Page]:
    """Every page below a folder, by name."""
    found = {}
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix().removesuffix(".md")
        found[name] = render(name, path.read_text("utf-8"), answer)
    return found
