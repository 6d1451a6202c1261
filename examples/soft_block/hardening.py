"""What every answer of a site carries, and which requests it does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import FastAPI

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self' {targets}"
)


def harden(app: FastAPI, *, form_targets: str) -> None:
    """Have a site answer its own pages only, and run nothing that is not its own.

    Args:
        app: The site.
        form_targets: Origins, besides its own, to which its forms may lead.
    """
    headers = {
        "Content-Security-Policy": _POLICY.format(targets=form_targets),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }

    @app.middleware("http")
    async def hardened(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        elsewhere = request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}
        if request.method == "POST" and elsewhere:
            return PlainTextResponse("This form belongs to another site.", 403, headers)
        response = await answer(request)
        response.headers.update(headers)
        return response

    # Against a foreign name that is pointed at loopback to read what it serves.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
