from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

import payreq
from payreq.integrations.starlette import install


def test_the_blocks_of_an_account_are_listed_for_a_front_end(site):
    visitor, guard = site()
    visitor.get("/export", headers={"x-tenant": "one"})
    answer = visitor.get("/payreq/blocks", headers={"x-tenant": "one"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    (block,) = answer.json()["blocks"]
    held = guard.blocks.get("export")
    assert block == {
        "feature": "export",
        "reason": "credits_exhausted",
        "since": held.since.isoformat(),
        "next_check": held.next_check.isoformat(),
        "user_message": held.user_message().to_dict(),
    }
    assert "fool" not in answer.text


def test_no_browser_takes_what_is_listed_for_a_page(site):
    visitor, _ = site()
    for tenant in ("one", ""):
        answer = visitor.get("/payreq/blocks", headers={"x-tenant": tenant})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"].endswith("json")


def test_no_tenant_sees_anothers_blocks(site):
    visitor, _ = site()
    visitor.get("/export", headers={"x-tenant": "one"})
    assert visitor.get("/payreq/blocks", headers={"x-tenant": "two"}).json() == {"blocks": []}
    for nobody in ({}, {"x-tenant": ""}):
        answer = visitor.get("/payreq/blocks", headers=nobody)
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert "export" not in answer.text


def test_a_visitor_is_not_told_why_nor_which_api(site):
    visitor, _ = site(features=None, audience="visitor")
    visitor.get("/export", headers={"x-tenant": "one"})
    answer = visitor.get("/payreq/blocks", headers={"x-tenant": "one"})
    (block,) = answer.json()["blocks"]
    assert (block["feature"], block["reason"]) == (None, None)
    assert "api.example.com" not in answer.text


def test_the_account_may_be_asked_for_asynchronously_and_the_route_may_move(made):
    async def account(request):
        return "one"

    visitor = made({}, payreq.Guard(), account=account, path="/api/blocks")
    assert visitor.get("/api/blocks").json() == {"blocks": []}


def test_the_route_stands_before_what_takes_every_path():
    page = Route("/{path:path}", lambda request: PlainTextResponse("page"))
    app = Starlette(routes=[Mount("/", routes=[page])])
    install(app, payreq.Guard(), account=lambda request: "one")
    with TestClient(app) as visitor:
        assert visitor.get("/payreq/blocks").json() == {"blocks": []}
        assert visitor.get("/other").text == "page"


def test_an_account_that_is_no_text_is_a_mistake_of_the_app(made):
    visitor = made({}, payreq.Guard(), account=lambda request: 7)
    with pytest.raises(TypeError, match="account must return a str or None, not int"):
        visitor.get("/payreq/blocks")
