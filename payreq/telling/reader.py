"""Who reads a message: in which language, in the formats of which region, by which clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import lru_cache
from gettext import NullTranslations
from string import Formatter
from typing import TYPE_CHECKING, Any

from payreq.telling.languages import catalogue, isolated, spoken
from payreq.telling.regional import region_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from payreq.telling.sentences import Options

_MANY = 100  # what a fraction is told like; where nothing is told like one, like its whole part


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads; left as it is, English by payreq's own formats, in UTC.

    Attributes:
        language: One of `LANGUAGES`.
        region: Babel's locale, by which numbers and moments are written; None: payreq's formats.
        tz: In which time zone moments are told.
        words: The language's catalogue.
    """

    language: str = "en"
    region: Any = None
    tz: tzinfo = UTC
    words: NullTranslations = field(default_factory=NullTranslations, repr=False)

    def name(self, label: str) -> str:
        """Return a label in the reader's language."""
        return self.words.gettext(label)

    def say(self, options: Options, facts: Mapping[str, str]) -> str:
        """Return the first sentence of which every placeholder is known, filled in; else "".

        Args:
            options: Sentences with named placeholders, the one that says most first.
            facts: The values.
        """
        for sentence in options:
            names = _placeholders(sentence)
            if names <= facts.keys():
                told = {name: isolated(facts[name], self.language) for name in names}
                return self.words.gettext(sentence).format_map(told)
        return ""

    def counted(self, forms: tuple[str, str], number: Decimal) -> str:
        """Return the form of what is counted that goes with a number: "{number} requests".

        Args:
            forms: The English singular and plural.
            number: A finite number.
        """
        whole = abs(int(number))
        if whole != number.copy_abs():  # exact, whatever the app's context
            none, one, many = (self.words.ngettext(*forms, count) for count in (0, 1, _MANY))
            whole = whole if none == one != many else _MANY
        return self.words.ngettext(*forms, whole)


ENGLISH = Reader()


def reader_of(tag: str | None, tz: tzinfo | None) -> Reader:
    """Return who reads.

    Args:
        tag: The language and the region asked for, a BCP 47 tag; left out: English.
        tz: The time zone; left out: UTC.
    """
    language, region = _asked(tag or "en")
    return Reader(language, region, tz or UTC, catalogue(language))


@lru_cache(maxsize=256)
def _asked(tag: str) -> tuple[str, Any]:
    language = spoken(tag)
    return language, region_of(tag, language)


@lru_cache(maxsize=1024)
def _placeholders(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)
