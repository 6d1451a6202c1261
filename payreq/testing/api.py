"""An API that refuses until it is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payreq.libraries import library_of
from payreq.testing.canned import refusal, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from payreq.reasons import Reason


class Api:
    """An API that refuses until it is paid: a handler for MockTransport, a side effect for respx.

    Args:
        provider: Whose answers it gives, as `refusal` does; None: those of `response`.
        reason: The cause.
        then: What answers once it is paid, a callable from request to response; left out: 200 and
            an empty object.

    Attributes:
        paid: Whether it is; set it.
        received: The requests that came, in order.

    Raises:
        ValueError: That of `refusal` or `response`.

    Example:
        >>> import httpx, payreq
        >>> api = Api("openai", "credits_exhausted")
        >>> client = payreq.wrap(httpx.Client(transport=httpx.MockTransport(api)))
    """

    def __init__(
        self,
        provider: str | None,
        reason: Reason | str,
        *,
        then: Callable[[Any], Any] | None = None,
    ) -> None:
        self.paid = False
        self.received: list[Any] = []
        self._provider = provider
        self._reason = reason
        self._then = then
        self._refused(None)

    def __call__(self, request: Any) -> Any:
        """Return the answer, of the library that the request is of."""
        self.received.append(request)
        library: Any = library_of(request)
        if not self.paid:
            return self._refused(library)
        return library.Response(200, json={}) if self._then is None else self._then(request)

    def _refused(self, library: Any) -> Any:
        if self._provider is None:
            return response(self._reason, library=library)
        return refusal(self._provider, self._reason, library=library)
