"""Text from outside, made safe to print.

A file, a model name, a tag or a provider's answer may hold escape sequences that move the cursor or write the
clipboard, characters that turn the reading direction, or rich markup that paints, hides or raises.

Put here: what makes text plain. Keep out: layout, words.
"""

from __future__ import annotations

import os
import re
from typing import Any

from rich.console import Console
from rich.errors import MarkupError
from rich.markup import escape
from rich.text import Text

_SEQUENCES = re.compile(
    r"(?:\x1b[\]P^_X]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, APC, PM and SOS strings
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, modes
    r"|\x1b[ -/]+[0-~]|\x1b[0-Z\\^_`-~]"  # character sets and single functions
)
_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_BREAKS_IN_LINE = re.compile(r"[\t\v\f\r\x85\u2028\u2029]+")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # reading direction
    r"\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # no width, tags
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def stripped(text: object, *, keep_lines: bool = False) -> str:
    """`text` without escape sequences, control, bidirectional and invisible characters; for `markup=False`.

    A break becomes a blank, so that a name cannot forge a line of its own; `keep_lines` keeps newlines.
    """
    shown = _SEQUENCES.sub("", str(text))
    shown = _BREAKS_IN_LINE.sub(" ", shown.replace("\r\n", "\n")) if keep_lines else _BREAKS.sub(" ", shown)
    return _SURROGATES.sub("\ufffd", _UNSEEN.sub("", shown))


def plain(text: object, *, keep_lines: bool = False) -> str:
    """`stripped` text with its rich markup escaped; for cells of tables and for `console.print` with markup."""
    shown = escape(stripped(text, keep_lines=keep_lines))
    odd = (len(shown) - len(shown.rstrip("\\"))) % 2  # a backslash at the end would escape the tag that follows
    return shown + "\\" * odd


class SafeConsole(Console):
    """A console that prints no escape sequence of a text and never fails at one: the net below `plain`.

    Text that is no markup is printed as it is.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """A text as it is printed."""
        shown = stripped(text, keep_lines=True)
        try:
            return super().render_str(shown, **options)
        except MarkupError:
            return super().render_str(shown, **{**options, "markup": False})

    def on_broken_pipe(self) -> None:
        """Whoever read has gone (`costops run | head`): the work goes on and nothing more is said."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)
