"""The responses that the code which raised an error had at hand.

Some SDKs raise errors that keep nothing of the response, and so do transports that fail to pay. The
frames of the error's traceback still hold it, if they are of the package that made the error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CARRIERS = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3"})
"""Packages that send: a response in their frames may be that of an earlier request."""

MOST = 50
"""Frames that are looked at, at most: an SDK's own, nearest to the error."""


def responses_near(error: BaseException) -> list[Any]:
    """Return the responses in the nearest frame that has any, in the order of its variables.

    Only frames of the package that the error's class is of count, from where it was raised
    outwards, up to the first of another package.

    Args:
        error: An exception that was raised.
    """
    package = _package(type(error).__module__)
    if package in CARRIERS:
        return []
    for names, variables in _frames(error):
        if _package(names.get("__name__")) != package:
            break
        found = [value for value in variables.values() if _is_response(value)]
        if found:
            return found
    return []


def unpaid(error: Exception) -> Any:
    """Return the 402 that a transport met and could not pay, None if that is not sure.

    It is not where another answer came, too, or where a request failed on its way: then nobody
    knows whether it was paid.

    Args:
        error: What the transport raised.
    """
    found = responses_near(error)
    if not found or any(response.status_code != 402 for response in found):  # noqa: PLR2004  # RFC 9110, 15.5.3
        return None
    cause: BaseException | None = error
    for _ in range(MOST):
        if cause is None:
            return found[-1]
        if _package(type(cause).__module__) in CARRIERS:
            return None
        cause = cause.__cause__ or cause.__context__
    return None


def _frames(error: BaseException) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the globals and the variables of an error's frames, from where it was raised."""
    frames = []
    at = error.__traceback__
    while at is not None:
        frames.append(at.tb_frame)
        at = at.tb_next
    for frame in reversed(frames[-MOST:]):
        yield frame.f_globals, dict(frame.f_locals)


def _package(module: Any) -> str:
    return str(module).partition(".")[0]


def _is_response(value: Any) -> bool:
    try:
        return isinstance(value.status_code, int) and hasattr(value, "headers")
    except Exception:  # properties of others raise what they like
        return False
