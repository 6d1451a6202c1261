from __future__ import annotations

import pytest
import stripe
from vendors import DECLINED, STRIPE

import payreq

# It sends bytes as httpx has deprecated, and takes the warning for a network error.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(params=STRIPE, ids=lambda sdk: sdk.name)
def sdk(request):
    return request.param


@pytest.mark.parametrize("headers", [{}, {"stripe-should-retry": "true"}])
def test_a_declined_card_raises_its_error_once_and_blocks_nothing(
    sdk, server, slept, raised, headers
):
    server.answer(sdk.path, 402, headers=headers, body=DECLINED)
    guard = payreq.Guard()
    with sdk.opened(server.url, guard) as call:
        for sent in (1, 2):
            error = raised(call)
            assert isinstance(error, stripe.CardError)
            assert isinstance(payreq.detect(error), payreq.PaymentFailed)
            with pytest.raises(payreq.PaymentFailed), payreq.translate():
                raise error
            assert (len(server.received), slept) == (sent, [])
    assert guard.blocks.active() == []


def test_a_fault_keeps_its_retries(sdk, server, slept, raised):
    server.answer(sdk.path, 500, body={"error": {"type": "api_error"}})
    with sdk.opened(server.url, payreq.Guard()) as call:
        assert isinstance(raised(call), stripe.APIError)
    assert (len(server.received), len(slept)) == (3, 2)


def test_its_default_client_is_on_requests_and_the_error_names_the_remedy():
    for client in (stripe.RequestsClient(), stripe.StripeClient("sk_test_0123456789")):
        with pytest.raises(TypeError, match=r"give the SDK an httpx client .*stripe\.HTTPXClient"):
            payreq.wrap(client)


def test_what_cannot_be_wrapped_is_translated(server, slept):
    server.answer("/v1/payment_intents", 402, body=DECLINED)
    client = stripe.StripeClient("sk_test_0123456789", base_addresses={"api": server.url})
    with pytest.raises(payreq.PaymentFailed), payreq.translate():
        client.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    client._requestor._client.close()
