"""What a web app answers its own visitor when an API refused it: an RFC 9457 problem.

Everything said is payreq's or the app's own; of what the API sent only checked facts go on, and
to nobody but those who can pay or may ask who can.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from payreq.problems import FAILED, RESTING, document_of, plain_document
from payreq.reading.providers import about
from payreq.reasons import Reason
from payreq.telling.knowledge import is_default, named
from payreq.telling.languages import subtags
from payreq.telling.links import links
from payreq.telling.messages import Voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payreq.exceptions import PaymentRequired
    from payreq.telling.messages import UserMessage

CONTENT_TYPE = "application/problem+json"

PRIVATE = {
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",  # facts are told as they are, for JSON
}
"""Headers of whatever a visitor is told: for this one alone, and as nothing but JSON."""

_RANGE = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4})(?:\s*;\s*q=([01](?:\.\d{0,3})?))?")
_HEADER = 500  # characters of an Accept-Language that are looked at
_LANGUAGES = 8
_NUMBERS = ("limit", "used", "remaining", "balance", "amount", "resets_at")
_NAMES = ("plan", "required_plan", "currency", "unit")
_LINKS = ("billing", "upgrade", "invoice")


def languages(accept: str) -> list[str]:
    """Return the tags of an Accept-Language header, the most wanted first (RFC 9110, 12.5.4).

    Args:
        accept: The header, "" where there is none.
    """
    matches = (_RANGE.fullmatch(each.strip()) for each in accept[:_HEADER].split(","))
    wanted = [(float(match[2] or 1), match[1]) for match in matches if match]
    wanted.sort(key=lambda each: -each[0])
    return [tag for quality, tag in wanted if quality > 0][:_LANGUAGES]


def spoken(subject: Any, wanted: Sequence[str]) -> UserMessage:
    """Return the words for a refusal or a block, in the first wanted language that there is.

    Args:
        subject: The refusal or block.
        wanted: Tags, the most wanted first; where there is none of them, the guard's own.
    """
    for tag in wanted:
        message: UserMessage = subject.user_message(locale=tag)
        if subtags(message.locale)[0].lower() == subtags(tag)[0].lower():
            return message
    return subject.user_message()  # type: ignore[no-any-return]  # a refusal's or a block's


def rests(subject: Any, message: UserMessage) -> bool:
    """Say whether nobody who reads a message can do anything about it."""
    return message.audience == "visitor" or subject.details.payer == "upstream"


def answer(
    refusal: PaymentRequired, wanted: Sequence[str], now: float
) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body that tell a visitor of a refusal.

    402 for who can pay, or can ask who can; 503 where the visitor can do nothing; 422 for a
    transaction that failed, which no payment for access would cure.

    Args:
        refusal: The refusal.
        wanted: Languages, the most wanted first.
        now: The guard's time, POSIX seconds.
    """
    message = spoken(refusal, wanted)
    headers = {
        "Content-Type": CONTENT_TYPE,
        "Content-Language": message.locale,
        **PRIVATE,
    }
    if refusal.reason is Reason.PAYMENT_FAILED:
        document = plain_document(FAILED, message.body)
    elif rests(refusal, message):
        document = plain_document(RESTING, message.body)
        after = _seconds(refusal, now)
        if after is not None:
            headers["Retry-After"] = str(after)  # RFC 9110, 10.2.3
    else:
        document = document_of(refusal.details.model_copy(update=_checked(refusal, message)))
    if refusal.feature and not is_default(refusal.feature):
        document["feature"] = named(refusal.feature)
    document["user_message"] = message.to_dict()
    return document["status"], headers, json.dumps(document, ensure_ascii=False).encode()


def _checked(refusal: PaymentRequired, message: UserMessage) -> dict[str, Any]:
    """Return every fact as it may be shown; None for what the API may not say here."""
    details, voice = refusal.details, refusal.voice or Voice()
    known = about(details.provider, voice.profiles)
    pages = {link.kind: link.url for link in reversed(links(refusal, voice=voice, about=known))}
    kept = {name: getattr(details, name) for name in _NUMBERS}
    kept |= {name: named(getattr(details, name)) for name in _NAMES}
    kept |= {f"{kind}_url": pages.get(kind) for kind in _LINKS}
    empty = dict.fromkeys(type(details).model_fields) | {"challenges": ()}
    return empty | kept | {"reason": details.reason, "status": 402, "message": message.body}


def _seconds(refusal: PaymentRequired, now: float) -> int | None:
    """Return after how many seconds a request may be let through again, as far as known."""
    if refusal.block is not None:
        return max(1, math.ceil(refusal.block.next_check.timestamp() - now))
    after = refusal.details.retry_after
    return None if after is None else math.ceil(after)
