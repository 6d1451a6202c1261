"""Text into ideas: which of the phrases in `phrases/*.toml` each sentence of an error holds.

A further language is a further file of the same form; no code knows any of them.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SENTENCES = 60
"""How many sentences of a text are read."""

TEXT_LIMIT = 2_000
"""How many characters of one text are read."""

_FOLDER = Path(__file__).with_name("phrases")
_URL = re.compile(r"\bhttps?:[^\s\"'<>]*")
_BOUNDARY = re.compile(r"[.!?;]+(?=\s|$)|[\n\r\u3002\uff01\uff1f\uff1b]|\\n")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBER = re.compile(r"\d[\d.,]*")
_SIGNS = re.compile(r"[\W_]+")
_APOSTROPHES = str.maketrans("", "", "'`\u2019\u00b4")
_WORDLESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

Sentence = dict[str, str]
"""The ideas of a sentence, each with the phrase that carries it."""


def read_sentences(text: str) -> list[Sentence]:
    """Return the ideas of each sentence that holds any.

    Args:
        text: Words for people, or a code such as `MONTHLY_LIMIT_REACHED`.
    """
    text = _URL.sub(" ", text[:TEXT_LIMIT])
    found = (_ideas(part) for part in _BOUNDARY.split(text)[:SENTENCES])
    return [ideas for ideas in found if ideas]


def load(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds.

    Args:
        path: One of those that come with payreq.
    """
    import tomllib  # noqa: PLC0415  # most processes need no file, or one

    return tomllib.loads(path.read_text("utf-8"))


def _ideas(sentence: str) -> Sentence:
    pattern, meanings = _lexicon()
    found: Sentence = {}
    for match in pattern.finditer(_plain(sentence)):
        phrase = match[0].strip()
        stem = phrase
        while stem not in meanings:  # a phrase that ends in "*" matched more than itself
            stem = stem[:-1]
        for idea in meanings[stem]:
            found.setdefault(idea, phrase)
    return found


def _plain(text: str) -> str:
    """Return lower-case words between single spaces, numbers as "0", nought as "zero"."""
    text = _HUMP.sub(" ", text.translate(_APOSTROPHES)).lower()
    text = _NUMBER.sub(lambda m: "0" if m[0].strip("0.,") else "zero", text)
    return f" {_SIGNS.sub(' ', text).strip()} "


@cache
def _lexicon() -> tuple[re.Pattern[str], Mapping[str, list[str]]]:
    """Return one pattern of every phrase, and the ideas of each."""
    meanings: dict[str, list[str]] = {}
    spaced: set[str] = set()
    wordless: set[str] = set()
    for language in sorted(_FOLDER.glob("*.toml")):
        for idea, phrases in load(language).items():
            for written in phrases:
                phrase = written.replace("#", "0")
                (wordless if _WORDLESS.match(phrase) else spaced).add(phrase)
                meanings.setdefault(phrase.removesuffix("*"), []).append(idea)
    return re.compile(f" (?:{_any_of(spaced)})(?= )|{_any_of(wordless)}"), meanings


def _any_of(phrases: Iterable[str]) -> str:
    """Return a pattern of phrases, the longest first.

    They are grouped by first letter: so a word is compared with few phrases, not with all.
    """
    starts: dict[str, list[str]] = {}
    for phrase in sorted(phrases, key=lambda each: (-len(each), each)):
        rest = "[^ ]{0,20}" if phrase.endswith("*") else ""
        tail = re.escape(phrase[1:].removesuffix("*")) + rest
        starts.setdefault(phrase[0], []).append(tail)
    return "|".join(f"{letter}(?:{'|'.join(tails)})" for letter, tails in sorted(starts.items()))
