"""x402: offers in a header (version 2), in a JSON body (version 1), and what comes close."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from payreq.details import Challenge
from payreq.reading.claims import (
    LIMIT,
    PAYMENT_REQUIRED,
    Finding,
    amount,
    bounded,
    decoded,
    folded,
    is_asking,
    is_tool_refused,
    number_or_text,
    text,
)
from payreq.reading.document import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.reading.document import Document
    from payreq.reading.www_authenticate import AuthChallenge

_TERMS = (
    "payment-required",
    "x-payment-required",
    "payment-requirements",
    "x-payment-requirements",
)
_RECEIPTS = ("payment-response", "x-payment-response")
_OFFERS = ("accepts", "accepted", "paymentrequirements", "paymentoptions", "paymentinstructions")
_VERSIONS = ("x402version", "s402version")
_AMOUNT = (
    "amount",
    "maxamountrequired",
    "amountusdc",
    "price",
    "priceusd",
    "priceusdc",
    "amountusd",
)
_NETWORK = ("network", "chain", "chainid")
_PAY_TO = ("payto", "paymentaddress", "paymenttarget", "recipient", "receiver", "to")
_ASSET = ("asset", "assetaddress", "token", "tokenaddress")
_OF_TERMS = frozenset((*_VERSIONS, *_OFFERS, *_AMOUNT))
_WHOLE = 3
_NESTING = 3
_OBJECTS = 100
_TOO_SHORT = 20
"""`Payment-Required: true` is no terms that could not be read."""

_CODE = re.compile(r"[a-z0-9]{1,30}(?:[_-][a-z0-9]{1,30}){0,12}")
_FAILURE_CODE = re.compile(
    r"insufficient_funds|invalid_|unsupported_(?:scheme|network)|unexpected_(?:verify|settle)"
    r"|(?:payment_)?(?:verif|settle)|payment_(?:failed|expired|rejected|invalid|already)"
    r"|transaction_|duplicate_|nonce_|expired_"
)
_FAILURE_WORDS = re.compile(
    r"fail|not (?:yet )?confirmed|unconfirmed|expired|reject|declined|reverted|already (?:been )?"
    r"used|insufficient funds|invalid (?:payment|signature|authori[sz]ation)|no matching payment"
)
_FIRST_CONTACT = re.compile(r"required\b|missing|no payment|not provided|must provide")
_MENTION = re.compile(r"x-payment\b|payment-signature\b|\bx402\b")
_NAMES = frozenset(
    {"type", "code", "error", "message", "detail", "reason", "title", "protocol", "hint"}
)


def read_x402(document: Document, _: list[AuthChallenge]) -> Finding | None:
    """Return what a response says in x402, or None.

    Args:
        document: The response.
        _: The challenges of its WWW-Authenticate, where x402 puts nothing.
    """
    place, terms = _terms(document)
    receipt_place, receipt = _receipt(document)
    if terms is None and receipt is None:
        return None
    offers = _offers(terms)[:LIMIT]
    challenges = tuple(_challenge(terms, offer) for offer in offers)
    challenges = challenges or (_challenge(terms, {}, receipt),)
    error = _failure(terms) if receipt is None else text(folded(receipt).get("errorreason"))
    version = challenges[0].version
    return Finding(
        evidence=f"{receipt_place or place}: {challenges[0].protocol}"
        + (f" {version}" if version else ""),
        challenges=challenges,
        usable=bool(offers),
        failed=receipt is not None or error is not None,
        code=error if error is not None and _CODE.fullmatch(error.lower()) else None,
    )


def unfold_header(document: Document) -> Document:
    """Return the document of what a payment header holds, where the body itself is empty.

    Args:
        document: The response; handed back as it is where its body says something.
    """
    if document.data or document.text or not is_asking(document):
        return document
    objects = (terms for _, terms in _header_terms(document) if isinstance(terms, dict))
    said = next((json.dumps(terms, default=str) for terms in objects if terms), None)
    return read_document(
        document.status,
        document.headers,
        (said or document.headers.get("grpc-message", "")).encode(errors="replace"),
        url=document.url,
        truncated=document.truncated,
    )


def _terms(document: Document) -> tuple[str, Any]:
    """Return the first terms with an offer, else the first terms, and where they stand."""
    if document.status != PAYMENT_REQUIRED:
        terms = _body_terms(document) if is_tool_refused(document) else ()
        return next((each for each in terms if _offers(each[1])), ("", None))
    candidates = [*_header_terms(document), *_body_terms(document)]
    for candidate in candidates:
        if _offers(candidate[1]):
            return candidate
    if candidates:
        return candidates[0]
    return ("words", {}) if _is_mentioned(document) else ("", None)


def _header_terms(document: Document) -> Iterator[tuple[str, Any]]:
    for name in _TERMS:
        value = document.headers.get(name)
        if not value:
            continue
        terms = decoded(value)
        if terms is None and "," in value:
            terms = decoded(value.partition(",")[0])
        if isinstance(terms, dict) or _offer_list(terms):
            yield f"header {name}", terms
        elif len(value) > _TOO_SHORT:
            yield f"header {name}, unreadable", {}


def _body_terms(document: Document) -> Iterator[tuple[str, Any]]:
    level = [document.data, *document.embedded]
    for _ in range(_NESTING):
        objects = [value for value in level if isinstance(value, dict)]
        for value in objects:
            members = folded(value)
            if _OF_TERMS.isdisjoint(members):
                continue
            versioned = any(_is_version(members.get(name)) for name in _VERSIONS)
            listed = any(_offer_list(members.get(name)) for name in _OFFERS)
            if versioned or listed or _offered(members) == _WHOLE:
                yield "body", value
        level = [member for value in objects for member in value.values()][:_OBJECTS]


def _is_version(value: object) -> bool:
    return (number_or_text(value) or "").isdigit()


def _is_mentioned(document: Document) -> bool:
    if any("x402" in leaf.path for leaf in document.leaves):
        return True
    said = [str(leaf.value)[:500] for leaf in document.leaves if leaf.key in _NAMES]
    words = "\n".join((*said, document.text[:500])).lower()
    return ("x402" in words or "payment" in words) and _MENTION.search(words) is not None


def _offers(terms: Any) -> list[Any]:
    """Return the offers of terms: their list, or the terms themselves where they are one."""
    members = folded(terms)
    for name in _OFFERS:
        listed = _offer_list(members.get(name))
        if listed:
            return listed
    return _offer_list(terms)


def _offer_list(value: Any) -> list[Any]:
    return [item for item in (value if isinstance(value, list) else [value]) if _is_offer(item)]


def _is_offer(value: Any) -> bool:
    return isinstance(value, dict) and _offered(folded(value)) > 1


def _offered(members: dict[str, Any]) -> int:
    """Return how much an object says of what a payment needs: how much, where, to whom."""
    return sum(_first(members, names) is not None for names in (_AMOUNT, _NETWORK, _PAY_TO))


def _first(members: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((members[name] for name in names if members.get(name) is not None), None)


def _challenge(terms: Any, offer: Any, receipt: Any = None) -> Challenge:
    top, members = folded(terms), folded(offer)
    members = folded(members.get("price")) | members
    asset = _first(members, _ASSET)
    network = _first(members, _NETWORK) or folded(receipt).get("network")
    asked = _first(members, _AMOUNT)
    dollars = isinstance(asked, str) and asked.startswith("$")
    return Challenge(
        protocol="s402" if "s402version" in top else "x402",
        version=number_or_text(_first(top, _VERSIONS)),
        amount=amount(asked[1:] if dollars else asked),
        currency="USD" if dollars else None,
        asset=text(folded(asset).get("address") if isinstance(asset, dict) else asset),
        network=number_or_text(network),
        pay_to=text(_first(members, _PAY_TO)),
        resource=_resource(members.get("resource")) or _resource(top.get("resource")),
        method=text(members.get("scheme")),
        raw=bounded(offer or terms or receipt) or None,
    )


def _resource(value: Any) -> str | None:
    return text(folded(value).get("url") if isinstance(value, dict) else value)


def _receipt(document: Document) -> tuple[str, Any]:
    """Return the report of a payment that did not go through, and where it stands."""
    for name in _RECEIPTS:
        receipt = decoded(document.headers[name]) if name in document.headers else None
        if folded(receipt).get("success") in (False, "false"):
            return f"header {name}", receipt
    return "", None


def _failure(terms: Any) -> str | None:
    """Return the terms' error where it tells of a payment that was tried."""
    error = text(folded(terms).get("error"))
    if error is None:
        return None
    words = error.lower()
    if _CODE.fullmatch(words):
        failed = _FAILURE_CODE.match(words.replace("-", "_")) and not words.endswith("required")
    else:
        failed = _FAILURE_WORDS.search(words) and not _FIRST_CONTACT.search(words)
    return error if failed else None
