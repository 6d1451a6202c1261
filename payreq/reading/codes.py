"""The provider's machine-readable code, out of all that might be one.

What is written as codes are goes before a bare number, a number before a word out of a
sentence, and what only repeats the status comes last: APIs call all of these "code".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from payreq.reading.field_names import CODE_HEADER_ENDINGS, CODE_HEADERS, CODES, KINDS, SURE_KINDS
from payreq.reading.messages import (
    Sentence,
    depth,
    is_foreign,
    looks_like_code,
    parents,
    says_nothing,
)
from payreq.reading.values import text_of

if TYPE_CHECKING:
    from payreq.reading.document import Document, Leaf

_IDLE = frozenset({"error", "errors", "fail", "failed", "failure", "none", "null", "ok", "success"})
_LABEL_LIMIT = 60
_NUMBER = re.compile(r"-?\d{1,12}", re.ASCII)
_URI = re.compile(r"(?:https?:/|urn:|tag:|\.{0,2}/)[\w.:/#?=&%~-]{3,200}", re.ASCII)

_NAMED = re.compile(
    r"\b(?:code|reason|error)[\"']?\s?[:=]\s?[\"'(\[]{0,2}([A-Za-z][\w.:-]{2,80})",
    re.ASCII | re.IGNORECASE,
)
_CAPITALS = re.compile(
    r"\b[A-Z][A-Z0-9]{1,40}(?:_[A-Z0-9]{1,40}){1,8}\b|\A[A-Z]{2,40}(?:::[A-Z_]{2,40}){1,6}(?=:\s)",
    re.ASCII,
)
_LEADING = re.compile(
    r"([A-Z][A-Za-z]{2,60}(?:Error|Exception|Fault|Exceeded|Required|Disabled|Suspended|\.[A-Z][A-Za-z]{2,60})|[a-z]{2,30}(?:[A-Z][a-z]{1,30}){1,5}|[a-z]{2,30}(?:[-_][a-z]{2,30}){1,6}):\s",
    re.ASCII,
)
_TRAILING = re.compile(r",\s([a-z]{2,30}(?:[A-Z][a-z]{1,30}){1,5})\.?$", re.ASCII)
_NUMBERED = re.compile(r"\(code:?\s?(\d{3,6})\)", re.ASCII | re.IGNORECASE)
_NO_CODES = ("_KEY", "_TOKEN", "_SECRET", "_SIGNATURE", "_ID")


class _Candidate(NamedTuple):
    """A possible code; the least is the best.

    Tiers: 0 a member for codes, 1 one for kinds of errors, 2 a number of the provider's own, 3 a
    weaker member or a header, 4 a phrase, 5 a word of the sentence, 6 a cause that is a name, 7
    what stands elsewhere, 8 the status again, 9 a type's URI.
    """

    tier: int
    first: int
    second: int
    order: int
    code: str


def read_code(document: Document, message: Sentence | None) -> str | None:
    """Return the code that tells the most of the cause, as it was sent.

    Args:
        document: The response.
        message: The provider's sentence, which may hold one.
    """
    found = [
        candidate
        for number, leaf in enumerate(document.leaves)
        if (candidate := _candidate(document, leaf, number, message)) is not None
    ]
    header = _in_headers(document)
    if header is not None:
        found.append(_Candidate(3, 0, 0, -1, header))
    said = None if message is None else _in_sentence(message.text)
    said = said or _in_sentence(document.text)
    if said is not None:
        found.append(_Candidate(5, 0, 0, 0, said))
    cause = _cause(document.data)
    if cause is not None:
        found.append(_Candidate(6, 0, 0, 0, cause))
    return min(found).code if found else None


def _candidate(
    document: Document, leaf: Leaf, order: int, message: Sentence | None
) -> _Candidate | None:
    key, value = leaf.key, leaf.value
    if isinstance(value, bool) or (key not in CODES and key not in KINDS):
        return _last_resort(leaf, order)
    text = text_of(value)
    if text is None or _is_idle(key, text):
        return None
    if key == "type" and "#" in text and "/" not in text:
        text = text.rpartition("#")[2]  # AWS puts the service's name before it
    tier = _tier(document, leaf, text, message)
    if tier is None:
        return None
    rank = CODES.get(key, KINDS.get(key, 0))
    deep = depth(leaf)
    first, second = (rank, deep) if key in KINDS else (deep, rank)
    return _Candidate(tier, first, second, order, text)


def _is_idle(key: str, text: str) -> bool:
    """Say whether a text tells nothing of a cause, or is the id of one answer."""
    if text.lower() in _IDLE or text == "about:blank" or (" " in text and says_nothing(text)):
        return True
    return key == "id" and any(c.isdigit() for c in text)


def _tier(document: Document, leaf: Leaf, text: str, message: Sentence | None) -> int | None:
    """Return how good a code a member's value is, 0 the best; None: it is none."""
    key, foreign = leaf.key, is_foreign(parents(leaf))
    if _NUMBER.fullmatch(text):
        return None if foreign else _tier_of_number(document, key, int(text))
    if key in CODES:
        return (4 if " " in text else 0) + 7 * foreign
    if foreign and KINDS[key] > 0:
        return None
    if _URI.fullmatch(text):
        return 9 if leaf.path == ("type",) else None
    if looks_like_code(text):
        return 1 if KINDS[key] < SURE_KINDS else 3
    return 4 if key == "error" and _is_label(leaf, text, message) else None


