"""The simulated checkout of the provider: nothing is charged, and the plan is Pro from then on."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from examples.soft_block.words import TEMPLATES, WORDS, direction

if TYPE_CHECKING:
    from collections.abc import Callable


class Session(BaseModel):
    """One customer's way through the checkout.

    Attributes:
        language: Of its page.
        paid_url: Where who has paid is sent back to.
        left_url: Where who has not is sent back to.
    """

    language: str
    paid_url: str
    left_url: str


def make_routes(*, on_payment: Callable[[], None]) -> APIRouter:
    """Return the checkout's pages, and the call of the API that opens it.

    Args:
        on_payment: What happens when somebody has paid.
    """
    routes = APIRouter()
    sessions: dict[str, Session] = {}

    def known(token: str) -> Session:
        if token not in sessions:
            raise HTTPException(404)
        return sessions[token]

    @routes.post("/v1/checkouts")
    async def begin(session: Session, request: Request) -> dict[str, str]:
        token = token_urlsafe()
        sessions[token] = session
        return {"url": f"{request.base_url}checkout/{token}"}

    @routes.get("/checkout/{token}")
    async def show(token: str) -> HTMLResponse:
        session = known(token)
        page = TEMPLATES.get_template("checkout.html").render(
            session=session,
            language=session.language,
            direction=direction(session.language),
            words=WORDS[session.language],
        )
        return HTMLResponse(page)

    @routes.post("/checkout/{token}")
    async def pay(token: str) -> RedirectResponse:
        session = known(token)
        on_payment()
        return RedirectResponse(session.paid_url, 303)

    return routes
