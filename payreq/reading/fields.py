"""The facts of a refusal: out of the profile's places, members, headers and sentences.

The more certain source is asked first, and what it says stands. Every value is checked for its
field; what is not valid is left out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from payreq.reading.codes import read_code
from payreq.reading.field_names import (
    ACCOUNTS,
    CONTAINERS,
    CURRENCIES,
    LAST_REQUEST_IDS,
    MEMBERS,
    NOT_OF_A_PLAN,
    PREFIXES,
    REQUEST_ID_ENDINGS,
    REQUEST_IDS,
    SUFFIXES,
)
from payreq.reading.links import KINDS as LINKS
from payreq.reading.links import read_links
from payreq.reading.messages import is_foreign, parents, read_message, sentences
from payreq.reading.places import values_at
from payreq.reading.quotas import read_quota, read_wait
from payreq.reading.sentences import read_sentence, unit_of
from payreq.reading.values import (
    after,
    currency_of,
    http_date,
    moment_of,
    number_of,
    seconds_of,
    text_of,
    truth_of,
)
from payreq.safety import TEXT_LIMIT, web_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from payreq.reading.document import Document, Leaf
    from payreq.reading.messages import Sentence

_NUMBERS = frozenset({"limit", "used", "remaining", "balance", "amount"})
_NOT_NOUGHT = frozenset({"amount", "retry_after"})  # where it only says that there is none
_NAME_LIMIT = 60
_NAME_WORDS = 6
_FIGURE_LIMIT = 40
_ID = re.compile(r"[\w.:+/=@|-]{2,128}", re.ASCII)
_LONE_ID = re.compile(r"(?=\D{0,60}\d)[A-Za-z]{1,12}[_-][\w-]{6,60}|[0-9a-fA-F-]{16,64}", re.ASCII)
_UNIT_OF_TIME = re.compile(r"(?:per|/|an?)\s?(?:second|sec|minute|min)", re.IGNORECASE)
_NAMING = frozenset(
    {"name", "value", "amount", "current", "title", "id", "slug", "label", "number"}
)
_BY_NAME = {
    name: (field, rank)
    for field, names in MEMBERS.items()
    if field not in LINKS  # they are told apart by more than their member's name
    for rank, name in enumerate(names)
}
_RANK_OF_OTHERS = 99


def read_fields(
    document: Document, places: Mapping[str, tuple[str, ...]], code: str | None = None
) -> dict[str, Any]:
    """Return the facts that a response holds, under the names of `PaymentDetails`.

    Args:
        document: The response.
        places: A profile's own places of each fact, asked before all others.
        code: The code, if it is known; else it is looked for.

    Returns:
        What was found and is valid for that model; everything else is left out.
    """
    facts: dict[str, Any] = {} if code is None else {"code": code}
    for field, value in _facts(document, places, facts):
        facts.setdefault(field, value)
    return facts


def _facts(
    document: Document, places: Mapping[str, tuple[str, ...]], known: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield all that is found, the most certain first; `known` is what was taken of it so far."""
    sent = http_date(document.headers.get("date"))
    yield from _in_places(document, places, sent)
    message = read_message(document)
    if message is not None:
        yield "message", message.text
    if "code" not in known:
        yield from _code(document, message)
    yield from _in_members(document, sent)
    yield from _in_headers(document, sent)
    yield from read_links(document).items()
    for sentence in sentences(document, message):
        yield from read_sentence(sentence, sent).items()


def _code(document: Document, message: Sentence | None) -> Iterator[tuple[str, Any]]:
    code = read_code(document, message)
    if code is not None:
        yield "code", code


def _in_places(
    document: Document, places: Mapping[str, tuple[str, ...]], sent: datetime | None
) -> Iterator[tuple[str, Any]]:
    for field, options in places.items():
        for place in options:
            for value in values_at(document, place):
                found = _read(field, value, document, sent)
                if found is not None:
                    yield field, found  # the first one stands


def _read(field: str, value: Any, document: Document, sent: datetime | None) -> Any:
    """Return a value as its field wants it, or None."""
    if field in _NUMBERS:
        return number_of(value)
    if field == "resets_at":
        return moment_of(value, sent) or http_date(str(value)) or after(sent, seconds_of(value))
    if field == "retry_after":
        return seconds_of(value)
    if field == "retryable":
        return truth_of(value)
    if field in LINKS:
        return web_url(value, document.url)
    return text_of(value, TEXT_LIMIT) if field == "message" else text_of(value)


