from __future__ import annotations

import asyncio

import httpx
import pytest
from exporting import URL, refused

import payreq
from payreq.blocking.store import StoreFullError

# Arguments


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"features": ["POST /x"]}, TypeError, "features"),
        ({"features": {"export": "nowhere"}}, ValueError, "features"),
        ({"feature": "export"}, TypeError, "feature"),
        ({"account": "tenant-7"}, TypeError, "account"),
        ({"store": object()}, TypeError, "store must be a store .* has no quiet"),
        ({"refusals": "ignore"}, ValueError, "refusals must be one of raise, return, observe"),
        ({"accept": True}, TypeError, "accept must be callable"),
        ({"clock": 7}, TypeError, "clock must be callable"),
        ({"providers": "examplecorp.toml"}, TypeError, "providers must be a list"),
        ({"providers": 7}, TypeError, "providers must be a list"),
        ({"providers": {"name": "examplecorp"}}, TypeError, "providers must be a list"),
        ({"messages": "words"}, TypeError, "messages"),
        ({"audience": "nobody"}, ValueError, "audience"),
        ({"trusted_hosts": "pay.example.com"}, TypeError, "trusted_hosts"),
        ({"locale": 7}, TypeError, "locale"),
    ],
)
def test_a_wrong_argument_is_named(options, error, says):
    with pytest.raises(error, match=says):
        payreq.Guard(**options)


@pytest.mark.parametrize("argument", ["accept", "account", "clock", "feature"])
def test_a_callable_that_nobody_would_await_is_refused(argument):
    async def asked(_given):
        """Answer too late."""

    with pytest.raises(TypeError, match=f"{argument} must be a plain function"):
        payreq.Guard(**{argument: asked})


def test_what_is_heard_is_named_and_callable():
    guard = payreq.Guard()
    with pytest.raises(ValueError, match=r"name must be one of .*, not \['blocked'\]"):
        payreq.Guard().on(["blocked"], print)
    with pytest.raises(ValueError, match="name must be one of payment_required, blocked"):
        guard.on("paid", print)
    with pytest.raises(TypeError, match="callback must be callable, not str"):
        guard.on("blocked", "print")


# Whose, and what for


def test_one_account_is_blocked_and_the_other_served(make, api):
    _, client = make(account=lambda request: request.headers["x-tenant"])
    api.paid = False
    refused(client, headers={"x-tenant": "a"})
    assert not refused(client, headers={"x-tenant": "a"}).sent
    api.paid = True
    assert client.post("/v1/exports", headers={"x-tenant": "b"}).status_code == 200
    assert not refused(client, headers={"x-tenant": "a"}).sent


def test_credentials_tell_accounts_apart(make, api):
    guard, client = make()
    refused(client, headers={"authorization": "Bearer sk-canary-aaaaaaaaaaaa"})
    api.paid = True
    for headers in ({"x-api-key": "sk-canary-bbbbbbbbbbbb"}, {}):
        assert client.post("/v1/exports", headers=headers).status_code == 200
    assert not refused(client, headers={"authorization": "Bearer sk-canary-aaaaaaaaaaaa"}).sent
    assert "canary" not in repr(guard.blocks.active())


def test_a_callable_that_fails_is_logged_once_and_worked_around(make, caplog):
    def fails(request):
        raise RuntimeError(f"secret-canary {request.url}")

    guard, client = make(account=fails, feature=fails)
    for _ in range(3):
        refused(client)
    assert caplog.text.count("account= failed with RuntimeError") == 1
    assert caplog.text.count("feature= failed with RuntimeError") == 1
    assert "canary" not in caplog.text
    assert guard.blocks.get("export").account == "anonymous"


def test_the_app_may_say_that_it_is_no_refusal(make):
    guard, client = make(accept=lambda details: details.reason != payreq.Reason.CREDITS_EXHAUSTED)
    assert client.post("/v1/exports").status_code == 402
    assert guard.blocks.active() == []


def test_an_accept_that_fails_leaves_the_refusal(make, caplog):
    def fails(details):
        raise RuntimeError(f"secret-canary {details}")

    _, client = make(accept=fails)
    for _ in range(2):
        refused(client)
    assert caplog.text.count("accept= failed with RuntimeError") == 1
    assert "canary" not in caplog.text


# Stores


class Broken(payreq.MemoryStore):
    def get(self, key):
        raise ConnectionError(f"secret-canary {key}")


