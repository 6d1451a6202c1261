"""The provider's own sentence, out of all that an answer says."""

from __future__ import annotations

import re
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from payreq.reading.field_names import ERRORS, MEMBERS, MESSAGE_HEADERS, MESSAGES, OFFERED
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from payreq.reading.document import Document, Leaf

_SENTENCES = 6
_SENTENCE_LIMIT = 1_000
_LAST = max(MESSAGES.values()) + 1
_EMPTY_WORDS = 3
_PAGE_LINES = 3
_FOREIGN = 4
_OF_LIMITS = ("quota", "limit", "limits")
_HOLLOW = 8
_SILENT = frozenset(MEMBERS["docs_url"] + MEMBERS["request_id"]) - {"reference"}
_PHRASE_LIMIT = 70  # with all that may stand before it
_PHRASE = re.compile(
    r"(?:(?:http|error|status|code)[\s:]{1,3}){0,3}(?:[1-5]\d\d)?[\s:|-]{0,4}(.{0,60})",
    re.IGNORECASE,
)
# What frameworks write by themselves.
_PHRASES = frozenset(status.phrase.lower() for status in HTTPStatus) | {
    "", "error", "failed", "failure", "fail", "unknown", "unknown error", "provider returned error",
    "notok", "null", "request failed", "payment required", "api error",
}  # fmt: skip

_CODE = re.compile(r"[A-Za-z][\w.:-]{2,99}", re.ASCII)
_SHAPE = re.compile(r"[A-Za-z0-9][_:-]+[A-Za-z0-9]|[a-z][A-Z]|^[A-Z]{4,}$", re.ASCII)


class Sentence(NamedTuple):
    """What the provider says, and the member that says it (None: it is the whole text)."""

    text: str
    leaf: Leaf | None


def read_message(document: Document) -> Sentence | None:
    """Return the sentence that tells the most: the outer before the inner, detail before title.

    Args:
        document: The response.
    """
    ranked = [
        (_merit(leaf, leaf.value), order)
        for order, leaf in enumerate(document.leaves)
        if isinstance(leaf.value, str) and _may_speak(leaf, leaf.value) and clean(leaf.value)
    ]
    if ranked:
        leaf = document.leaves[min(ranked)[1]]
        return Sentence(clean(str(leaf.value)), leaf)
    page = document.kind == "html" or "html" in document.headers.get("content-type", "")
    texts = [_page(document.text) if page else document.text]
    texts += [unquote(document.headers.get(name, "")) for name in MESSAGE_HEADERS]
    text = next(filter(None, map(clean, texts)), None)
    return Sentence(text, None) if text else None


def sentences(document: Document, message: Sentence | None) -> Iterator[str]:
    """Yield the message and what else is said in sentences, bounded in number and length.

    Args:
        document: The response.
        message: As `read_message` found it.
    """
    if message is not None:
        yield message.text
    if document.text and (message is None or message.text != clean(document.text)):
        yield document.text[:_SENTENCE_LIMIT]
    others = (leaf for leaf in document.leaves if message is None or leaf is not message.leaf)
    texts = (leaf.value for leaf in others if isinstance(leaf.value, str))
    for text in islice(filter(_is_sentence, texts), _SENTENCES):
        yield text[:_SENTENCE_LIMIT]


def depth(leaf: Leaf) -> int:
    """Return how deep a value stands; items of a list stand where the list does.

    Args:
        leaf: The value.
    """
    return sum(1 for step in leaf.path if not step.isdigit())


def is_foreign(around: Iterable[str], own: frozenset[str] = ERRORS) -> bool:
    """Say whether a value stands inside something else than the error itself.

    Args:
        around: The members around it, as `parents` returns them.
        own: The names of members that belong to the error.
    """
    return not all(
        step in own or step.isdigit() or "error" in step or step.endswith(_OF_LIMITS)
        for step in around
    )


def looks_like_code(text: str) -> bool:
    """Say whether a text is written as codes are: ERROR_X, quota-reached, quotaExceeded.

    Args:
        text: One value.
    """
    return _CODE.fullmatch(text) is not None and _SHAPE.search(text) is not None


def parents(leaf: Leaf) -> tuple[str, ...]:
    """Return the members around a value; those of a list stand where the list does.

    Args:
        leaf: The value.
    """
    return leaf.path[:-1] if not leaf.path or leaf.path[-1] == leaf.key else leaf.path[:-2]


def _may_speak(leaf: Leaf, text: str) -> bool:
    if leaf.key in _SILENT or text.startswith(("http://", "https://")):
        return False
    if not OFFERED.isdisjoint(parents(leaf)):
        return False
    if MESSAGES.get(leaf.key, _LAST) <= MESSAGES["message"]:
        return True
    return not looks_like_code(text.strip()) and (leaf.key in MESSAGES or _is_sentence(text))


def _merit(leaf: Leaf, text: str) -> int:
    """Return how far from being the message a value is."""
    merit = MESSAGES.get(leaf.key, _LAST) + depth(leaf)
    if is_foreign(parents(leaf)):
        merit += _FOREIGN
    if says_nothing(text) or looks_like_code(text.strip()):
        merit += _HOLLOW
    return merit


def says_nothing(text: str) -> bool:
    """Say whether a text only repeats a status, such as "402 Payment Required".

    Args:
        text: One value.
    """
    text = text.strip().rstrip(".")
    found = _PHRASE.fullmatch(text) if len(text) <= _PHRASE_LIMIT else None
    return found is not None and found[1].strip().lower() in _PHRASES


def _is_sentence(text: str) -> bool:
    text = text[:_SENTENCE_LIMIT]
    if len(text.split(maxsplit=_EMPTY_WORDS)) >= _EMPTY_WORDS:
        return True
    # Many languages put no spaces between words.
    return not text.isascii() and sum(c.isalpha() and not c.isascii() for c in text) > _EMPTY_WORDS


def _page(text: str) -> str:
    """Return the first lines of a page that are sentences, else its first line."""
    lines = list(dict.fromkeys(line for line in text.splitlines() if line.strip()))
    told = [line for line in lines if _is_sentence(line) and not says_nothing(line)]
    return " ".join(told[:_PAGE_LINES] or lines[:1])
