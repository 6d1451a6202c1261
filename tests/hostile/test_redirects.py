"""A refusal within a chain of redirects belongs to the origin that sent it, and to no other."""

from __future__ import annotations

import httpx
import pytest

import payreq

A, B, C = ("https://api.example.com", "https://cdn.example.net", "https://files.example.org")
KEY = {"authorization": "Bearer sk-test-0123456789"}


@pytest.fixture
def chain(scripted):
    """Makes a client for which some URLs lead on to others, and some must be paid for."""

    def make(leads, unpaid, **options):
        def answer(request):
            url = str(request.url)
            if url in leads:
                return httpx.Response(307, headers={"location": leads[url]})
            return 402 if url in made.unpaid else 200

        made = scripted(answer, **options)
        made.unpaid = set(unpaid)
        made.client.follow_redirects = True
        return made

    return make


def hosts(api):
    return [request.url.host for request in api.sent]


def test_the_block_is_of_the_origin_that_refused(chain):
    api = chain({f"{A}/exports": f"{B}/exports"}, [f"{B}/exports"])
    assert [api.call(), api.call()] == ["sent", "here"]
    assert hosts(api) == ["api.example.com", "cdn.example.net", "api.example.com"]
    (block,) = api.guard.blocks.active()
    assert (block.origin, block.feature) == (B, "export")
    assert api.guard.blocks.get("export", origin=A) is None


def test_who_leads_elsewhere_is_asked_on_and_may_lead_around_the_block(chain):
    leads = {f"{A}/exports": f"{B}/exports"}
    api = chain(leads, [f"{B}/exports"])
    api.call()
    leads[f"{A}/exports"] = f"{C}/exports"
    assert api.call() == 200


def test_a_refusal_of_the_first_is_not_held_against_the_second(chain):
    api = chain({}, [f"{A}/exports"])
    assert [api.call(), api.call()] == ["sent", "here"]
    assert api.call(f"{B}/exports") == 200


def test_a_name_of_the_apps_own_holds_at_each_origin_alone(chain):
    api = chain({f"{A}/go": f"{B}/here"}, [f"{B}/here"], features={}, account=lambda _: "me")
    with payreq.feature("report"):
        assert api.call("/go") == "sent"
        assert api.call("/other") == 200
        assert api.call(f"{B}/other") == "here"


def test_a_402_that_names_another_place_is_not_followed(scripted):
    def answer(_request):
        return httpx.Response(402, headers={"location": f"{B}/pay"}, json={"code": "no_credits"})

    api = scripted(answer)
    api.client.follow_redirects = True
    with pytest.raises(payreq.PaymentRequired) as caught:
        api.client.post("/exports")
    assert caught.value.request.url.host == "api.example.com"
    assert hosts(api) == ["api.example.com"]


def test_the_chain_is_told_and_the_key_goes_no_further_than_httpx_lets_it(chain):
    api = chain(
        {f"{A}/exports": f"{A}/v2/exports", f"{A}/v2/exports": f"{B}/exports"}, [f"{B}/exports"]
    )
    with pytest.raises(payreq.PaymentRequired) as caught:
        api.client.post("/exports")
    history = [str(each.url) for each in caught.value.response.history]
    assert history == [f"{A}/exports", f"{A}/v2/exports"]
    assert "authorization" not in api.sent[-1].headers
    # Who sends no key is another account: the block holds no request that carries one.
    assert api.call(f"{B}/exports", headers=KEY) == "sent"
    assert len({block.account for block in api.guard.blocks.active()}) == 2


def test_a_circle_ends_as_without_payreq_and_blocks_nothing(chain):
    api = chain({f"{A}/exports": f"{B}/exports", f"{B}/exports": f"{A}/exports"}, [])
    with pytest.raises(httpx.TooManyRedirects):
        api.call()
    assert api.guard.blocks.active() == []
