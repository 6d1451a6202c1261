"""Text into ideas: which of the phrases in `phrases/*.toml` each sentence of an error holds.

A further language is a further file of the same form; no code knows any of them.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from payreq.reading.compiled import load, names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SENTENCES = 60
"""How many sentences of a text are read."""

TEXT_LIMIT = 2_000
"""How many characters of one text are read."""

_PHRASE_LIMIT = 80
_LEADS = (6, 3)  # letters by which phrases are found, the longer first; none has fewer
_ByLead = dict[str, tuple[str, ...]]
_URL = re.compile(r"\bhttps?:[^\s\"'<>]*")
_BOUNDARY = re.compile(r"[.!?;]+(?=\s|$)|[\n\r\u3002\uff01\uff1f\uff1b]|\\n")
_HUMP = re.compile(r"([a-z])([A-Z])")
_NUMBER = re.compile(r"\d[\d.,]*")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("['`\u2019\u00b4]")
_WORDLESS = "\u3040"  # the scripts from here on put no spaces between words

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


@lru_cache(maxsize=64)  # codes come again and again, and a message is heard for several ends
def _ideas(sentence: str) -> Sentence:
    text = _plain(sentence)
    found: Sentence = {}
    for phrase, ideas in _phrases_of(text):
        for idea in ideas.split():
            found.setdefault(idea, phrase)
    return found


def _phrases_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield the phrases of a text as `_plain` returns it, and the ideas of each.

    Each word is compared with the few phrases that start as it does: quicker than one pattern of
    all of them, which would take long to compile.
    """
    meanings, longer, others = _spaced()
    at = 1
    while at < len(text):
        end = text.index(" ", at)
        starts = longer.get(text[at : at + _LEADS[0]], ())
        if not text.startswith(starts, at):
            starts = others.get(text[at : at + _LEADS[1]], ())
        if text.startswith(starts, at):
            start = next(start for start in starts if text.startswith(start, at))
            end = text.index(" ", at + len(start) - 1)
            yield text[at:end][:_PHRASE_LIMIT], meanings[start]
        at = end + 1
    if not text.isascii() and max(text) >= _WORDLESS:
        pattern, known = _wordless()
        for found in pattern.finditer(text):
            yield found[0], known[found[0]]


def _plain(text: str) -> str:
    """Return lower-case words between single spaces, numbers as "0", nought as "zero"."""
    text = _HUMP.sub(r"\1 \2", _APOSTROPHES.sub("", text)).lower()
    text = _NUMBER.sub(lambda m: "0" if m[0].strip("0.,") else "zero", text)
    return f" {' '.join(_WORD.findall(text))} "


@cache
def _spaced() -> tuple[Mapping[str, str], _ByLead, _ByLead]:
    """Return the ideas of phrases as they stand in a text, and those by first letters."""
    meanings: dict[str, str] = {}
    shelves: tuple[dict[str, list[str]], ...] = ({}, {})
    for written, ideas in _lexicon().items():
        if written < _WORDLESS:
            # What ends in "*" is the beginning of a word, all else stands before a space.
            start = written[:-1] if written.endswith("*") else f"{written} "
            shelf = int(len(start) < _LEADS[0])
            shelves[shelf].setdefault(start[: _LEADS[shelf]], []).append(start)
            meanings[start] = ideas
    longer, others = ({lead: tuple(starts) for lead, starts in each.items()} for each in shelves)
    return meanings, longer, others


@cache
def _wordless() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return a pattern of the phrases of languages without spaces, and the ideas of each."""
    meanings = {phrase: ideas for phrase, ideas in _lexicon().items() if phrase >= _WORDLESS}
    return re.compile("|".join(map(re.escape, meanings))), meanings


@cache
def _lexicon() -> Mapping[str, str]:
    """Return the ideas of each phrase of every language, the longest phrase first.

    They stand between spaces: thousands of lists would have Python look for garbage amid the first
    reading, which takes as long as all the rest of it.
    """
    meanings: dict[str, str] = {}
    for language in names("phrases"):
        for idea, phrases in load(f"phrases/{language}").items():
            for phrase in phrases:
                written = phrase.replace("#", "0")
                meanings[written] = f"{meanings[written]} {idea}" if written in meanings else idea
    return dict(sorted(meanings.items(), key=lambda each: (-len(each[0]), each[0])))
