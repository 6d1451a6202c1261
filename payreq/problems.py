"""For API owners: the answer to send when access must be paid for, an RFC 9457 problem.

Its members are named like the fields of `PaymentDetails`, so that `payreq.parse` reads it back
whole, and a person can read it, too.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from http import HTTPStatus
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from payreq.reading.standard import PROBLEM_STATUSES as STATUSES
from payreq.reading.standard import PROBLEM_TYPE as TYPE
from payreq.reading.standard import READERS
from payreq.reasons import MEANINGS, Reason
from payreq.safety import clean, web_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from payreq.details import PaymentDetails

RESTING = 503
"""The status for who can do nothing about a refusal."""

FAILED = 422
"""The status for a transaction that failed."""

_ATTRIBUTE = re.compile(r"^    (\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)
_WHY_NOT = (
    "payment_failed is no problem to send: 402 is for access that must be paid for, not for a "
    "transaction that failed, nor for authentication (401) or permission (403); answer a failed "
    "transaction with a status of its own, such as 422, and a code that says what failed"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer to send.

    Attributes:
        status: The HTTP status.
        headers: Content-Type, Cache-Control, and Retry-After where that is known.
        body: The body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def problem(
    reason: Reason | str, *, detail: str | None = None, status: int = 402, **fields: Any
) -> Problem:
    """Make the answer that tells a caller what must be paid for.

    Args:
        reason: The cause, a `Reason` or its value.
        detail: What happened, in words for people.
        status: 402; 403 or 429 where clients of yours expect it.
        **fields: Facts, under the names of `PaymentDetails`: `required_plan="pro"`,
            `limit=1000`, `resets_at=...`, `upgrade_url=...`.

    Raises:
        TypeError: A field has no such name, or `detail` is no text.
        ValueError: A value does not fit, or the reason is none; also `payment_failed`, since 402
            is for access that must be paid for, not for a transaction that failed.

    Example:
        >>> from payreq import problem
        >>> problem("plan_upgrade_required", required_plan="pro").status
        402
    """
    known = _reason(reason)
    _check_detail(detail)
    if status not in STATUSES:
        raise ValueError(f"status must be 402, 403 or 429, not {status!r}")
    _check_names(fields)
    details = _validated(known, status, fields)
    return _made(details.model_copy(update={"message": clean(detail) if detail else None}))


def problem_of(details: PaymentDetails) -> Problem:
    """Make the 402 that tells of a refusal that was read elsewhere.

    Args:
        details: What was read.
    """
    return _made(details.model_copy(update={"status": 402}))


def document_of(details: PaymentDetails) -> dict[str, Any]:
    """Return the body that tells of a refusal, as data for JSON.

    Args:
        details: What is told.
    """
    facts = details.model_dump(mode="json", exclude_none=True, include=set(_names()))
    if not details.challenges:
        del facts["challenges"]
    return {
        "type": TYPE + details.reason,
        "title": _sentence(MEANINGS[details.reason].title),
        "status": details.status,
        **({"detail": details.message} if details.message else {}),
        **facts,
    }


def plain_document(status: int, detail: str) -> dict[str, Any]:
    """Return a body that asks nobody to pay for access, as data for JSON.

    Args:
        status: `RESTING` or `FAILED`.
        detail: What happened, in words for people.
    """
    title = HTTPStatus(status).phrase  # RFC 9457, 4.2.1
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the body that `problem` makes.

    It holds for what payreq's web integrations answer, too.
    """
    from payreq.details import Challenge, PaymentDetails  # noqa: PLC0415  # loads pydantic

    sendable = [TYPE + reason for reason in Reason if reason is not Reason.PAYMENT_FAILED]
    head = {
        "type": {
            "enum": [*sendable, "about:blank"],
            "description": "The cause; about:blank where who reads it has nothing to pay for.",
        },
        "title": {"type": "string", "description": "The cause in a few words."},
        "status": {"enum": [*STATUSES, RESTING, FAILED], "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened, in words for people."},
        "user_message": {
            "type": "object",
            "description": "The words for a person, from an app that an API refused.",
        },
    }
    facts = _properties(PaymentDetails)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:payreq:schema:problem",
        "title": "A billing refusal, as an RFC 9457 problem",
        "type": "object",
        "properties": head | {name: facts[name] for name in _names()},
        "required": ["type", "title", "status"],
        "$defs": {
            "Challenge": {
                "type": "object",
                "properties": _properties(Challenge),
                "required": ["protocol"],
            },
        },
    }


def _names() -> tuple[str, ...]:
    from payreq.details import PaymentDetails  # noqa: PLC0415  # loads pydantic

    return tuple(name for name in PaymentDetails.model_fields if name not in READERS)


def _reason(reason: Any) -> Reason:
    try:
        known = Reason(reason)
    except ValueError:
        values = ", ".join(each for each in Reason if each is not Reason.PAYMENT_FAILED)
        raise ValueError(f"reason must be one of {values}; not {reason!r}") from None
    if known is Reason.PAYMENT_FAILED:
        raise ValueError(_WHY_NOT)
    return known


def _check_detail(detail: Any) -> None:
    if detail is not None and not isinstance(detail, str):
        raise TypeError(f"detail must be text, not {type(detail).__name__}")


def _check_names(fields: Mapping[str, Any]) -> None:
    names = _names()
    for name in fields:
        if name == "message":
            raise TypeError("message is given as detail=...")
        if name in READERS:
            raise TypeError(f"{name} is for the reader to say: it cannot be sent")
        if name not in names:
            close = get_close_matches(name, names, n=1)
            meant = f"; {close[0]!r} is near" if close else ""
            raise TypeError(f"{name!r} is no field of PaymentDetails{meant}: {', '.join(names)}")


def _validated(reason: Reason, status: int, fields: Mapping[str, Any]) -> PaymentDetails:
    from pydantic import ValidationError  # noqa: PLC0415  # loads pydantic

    from payreq.details import PaymentDetails  # noqa: PLC0415  # loads pydantic

    try:
        details = PaymentDetails.model_validate({**fields, "reason": reason, "status": status})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg']}, not {fields[str(first['loc'][0])]!r}") from None
    after = details.retry_after
    if after is not None and not 0 <= after < math.inf:
        raise ValueError(f"retry_after must be seconds from now, not {after!r}")
    cleaned: dict[str, Any] = {}
    for name in fields:
        value = getattr(details, name)
        if name.endswith("_url") and value is not None and web_url(value) != value:
            raise ValueError(f"{name} must be an absolute http(s) URL, not {value!r}")
        if isinstance(value, str):
            cleaned[name] = clean(value, max(len(value), 1)) or None
    return details.model_copy(update=cleaned)


def _made(details: PaymentDetails) -> Problem:
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if details.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(details.retry_after))  # RFC 9110, 10.2.3
    return Problem(details.status, headers, _encoded(document_of(details)))


def _encoded(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _properties(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's properties without null, which is never sent, each with its meaning."""
    documented = cleandoc(model.__doc__ or "")  # which Python does itself from 3.13 on
    told = {match[1]: match[2] for match in _ATTRIBUTE.finditer(documented)}
    made = model.model_json_schema(mode="serialization")["properties"]
    return {
        name: {
            **_without_null(made[name]),
            "description": re.sub(r"\s+", " ", told.get(name, name)),
        }
        for name in made
    }


def _without_null(declared: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in declared.items() if name not in {"default", "title"}}
    options = [option for option in kept.pop("anyOf", ()) if option != {"type": "null"}]
    if len(options) > 1:
        kept["anyOf"] = options
    return {**kept, **(options[0] if len(options) == 1 else {})}