def _is_label(leaf: Leaf, text: str, message: Sentence | None) -> bool:
    """Say whether a short phrase stands beside the message, and is not just the status's."""
    beside = message is not None and message.leaf is not None and message.leaf is not leaf
    return beside and len(text) <= _LABEL_LIMIT and not says_nothing(text)


def _tier_of_number(document: Document, key: str, number: int) -> int | None:
    if number == 0:
        return None
    if number in {200, document.status} or 400 <= number < 600:  # noqa: PLR2004  # HTTP's own
        return 8 if key in CODES or key == "error" else None
    return {"statuscode": 3, "type": 3, "error": 8}.get(key, 2 if key in CODES else None)


def _last_resort(leaf: Leaf, order: int) -> _Candidate | None:
    value = leaf.value
    if isinstance(value, str) and _CAPITALS.fullmatch(value) and not value.endswith(_NO_CODES):
        return _Candidate(7, depth(leaf), 0, order, value)
    return None


def _in_headers(document: Document) -> str | None:
    headers = document.headers
    names = [name for name in CODE_HEADERS if name in headers]
    names += [name for name in headers if name.endswith(CODE_HEADER_ENDINGS)]
    # "ThrottlingException:http://..." is how AWS writes it.
    codes = (text_of(headers[name].partition(":http")[0]) for name in names)
    return next((code for code in codes if code and " " not in code), None)


def _in_sentence(text: str) -> str | None:
    for named in _NAMED.finditer(text) if ":" in text or "=" in text else ():
        code = named[1].rstrip(".:-")
        if looks_like_code(code) or (named.group()[:4].lower() == "code" and code[:1].isupper()):
            return code
    for capitals in _CAPITALS.finditer(text) if "_" in text or "::" in text else ():
        if not capitals.group().endswith(_NO_CODES):
            return capitals.group()
    other = _LEADING.match(text) or _TRAILING.search(text) or _NUMBERED.search(text)
    return None if other is None else other[1]


def _cause(data: Any) -> str | None:
    """Return the first name in `{"errors": {"plan": "Free plans have no access to this."}}`."""
    errors = data.get("errors") if isinstance(data, dict) else None
    if not isinstance(errors, dict):
        return None
    return next((text_of(name) for name, said in errors.items() if isinstance(said, str)), None)
