"""What standards say: RFC 9457 problems, payreq's own too, and codes that many APIs share."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from payreq.reading.claims import LIMIT
from payreq.reading.compiled import load
from payreq.reading.document import fold
from payreq.reading.loose import DEPTH
from payreq.reading.verdict import Verdict
from payreq.reading.wording import AGAINST, PAYMENT_REQUIRED, read_wording
from payreq.reasons import Reason
from payreq.safety import clean, web_url

if TYPE_CHECKING:
    from payreq.details import PaymentDetails
    from payreq.reading.document import Document
    from payreq.reading.wording import Heard

PROBLEM_TYPE = "urn:payreq:problem:"
"""What the `type` of a problem that payreq makes begins with; the reason follows."""

PROBLEM_STATUSES = (402, 403, 429)
"""What billing refusals may be sent with; 402 says it best (RFC 9110, 15.5.3)."""

READERS = frozenset(
    {"reason", "status", "message", "provider", "certainty", "evidence", "truncated"}
)
"""Fields that such a problem gives otherwise, or that are the reader's to say."""

_VAGUE = frozenset({"ambiguous", "money"})
_NO_RATE_LIMIT = frozenset({401, 402, 432, 456})
_CONFLICT, _SERVER_ERROR = 409, 500
_OF_THE_CALLERS_DATA = frozenset({404, _CONFLICT, 410, 422})
_OF_A_SUBSCRIPTION = frozenset(
    {
        Reason.INVOICE_UNPAID,
        Reason.PAYMENT_METHOD_REQUIRED,
        Reason.SUBSCRIPTION_EXPIRED,
        Reason.TRIAL_EXPIRED,
    }
)
"""What customers of the caller can be in, too: APIs of billing tell so of their objects."""
_OF_DAYS_TOO = frozenset({"balance", "lack"})
"""What is told of days of leave and of goods in stock as it is of money."""
_OF_TIME_TOO = frozenset({"budget", "lack", "over"})
"""What is told of a budget of milliseconds, too."""
_BILLING_OF_THE_CALLER = frozenset({"own", "account", "upgrade", "sales", "resume"})
_BILLING = frozenset(
    {"billing", "budget", "credits", "paid", "period", "plan", "sales", "subscription", "upgrade"}
)


class _Meaning(NamedTuple):
    weight: str  # the table of codes.toml in which the code stands
    reason: Reason | None


def own_problem(document: Document) -> PaymentDetails | None:
    """Return the facts of a problem that `payreq.problem` made, or None if it is none.

    Args:
        document: The response. Members that do not fit are left out, one by one.
    """
    data = document.data
    if (
        document.kind != "json"
        or document.status not in PROBLEM_STATUSES
        or not isinstance(data, dict)
        or not str(data.get("type")).startswith(PROBLEM_TYPE)
    ):
        return None
    named = str(data["type"]).removeprefix(PROBLEM_TYPE)
    if named not in set(Reason):
        return None
    detail = data.get("detail")
    sent = {name: value for name, value in data.items() if name not in READERS}
    return _fitting(
        sent,
        {
            "reason": named,
            "status": document.status,
            "message": clean(detail) or None if isinstance(detail, str) else None,
            "certainty": "standard",
            "evidence": (f"type {PROBLEM_TYPE}{named}",),
            "truncated": document.truncated,
        },
    )


def read_standard(document: Document, heard: Heard) -> Verdict | None:
    """Return what an RFC 9457 type or a code that many APIs share says, or None.

    Args:
        document: The response, an error.
        heard: Its ideas.
    """
    found = [
        (meaning, code, place)
        for code, place in heard.codes
        if (meaning := _meaning_of(code)) is not None
    ]
    found.sort(key=_rank)
    for meaning, code, place in found:
        if not _holds(meaning, heard, document.status):
            continue
        # Such codes tell the cause less well than the words beside them do.
        if meaning.weight in _VAGUE:
            worded = read_wording(document, heard, about_money=meaning.weight == "money")
            if worded is not None:
                return worded
        return Verdict(
            reason=meaning.reason,
            certainty="standard",
            evidence=(f"code {clean(code)} at {clean(place)}",),
            # What is told of a subscription is no code of this error.
            code=None if place.endswith("status") else clean(code),
        )
    return None


def _rank(found: tuple[_Meaning, str, str]) -> tuple[bool, ...]:
    """Return a key that puts first what is certain, last what names no cause.

    Of two codes of one rank, the one that is called a code goes first.
    """
    meaning, _, place = found
    return meaning.weight == "money", meaning.weight != "certain", not place.endswith("code")


