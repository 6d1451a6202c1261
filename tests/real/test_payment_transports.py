"""payreq around transports that pay, of the packages x402 and pympp; the keys are made on the fly.

They pay what they can. What they cannot pay becomes a refusal, which blocks nothing. Where a
payment was sent and nothing is known of it, their own error stays.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

import anyio
import httpx
import mpp
import pytest
from mpp.client import PaymentTransport
from mpp.errors import PaymentOutcomeUnknownError, VerificationFailedError
from mpp.methods import Method
from mpp.runtime import ClientMethod
from pydantic import BaseModel
from x402 import x402Client, x402ClientSync
from x402.http import x402HTTPClientSync
from x402.http.clients.httpx import PaymentError, x402AsyncTransport
from x402.http.utils import decode_payment_signature_header, encode_payment_required_header
from x402.schemas import PaymentRequired, PaymentRequirements

import payreq

PATH = "/report"
NETWORK = "test:1"
KEY = secrets.token_bytes(32)


def signed(text):
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


# x402


class Wallet:
    """Signs what a payee asks for."""

    scheme = "exact"

    def create_payment_payload(self, terms):
        return {"signature": signed(f"{terms.amount} to {terms.pay_to}")}


class LockedWallet(Wallet):
    def create_payment_payload(self, terms):
        raise PermissionError("the wallet is locked")


def x402_terms(error=None):
    offer = PaymentRequirements(
        scheme="exact",
        network=NETWORK,
        asset="credits",
        amount="10000",
        pay_to="payee",
        max_timeout_seconds=60,
    )
    terms = PaymentRequired(accepts=[offer], error=error)
    return {"PAYMENT-REQUIRED": encode_payment_required_header(terms)}


def x402_client(wallet, kind=x402Client):
    client = kind() if wallet is None else kind().register(NETWORK, wallet())
    return client.set_spend_controls(False)


class X402:
    protocol = "x402"
    asks = x402_terms()
    refuses = {"headers": x402_terms("insufficient_funds")}  # noqa: RUF012  # never written

    @staticmethod
    def transport(wallet):
        return x402AsyncTransport(x402_client(wallet))

    @staticmethod
    def is_paid(request):
        payment = decode_payment_signature_header(request.headers["payment-signature"])
        return payment.payload["signature"] == signed("10000 to payee")

    wallet, locked_wallet = Wallet, LockedWallet


# MPP


class Amount(BaseModel):
    amount: str


async def mpp_wallet(params):
    challenge = params.challenge
    payload = {"signature": signed(challenge.id)}
    return mpp.Credential(challenge.to_echo(), payload).to_authorization()


async def mpp_locked_wallet(_params):
    raise PermissionError("the wallet is locked")


CHALLENGE = mpp.Challenge.create(
    secret_key=secrets.token_hex(),
    realm="127.0.0.1",
    method="test",
    intent="charge",
    request={"amount": "10000", "currency": "usd"},
)


class Mpp:
    protocol = "mpp"
    asks = {"WWW-Authenticate": CHALLENGE.to_www_authenticate("127.0.0.1")}  # noqa: RUF012  # as above
    refuses = {  # noqa: RUF012  # as above
        "headers": {"Content-Type": "application/problem+json"},
        "body": json.dumps(VerificationFailedError("too little").to_problem_details()).encode(),
    }

    @staticmethod
    def transport(wallet, **options):
        method = Method(name="test", intent="charge", request_model=Amount, payload_model=Amount)
        methods = [ClientMethod(method=method, create_credential=wallet)] if wallet else []
        return PaymentTransport(methods=methods, **options)

    @staticmethod
    def is_paid(request):
        credential = mpp.Credential.from_authorization(request.headers["authorization"])
        return credential.payload["signature"] == signed(CHALLENGE.id)

    wallet, locked_wallet = staticmethod(mpp_wallet), staticmethod(mpp_locked_wallet)


# What holds with both


@pytest.fixture(params=[X402, Mpp], ids=lambda pays: pays.protocol)
def pays(request, server):
    """A package that pays, at a server that asks for payment."""
    server.answer(PATH, 402, headers=request.param.asks)
    return request.param


@pytest.fixture
def guard():
    return payreq.Guard()


def by_hand(transport, guard):
    return httpx.AsyncClient(transport=payreq.AsyncPaymentTransport(transport, guard=guard))


def wrapped(transport, guard):
    return guard.wrap(httpx.AsyncClient(transport=transport))


@pytest.fixture(params=[by_hand, wrapped])
def get(request, server, guard):
    """Send a request through a transport that pays, and return the answer or what was raised."""

    def outcome(transport, guard=guard, **options):
        async def send():
            async with request.param(transport, guard) as client:
                try:
                    return await client.get(server.url + PATH, **options)
                except Exception as error:  # whatever the package raises
                    return error

        return anyio.run(send)

    return outcome


def test_what_can_be_paid_is_paid(pays, server, guard, get):
    heard = []
    guard.on("payment_required", heard.append)
    server.then(PATH, 200, body={"report": "here"})
    assert get(pays.transport(pays.wallet)).json() == {"report": "here"}
    assert server.count(PATH) == 2
    assert pays.is_paid(server.received[1])
    assert heard == []


def test_without_a_way_to_pay_it_is_a_challenge_that_blocks_nothing(pays, server, guard, get):
    for sent in (1, 2):
        refusal = get(pays.transport(None))
        assert isinstance(refusal, payreq.PaymentChallenge)
        assert isinstance(refusal, httpx.HTTPStatusError)
        assert refusal.response.status_code == 402
        (challenge,) = refusal.details.challenges
        assert (challenge.protocol, challenge.amount) == (pays.protocol, 10_000)
        assert server.count(PATH) == sent
    assert guard.blocks.active() == []


def test_a_wallet_that_fails_leaves_a_challenge_and_the_cause(pays, server, get):
    refusal = get(pays.transport(pays.locked_wallet))
    assert isinstance(refusal, payreq.PaymentChallenge)
    assert "the wallet is locked" in str(refusal.__cause__)
    assert server.count(PATH) == 1


def test_while_something_is_blocked_a_challenge_is_told_alike(pays, server, guard, get):
    server.answer("/exports", 402, body={"error": {"code": "insufficient_credits"}})
    with guard.wrap(httpx.Client()) as client, pytest.raises(payreq.CreditsExhausted):
        client.get(f"{server.url}/exports")
    refusal = get(pays.transport(pays.locked_wallet))
    assert isinstance(refusal, payreq.PaymentChallenge)
    assert "the wallet is locked" in str(refusal.__cause__)


def test_a_payment_that_is_refused_has_failed(pays, server, guard, get):
    server.then(PATH, 402, **pays.refuses)
    refusal = get(pays.transport(pays.wallet))
    assert isinstance(refusal, payreq.PaymentFailed)
    assert server.count(PATH) == 2
    assert guard.blocks.active() == []


@pytest.mark.parametrize("options", [{"refusals": "observe"}, {"accept": lambda _details: False}])
def test_where_the_guard_only_looks_on_the_packages_error_stays(pays, get, options):
    error = get(pays.transport(pays.locked_wallet), payreq.Guard(**options))
    assert not isinstance(error, payreq.PaymentRequired)
    assert "the wallet is locked" in str(error)


def test_where_a_request_passes_the_guard_it_stays_too(pays, get):
    error = get(pays.transport(pays.locked_wallet), extensions={"payreq": False})
    assert not isinstance(error, payreq.PaymentRequired)
    assert "the wallet is locked" in str(error)


class Broken(httpx.AsyncBaseTransport):
    """Loses the second request on its way."""

    def __init__(self):
        self.sent = 0
        self.inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request):
        self.sent += 1
        if self.sent > 1:
            raise httpx.ReadTimeout("lost")
        return await self.inner.handle_async_request(request)

    async def aclose(self):
        await self.inner.aclose()


def test_where_nobody_knows_whether_it_was_paid_the_packages_error_stays(get, server):
    for pays, transport, lost in (
        (X402, x402AsyncTransport(x402_client(Wallet), Broken()), PaymentError),
        (Mpp, Mpp.transport(mpp_wallet, inner=Broken()), PaymentOutcomeUnknownError),
    ):
        server.answer(PATH, 402, headers=pays.asks)
        assert isinstance(get(transport), lost)


def test_an_origin_that_must_not_be_paid_leaves_a_challenge(server, get):
    server.answer(PATH, 402, headers=Mpp.asks)
    refusal = get(Mpp.transport(mpp_wallet, allowed_origins=[]))
    assert isinstance(refusal, payreq.PaymentChallenge)
    assert "origin is not allowed" in str(refusal.__cause__)


def test_a_spending_limit_leaves_a_challenge(server, get):
    server.answer(PATH, 402, headers=X402.asks)
    client = x402Client().register(NETWORK, Wallet())  # as it comes, it spends on nothing unknown
    refusal = get(x402AsyncTransport(client))
    assert isinstance(refusal, payreq.PaymentChallenge)
    assert "spend_controls" in str(refusal.__cause__)


def test_inside_a_paying_transport_a_guard_would_not_let_it_pay(server, guard):
    server.answer(PATH, 402, headers=X402.asks)
    inside = payreq.AsyncPaymentTransport(httpx.AsyncHTTPTransport(), guard=guard)

    async def send():
        transport = x402AsyncTransport(x402_client(Wallet), inside)
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get(server.url + PATH)

    with pytest.raises(payreq.PaymentChallenge):
        anyio.run(send)
    assert server.count(PATH) == 1


# An auth flow


class Paying(httpx.Auth):
    """Pays a 402 by x402, as an auth flow."""

    def __init__(self, wallet):
        self.pays = x402HTTPClientSync(x402_client(wallet, x402ClientSync))

    def auth_flow(self, request):
        response = yield request
        if response.status_code == 402:
            headers, _ = self.pays.handle_402_response(
                dict(response.headers), None, str(request.url)
            )
            request.headers.update(headers)
            yield request


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient])
def test_an_auth_flow_that_pays_is_left_to_pay(server, guard, kind):
    server.answer(PATH, 402, headers=X402.asks)
    server.then(PATH, 200)
    server.then(PATH, 402, headers=X402.asks)
    server.then(PATH, 402, **X402.refuses)
    client = guard.wrap(kind(auth=Paying(Wallet)))

    async def send():
        answer = client.get(server.url + PATH)
        return answer if kind is httpx.Client else await answer

    async def both():
        assert (await send()).status_code == 200
        with pytest.raises(payreq.PaymentFailed):
            await send()
        await client.aclose() if kind is httpx.AsyncClient else client.close()

    anyio.run(both)
    assert server.count(PATH) == 4
    assert X402.is_paid(server.received[1])
