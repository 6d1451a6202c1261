"""MPP: the authentication scheme "Payment", over JSON-RPC too, and the types of its failures."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from payreq.details import Challenge
from payreq.reading.claims import (
    INVOICE_LIMIT,
    LIMIT,
    RPC_FAILED,
    Finding,
    amount,
    bounded,
    decoded,
    folded,
    is_asking,
    moment,
    number_or_text,
    rpc_error,
    text,
)
from payreq.reading.www_authenticate import AuthChallenge

if TYPE_CHECKING:
    from payreq.reading.document import Document

_REQUEST_LIMIT = 16 * 1024
_REQUIRED = ("id", "realm", "method", "intent")
_PROBLEM = re.compile(
    r"https?://(?:www\.)?paymentauth\.org/problems/([\w/.-]{1,80})", re.IGNORECASE
)
# "payment_invalid" stands in no draft; servers send it before anything was paid.
_FIRST_CONTACT = frozenset({"payment-required", "payment_required", "payment_invalid"})
_NOT_OF_PAYMENT = frozenset({"bad-request"})


def read_mpp(document: Document, schemes: list[AuthChallenge]) -> Finding | None:
    """Return what a response says in MPP, or None.

    Args:
        document: The response.
        schemes: The challenges of its WWW-Authenticate.
    """
    asked = [each for each in schemes if each.scheme == "payment"] if is_asking(document) else []
    error = rpc_error(document)
    problem = _problem(document)
    if not asked and error is None and problem is None:
        return None
    if error is not None:
        asked += _over_rpc(error)
    terms = [(each, _request(each)) for each in asked[:LIMIT]]
    failed = problem is not None and problem[1] not in _FIRST_CONTACT
    failed = failed or (error is not None and error["code"] == RPC_FAILED)
    return Finding(
        evidence=_evidence(problem, error) or _described(asked[0]),
        challenges=tuple(_challenge(*each) for each in terms) or (Challenge(protocol="mpp"),),
        usable=any(_is_payable(*each) for each in terms),
        failed=failed,
        code=_own_code(document) or (problem[0] if problem else None),
    )


def _evidence(problem: tuple[str, str] | None, error: dict[str, Any] | None) -> str | None:
    if problem is not None:
        return f"problem type {problem[0]}"
    return None if error is None else f"JSON-RPC error {error['code']}"


def _over_rpc(error: dict[str, Any]) -> list[AuthChallenge]:
    """Return the challenges of a JSON-RPC error, where requests are plain JSON."""
    listed = error["data"].get("challenges")
    return [
        AuthChallenge(
            "payment",
            {
                name.lower(): value if isinstance(value, str) else json.dumps(value, default=str)
                for name, value in each.items()
            },
        )
        for each in (listed[:LIMIT] if isinstance(listed, list) else [])
        if isinstance(each, dict)
    ]


def _problem(document: Document) -> tuple[str, str] | None:
    """Return the problem type and its last part, where it is one of this protocol."""
    for leaf in document.leaves:
        found = (
            _PROBLEM.fullmatch(leaf.value)
            if leaf.key == "type" and isinstance(leaf.value, str)
            else None
        )
        if found is not None and found[1].lower() not in _NOT_OF_PAYMENT:
            return found[0], found[1].lower()
    return None


def _own_code(document: Document) -> str | None:
    return text(folded(document.data).get("code"), 100)


def _request(challenge: AuthChallenge) -> Any:
    return decoded(challenge.parameters.get("request", ""), _REQUEST_LIMIT)


def _is_payable(challenge: AuthChallenge, request: Any) -> bool:
    given = challenge.parameters
    return (
        challenge.sound
        and isinstance(request, dict)
        and all(given.get(name) for name in _REQUIRED)
        and given.get("header", "payment-authorization").lower() == "payment-authorization"
    )


def _described(challenge: AuthChallenge) -> str:
    said = (text(challenge.parameters.get(name), 40) for name in ("method", "intent"))
    return " ".join(["header www-authenticate: Payment", *filter(None, said)])


def _challenge(challenge: AuthChallenge, request: Any) -> Challenge:
    # Where there is no request, its members may stand in the challenge itself.
    given, members = challenge.parameters, folded(request) or challenge.parameters
    details = folded(members.get("methoddetails"))
    invoice = (
        details.get("invoice") or details.get("depositinvoice") or members.get("depositinvoice")
    )
    return Challenge(
        protocol="mpp",
        amount=amount(members.get("amount")),
        asset=text(members.get("asset")),
        currency=text(members.get("currency")),
        network=number_or_text(details.get("network")) or number_or_text(details.get("chainid")),
        pay_to=text(members.get("recipient")),
        invoice=text(invoice, INVOICE_LIMIT),
        method=text(given.get("method")),
        intent=text(given.get("intent")),
        expires_at=moment(given.get("expires")),
        raw=bounded(given | ({"request": request} if isinstance(request, dict) else {})) or None,
    )