def test_a_store_that_fails_fails_no_request(make, api, caplog):
    store = Broken()
    _, client = make(store=store)
    store.quiet = False
    assert client.get("/v1/reports").status_code == 200
    refused(client)
    assert not refused(client).sent
    assert len([record for record in caplog.records if "store failed" in record.getMessage()]) == 1
    assert "canary" not in caplog.text


class Elsewhere(payreq.MemoryStore):
    """Keeps blocks in a place of its own, which it alone looks into."""

    def __init__(self):
        super().__init__()
        self.quiet = False
        self.place = payreq.MemoryStore()

    def get(self, key):
        return self.place.get(key)

    def swap(self, *args):
        return self.place.swap(*args)


def test_a_store_that_looks_elsewhere_is_always_asked(make):
    _, client = make(store=Elsewhere())
    assert client.get("/v1/reports").status_code == 200
    assert refused(client).sent
    assert not refused(client).sent
    assert client.get("/v1/reports").status_code == 200


def test_past_the_limit_refusals_are_raised_without_a_block(make, caplog):
    guard, client = make(store=payreq.MemoryStore(limit=1))
    for tenant in ("a", "b", "c"):
        with payreq.account(tenant):
            last = refused(client)
    assert last.block is None
    assert last.sent
    assert [block.account for block in guard.blocks.active()] == ["a"]
    assert caplog.text.count("blocks nothing more") == 1
    assert issubclass(StoreFullError, Exception)


# Profiles and 2xx answers

PROFILE = {
    "name": "examplecorp",
    "title": "Example Corp",
    "hosts": ["api.example.com"],
    "in_success": True,
    "billing_url": "https://console.example.com/billing",
    "rules": [
        {"when": [{"at": "/status", "is": ["out_of_units"]}], "means": "credits_exhausted"},
        {"status": [418], "means": "trial_expired"},
    ],
    "sources": [{"url": "https://example.com/docs", "read": "2026-11-25"}],
}


def test_a_profile_of_the_apps_own_is_asked_first_and_brings_names_and_pages():
    def answer(request):
        if request.url.path == "/v1/exports":
            return httpx.Response(200, json={"status": "out_of_units"})
        return httpx.Response(200, json={"status": "fine"})

    guard = payreq.Guard(providers=[PROFILE])
    client = guard.wrap(httpx.Client(base_url=URL, transport=httpx.MockTransport(answer)))
    with pytest.raises(payreq.CreditsExhausted) as caught:
        client.get("/v1/exports")
    assert caught.value.details.provider == "examplecorp"
    for message in (caught.value.user_message(), guard.blocks.active()[0].user_message()):
        assert "Example Corp" in message.body
        assert message.action.url == "https://console.example.com/billing"
    assert client.get("/v1/reports").json() == {"status": "fine"}


def test_an_async_client_looks_at_the_2xx_answers_of_such_a_host_too():
    async def answer(request):
        return httpx.Response(200, json={"status": request.url.path.strip("/")})

    async def send():
        guard = payreq.Guard(providers=[PROFILE])
        client = httpx.AsyncClient(base_url=URL, transport=httpx.MockTransport(answer))
        async with guard.wrap(client):
            assert (await client.get("/fine")).json() == {"status": "fine"}
            with pytest.raises(payreq.CreditsExhausted):
                await client.get("/out_of_units")

    asyncio.run(send())


def test_a_profile_that_cannot_do_is_named():
    with pytest.raises(ValueError, match=r"providers\[1\]: hosts"):
        payreq.Guard(providers=[PROFILE, PROFILE | {"hosts": ["not a host"]}])
    with pytest.raises(TypeError, match=r"providers\[0\]: a profile is a path or a mapping"):
        payreq.Guard(providers=[7])


def test_hosts_are_remembered_within_bounds(monkeypatch):
    monkeypatch.setattr("payreq.guard.HOSTS", 2)
    guard = payreq.Guard(providers=[PROFILE])
    for number in range(5):
        assert not guard.watches(f"h{number}.example.org")
        assert guard.watches("api.example.com")
        assert len(guard.watched) <= 2


def test_nothing_is_held_of_what_is_fine(make, api):
    guard, client = make()
    for number in range(50):
        client.get(f"/v1/reports/{number}")
    assert guard.blocks.active() == []
    assert guard.ledger.quiet
