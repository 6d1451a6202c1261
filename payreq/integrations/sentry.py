"""Sentry: a billing refusal is business, not a fault of the program."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, get_args

from payreq.extras import missing
from payreq.integrations.refusals import refusal_in

try:
    import_module("sentry_sdk")  # without it, nobody calls what stands here
except ImportError as error:
    raise missing(error, __name__, "sentry") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentry_sdk.types import Event, Hint

    BeforeSend = Callable[[Event, Hint], Event | None]

Action = Literal["drop", "downgrade"]


def before_send(then: BeforeSend | None = None, action: Action = "drop") -> BeforeSend:
    """Return a `before_send` for `sentry_sdk.init` that knows billing refusals.

    It finds them in what the SDKs of vendors raise, too, and in causes, contexts and groups; of a
    group, every member must be one. All other events pass as they came.

    Args:
        then: The `before_send` that you have; it gets what is left.
        action: "drop", or "downgrade": level "info", and one issue for each reason and API.

    Raises:
        TypeError: `then` cannot be called.
        ValueError: The action is neither.

    Example:
        >>> from payreq.integrations.sentry import before_send
        >>> options = {"before_send": before_send()}  # of sentry_sdk.init
    """
    if then is not None and not callable(then):
        raise TypeError(f"then must be a before_send callable, not {type(then).__name__}")
    if action not in get_args(Action):
        raise ValueError(f'action must be "drop" or "downgrade", not {action!r}')

    def send(event: Event, hint: Hint) -> Event | None:
        raised = (hint.get("exc_info") or (None, None))[1]
        refusal = refusal_in(raised) if isinstance(raised, BaseException) else None
        if refusal is not None:
            if action == "drop":
                return None
            where: Any = refusal.origin or refusal.details.provider or "unknown"
            event["level"] = "info"
            event["fingerprint"] = ["payreq", refusal.reason.value, where]
        return event if then is None else then(event, hint)

    return send
