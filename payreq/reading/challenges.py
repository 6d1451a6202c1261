"""Payment protocols: terms under which one request may be paid for, or how such a payment failed.

Each protocol has a reader; here is decided what they mean together: pay me, your payment failed,
or a matter of the account that happens to come with terms.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from payreq.reading.claims import LIMIT, PAYMENT_REQUIRED, is_asking, is_tool_refused, rpc_error
from payreq.reading.l402 import asks_for_work, read_l402
from payreq.reading.mpp import read_mpp
from payreq.reading.tolls import (
    read_address,
    read_brc105,
    read_cashu,
    read_crawl,
    read_licence,
    read_scheme,
)
from payreq.reading.verdict import Verdict
from payreq.reading.www_authenticate import parse_challenges
from payreq.reading.x402 import read_x402, unfold_header
from payreq.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payreq.details import Challenge
    from payreq.reading.claims import Finding
    from payreq.reading.document import Document

__all__ = ["Terms", "read_challenges", "unfold_header"]

_OF_ANY_ERROR = (read_x402, read_mpp, read_crawl)
_READERS = (
    read_x402,
    read_mpp,
    read_l402,
    read_crawl,
    read_cashu,
    read_brc105,
    read_licence,
    read_address,
)
_PAYMENTS = (
    "payment-signature",
    "x-payment",
    "payment-authorization",
    "x-cashu",
    "x-bsv-payment",
    "crawler-exact-price",
    "crawler-max-price",
)
_CREDENTIAL = re.compile(r"\s{0,9}(?:Payment|L402|LSAT)\s", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"balance|credit|top[\s_-]?up|quota|budget|allowance|subscri|billing|prepaid|recharge|overdue",
    re.IGNORECASE,
)


class Terms(NamedTuple):
    """What the payment protocols say of a response.

    Attributes:
        verdict: The verdict; None: none of them decides.
        challenges: The terms, those of the first protocol first, also without a verdict.
    """

    verdict: Verdict | None = None
    challenges: tuple[Challenge, ...] = ()


def read_challenges(document: Document, sent: Mapping[str, str]) -> Terms:
    """Return the payment terms of a response, and what they mean.

    Args:
        document: The response.
        sent: The request's headers by lower-case name: a 402 for a request that carried a
            payment means that the payment failed.
    """
    asks = is_asking(document) or is_tool_refused(document) or rpc_error(document) is not None
    if not asks and document.status < 400:  # noqa: PLR2004  # RFC 9110, 15.5: no error
        return Terms()
    schemes = parse_challenges(document.headers.get("www-authenticate", ""))
    readers = _READERS if asks else _OF_ANY_ERROR
    found = [each for each in (read(document, schemes) for read in readers) if each is not None]
    if not asks and not found:
        return Terms()
    if not found and (priced := read_scheme(document, schemes)) is not None:
        found = [priced]  # by a protocol that none of the readers knows
    challenges = tuple(challenge for each in found for challenge in each.challenges)[:LIMIT]
    if not found and document.status == PAYMENT_REQUIRED and asks_for_work(schemes):
        work = ("header www-authenticate: proof of work",)
        return Terms(Verdict(reason=None, certainty="standard", evidence=work))
    verdict = _verdict(document, found, _attached(document, sent))
    if verdict is None:
        challenges = tuple(each for each in challenges if each.raw is not None)
    return Terms(verdict, challenges)


def _verdict(document: Document, found: list[Finding], attached: str | None) -> Verdict | None:
    failed = next((each for each in found if each.failed), None)
    if failed is not None:
        return _decided(Reason.PAYMENT_FAILED, failed.evidence, failed.code)
    if attached is not None and (found or not _is_of_account(document, found)):
        return _decided(Reason.PAYMENT_FAILED, attached, _code(found))
    if any(each.usable for each in found) or (found and not _is_of_account(document, found)):
        evidence = next((each for each in found if each.usable), found[0]).evidence
        return _decided(Reason.PAYMENT_CHALLENGE, evidence, _code(found))
    return None


def _decided(reason: Reason, evidence: str, code: str | None) -> Verdict:
    return Verdict(
        reason=reason, certainty="standard", evidence=(evidence,), code=code, scope="request"
    )


def _code(found: list[Finding]) -> str | None:
    return next((each.code for each in found if each.code is not None), None)


def _attached(document: Document, sent: Mapping[str, str]) -> str | None:
    """Say where the request carried a payment, if this response can be about it."""
    if not is_asking(document):
        return None
    for name in _PAYMENTS:
        # A crawler's offer below the price that is named now was refused, not tried.
        if sent.get(name) and not (
            name.startswith("crawler-") and "crawler-price" in document.headers
        ):
            return f"request header {name}"
    if _CREDENTIAL.match(sent.get("authorization", "")):
        return "request header authorization"
    return None


def _is_of_account(document: Document, found: list[Finding]) -> bool:
    """Say whether a response speaks of an account, as machine-readable terms do not."""
    said = [document.text, *(f"{leaf.key} {str(leaf.value)[:1_000]}" for leaf in document.leaves)]
    said += [
        str(challenge.raw)
        for each in found
        for challenge in each.challenges
        if challenge.protocol == "x402"
    ]
    return any(_ACCOUNT.search(words) for words in said)
