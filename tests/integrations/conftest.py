from __future__ import annotations

import fastapi
import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from webapp import API, Provider

import payreq
from payreq.integrations.starlette import install


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture(params=["starlette", "fastapi"])
def made(request):
    """Return an app of either kind, with routes and a guard that is installed."""

    def make(routes, guard, **options):
        options = {"account": lambda asked: asked.headers.get("x-tenant")} | options
        app = Starlette() if request.param == "starlette" else fastapi.FastAPI()
        for path, endpoint in routes.items():
            app.router.add_route(path, endpoint)
        install(app, guard, **options)
        return TestClient(app)

    return make


@pytest.fixture
def site(made, provider):
    """Return a client of an app that calls the API at /export, and the guard."""

    def make(url=f"{API}/v1/exports", *, calling=None, **options):
        options = {"features": {"export": "* */v1/exports"}, "clock": lambda: 1.8e9} | options
        guard = payreq.Guard(**options)
        api = guard.wrap(httpx.Client(transport=httpx.MockTransport(provider)))

        def export(request):
            with payreq.account(request.headers.get("x-tenant", "nobody")):
                (calling or (lambda: api.get(url)))()
            return PlainTextResponse("done")

        return made({"/export": export}, guard), guard

    return make
