"""Starlette and FastAPI: refusals of an API, told to the app's own visitors."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from payreq.exceptions import PaymentRequired
from payreq.extras import missing
from payreq.guard import Guard
from payreq.integrations.answers import CONTENT_TYPE, PRIVATE, answer, languages, rests, spoken
from payreq.integrations.refusals import refusal_in
from payreq.telling.knowledge import is_default

try:
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route
except ImportError as error:
    raise missing(error, __name__, "starlette") from error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from payreq.blocking.block import Block

    Account = Callable[[Request], Awaitable[str | None] | str | None]

NO_ACCOUNT = {
    "type": "about:blank",
    "title": "Forbidden",
    "status": 403,
    "detail": "It is not known whose blocks to show: sign in first.",
}


def install(
    app: Starlette, guard: Guard, *, account: Account, path: str = "/payreq/blocks"
) -> None:
    """Have an app answer refusals of an API in words for its visitors, and list its blocks.

    A `PaymentRequired` that leaves a route, or that stands in the error of a vendor's SDK or in an
    exception group, is answered by an RFC 9457 problem: 402, or 503 where the visitor can do
    nothing about it, or 422 for a transaction that failed. Any other exception leaves as it came,
    and handlers that the app has for a vendor's errors go first.

    Args:
        app: A Starlette or FastAPI app that has not started.
        guard: The guard whose words are used, and whose blocks are listed.
        account: A callable, which may be async, from the visitor's request to the account whose
            blocks may be seen, under the name that the guard knows; None for nobody: 403.
        path: Where the blocks of that account are listed, as JSON for a front end.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The path does not begin with a slash.
        RuntimeError: The app has started.

    Example:
        >>> import payreq
        >>> from payreq.integrations.starlette import install
        >>> from starlette.applications import Starlette
        >>> app, guard = Starlette(), payreq.Guard(audience="visitor")
        >>> install(app, guard, account=lambda request: request.headers.get("x-tenant"))
    """
    if not isinstance(app, Starlette):
        raise TypeError(f"app must be a Starlette or FastAPI app, not {type(app).__name__}")
    if not isinstance(guard, Guard):
        raise TypeError(f"guard must be a payreq.Guard, not {type(guard).__name__}")
    if not callable(account):
        raise TypeError(
            "account must be a callable from the visitor's request to the account whose blocks "
            f"may be seen, not {type(account).__name__}"
        )
    if not path.startswith("/"):
        raise ValueError(f"path must begin with a slash, not {path!r}")

    def find(error: Exception) -> PaymentRequired | None:
        refusal = refusal_in(error)
        return refusal if refusal is not None and guard.accepts(refusal.details) else None

    async def respond(request: Request, refusal: Any) -> Response:
        if request.scope["type"] != "http":  # a websocket has no status to answer with
            raise refusal
        return _answer(request, refusal, guard)

    async def blocks(request: Request) -> Response:
        name = await run_in_threadpool(account, request)
        if isawaitable(name):
            name = await name
        # In a thread, too: a store that processes share may have to ask what is new.
        return await run_in_threadpool(_listed, request, guard, name)

    app.add_middleware(_Middleware, find=find, respond=respond)
    app.add_exception_handler(PaymentRequired, respond)
    # First, or whatever an app mounts at "/" would take it.
    app.router.routes.insert(0, Route(path, blocks, methods=["GET"], include_in_schema=False))


class _Middleware:
    """Looks for a refusal in what no handler of the app's took.

    `add_exception_handler(Exception, ...)` would not do: Starlette raises again what it handles.
    """

    def __init__(
        self,
        app: ASGIApp,
        find: Callable[[Exception], PaymentRequired | None],
        respond: Callable[[Request, Any], Awaitable[Response]],
    ) -> None:
        self._app = app
        self._find = find
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            refusal = None if started else self._find(error)
            if refusal is None:
                raise
            response = await self._respond(Request(scope), refusal)
            await response(scope, receive, send)


def _answer(request: Request, refusal: PaymentRequired, guard: Guard) -> Response:
    if refusal.voice is None:
        refusal.voice = guard.voice
    status, headers, body = answer(refusal, _wanted(request), guard.clock())
    return Response(body, status, headers)


def _listed(request: Request, guard: Guard, account: Any) -> Response:
    if account is not None and not isinstance(account, str):
        raise TypeError(f"account must return a str or None, not {type(account).__name__}")
    if not account:
        return JSONResponse(NO_ACCOUNT, 403, PRIVATE | {"Content-Type": CONTENT_TYPE})
    wanted = _wanted(request)
    shown = [_shown(block, wanted) for block in guard.ledger.active(account=account)]
    return JSONResponse({"blocks": shown}, headers=PRIVATE)


def _shown(block: Block, wanted: Sequence[str]) -> dict[str, Any]:
    message = spoken(block, wanted)
    hidden = rests(block, message)
    return {
        # A default name tells which API an app uses, and where.
        "feature": None if hidden and is_default(block.feature) else block.feature,
        "reason": None if hidden else block.reason,
        "since": block.since.isoformat(),
        "next_check": block.next_check.isoformat(),
        "user_message": message.to_dict(),
    }


def _wanted(request: Request) -> list[str]:
    return languages(request.headers.get("accept-language", ""))
