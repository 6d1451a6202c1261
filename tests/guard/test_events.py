from __future__ import annotations

import asyncio
import logging

import httpx
import pytest
from exporting import URL, refused

import payreq
from payreq.blocking.block import Key, begin

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
