from __future__ import annotations

import asyncio
import logging

import httpx
import pytest

import payreq
from payreq.blocking.block import Key, begin
from payreq.blocking.store import StoreFullError

URL = "https://api.example.com"
PLAN = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


class Api:
    """A provider whose exports are refused until they are paid."""

    def __init__(self):
        self.paid = False
        self.received = []

    def __call__(self, request):
        self.received.append((request.method, request.url.path))
        if request.url.path == "/v1/exports" and not self.paid:
            return httpx.Response(402, json=PLAN)
        return httpx.Response(200, json={"ok": True})


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def make(api, clock):
    """Make a guard and a client that it wraps."""

    def make(**options):
        guard = payreq.Guard(**{"clock": clock, "features": {"export": "* /v1/exports"}} | options)
        client = httpx.Client(base_url=URL, transport=httpx.MockTransport(api))
        return guard, guard.wrap(client)

    return make


def refused(client, **options):
    with pytest.raises(payreq.PaymentRequired) as caught:
        client.post("/v1/exports", **options)
    return caught.value


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


# Events


def test_listeners_hear_the_whole_story(make, api, clock):
    guard, client = make()
    heard = []
    for name in ("payment_required", "blocked", "refused", "billing_fixed", "restored"):
        guard.on(name, heard.append)
    refused(client)
    refused(client)
    api.paid = True
    guard.billing_fixed("export")
    client.post("/v1/exports")
    assert [event.name for event in heard] == [
        "payment_required",
        "blocked",
        "refused",
        "billing_fixed",
        "restored",
    ]
    first, blocked, here, fixed, restored = heard
    assert first.refusal.sent
    assert not here.refusal.sent
    assert blocked.block.feature == fixed.block.feature == restored.block.feature == "export"
    assert all(event.here for event in heard)
    assert restored.block.refused == 1
    assert {event.at.timestamp() for event in heard} == {clock.now}


def test_a_listener_that_raises_never_fails_the_request_and_is_logged_once(make, caplog):
    guard, client = make()
    heard = []

    def broken(event):
        raise RuntimeError(f"secret-canary {event}")

    guard.on("refused", broken)
    guard.on("refused", heard.append)
    for _ in range(3):
        refused(client)
    warnings = [record for record in caplog.records if "listener" in record.getMessage()]
    assert len(warnings) == 1
    assert "'refused' failed with RuntimeError" in warnings[0].getMessage()
    assert "canary" not in caplog.text
    assert len(heard) == 2


class Awaitable:
    def __await__(self):
        yield


def test_a_sync_client_says_once_that_it_cannot_await_a_listener(make, caplog):
    guard, client = make()

    async def listen(event):
        raise AssertionError(event)

    guard.on("refused", listen)
    guard.on("refused", lambda event: Awaitable())
    for _ in range(3):
        refused(client)
    assert caplog.text.count("is async, which a sync client cannot await") == 1


async def hears_async(api, clock):
    guard = payreq.Guard(clock=clock, features={"export": "* /v1/exports"})
    heard = []

    async def listen(event):
        await asyncio.sleep(0)
        heard.append(event.name)

    async def broken(_event):
        await asyncio.sleep(0)
        raise RuntimeError

    for name in ("payment_required", "blocked", "billing_fixed", "restored"):
        guard.on(name, broken)
        guard.on(name, listen)
    transport = httpx.MockTransport(api)
    async with guard.wrap(httpx.AsyncClient(base_url=URL, transport=transport)) as client:
        with pytest.raises(payreq.CreditsExhausted):
            await client.post("/v1/exports")
        api.paid = True
        assert await guard.billing_fixed_async("export") == 1
        await client.post("/v1/exports")
    return heard


def test_an_async_client_awaits_its_listeners(api, clock, caplog):
    heard = asyncio.run(hears_async(api, clock))
    assert heard == ["payment_required", "blocked", "billing_fixed", "restored"]
    assert caplog.text.count("failed with RuntimeError") == 4


def test_the_log_warns_once_and_says_when_it_is_over(make, api, clock, caplog):
    caplog.set_level(logging.DEBUG, "payreq")
    guard, client = make()
    for _ in range(3):
        refused(client)
    clock.now += 60
    refused(client)
    api.paid = True
    guard.billing_fixed()
    client.post("/v1/exports")
    told = [(record.levelname, record.payreq_event) for record in caplog.records]
    assert told.count(("WARNING", "blocked")) == 1
    assert ("INFO", "probed") in told
    assert ("INFO", "lifted") in told
    assert {event for level, event in told if level == "WARNING"} == {"blocked"}
    assert not [level for level, _ in told if level in {"ERROR", "CRITICAL"}]


