"""Almanac, an app for reports. Its pages work whether or not the provider sells it exports."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import httpx
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.staticfiles import StaticFiles

import payreq
from examples.soft_block.bulletin import Bulletin
from examples.soft_block.exports import Exports
from examples.soft_block.hardening import harden
from examples.soft_block.page import REPORTS, Export, Page, section, whole
from examples.soft_block.words import HERE, WORDS, preferred, zone

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

routes = APIRouter()


def make_app(client: httpx.AsyncClient) -> FastAPI:
    """Return the app.

    Args:
        client: A client of the provider, with its base URL; the app guards it and closes it.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with client:
            yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    app.state.exports = exports = Exports(client)
    app.state.bulletin = bulletin = Bulletin(lambda: "off" if exports.block else "on")
    for event in ("blocked", "restored"):
        exports.guard.on(event, lambda _: bulletin.renew())
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.include_router(routes)
    app.add_exception_handler(httpx.HTTPError, _trouble)
    # The button to the checkout is a form that ends at the provider.
    harden(app, form_targets=str(client.base_url).rstrip("/"))
    return app


def _exports(request: Request) -> Exports:
    exports: Exports = request.app.state.exports
    return exports


def _page(request: Request, language: str, report: str) -> Page:
    if language not in WORDS or report not in REPORTS:
        raise HTTPException(404)
    return Page(
        language,
        report,
        zone(request.cookies.get("zone", "")),
        part=request.headers.get("x-part") == "export",
    )


OurExports = Annotated[Exports, Depends(_exports)]
OurPage = Annotated[Page, Depends(_page)]


@routes.get("/")
async def welcome(request: Request) -> RedirectResponse:
    """Lead to the first report, in a language that the browser asks for."""
    language = preferred(request.headers.get("accept-language", ""))
    return RedirectResponse(f"/{language}/{REPORTS[0]}")


@routes.get("/events", response_class=EventSourceResponse)
async def events(request: Request) -> AsyncIterator[ServerSentEvent]:
    """Tell a tab whether the export is on or off: now, and whenever that changes."""
    async for state in request.app.state.bulletin.read():
        yield ServerSentEvent(event="export", raw_data=state)


@routes.get("/{language}/{report}")
async def show(page: OurPage, exports: OurExports, was: str = "") -> HTMLResponse:
    """Show a report; `was=off` says that the export was off when last seen."""
    note = ("still" if exports.block else "back") if was == "off" else None
    return await _shown(page, exports, note=note)


@routes.post("/{language}/{report}/export")
async def export(page: OurPage, exports: OurExports) -> HTMLResponse:
    """Export a report, or show why not."""
    try:
        file = await exports.make(page.report)
    except payreq.PaymentRequired as refusal:
        return await _shown(page, exports, refusal=refusal)
    return await _shown(page, exports, file=file)


@routes.post("/{language}/{report}/checkout")
async def checkout(page: OurPage, exports: OurExports, request: Request) -> RedirectResponse:
    """Lead to the provider's checkout, which leads back here."""
    here = f"{request.base_url}{page.language}/{page.report}"
    url = await exports.checkout(
        language=page.language, paid_url=f"{here}/paid", left_url=f"{here}#export"
    )
    return RedirectResponse(url, 303)


@routes.get("/{language}/{report}/paid")
async def paid(page: OurPage, exports: OurExports) -> RedirectResponse:
    """Take somebody back from the checkout. It is no proof; the provider's answer is."""
    await exports.paid()
    return RedirectResponse(f"{page.address}?was=off#export", 303)


@routes.post("/{language}/{report}/check")
async def check(page: OurPage, exports: OurExports) -> HTMLResponse:
    """Look again, since somebody asks for it."""
    await exports.perhaps_paid()
    return await show(page, exports, was="off")


@routes.get("/files/{file}/download")
async def download(file: str, exports: OurExports) -> Response:
    """Hand on a file that was exported."""
    content = await exports.download(file)
    disposition = {"Content-Disposition": "attachment"}
    return Response(content, media_type="text/csv", headers=disposition)


async def _shown(
    page: Page,
    exports: Exports,
    *,
    refusal: payreq.PaymentRequired | None = None,
    file: str | None = None,
    note: str | None = None,
) -> HTMLResponse:
    """Answer with the page, or with its section on the export where a script asks for that."""
    told = refusal or exports.block
    message = told.user_message(locale=page.language, tz=page.zone) if told else None
    export = Export(exports.block is not None, message, file, note)
    if page.part:
        return HTMLResponse(section(page, export))
    return HTMLResponse(whole(page, export, await exports.report(page.report)))


async def _trouble(_: Request, error: Exception) -> Response:
    """Answer where the provider does not: only its kind is told, which may help support."""
    return PlainTextResponse(f"The provider did not answer ({type(error).__name__}).", 502)
