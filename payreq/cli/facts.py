"""The facts of a refusal as a person reads them: labels and values, most telling first."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from payreq.reasons import MEANINGS
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from decimal import Decimal

    from payreq.details import Challenge, PaymentDetails
    from payreq.exceptions import PaymentRequired

_NAMED = (
    ("Code", "code"),
    ("Request id", "request_id"),
    ("Account", "account_id"),
    ("Concerns", "feature"),
    ("Plan", "plan"),
    ("Plan needed", "required_plan"),
)
_COUNTED = (("Limit", "limit"), ("Used", "used"), ("Left", "remaining"))
_PAID = (("Balance", "balance"), ("Amount", "amount"))
_SCOPES = {
    "account": "the whole account",
    "feature": "this feature",
    "request": "this request alone",
}
_TERMS = ("method", "intent", "amount", "currency", "asset", "network", "pay_to", "resource")


def facts(refusal: PaymentRequired, provider: str | None) -> Iterator[tuple[str, str]]:
    """Yield what the answer says, and what a guard makes of it.

    Args:
        refusal: What was found.
        provider: What people call the provider, if it is known.
    """
    details = refusal.details
    if details.provider is not None:
        name = details.provider
        yield "Provider", clean(name if provider is None else f"{provider} ({name})")
    if details.message is not None:
        yield "In its words", f"“{clean(details.message)}”"
    for label, name in _NAMED:
        value = getattr(details, name)
        if value is not None:
            yield label, clean(value)
    yield from _figures(details)
    if details.scope is not None:
        yield "Holds for", _SCOPES[details.scope]
    if details.payer == "upstream":
        yield "Owed by", "the gateway itself; nothing that the caller can pay"
    if details.retryable:
        yield "A retry", "may help: the answer says so"
    yield "Raised as", f"payreq.{MEANINGS[refusal.reason].exception}"
    yield "Blocked", "the feature that meets it" if refusal.restricts_access else "nothing"


def terms(challenge: Challenge) -> Iterator[tuple[str, str]]:
    """Yield what of a payment's terms a person wants to see."""
    for name in _TERMS:
        value = getattr(challenge, name)
        if value is not None:
            yield name.replace("_", " ").capitalize(), clean(str(value))
    if challenge.expires_at is not None:
        yield "Until", _moment(challenge.expires_at)


def seconds(value: float) -> str:
    """Return a wait in words: "1 second", "34 seconds"."""
    return f"{value:g} second{'' if value == 1 else 's'}"


def _figures(details: PaymentDetails) -> Iterator[tuple[str, str]]:
    for label, name in _COUNTED:
        yield from _quantity(label, getattr(details, name), details.unit or details.currency)
    for label, name in _PAID:
        yield from _quantity(label, getattr(details, name), details.currency or details.unit)
    if details.resets_at is not None:
        yield "Resets", _moment(details.resets_at)
    if details.retry_after is not None:
        yield "Retry after", seconds(details.retry_after)


def _quantity(label: str, value: Decimal | None, unit: str | None) -> Iterator[tuple[str, str]]:
    if value is not None:
        yield label, clean(f"{value:,f} {unit or ''}")


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