# The way out


def test_renewal_runs_before_the_next_request_is_let_through(make, api):
    guard, client = make()
    refused(client)
    held = []
    guard.on("billing_fixed", lambda event: held.append(guard.blocks.get("export").next_check))
    before = guard.blocks.get("export").next_check
    assert guard.billing_fixed("export") == 1
    assert held == [before]
    assert guard.blocks.get("export").next_check < before


def test_billing_fixed_concerns_what_is_blocked(make):
    guard, client = make()
    heard = []
    guard.on("billing_fixed", heard.append)
    assert guard.billing_fixed("export") == 0
    for tenant in ("a", "b"):
        with payreq.account(tenant):
            refused(client)
    assert guard.billing_fixed() == 2
    assert guard.billing_fixed(account="a") == 1
    assert [event.block and event.block.account for event in heard] == [None, None, "a"]


def test_after_billing_fixed_one_request_goes_every_ten_seconds(make, api, clock):
    guard, client = make()
    refused(client)
    guard.billing_fixed("export")
    sent = []
    for _ in range(60):
        sent.append(refused(client).sent)
        clock.now += 1
    assert [second for second, left in enumerate(sent) if left] == [0, 10, 20, 30, 40, 50]


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
    with pytest.raises(ValueError, match="hosts"):
        payreq.Guard(providers=[PROFILE | {"hosts": ["not a host"]}])


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


# What other processes did


class Following(payreq.MemoryStore):
    """Learns of another process's block when it is asked the second time."""

    behind = True

    def __init__(self):
        super().__init__()
        self.asked = 0

    def refresh(self, now, *, at_once=False):
        self.asked += 1
        if self.asked == 2:
            key = Key(URL, "export", "anonymous")
            details = payreq.PaymentDetails(reason="quota_exceeded", status=429)
            self.swap(key, 0, begin(key, details, now), now)

    async def refresh_async(self, now, *, at_once=False):
        self.refresh(now)


def flaky(received):
    def answer(request):
        received.append(request)
        return httpx.Response(503)

    return httpx.MockTransport(answer)


def test_before_each_attempt_a_client_learns_what_others_did_and_tells_of_it(clock, caplog):
    caplog.set_level(logging.DEBUG, "payreq")
    heard, received = [], []
    guard = payreq.Guard(store=Following(), clock=clock, features={"export": "* /v1/exports"})
    guard.on("blocked", heard.append)
    retry = payreq.transient_retry(attempts=5).copy(sleep=lambda _: None)
    client = guard.wrap(httpx.Client(base_url=URL, transport=flaky(received)), retry=retry)
    with pytest.raises(payreq.QuotaExceeded) as caught:
        client.put("/v1/exports")
    assert (len(received), caught.value.sent) == (1, False)
    (event,) = heard
    assert (event.name, event.here, event.refusal) == ("blocked", False, None)
    assert event.block.reason == "quota_exceeded"
    told = [record.levelname for record in caplog.records if record.payreq_event == "blocked"]
    assert told == ["DEBUG"]


def test_an_async_client_learns_and_tells_too(clock):
    heard, received = [], []

    async def listener(event):
        heard.append(event.here)

    async def act():
        guard = payreq.Guard(store=Following(), clock=clock, features={"export": "* /v1/exports"})
        guard.on("blocked", listener)
        retry = payreq.transient_retry(attempts=5).copy(sleep=lambda _: None)
        inner = httpx.AsyncClient(base_url=URL, transport=flaky(received))
        async with guard.wrap(inner, retry=retry) as client:
            with pytest.raises(payreq.QuotaExceeded):
                await client.put("/v1/exports")

    asyncio.run(act())
    assert (heard, len(received)) == ([False], 1)


def test_where_nobody_listens_nothing_is_made_of_what_others_did(make):
    guard, client = make(store=Following())
    for _ in range(3):
        client.get("/v1/reports")
    assert not guard.ledger.news({"blocked"})
    assert guard.blocks.get("export").reason == "quota_exceeded"
