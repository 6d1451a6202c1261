"""The refusal inside someone else's response or exception.

Vendor SDKs, retry libraries and task groups wrap what was received: the response stands in a
status error, or beside it, that in a cause, that in a group. Whatever is found is read like any
response.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import TYPE_CHECKING, Any, TypeVar

from payreq.exceptions import PaymentRequired, fresh, refusal, request_of
from payreq.frames import beside
from payreq.redaction import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

MOST = 200
"""How many exceptions of a chain or group are looked at, at most."""

STRIPE = "https://api.stripe.com"
"""Where stripe's errors come from: they keep status, headers and body, but no request."""

_Function = TypeVar("_Function", bound="Callable[..., Any]")


def detect(thing: Any) -> PaymentRequired | None:
    """Find the billing refusal in a response or an exception.

    Args:
        thing: A response of httpx, httpx2 or requests, or any exception: payreq's own, a vendor
            SDK's status error (stripe's and botocore's too), an `HTTPStatusError`, a
            `tenacity.RetryError`, an exception group, or one that has such a cause.

    Returns:
        The refusal, with the response it was found in; None if there is none. Never raises.

    Example:
        >>> import httpx, payreq
        >>> payreq.detect(httpx.Response(402)).reason
        <Reason.UNKNOWN: 'unknown'>
    """
    if not isinstance(thing, BaseException):
        return _read(thing)
    waiting = deque([thing])
    seen: set[int] = set()
    while waiting and len(seen) < MOST:
        error = waiting.popleft()
        if id(error) in seen:
            continue
        seen.add(id(error))
        found = error if isinstance(error, PaymentRequired) else _in_error(error)
        if found is not None:
            return found
        waiting += _within(error)
    return None


def is_payment_required(exception: BaseException) -> bool:
    """Say whether an exception is, or holds, a billing refusal: for `giveup=` of backoff.

    Args:
        exception: Any exception.
    """
    return detect(exception) is not None


def not_payment_required(exception: BaseException) -> bool:
    """Say whether an exception may be worth a retry.

    For stamina's `on=` and tenacity's `retry_if_exception`.

    Args:
        exception: Any exception; what is no `Exception` (Ctrl-C, a cancellation) is not retried.
    """
    return isinstance(exception, Exception) and detect(exception) is None


def translate() -> Translation:
    """Raise the billing refusal that is found in any exception which leaves the block.

    A context manager, and a decorator for functions, coroutine functions and generators of both
    kinds. An exception without a refusal in it leaves as it is, and so does a refusal.

    Example:
        >>> import httpx, payreq
        >>> with payreq.translate():
        ...     httpx.Response(402, request=httpx.Request("GET", "https://api.example.com")
        ...     ).raise_for_status()
        Traceback (most recent call last):
        payreq.exceptions.PaymentRequired: api.example.com: payment is required (status 402); sent
    """
    return Translation()


