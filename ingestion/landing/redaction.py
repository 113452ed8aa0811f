"""What may be kept of a record that was set aside: enough to mend it, no prompt or answer, no key, no address.

Usage events of applications carry what people wrote to a model and what it answered, and now and then a key. A row in
quarantine keeps its shape, numbers, ids, times and model names; text is replaced by a mark with its length.
Put here: what is secret and what is content. Keep out: which rows are set aside.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass

HIDDEN = "***"
MOST_EMBEDDED = 4
"""JSON within a JSON text is looked into this often."""
LONGEST_WORD = 200
LONGEST_PHRASE = 60
MOST_WORDS = 4
"""A value of up to so many words is a name of something; more is a sentence."""

_SECRETS = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"\b(?:sk|pk|rk)-[A-Za-z0-9_\-]{8,}|\b(?:sk|pk|rk)_(?:live|test|proj)_[A-Za-z0-9]{8,}"),
    re.compile(r"\b(?:gsk|hf|r8|gh[opusr]|github_pat|glpat|xox[abeprs]|xai|nvapi|pplx|tvly|npm|whsec)[-_][\w\-]{10,}"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}|\bAIza[\w\-]{20,}|\bya29\.[\w\-.]{10,}"),
    re.compile(r"\beyJ[\w\-]{8,}\.[\w\-]{8,}(?:\.[\w\-]*)?"),  # a JSON web token
    re.compile(r"\b(?:bearer|basic)\s+[A-Za-z0-9._~+/\-]{6,}=*", re.IGNORECASE),
    re.compile(r"(?<=://)[^\s/@:\"']*:[^\s/@\"']+(?=@)"),  # user and password of an address
    re.compile(r"(?<=[?&;])(?:sig|X-Amz-Signature|AccountKey|SharedAccessKey)=[^&;\s\"']+", re.IGNORECASE),
    re.compile(r"\b(?:AccountKey|SharedAccessKey)=[^;\s\"']+", re.IGNORECASE),
    re.compile(r"(?<![\w/+=])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=])"),  # AWS
)
_NAMED_SECRET = re.compile(
    r"(\b(?:api[_-]?key|secret(?:[_-]?(?:access[_-]?)?key)?|(?:access|auth|session|refresh)[_-]?token|token|password|"
    r"passwd|pwd|authorization|client[_-]?secret)\b\\?[\"']?\s*[:=]\s*\\?[\"']?)(?![0-9a-f]{64}\b)([^\s\"',;&}\\]{8,})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@((?:[A-Za-z0-9\-]{1,63}\.)+[A-Za-z]{2,24})")

_CONTENT = frozenset(
    "messages message prompt prompts input inputs output outputs content contents completion completions text texts "
    "system instructions instruction question questions answer answers query queries response_text body_text arguments "
    "tool_calls function_call reasoning reasoning_content thinking refusal summary transcript parts document documents "
    "chunk chunks passage passages context history utterance reply caption image image_url audio file_data b64_json "
    "user_name username full_name first_name last_name display_name statement comment comments description".split()
)
"""Keys whose text is what people and models said, in the formats that are read; names of people are among them."""
_STRUCTURE = frozenset("role type id object model name finish_reason stop_reason status index".split())
"""Keys that keep short values within content, so that its shape can be seen."""
_IDENTIFIER = re.compile(r"[\w.:/\-]{0,64}\Z")
_NUMBER_OR_TIME = re.compile(r"[\d.,:+\-TZeE \u00a0/%$€£]{0,40}\Z")
_TOKENS = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*(?:"|\Z))|(?P<literal>(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|NaN|-?Infinity)'
    r'(?=[\s,\]}]|\Z))|(?P<mark>[{}\[\]:,])|(?P<space>\s+)|(?P<bare>(?:[^\s"{}\[\]:,]+))',
    re.DOTALL,
)


def masked(text: str) -> str:
    """Text in which what looks like a key is hidden, and of an e-mail address the part before the @."""
    for shape in _SECRETS:
        text = shape.sub(HIDDEN, text)
    text = _NAMED_SECRET.sub(rf"\g<1>{HIDDEN}", text)
    return _ADDRESS.sub(rf"{HIDDEN}@\1", text) if "@" in text else text


def masked_message(text: str) -> str:
    """A message in which what it quotes is hidden too where that is a sentence."""
    return masked(_QUOTED.sub(_quoted, text))


_QUOTED = re.compile(r"(?<!\w)(['\"`])((?:(?!\1).)*?)(?:\1(?!\w)|\.\.\.|…|\Z)", re.DOTALL)
"""What is quoted, however short: else its closing mark would open what follows."""
_SHORT = 12


def _quoted(found: re.Match[str]) -> str:
    return found[0] if len(found[2]) < _SHORT or _is_name(found[2]) else f"({_removed(found[2])})"


def shown_name(name: str) -> str:
    """The name of a column or key, where it is one: a key may be what somebody said."""
    return masked(name) if _is_name(name) else f"({_removed(name)})"


def is_name(text: str) -> bool:
    """Whether text names something: such text may be kept of what an application sends, a sentence may not."""
    return _is_name(text)


def is_content_key(key: str) -> bool:
    """Whether text under this key is what people and models said, in the formats that are read."""
    return any(part in _CONTENT for part in re.split(r"[.\[\]/]", key.lower()))


def redacted(record: str, *, has_content: bool) -> str:
    """A record as quarantine keeps it. `has_content`: it may hold prompts and answers, so text is removed as well."""
    if not has_content:
        return masked(record)
    text = masked(record)
    return masked(_json(text, MOST_EMBEDDED) if text.lstrip()[:1] in ("{", "[") else _cells(text))


def _removed(text: str) -> str:
    return f"text of {len(text)} characters removed"


def _is_name(text: str, most_words: int = MOST_WORDS) -> bool:
    """Whether text names something rather than says something."""
    if _NUMBER_OR_TIME.match(text):
        return True
    words = text.split()
    return len(text) <= LONGEST_WORD if len(words) <= 1 else len(words) <= most_words and len(text) <= LONGEST_PHRASE


def _cells(record: str) -> str:
    """A line that is no JSON: its cells of one word stay, and numbers and times; the rest may be what someone said."""
    delimiter = max(",;\t|", key=record.count)
    try:
        rows = [row for row in csv.reader(record.splitlines(), delimiter=delimiter) if row]
    except csv.Error:
        return f"({_removed(record)})"
    lines = []
    for row in rows:
        lines.append(delimiter.join(cell if _is_plain_cell(cell) else f"({_removed(cell)})" for cell in row))
    return "\n".join(lines)


def _is_plain_cell(cell: str) -> bool:
    is_word = len(cell.split()) <= 1 and len(cell) <= LONGEST_WORD
    return is_word or bool(_NUMBER_OR_TIME.match(cell))


@dataclass
class _Frame:
    """An object or list that is open."""

    is_object: bool
    is_content: bool
    key: str | None = None
    named: str | None = None
    """What a pair such as `{"key": …, "value": …}` is about."""
    is_value: bool = False
    has_value: bool = False


def _json(text: str, depth: int) -> str:
    """JSON, whole or broken, with its structure and without its text. Of broken JSON single words are kept at most:
    a stray quote may have turned a part of what was said into a value of its own.
    """
    most_words = MOST_WORDS if _is_whole(text) else 1
    out: list[str] = []
    frames: list[_Frame] = [_Frame(False, False)]
    bare = 0
    for token in _TOKENS.finditer(text):
        kind, piece = token.lastgroup, token[0]
        if kind == "bare" or (bare and kind == "space"):
            bare += len(piece)
            continue
        if bare:
            out.append(f" ({bare} characters removed) ")
            bare = 0
        frame = frames[-1]
        if kind == "string":
            follows = text[token.end() :].lstrip()[:1] if token.end() < len(text) else ""
            is_key = follows == ":" and frame.is_object and not frame.is_value
            out.append(_key(frame, piece, most_words) if is_key else _value(frame, piece, depth, most_words))
        elif kind == "mark":
            _move(frames, piece)
            out.append(piece)
        else:
            out.append(piece)
    if bare:
        out.append(f" ({bare} characters removed) ")
    return "".join(out)


def _move(frames: list[_Frame], mark: str) -> None:
    frame = frames[-1]
    if mark in "{[":
        frames.append(_Frame(mark == "{", _is_content(frame)))
    elif mark in "}]":
        if len(frames) > 1:
            frames.pop()
        frames[-1].has_value = True
    elif mark == ":":
        frame.is_value, frame.has_value = True, False
    elif frame.is_object:
        frame.key, frame.is_value, frame.has_value = None, False, False


def _is_content(frame: _Frame) -> bool:
    """Whether what stands here is part of what was said."""
    if frame.is_content:
        return True
    name = frame.named if frame.key in ("value", "stringValue", "string_value") and frame.named else frame.key
    return name is not None and _names_content(name)


def _names_content(name: str) -> bool:
    return any(part in _CONTENT for part in (name.lower(), *re.split(r"[.\[\]/]", name.lower())))


def _is_whole(text: str) -> bool:
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _key(frame: _Frame, piece: str, most_words: int) -> str:
    frame.key = piece[1:-1]
    return piece if _is_name(frame.key, most_words) else f'"({_removed(frame.key)})"'


def _value(frame: _Frame, piece: str, depth: int, most_words: int) -> str:
    body = piece[1:-1] if len(piece) > 1 and piece.endswith('"') else piece[1:]
    if frame.is_object and (frame.has_value or not frame.is_value):  # a quote in the text has upset the order
        return f'"({_removed(body)})"'
    frame.has_value = frame.is_object
    if frame.key in ("key", "name") and not frame.is_content:
        frame.named = body
    if frame.key == "value" or not _is_content(frame):
        found = _embedded(body, depth)
        if found is not None:
            return found
    if _is_content(frame):
        is_shape = frame.is_content and frame.key in _STRUCTURE and bool(_IDENTIFIER.match(body))
        return piece if is_shape or not body else f'"({_removed(body)})"'
    return piece if _is_name(body, most_words) else f'"({_removed(body)})"'


def _embedded(body: str, depth: int) -> str | None:
    """JSON text within a JSON string, redacted in its turn; None where it is none."""
    if not depth or body[:1] not in ("{", "["):
        return None
    try:
        inner = json.loads(f'"{body}"', strict=False)
    except ValueError:
        return None
    return json.dumps(_json(inner, depth - 1), ensure_ascii=False)