def _holds(meaning: _Meaning, heard: Heard, status: int) -> bool:
    """Say whether what stands beside a code lets it mean what it can mean."""
    borne_out = _BILLING & heard.ideas
    return {
        "certain": not _may_be_the_callers(meaning, heard, status),
        "on_402": status == PAYMENT_REQUIRED,
        "money": status not in _OF_THE_CALLERS_DATA,
        "limits": _is_lasting(heard, status),
        "ambiguous": _is_lasting(heard, status)
        and (
            status in _NO_RATE_LIMIT
            or (bool(borne_out) and ("soon" not in heard.ideas or "period" in borne_out))
        ),
    }[meaning.weight]


def _may_be_the_callers(meaning: _Meaning, heard: Heard, status: int) -> bool:
    """Say whether a code may tell of the caller's own data: a customer's plan, days of leave."""
    if meaning.reason in _OF_A_SUBSCRIPTION:
        theirs = status in _OF_THE_CALLERS_DATA | {400}
        return theirs and _BILLING_OF_THE_CALLER.isdisjoint(heard.ideas)
    if meaning.reason is Reason.SPEND_LIMIT_REACHED and status >= _SERVER_ERROR:
        return heard.ideas <= _OF_TIME_TOO
    return status == _CONFLICT and frozenset(heard.ideas) == _OF_DAYS_TOO


def _is_lasting(heard: Heard, status: int) -> bool:
    """Say whether nothing tells of a limit that waiting lifts."""
    against = {"concurrency"} if status in _NO_RATE_LIMIT else AGAINST
    return against.isdisjoint(heard.ideas)


def _meaning_of(code: str) -> _Meaning | None:
    """Return what a code means, or its last part: `InvalidAccount.InsufficientBalance`."""
    known = _codes()
    return known.get(_folded(code)) or known.get(_folded(code.rpartition(".")[2]))


def _folded(code: str) -> str:
    folded = fold(code)
    for idle in ("error", "err"):
        folded = folded.removeprefix(idle)
    for idle in ("exception", "error"):
        folded = folded.removesuffix(idle)
    return folded


@cache
def _codes() -> dict[str, _Meaning]:
    """Return the meaning of each folded code."""
    known: dict[str, _Meaning] = {}
    for weight, table in load("codes").items():
        for name, codes in table.items():
            reason = None if name == "not_billing" else Reason(name)
            for code in codes:
                known[_folded(code)] = _Meaning(weight, reason)
    return known


def _fitting(sent: dict[str, Any], known: dict[str, Any]) -> PaymentDetails:
    from pydantic import ValidationError  # noqa: PLC0415  # loads pydantic

    from payreq.details import PaymentDetails  # noqa: PLC0415  # loads pydantic

    sent = {name: sent[name] for name in PaymentDetails.model_fields if name in sent}
    sent["challenges"] = [
        challenge
        for each in _listed(sent.get("challenges"))
        if (challenge := _challenge(each)) is not None
    ]
    try:
        details = PaymentDetails.model_validate(sent | known)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
        details = PaymentDetails.model_validate(
            {name: value for name, value in sent.items() if name not in wrong} | known
        )
    return details.model_copy(update={name: _safe(name, getattr(details, name)) for name in sent})


def _challenge(sent: Any) -> Any:
    """Return a challenge without the members that do not fit, or None."""
    from pydantic import ValidationError  # noqa: PLC0415  # loads pydantic

    from payreq.details import Challenge  # noqa: PLC0415  # loads pydantic

    if not isinstance(sent, dict):
        return None
    terms = sent | {"raw": _as_sent(sent.get("raw"))}
    try:
        return Challenge.model_validate(terms)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
    if "protocol" in wrong:
        return None
    return Challenge.model_validate({name: terms[name] for name in terms.keys() - wrong})


def _as_sent(raw: Any, depth: int = DEPTH) -> Any:
    """Return JSON with its fractions as the floats they were made from."""
    if not depth:
        return None
    if isinstance(raw, dict):
        return {name: _as_sent(value, depth - 1) for name, value in raw.items()}
    if isinstance(raw, list):
        return [_as_sent(value, depth - 1) for value in raw]
    return float(raw) if isinstance(raw, Decimal) else raw


def _listed(value: Any) -> list[Any]:
    return value[:LIMIT] if isinstance(value, list) else []


def _safe(name: str, value: Any) -> Any:
    if isinstance(value, str):
        if name.endswith("_url"):
            return value if web_url(value) == value else None
        return clean(value, len(value)) or None
    if isinstance(value, float) and not (isfinite(value) and value >= 0):
        return None
    return value
