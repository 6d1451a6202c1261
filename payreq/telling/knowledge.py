"""What is known of a refusal, put into words: the values of placeholders and of facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from payreq.reasons import Reason
from payreq.telling.formats import apart, moment, money, number, quantity
from payreq.telling.reader import ENGLISH, Reader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from payreq.details import PaymentDetails
    from payreq.telling.messages import Voice

_LENGTH = 80  # characters of anyone's name for something
_DEFAULT_FEATURE = re.compile(r"[A-Z]+ [^\s/]+/")  # "GET api.example.com/v1/users/{id}"


def known(subject: Any, *, voice: Voice, about: Any, reader: Reader = ENGLISH) -> dict[str, str]:
    """Return what is known, in words, by the names of placeholders; nothing that is not known.

    Args:
        subject: A refusal or a block.
        voice: How the guard speaks; it knows what features are called.
        about: What is known of the provider, or None.
        reader: Who reads it.
    """
    details = subject.details
    names = {
        "feature": _feature(subject.feature, voice, reader),
        "service": service(subject, about),
        "plan": details.plan,
        "required_plan": details.required_plan,
        "named": details.feature,
        "reference": details.request_id,
    }
    found = {name: named(value) for name, value in names.items()}
    found |= _figures(details, reader)
    next_check = getattr(getattr(subject, "block", subject), "next_check", None)
    for name, at in (("resets_at", details.resets_at), ("next_check", next_check)):
        if at is not None:
            found[name] = moment(at, reader)
    return {name: value for name, value in found.items() if value}


def _figures(details: PaymentDetails, reader: Reader) -> dict[str, str]:
    """Return the numbers, each with what it counts: a limit, things; a balance, money."""

    def counted(value: Decimal) -> str:
        return quantity(value, details.unit, reader) if details.unit else paid(value)

    def paid(value: Decimal) -> str:
        if details.currency:
            return money(value, details.currency, reader)
        return quantity(value, details.unit, reader)

    def spent(value: Decimal) -> str:
        return number(value, reader) if details.unit else paid(value)

    price = "due" if details.reason is Reason.INVOICE_UNPAID else "price"
    figures = (
        ("limit", details.limit, counted),
        ("used", details.used, counted),
        ("spent", details.used, spent),  # beside a limit, which says what is counted
        ("remaining", details.remaining, counted),
        ("balance", details.balance, paid),
        (price, details.amount, paid),
    )
    return {name: told(value) for name, value, told in figures if value is not None}


def named(value: str | None) -> str | None:
    """Return anyone's name for something as it may be shown; None where nothing is left of it."""
    return apart(value, _LENGTH) or None if value else None


def is_default(feature: str) -> bool:
    """Say whether a feature's name is made of a method, a host and a path: nobody named it."""
    return _DEFAULT_FEATURE.match(feature) is not None


def service(subject: Any, about: Any) -> str | None:
    """Return what the API is called: its provider's name, else its host."""
    title = getattr(about, "title", None)
    return title or urlsplit(getattr(subject, "origin", None) or "").hostname


def _feature(name: str | None, voice: Voice, reader: Reader) -> str | None:
    """Return what people call a feature; None for one that only has a method and a path."""
    described = voice.feature(name)
    title = _title(described.title, reader.language) if described is not None else None
    if title:
        return title
    if name is None or is_default(name):
        return None
    words = re.sub(r"[_-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _title(title: str | Mapping[str, str] | None, language: str) -> str | None:
    """Return a title; of several, that of the language, else the English one, else the first."""
    if title is None or isinstance(title, str):
        return title
    tags = (language, language.partition("-")[0], "en", *title)
    return next((title[tag] for tag in tags if tag in title), None)
