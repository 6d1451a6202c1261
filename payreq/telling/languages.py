"""The languages of messages: which there are, which of them a tag asks for, how each is written.

English is the source; every other language has a gettext catalogue in `locales`, which is loaded
when first spoken. Nothing is global: who reads is an argument.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from unicodedata import bidirectional

LANGUAGES = ("en", "ar", "de", "es", "fr", "it", "ja", "pt-BR", "zh-Hans")
"""The languages of messages, as BCP 47 tags."""

FOLDER = Path(__file__).with_name("locales")

OPENS, CLOSES = "\u2068", "\u2069"  # FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE

_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_UNSPACED = frozenset({"ja", "zh"})  # no space stands between two sentences
_TRADITIONAL = frozenset({"hant", "hk", "mo", "tw"})
_SPOKEN = {tag.partition("-")[0]: tag for tag in LANGUAGES}
_LONGEST_TAG = 100


def N_(sentence: str) -> str:  # noqa: N802  # gettext's usual mark for what is translated later
    """Mark a sentence for the catalogues, and return it as it is."""
    return sentence


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802  # as above, for plurals
    """Mark a singular and its plural for the catalogues, and return them as they are."""
    return one, many


def subtags(tag: str) -> list[str]:
    """Return the parts of a tag: "pt_BR.UTF-8", too, is Portuguese of Brazil."""
    return re.split("[-_]", re.split("[.@]", tag[:_LONGEST_TAG].strip())[0])


def spoken(tag: str | None) -> str:
    """Return the language of `LANGUAGES` that serves a tag best; English if none does.

    A regional variety is served by its language: "de-AT" by German, "pt-PT" by Brazilian
    Portuguese. Traditional Chinese is not served by simplified, as in CLDR, whose "zh-Hant" does
    not inherit from "zh".

    Args:
        tag: A BCP 47 tag, in any case, or a POSIX locale.
    """
    language, *rest = map(str.lower, subtags(tag or "en"))
    if language == "zh" and "hans" not in rest and _TRADITIONAL.intersection(rest):
        return "en"
    return _SPOKEN.get(language, "en")


@cache
def catalogue(language: str) -> NullTranslations:
    """Return what a language of `LANGUAGES` says for each sentence."""
    if language == "en":
        return NullTranslations()
    with (FOLDER / f"{language}.mo").open("rb") as file:
        return GNUTranslations(file)


def right_to_left(tag: str) -> bool:
    """Say whether the language of a tag is written from right to left."""
    return subtags(tag)[0].lower() in _RIGHT_TO_LEFT


def joined(sentences: list[str], tag: str) -> str:
    """Return sentences in a row, as they stand in the language of a tag."""
    return ("" if subtags(tag)[0].lower() in _UNSPACED else " ").join(sentences)


def isolated(value: str, tag: str) -> str:
    """Return a value so that its writing direction and that of the words around it stay apart.

    Args:
        value: A name, a number, a date.
        tag: The language of the words around it.
    """
    apart = right_to_left(tag) or (
        not value.isascii() and any(bidirectional(each) in {"R", "AL", "AN"} for each in value)
    )
    return f"{OPENS}{value}{CLOSES}" if apart else value
