"""Texts that mention somebody: labels, notes, names of keys and files, with a pseudonym in place of each person.

Put here: finding words of people as wholes, and addresses. Keep out: which texts there are (`places`), storing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache, partial

SHORTEST = 3
"""A shorter id is found in texts that mean something else."""
ATOM = "[a-z0-9_]+"
_ATOMS = re.compile(ATOM)
_BOUNDS = "A-Za-z0-9_"
_PLAIN = re.compile(r"[^\W\d_]+")
_BEFORE, _AFTER = r"""(?<![^/"'=:,;|({\[])""", r"""(?![^/"'=:,;|)}\]])"""
"""Between which a word of letters alone is a value: `by default` mentions nobody whose id is `default`."""
ADDRESS = re.compile(
    r"(?<![\w.%+\-*@])[\w.%+\-]+@(?!forgotten\.invalid)[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
)


def is_mention(word: str, things: frozenset[str]) -> bool:
    """Whether a word in a text may be taken for the person: long enough, and no name of a thing."""
    return len(word) >= SHORTEST and word.casefold() not in things


def is_full_name(name: str) -> bool:
    """Whether a name is of several words: one alone is a word of the language too often."""
    return len(name.split()) > 1


class Mentions:
    """Words of people, found by their longest part."""

    def __init__(self, words: Iterable[str], stand_in: Callable[[str], str], *, addresses: bool = True) -> None:
        self._stand_in, self._addresses = stand_in, addresses
        self._by_atom: dict[str, list[str]] = defaultdict(list)
        self.bare: list[str] = []
        """Words without a letter or digit of ASCII: looked for in every text."""
        self._words = frozenset(words)
        for word in sorted(self._words):
            atoms = _ATOMS.findall(word.lower())
            if atoms:
                self._by_atom[max(atoms, key=len)].append(word)
            else:
                self.bare.append(word)

    @property
    def atoms(self) -> list[str]:
        """A text that mentions somebody has one of these, an address, or a word of `bare`."""
        return list(self._by_atom)

    def shown(self, text: str) -> str:
        """A text with pseudonyms; the same where it mentions nobody. Addresses are people's, known or not, unless told
        otherwise."""
        if self._addresses:
            text = ADDRESS.sub(lambda found: self._stand_in(found[0]), text)
        near = [word for atom in set(_ATOMS.findall(text.lower())) for word in self._by_atom.get(atom, ())] + self.bare
        if not near:
            return text
        for word in sorted(near, key=lambda each: (-len(each), each)):
            text = _where(word).sub(partial(self._of, word), text)
        return text

    def _of(self, word: str, found: re.Match[str]) -> str:
        """What stands for a word as it was found: the person of exactly that word, else of the one that it is like."""
        return self._stand_in(found[0] if found[0] in self._words else word)


@lru_cache(maxsize=100_000)
def _where(word: str) -> re.Pattern[str]:
    return re.compile(_found_in(word), re.IGNORECASE)


def _found_in(word: str) -> str:
    """Where a word stands as a whole."""
    if _PLAIN.fullmatch(word):
        return f"{_BEFORE}{re.escape(word)}{_AFTER}"
    return f"(?<![{_BOUNDS}]){re.escape(word)}(?![{_BOUNDS}])"
