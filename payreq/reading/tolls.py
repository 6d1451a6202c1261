"""Terms in headers of their own: pay per crawl, Cashu, BRC-105, RSL licences, plain addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from payreq.details import Challenge
from payreq.reading.claims import (
    INVOICE_LIMIT,
    PAYMENT_REQUIRED,
    Finding,
    amount,
    bounded,
    folded,
    number_or_text,
    text,
)
from payreq.reading.l402 import offers_of
from payreq.reading.www_authenticate import parse_challenges
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payreq.reading.document import Document
    from payreq.reading.www_authenticate import AuthChallenge

NOT_ACCEPTABLE = 406

_PRICE = re.compile(
    r"""(?P<currency>[A-Z]{3,5})\s{0,3}(?P<amount>[\d.]{1,40})
      | (?P<amount2>[\d.]{1,40})\s{0,3}(?:micros\s{1,3})?(?P<currency2>[A-Z]{3,5})""",
    re.VERBOSE | re.IGNORECASE,
)
_LICENCE_PRICE = re.compile(r"(?:^|;)\s{0,3}price:\s{0,3}([\d.]{1,40})", re.IGNORECASE)
_ERROR = re.compile(r"[A-Za-z]{1,60}")
_BSV = "x-bsv-payment-"


def read_crawl(document: Document, _: list[AuthChallenge]) -> Finding | None:
    """Return what a response says of a price for crawlers, or None."""
    headers = document.headers
    price = headers.get("crawler-price", "")
    said = _ERROR.match(headers.get("crawler-error", ""))
    error = said[0] if said else None
    if error == "PaymentFailed":
        return Finding(f"header crawler-error: {error}", (_crawl(price),), failed=True, code=error)
    if document.status == PAYMENT_REQUIRED and (price or error):
        name = "crawler-price" if price else f"crawler-error: {error}"
        rail = text(headers.get("crawler-price-rail"))
        return Finding(f"header {name}", (_crawl(price, rail),), usable=bool(price), code=error)
    if document.status in {PAYMENT_REQUIRED, NOT_ACCEPTABLE} and "crawler-payment" in headers:
        # Its value is a list of parameters, as of a challenge whose scheme was left out.
        read = parse_challenges(f"crawler {headers['crawler-payment']}")
        given = read[0].parameters if read else {}
        return Finding("header crawler-payment", (_parameters(given),))
    return None


def read_cashu(document: Document, _: list[AuthChallenge]) -> Finding | None:
    """Return the Cashu payment request of a response, or None; its CBOR is left as it is."""
    request = document.headers.get("x-cashu", "").strip()
    if document.status != PAYMENT_REQUIRED or not request.lower().startswith("creq"):
        return None
    return Finding("header x-cashu", (Challenge(protocol="cashu", raw=bounded(request)),))


def read_brc105(document: Document, _: list[AuthChallenge]) -> Finding | None:
    """Return the BRC-105 terms of a response, or None."""
    if document.status != PAYMENT_REQUIRED:
        return None
    headers, members = document.headers, folded(document.data)
    asked = headers.get(f"{_BSV}satoshis-required") or members.get("satoshisrequired")
    if asked is None:
        return None
    challenge = Challenge(
        protocol="brc-105",
        version=number_or_text(headers.get(f"{_BSV}version")),
        amount=amount(asked),
        asset="satoshis",
        raw=bounded({name: value for name, value in headers.items() if name.startswith(_BSV)}),
    )
    return Finding(
        f"satoshis required: {challenge.amount}", (challenge,), code=text(members.get("code"), 100)
    )


def read_licence(document: Document, schemes: list[AuthChallenge]) -> Finding | None:
    """Return the RSL licence that a response asks for, or None."""
    asked = next((each for each in schemes if each.scheme == "license"), None)
    if document.status != PAYMENT_REQUIRED or asked is None:
        return None
    offers = offers_of(document)
    offer = folded(offers[0] if offers else None)
    terms = document.headers.get("x-license-terms", "")
    price = _LICENCE_PRICE.search(terms[:2_000])
    challenge = Challenge(
        protocol="rsl",
        amount=amount(offer.get("price", offer.get("amount", price[1] if price else None))),
        currency=text(offer.get("currency")),
        method=text(asked.parameters.get("methods")),
        raw=bounded(asked.parameters | ({"terms": terms} if terms else {})) or None,
    )
    return Finding("header www-authenticate: License", (challenge,))


def read_address(document: Document, _: list[AuthChallenge]) -> Finding | None:
    """Return the terms that stand in plain headers, an address and an amount, or None."""
    if document.status != PAYMENT_REQUIRED:
        return None
    given = {
        name.removeprefix("x-").removeprefix("payment-"): value
        for name, value in document.headers.items()
        if name.startswith(("payment-", "x-payment-"))
    }
    if not given.get("address") or "amount" not in given:
        return None
    challenge = Challenge(
        protocol="payment-headers",
        amount=amount(given["amount"]),
        asset=text(given.get("token") or given.get("asset")),
        currency=text(given.get("currency")),
        network=text(given.get("network") or given.get("chain")),
        pay_to=text(given["address"]),
        raw=bounded(given),
    )
    return Finding("header payment-address", (challenge,))


def read_scheme(document: Document, schemes: list[AuthChallenge]) -> Finding | None:
    """Return the terms of a challenge under whatever name, an amount and its currency, or None."""
    if document.status != PAYMENT_REQUIRED:
        return None
    for each in schemes:
        given = each.parameters
        price, currency = amount(given.get("amount", given.get("price"))), given.get("currency")
        asset = given.get("asset") or given.get("token")
        if price is not None and (currency or asset):
            challenge = Challenge(
                protocol="x402" if each.scheme in {"x402", "x-402"} else clean(each.scheme, 40),
                amount=price,
                currency=text(currency),
                asset=text(asset),
                network=text(given.get("network") or given.get("chain")),
                pay_to=text(given.get("recipient") or given.get("address")),
                invoice=text(given.get("invoice"), INVOICE_LIMIT),
                method=text(given.get("method")),
                raw=bounded(given),
            )
            return Finding(f"header www-authenticate: {challenge.protocol}", (challenge,))
    return None


def _crawl(price: str, rail: str | None = None) -> Challenge:
    found = _PRICE.match(price.strip())
    return Challenge(
        protocol="pay-per-crawl",
        amount=amount(found["amount"] or found["amount2"]) if found else None,
        currency=(found["currency"] or found["currency2"]) if found else None,
        method=rail,
        raw=bounded(price) or None,
    )


def _parameters(given: Mapping[str, str]) -> Challenge:
    return Challenge(
        protocol="pay-per-crawl",
        amount=amount(given.get("price")),
        currency=text(given.get("currency")),
        raw=bounded(dict(given)) or None,
    )
