from __future__ import annotations

import re

import pytest

INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("path", ["/", "/ja/orders", "/static/script.js", "/fr/orders"])
def test_every_answer_says_that_only_its_own_may_run(play, path):
    async def scene(stage):
        answer = await stage.site.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert policy.endswith("form-action 'self' http://127.0.0.1:1")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"

    play(scene)


def test_no_page_holds_scripts_or_styles_inline(play):
    async def scene(stage):
        checkout = (await stage.site.post("/de/orders/checkout")).headers["location"]
        notice = await stage.use_up()
        whole = (await stage.site.get("/de/orders")).text
        for page in (notice, whole, (await stage.provider.get(checkout)).text):
            assert not INLINE.search(page)

    play(scene)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_not_taken(play, site):
    async def scene(stage):
        answer = await stage.site.post("/en/orders/export", headers={"sec-fetch-site": site})
        assert answer.status_code == 403
        assert "content-security-policy" in answer.headers
        assert stage.asked == []

    play(scene)


def test_another_name_for_loopback_is_not_served(play):
    async def scene(stage):
        answer = await stage.site.get("/en/orders", headers={"host": "evil.example"})
        assert answer.status_code == 400

    play(scene)
