"""What is known of a refusal, put into words: the values of placeholders and of facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from payreq.reasons import Reason
from payreq.safety import clean
from payreq.telling.formats import moment, number, quantity

if TYPE_CHECKING:
    from payreq.telling.messages import Voice

_LENGTH = 80  # characters of anyone's name for something
_DEFAULT_FEATURE = re.compile(r"[A-Z]+ [^\s/]+/")  # "GET api.example.com/v1/users/{id}"


def known(subject: Any, *, voice: Voice, about: Any) -> dict[str, str]:
    """Return what is known, in words, by the names of placeholders; nothing that is not known.

    Args:
        subject: A refusal or a block.
        voice: How the guard speaks; it knows what features are called.
        about: What is known of the provider, or None.
    """
    details = subject.details
    block = getattr(subject, "block", subject)
    next_check = getattr(block, "next_check", None)
    amount = "due" if details.reason is Reason.INVOICE_UNPAID else "price"
    counted = details.unit or details.currency
    money = details.currency or details.unit
    found = {
        "feature": _feature(subject.feature, voice),
        "service": service(subject, about),
        "plan": details.plan,
        "required_plan": details.required_plan,
        "named": details.feature,
        "limit": _quantity(details.limit, counted),
        "used": _quantity(details.used, counted),
        "usage": _usage(details),
        "remaining": _quantity(details.remaining, counted),
        "balance": _quantity(details.balance, money),
        amount: _quantity(details.amount, money),
        "resets_at": moment(details.resets_at) if details.resets_at else None,
        "next_check": moment(next_check) if next_check else None,
        "reference": details.request_id,
    }
    cleaned = {name: named(value) for name, value in found.items()}
    return {name: value for name, value in cleaned.items() if value}


def named(value: str | None) -> str | None:
    """Return anyone's name for something as it may be shown; None where nothing is left of it."""
    # Apart, what looks like a link in a name: terminals and viewers make links of them unasked.
    return clean(value.replace("://", ": //"), _LENGTH) or None if value else None


def is_default(feature: str) -> bool:
    """Say whether a feature's name is made of a method, a host and a path: nobody named it."""
    return _DEFAULT_FEATURE.match(feature) is not None


def service(subject: Any, about: Any) -> str | None:
    """Return what the API is called: its provider's name, else its host."""
    title = getattr(about, "title", None)
    return title or urlsplit(getattr(subject, "origin", None) or "").hostname


def _feature(name: str | None, voice: Voice) -> str | None:
    """Return what people call a feature; None for one that only has a method and a path."""
    described = voice.feature(name)
    if described is not None and described.title:
        return described.title
    if name is None or is_default(name):
        return None
    words = re.sub(r"[_-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _quantity(value: Any, unit: str | None) -> str | None:
    return None if value is None else quantity(value, unit)


def _usage(details: Any) -> str | None:
    if details.used is None or details.limit is None:
        return None
    return f"{number(details.used)} / {quantity(details.limit, details.unit or details.currency)}"
