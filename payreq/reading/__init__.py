"""A response, read: is it a billing refusal, why, and what does it say? Pure, and never raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payreq.reading.hiding import may_hide_refusal
from payreq.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from payreq.details import PaymentDetails
    from payreq.reading.profiles import Profile

__all__ = ["may_hide_refusal", "parse", "read"]

PAYMENT_REQUIRED = 402


def parse(response: Any) -> PaymentDetails | None:
    """Read a response and return the facts of its billing refusal, or None if it is none.

    Args:
        response: An `httpx.Response` or `httpx2.Response` whose body has been read, or anything
            with `status_code`, `headers` and `content`, as those of requests are.

    Returns:
        The facts. A 402 always has some, however broken its body, save where the provider's
        profile or its plain words say that it is about something else.

    Example:
        >>> import httpx, payreq
        >>> payreq.parse(httpx.Response(402)).certainty
        'status'
        >>> payreq.parse(httpx.Response(429)) is None
        True
    """
    try:
        status = int(response.status_code)
    except Exception:  # whatever it is, it is no response
        return None
    request = _get(response, "request")
    return read(
        status,
        _get(response, "headers"),
        _body(response),
        url=_text(_get(response, "url")) or _text(_get(request, "url")),
        request_headers=_get(request, "headers"),
    )


def read(
    status: int,
    headers: Any,
    body: bytes,
    *,
    url: str | None = None,
    request_headers: Any = None,
    truncated: bool = False,
    extra: Sequence[Profile] = (),
) -> PaymentDetails | None:
    """Do what `parse` does, from the parts of a response.

    Args:
        status: The HTTP status.
        headers: The response's headers: a mapping, such as httpx's.
        body: The decoded body, or the part of it that was read.
        url: The URL that was asked.
        request_headers: The request's headers, which say whether a payment was attached.
        truncated: Whether `body` is only a part.
        extra: Profiles of the user's own, which go before those that come with payreq.
    """
    # Here and below: a guard's healthy requests ask `hiding` alone, and load nothing of this.
    from payreq.reading.claims import is_asking  # noqa: PLC0415  # see above
    from payreq.reading.document import fold_headers, read_document  # noqa: PLC0415  # see above
    from payreq.reading.judging import judge  # noqa: PLC0415  # see above

    try:
        document = read_document(
            status,
            fold_headers(_items(headers)),
            body,
            url=url,
            truncated=truncated,
        )
        # Where no money is asked for, no payment was refused.
        sent = fold_headers(_items(request_headers)) if is_asking(document) else {}
        return judge(document, sent, extra)
    except Exception:  # no input may make reading raise; a 402 stays a refusal
        return _bare(status) if status == PAYMENT_REQUIRED else None


def _bare(status: int) -> PaymentDetails:
    from payreq.details import PaymentDetails  # noqa: PLC0415  # loads pydantic

    return PaymentDetails(
        reason=Reason.UNKNOWN, status=status, certainty="status", evidence=("status 402",)
    )


def _items(headers: Any) -> Iterable[tuple[object, object]]:
    if headers is None:
        return ()
    items: Iterable[tuple[object, object]] = headers.items()
    return items


def _body(response: Any) -> bytes:
    try:
        content = response.content
    except Exception:  # each library has its own error for a body not read
        return b""
    return content if isinstance(content, bytes) else str(content or "").encode()


def _get(thing: Any, name: str) -> Any:
    try:
        return getattr(thing, name)
    except Exception:  # it has none, or is httpx's response without a request
        return None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
