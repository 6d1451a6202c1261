"""The responses that stood beside an error when it was raised.

Some SDKs raise errors that keep nothing of the response, and so do transports that fail to pay: the
frames of the traceback still hold it. Those of packages that send do not count: what stands there
may answer an earlier request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

SENDERS = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "payreq"})

MOST = 50
"""Frames and causes that are looked at, at most: those nearest to where it was raised."""


def beside(error: BaseException, *, package: str | None = None) -> list[Any]:
    """Return the responses in the nearest frame of a package that has any.

    Args:
        error: An exception that was raised.
        package: The name of the package; left out: that which the error's class is of.

    Returns:
        The responses, in the order of the frame's variables.
    """
    package = package or package_of(type(error))
    for frame in reversed(_frames(error)):
        if package not in SENDERS and _package(frame.f_globals.get("__name__")) == package:
            found = [value for value in dict(frame.f_locals).values() if _is_response(value)]
            if found:
                return found
    return []


def unpaid(error: BaseException, transport: Any) -> Any:
    """Return the 402 that a transport met and could not pay, None if that is not sure.

    It is not where another answer came, too, or where a request failed on its way: then nobody
    knows whether it was paid.

    Args:
        error: What the transport raised.
        transport: The transport.
    """
    if not isinstance(error, Exception) or _failed_on_its_way(error):
        return None
    found = beside(error, package=package_of(type(transport)))
    if any(response.status_code != 402 for response in found):  # noqa: PLR2004  # RFC 9110, 15.5.3
        return None
    return found[-1] if found else None


def package_of(kind: type) -> str:
    """Return the name of the package that a class is of."""
    return _package(kind.__module__)


def _failed_on_its_way(error: BaseException) -> bool:
    cause: BaseException | None = error
    for _ in range(MOST):
        if cause is None:
            return False
        if package_of(type(cause)) in SENDERS:
            return True
        cause = cause.__cause__ or cause.__context__
    return True


def _frames(error: BaseException) -> list[FrameType]:
    frames = []
    at = error.__traceback__
    while at is not None:
        frames.append(at.tb_frame)
        at = at.tb_next
    return frames[-MOST:]


def _package(module: Any) -> str:
    return str(module).partition(".")[0]


def _is_response(value: Any) -> bool:
    try:
        return isinstance(value.status_code, int) and hasattr(value, "headers")
    except Exception:  # properties of others raise what they like
        return False