def _in_members(document: Document, sent: datetime | None) -> Iterator[tuple[str, Any]]:
    """Yield what stands in members that are named for it, the best names and outer ones first."""
    named = [(found, leaf) for leaf in document.leaves if (found := _field(leaf)) is not None]
    named.sort(key=lambda item: item[0][1])  # stable: the outer ones stay first
    for (field, _), leaf in named:
        value = _plausible(field, leaf, document, sent)
        if value is None:
            continue
        yield field, value
        if field in _NUMBERS:
            currency, unit = currency_of(leaf.value) or _coin(leaf.key), _unit(leaf.key)
            if currency is not None:
                yield "currency", currency
            if unit is not None:
                yield "unit", unit
    lone = next((leaf.value for leaf in document.leaves if leaf.path == ("id",)), None)
    if isinstance(lone, str) and _LONE_ID.fullmatch(lone):
        yield "request_id", lone


def _field(leaf: Leaf) -> tuple[str, int] | None:
    """Return the field that a member is named for, and how well, 0 the best."""
    around = parents(leaf)
    found: tuple[str, int] | None
    if leaf.key in _NAMING and around and around[-1] in _BY_NAME:
        found = _BY_NAME[around[-1]]  # {"plan": {"name": "Free"}}
        around = around[:-1]
    else:
        found = _named(leaf.key)
    return None if is_foreign(around, CONTAINERS) else found


@lru_cache(maxsize=1_024)
def _named(key: str) -> tuple[str, int] | None:
    """Return the field that a name tells, also a compound such as charactersUsed or maxSeats."""
    if _coin(key):
        key = key[:-3]
    if key in _BY_NAME:
        return _BY_NAME[key]
    if any(word in key for word in NOT_OF_A_PLAN):
        return None
    for ending, field in SUFFIXES:
        if key.endswith(ending):
            return field, _RANK_OF_OTHERS
    for start, field in PREFIXES:
        if key.startswith(start) and _unit(key) is not None:
            return field, _RANK_OF_OTHERS
    return None


def _coin(key: str) -> str | None:
    """Return the currency with which a member's name ends: "USD" for spentUsd."""
    coin = key[-3:].upper()
    return coin if len(key) > len(coin) and coin in CURRENCIES else None


def _unit(key: str) -> str | None:
    """Return what a member counts by its name: "characters" for characterLimit."""
    for ending, _ in SUFFIXES:
        key = key.removesuffix(ending)
    for start, _ in PREFIXES:
        key = key.removeprefix(start)
    return unit_of(key)


def _plausible(field: str, leaf: Leaf, document: Document, sent: datetime | None) -> Any:
    """Return a member's value if it can be what its name promises, else None."""
    value = leaf.value
    if field in _NUMBERS:
        text = str(value)
        if len(text) > _FIGURE_LIMIT or _UNIT_OF_TIME.search(text):
            return None
    elif field == "retry_after" and leaf.key.endswith("ms"):
        number = number_of(value)
        value = None if number is None else number / 1000
    elif field in {"request_id", "account_id"}:
        return _id(field, value)
    elif field not in {"resets_at", "retry_after", "retryable"} and not _is_name(value):
        return None
    found = _read(field, value, document, sent)
    return found or None if field in _NOT_NOUGHT else found


def _is_name(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > _NAME_LIMIT or "://" in value:
        return False
    return len(value.split()) <= _NAME_WORDS


def _id(field: str, value: Any) -> str | None:
    text = text_of(value)
    if text is None or not _ID.fullmatch(text) or "://" in text or text.startswith("/"):
        return None
    is_number_of_error = len(text) < 4 and text.isdecimal()  # noqa: PLR2004  # as in "id": 403
    return None if field == "request_id" and is_number_of_error else text


def _in_headers(document: Document, sent: datetime | None) -> Iterator[tuple[str, Any]]:
    headers = document.headers
    names = [*REQUEST_IDS, *(n for n in headers if n.endswith(REQUEST_ID_ENDINGS))]
    for name in filter(headers.__contains__, (*names, *LAST_REQUEST_IDS)):
        found = _id("request_id", headers[name])
        if found is not None:
            yield "request_id", found
    for name in filter(headers.__contains__, ACCOUNTS):
        account = _id("account_id", headers[name])
        if account is not None:
            yield "account_id", account
    wait = read_wait(headers, sent)
    if wait is not None:
        yield "retry_after", wait
    yield from read_quota(headers, sent).items()
