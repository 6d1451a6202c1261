"""L402, once LSAT: a Lightning invoice in WWW-Authenticate, over gRPC, or a list of offers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from payreq.details import Challenge
from payreq.reading.claims import (
    INVOICE_LIMIT,
    LIMIT,
    PAYMENT_REQUIRED,
    Finding,
    amount,
    bounded,
    folded,
    is_asking,
    moment,
    number_or_text,
    text,
)

if TYPE_CHECKING:
    from datetime import datetime

    from payreq.reading.document import Document
    from payreq.reading.www_authenticate import AuthChallenge

_SCHEMES = frozenset({"l402", "lsat"})
_BOLT11 = re.compile(r"ln(?:bcrt|bc|tbs|tb)(?:(\d{1,18})([munp]))?1[a-z0-9.]{2,7000}")
_BITCOIN = {"m": -3, "u": -6, "n": -9, "p": -12}


def read_l402(document: Document, schemes: list[AuthChallenge]) -> Finding | None:
    """Return what a response says in L402 or LSAT, or None.

    Args:
        document: The response.
        schemes: The challenges of its WWW-Authenticate.
    """
    if not is_asking(document):
        return None
    asked = [each for each in schemes if each.scheme in _SCHEMES]
    invoice = _body_invoice(document)
    challenges = _once([each for each in (_challenge(one, invoice) for one in asked) if each])
    if challenges:
        return Finding(f"header www-authenticate: {challenges[0].protocol.upper()}", challenges)
    offers = _offers(document)
    if offers is not None and all(each.scheme != "license" for each in schemes):
        return offers
    if invoice is not None:
        return Finding("body: a Lightning invoice", (_priced("lightning", invoice),))
    if document.status != PAYMENT_REQUIRED:
        return Finding("trailer grpc-message", (Challenge(protocol="l402"),), usable=False)
    return None


def asks_for_work(schemes: list[AuthChallenge]) -> bool:
    """Say whether a challenge asks for computation in the place of money.

    Args:
        schemes: The challenges of a WWW-Authenticate.
    """
    asked = [each.parameters for each in schemes if each.scheme in _SCHEMES]
    return any("pow" in given and not given.get("invoice") for given in asked)


def _challenge(challenge: AuthChallenge, body_invoice: str | None) -> Challenge | None:
    given = challenge.parameters
    invoice = text(given.get("invoice"), INVOICE_LIMIT) or body_invoice
    if invoice is None or "pow" in given:
        return None
    return _priced(challenge.scheme, invoice, number_or_text(given.get("version")), given)


def _priced(
    protocol: str, invoice: str, version: str | None = None, raw: dict[str, str] | None = None
) -> Challenge:
    """Return the challenge with the amount that a BOLT 11 invoice names, in bitcoin."""
    found = _BOLT11.fullmatch(invoice.lower())
    priced = found is not None and found[1] is not None
    return Challenge(
        protocol=protocol,
        version=version,
        amount=Decimal(found[1]).scaleb(_BITCOIN[found[2]]) if found and priced else None,
        currency="BTC" if priced else None,
        invoice=invoice,
        raw=bounded(raw),
    )


def _once(challenges: list[Challenge]) -> tuple[Challenge, ...]:
    """Drop what is owed by the same invoice: LSAT and L402 are sent together, as one debt."""
    kept: dict[str | None, Challenge] = {}
    for each in challenges:
        if each.invoice not in kept or each.protocol == "l402":
            kept[each.invoice] = each
    return tuple(kept.values())[:LIMIT]


def _body_invoice(document: Document) -> str | None:
    for leaf in document.leaves:
        value = leaf.value
        if (
            isinstance(value, str)
            and len(value) < INVOICE_LIMIT
            and _BOLT11.fullmatch(value.lower())
        ):
            return value
    return None


def _offers(document: Document) -> Finding | None:
    """Read the dialect that lists offers in the body, to be bought at a URL."""
    members = folded(document.data)
    listed = offers_of(document)
    if not listed or not ("paymentrequesturl" in members or "paymentcontexttoken" in members):
        return None
    version, expiry = number_or_text(members.get("version")), moment(members.get("expiry"))
    return Finding(
        evidence="body: offers to buy",
        challenges=tuple(_offer(each, version, expiry) for each in listed),
        usable=isinstance(members.get("paymentrequesturl"), str),
    )


def offers_of(document: Document) -> list[Any]:
    """Return the objects that a body lists as offers."""
    listed = folded(document.data).get("offers")
    return (
        [each for each in listed if isinstance(each, dict)][:LIMIT]
        if isinstance(listed, list)
        else []
    )


def _offer(offer: Any, version: str | None, expiry: datetime | None) -> Challenge:
    members = folded(offer)
    return Challenge(
        protocol="l402",
        version=version,
        amount=amount(members.get("amount", members.get("price"))),
        currency=text(members.get("currency")),
        intent=text(members.get("type")),
        expires_at=expiry,
        raw=bounded(offer),
    )
