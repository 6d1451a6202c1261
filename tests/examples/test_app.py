from __future__ import annotations

import re

import httpx
import pytest

from examples.soft_block.words import WORDS

EN = WORDS["en"]


def test_a_file_is_made_and_can_be_had_even_when_no_more_are(play):
    async def scene(stage):
        assert "orders-1.csv" in await stage.section()
        await stage.use_up()
        file = await stage.site.get("/files/orders-1.csv/download")
        assert file.headers["content-type"].startswith("text/csv")
        assert file.headers["content-disposition"] == "attachment"
        assert file.text.startswith("month,orders")

    play(scene)


def test_while_the_export_is_off_no_export_reaches_the_provider_and_reports_do(play):
    async def scene(stage):
        assert 'data-state="off"' in await stage.use_up()
        stage.asked.clear()
        for _ in range(5):
            assert "Data export is paused" in await stage.section()
        assert (await stage.site.get("/en/returns")).is_success
        assert stage.asked == ["GET /v1/reports/returns"]

    play(scene)


def test_the_notice_tells_reason_facts_and_what_comes_after(play):
    async def scene(stage):
        notice = await stage.use_up()
        assert "The allowance at Fernhill Data is used up" in notice
        assert "Only this is off" in notice
        facts = dict(re.findall(r"<dt>(.+?)</dt><dd><bdi>(.+?)</bdi>", notice))
        assert facts["Plan"] == "Free"
        assert facts["Limit"] == facts["Used"] == "3 exports"
        assert "UTC" in facts["Renews"]
        assert "works again at once" in notice
        assert "127.0.0.1" not in notice
        assert "429" not in notice

    play(scene)


def test_the_checkout_leads_back_and_the_export_is_on_again(play):
    async def scene(stage):
        await stage.use_up()
        sent = await stage.site.post("/en/orders/checkout")
        assert sent.status_code == 303
        page = await stage.provider.get(sent.headers["location"])
        assert EN["pay_simulated"] in page.text
        paid = await stage.provider.post(sent.headers["location"])
        assert paid.headers["location"] == "http://127.0.0.1/en/orders/paid"
        back = await stage.site.get("/en/orders/paid")
        assert back.headers["location"] == "/en/orders?was=off#export"
        assert EN["back"] in (await stage.site.get("/en/orders?was=off")).text
        assert "orders-4.csv" in await stage.section()

    play(scene)


def test_coming_back_without_having_paid_unlocks_nothing(play):
    async def scene(stage):
        await stage.use_up()
        await stage.site.get("/en/orders/paid")
        notice = await stage.section("/en/orders?was=off", "GET")
        assert 'data-state="off"' in notice
        assert EN["still"] in notice

    play(scene)


def test_another_look_is_one_request_that_exports_nothing(play):
    async def scene(stage):
        await stage.use_up()
        stage.asked.clear()
        assert EN["still"] in await stage.section("/en/orders/check")
        assert stage.asked == ["POST /v1/exports/check"]

    play(scene)


@pytest.mark.parametrize("path", ["/fr/orders", "/en/secrets", "/en/orders/nothing", "/nothing"])
def test_what_does_not_exist_is_not_found(play, path):
    async def scene(stage):
        assert (await stage.site.get(path)).status_code == 404

    play(scene)


def test_an_unknown_checkout_is_not_found(play):
    async def scene(stage):
        assert (await stage.provider.get("/checkout/guessed")).status_code == 404
        assert (await stage.provider.post("/checkout/guessed")).status_code == 404
        assert (await stage.provider.get("/v1/files/guessed.csv")).status_code == 404
        assert (await stage.provider.get("/v1/reports/guessed")).status_code == 404

    play(scene)


def test_a_provider_that_does_not_answer_is_told_by_its_kind_alone(play):
    def unreachable(request):
        raise httpx.ConnectError("sk-test-0123456789 was refused", request=request)

    async def scene(stage):
        for answer in (
            await stage.site.get("/en/orders"),
            await stage.site.post("/en/orders/export"),
        ):
            assert answer.status_code == 502
            assert answer.text == "The provider did not answer (ConnectError)."

    play(scene, httpx.MockTransport(unreachable))


def test_whatever_a_provider_says_is_shown_as_text(play):
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>'

    def answer(request):
        if request.method == "GET":
            return httpx.Response(200, json={"figures": {"2026-10": 1}})
        error = {"code": "exports_used_up", "plan": evil, "included": 3, "used": 3}
        return httpx.Response(429, json={"error": error | {"counts": evil, "message": evil}})

    async def scene(stage):
        for page in (await stage.section(), (await stage.site.get("/ar/orders")).text):
            assert "alert(1)" in page
            assert "<img src=x" not in page
            assert "<script>" not in page

    play(scene, httpx.MockTransport(answer))
