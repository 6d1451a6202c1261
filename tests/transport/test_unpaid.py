"""A transport inside that pays, and raises an error of its own where it cannot."""

from __future__ import annotations

import pytest

import payreq

pytestmark = pytest.mark.anyio

TERMS = {"www-authenticate": 'L402 token="t", invoice="lnbc1"'}


class Unpayable(Exception):  # noqa: N818  # as packages name theirs
    """Keeps nothing of the response."""


class Paying:
    """Cannot pay any 402."""

    def __init__(self, inner):
        self.inner = inner

    def handle_request(self, request):
        response = self.inner.handle_request(request)
        if response.status_code == 402:
            response.close()
            raise Unpayable("no wallet")
        return response

    async def handle_async_request(self, request):
        response = await self.inner.handle_async_request(request)
        if response.status_code == 402:
            await response.aclose()
            raise Unpayable("no wallet")
        return response

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.inner.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc_info):
        await self.inner.aclose()


@pytest.fixture
async def call(calling, transports, guard, server):
    server.answer("/exports", 402, headers=TERMS)
    return await calling(guard, inner=Paying(transports.plain()))


async def test_what_it_cannot_pay_is_raised_as_the_refusal_it_met(call, guard):
    with pytest.raises(payreq.PaymentChallenge) as caught:
        await call("GET", "/exports")
    assert isinstance(caught.value, call.flavour.HTTPStatusError)
    assert caught.value.details.challenges[0].protocol == "l402"
    assert isinstance(caught.value.__cause__, Unpayable)
    assert guard.blocks.active() == []


async def test_beside_a_block_too(call, guard, server):
    server.answer("/chat", 429, body={"error": {"code": "insufficient_quota"}})
    with pytest.raises(payreq.CreditsExhausted):
        await call("POST", "/chat")
    with pytest.raises(payreq.PaymentChallenge) as caught:
        await call("GET", "/exports")
    assert isinstance(caught.value.__cause__, Unpayable)


async def test_what_is_no_refusal_leaves_its_error_as_it_is(calling, transports, server):
    server.answer("/exports", 402, headers=TERMS)
    guard = payreq.Guard(accept=lambda _details: False)
    call = await calling(guard, inner=Paying(transports.plain()))
    with pytest.raises(Unpayable):
        await call("GET", "/exports")
    with pytest.raises(Unpayable):
        await call("GET", "/exports", extensions={"payreq": False})
