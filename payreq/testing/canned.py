"""Refusals as an app meets them: the answers of providers, and the exceptions."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from payreq.details import PaymentDetails
from payreq.exceptions import refusal as made
from payreq.problems import problem
from payreq.reasons import Reason
from payreq.testing.clock import START
from payreq.testing.examples import examples

if TYPE_CHECKING:
    import httpx

    from payreq.exceptions import PaymentRequired


def refusal(provider: str, reason: Reason | str, *, library: Any = None) -> httpx.Response:
    """Return what a provider answers when it refuses, ready for respx or a MockTransport.

    Status, headers and body are those of the provider, for a request to its own host; its
    sentences are in words of ours.

    Args:
        provider: Its short name, as `payreq providers` lists it.
        reason: The cause, of those that the provider tells apart.
        library: `httpx2` for a response of its own; left out: httpx.

    Raises:
        ValueError: There is no such provider, or no such answer of it; the text says which are.

    Example:
        >>> refusal("openai", "credits_exhausted").status_code
        429
    """
    known = examples()
    example = known.get((provider, Reason(reason)))
    if example is None:
        raise ValueError(_instead(provider, reason, list(known)))
    if library is None:
        import httpx as library  # noqa: PLC0415  # only where responses are made
    return library.Response(  # type: ignore[no-any-return]  # a library's own class
        example.status,
        headers=dict(example.headers),
        content=example.body.encode(),
        request=library.Request(example.method, example.url),
    )


def response(reason: Reason | str, *, library: Any = None, **fields: Any) -> httpx.Response:
    """Return what an API that sends `payreq.problem` answers, ready for respx or a MockTransport.

    Args:
        reason: The cause. A `payment_failed` is answered as card processors do.
        library: `httpx2` for a response of its own; left out: httpx.
        **fields: `status`, `detail` and facts, as `payreq.problem` takes them.

    Raises:
        TypeError, ValueError: Those of `payreq.problem`.

    Example:
        >>> response("trial_expired", plan="trial").status_code
        402
    """
    if library is None:
        import httpx as library  # noqa: PLC0415  # only where responses are made
    if reason == Reason.PAYMENT_FAILED:
        error = {"type": "card_error", "code": "card_declined", **fields}
        return library.Response(402, json={"error": error})  # type: ignore[no-any-return]  # a library's own class
    sent = problem(reason, **fields)
    return library.Response(  # type: ignore[no-any-return]  # a library's own class
        sent.status, headers=sent.headers, content=sent.body
    )


def exception(reason: Reason | str, *, sent: bool = True, **facts: Any) -> PaymentRequired:
    """Return the exception that an app has to handle.

    Args:
        reason: The cause.
        sent: False: as if it was refused here, without a request.
        **facts: Fields of `PaymentDetails`; the status is 402 unless given.

    Raises:
        TypeError: A fact has no such name.
        ValueError: There is no such reason, or a value does not fit.

    Example:
        >>> str(exception("quota_exceeded", provider="examplecorp"))
        "examplecorp: the plan's allowance is used up (status 402); sent"
    """
    unknown = facts.keys() - PaymentDetails.model_fields
    if unknown:
        raise TypeError(f"PaymentDetails has no field {min(unknown)!r}")
    details = PaymentDetails.model_validate({"status": 402, **facts, "reason": Reason(reason)})
    return made(details, sent=sent, at=datetime.fromtimestamp(START, UTC))


def _instead(provider: str, reason: Reason | str, known: list[tuple[str, Reason]]) -> str:
    """Return what there is in place of an example that there is not."""
    reasons = [each for name, each in known if name == provider]
    if reasons:
        return f"{provider} has no example of {reason!s}; it has {', '.join(reasons)}"
    near = get_close_matches(provider, {name for name, _ in known})
    meant = f"; {' or '.join(near)} is near" if near else ""
    return f"{provider!r} is no provider with an example{meant}: `payreq providers` lists them"