class Translation:
    """What `translate()` returns; holds no state, so it may be entered again and again."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # A cancellation or Ctrl-C is nobody's refusal, whatever it interrupted.
        if not isinstance(error, Exception) or isinstance(error, PaymentRequired):
            return
        found = detect(error)
        if found is not None:
            raise fresh(found) from None

    def __call__(self, function: _Function) -> _Function:
        """Decorate a function of any kind."""
        return wraps(function)(_around(self, function))  # type: ignore[return-value]  # same signature


def _around(translation: Translation, function: Callable[..., Any]) -> Callable[..., Any]:
    if iscoroutinefunction(function):

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with translation:
                return await function(*args, **kwargs)

        return coroutine
    if isasyncgenfunction(function):

        async def items(*args: Any, **kwargs: Any) -> Any:
            with translation:
                async with aclosing(function(*args, **kwargs)) as source:
                    async for item in source:
                        yield item

        return items
    if isgeneratorfunction(function):

        def generator(*args: Any, **kwargs: Any) -> Any:
            with translation:
                return (yield from function(*args, **kwargs))

        return generator

    def plain(*args: Any, **kwargs: Any) -> Any:
        with translation:
            return function(*args, **kwargs)

    return plain


def _read(response: Any) -> PaymentRequired | None:
    """Return the refusal in a response: the one it is marked with, else what it says."""
    found = _marked(response)
    if found is not None:
        return found
    try:
        if not isinstance(_get(response, "status_code"), int):
            return None
        from payreq.reading import parse  # noqa: PLC0415  # loads pydantic: only for responses

        details = parse(response)
        if details is None:
            return None
        request = request_of(response)
        return refusal(
            details,
            request=request,
            response=response,
            at=datetime.now(UTC),
        )
    except Exception:  # what only looks like a response may raise anything
        return None


def _marked(response: Any) -> PaymentRequired | None:
    """Return the refusal that a guard marked a response with."""
    try:
        found = response.extensions.get("payreq")
    except Exception:  # what is no response of httpx has other extensions, or none
        return None
    return found if isinstance(found, PaymentRequired) else None


def _in_error(error: BaseException) -> PaymentRequired | None:
    """Return the refusal in the response that an exception carries, or was raised beside."""
    kept = (_get(error, "response"), _speakeasy(error), _stripe(error))
    if all(answer is None for answer in kept):
        return _beside(error)
    for answer in kept:
        found = _read(_botocore(answer) if isinstance(answer, Mapping) else answer)
        if found is not None:
            return found
    return None


def _beside(error: BaseException) -> PaymentRequired | None:
    """Return the refusal that stood where an error was raised, if the error repeats it.

    cohere's, replicate's and postgrest's errors keep a status or a message, and no response.
    """
    said = {each for each in vars(error).values() if isinstance(each, (int, str)) and each}
    for response in beside(error) if said else ():
        found, status = _read(response), response.status_code
        if found is not None and said & {status, str(status), found.details.message}:
            return found
    return None


def _within(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions within one, nearest first."""
    attempt = _get(error, "last_attempt")  # tenacity.RetryError: a future that is done
    if attempt is not None:
        yield from _attempted(attempt)
    if isinstance(error, BaseExceptionGroup):
        yield from error.exceptions
    if error.__cause__ is not None:
        yield error.__cause__
    if error.__context__ is not None and not error.__suppress_context__:
        yield error.__context__


def _attempted(attempt: Any) -> Iterator[BaseException]:
    try:
        raised = attempt.exception(timeout=0)
        found = None if raised is not None else _read(attempt.result(timeout=0))
    except Exception:  # someone else's attribute of that name, or one under way
        return
    for each in (raised, found):
        if isinstance(each, BaseException):
            yield each


def _stripe(error: BaseException) -> Answer | None:
    """Return the answer behind an error of stripe, which keeps its parts and no response."""
    status = _get(error, "http_status")
    headers = _get(error, "headers")
    if not isinstance(status, int) or not isinstance(headers, Mapping):
        return None
    body = _get(error, "http_body")
    if not isinstance(body, (str, bytes)):
        body = json.dumps(_get(error, "json_body"), default=str)
    content = body.encode() if isinstance(body, str) else body
    ours = any(kind.__module__.partition(".")[0] == "stripe" for kind in type(error).__mro__)
    return Answer(status, headers, content, url=STRIPE if ours else None)


def _speakeasy(error: BaseException) -> Any:
    """Return the answer behind an error of an SDK that Speakeasy made, such as mistralai's.

    Where the answer was a stream, the error alone has its text.
    """
    response, text = _get(error, "raw_response"), _get(error, "body")
    whole = response is None or _get(response, "content") is not None
    if whole or _marked(response) or not isinstance(text, str):
        return response
    status, headers, request = (_get(response, of) for of in ("status_code", "headers", "request"))
    return Answer(status, headers, text.encode(), request=request)


def _botocore(parsed: Mapping[str, Any]) -> Answer | None:
    """Return the answer that botocore's `ClientError.response` was parsed from."""
    error = parsed.get("Error")
    about = parsed.get("ResponseMetadata")
    if not isinstance(error, Mapping) or not isinstance(about, Mapping):
        return None
    status = about.get("HTTPStatusCode")
    if not isinstance(status, int):
        return None
    sent = about.get("HTTPHeaders")
    headers = {"x-amzn-requestid": str(about.get("RequestId") or "")} | (
        {str(name).lower(): str(value) for name, value in sent.items()}
        if isinstance(sent, Mapping)
        else {}
    )
    code = str(error.get("Code") or "")
    # As AWS's JSON protocols write it, whichever protocol it came by.
    body = {"__type": code, "code": code, "message": str(error.get("Message") or "")}
    headers = {name: value for name, value in headers.items() if name != "content-type"}
    return Answer(status, headers | {"content-type": "application/json"}, json.dumps(body).encode())


def _get(thing: Any, name: str) -> Any:
    """Return an attribute; None where there is none, or where asking for it fails."""
    try:
        return getattr(thing, name, None)
    except Exception:  # properties of others raise what they like
        return None
