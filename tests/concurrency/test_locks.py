"""No lock is held while anything of the app's or of the network's is under way."""

from __future__ import annotations

import sys
import threading

import anyio
import httpx
import httpx2
import pytest

import payreq
import payreq.guard
from payreq.testing import Clock

URL = "https://api.example.com"
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}


class Lock:
    """A lock of which it is known while it is held."""

    held = 0
    taken = 0

    def __init__(self):
        self.inner = threading.RLock()

    def acquire(self):
        self.inner.acquire()
        Lock.held += 1
        Lock.taken += 1

    def release(self):
        Lock.held -= 1
        self.inner.release()

    def __enter__(self):
        self.acquire()

    def __exit__(self, *exc_info):
        self.release()


@pytest.fixture(autouse=True)
def watched(monkeypatch):
    """Put such a lock wherever payreq makes one."""
    for name, module in list(sys.modules.items()):
        for kind in ("Lock", "RLock"):
            if name.startswith("payreq") and hasattr(module, kind):
                monkeypatch.setattr(module, kind, Lock)
    monkeypatch.setattr(Lock, "taken", 0)
    return Lock


@pytest.fixture
def outside():
    """Collects what was under way outside of payreq, and how many locks were held then."""
    return []


@pytest.fixture
def leave(outside):
    def leaving(what, answer=None):
        outside.append((what, Lock.held))
        return answer

    return leaving


@pytest.fixture
def guard(leave):
    guard = payreq.Guard(
        features={"export": "* /exports"},
        feature=lambda request: leave("feature"),
        account=lambda request: leave("account", "tenant-7"),
        accept=lambda details: leave("accept", True),
        messages=lambda about, audience, locale, default: leave("messages", default),
        clock=Clock(),
    )
    for name in ("payment_required", "blocked", "refused", "billing_fixed", "restored"):
        guard.on(name, lambda event: leave(event.name))
    return guard


def streaming(library, leave, *answers):
    """Return a handler that answers in turn, whose bodies note when they are read and closed."""
    left = list(answers)

    class Body(library.SyncByteStream, library.AsyncByteStream):
        def __init__(self, content):
            self.content = content

        def __iter__(self):
            leave("read")
            yield self.content

        async def __aiter__(self):
            leave("read")
            yield self.content

        def close(self):
            leave("close")

        async def aclose(self):
            leave("close")

    def handle(request):
        leave("send")
        status = left.pop(0) if len(left) > 1 else left[0]
        body = library.Response(200, json=NO_CREDIT if status >= 400 else {}).content
        return library.Response(
            status, headers={"content-type": "application/json"}, stream=Body(body)
        )

    return handle


def story(call, guard):
    """Return what is done in turn: a refusal, a block, a check, a payment, the way back."""
    clock = guard.clock
    return [
        call,
        call,
        lambda: clock.advance(60),
        call,
        guard.blocks.active,
        lambda: guard.blocks.get("export").user_message(),
        lambda: guard.billing_fixed("export"),
        lambda: guard.blocks.wait("export", timeout=0),
        call,
        lambda: guard.blocks.recheck("export"),
        call,
        call,
    ]


EXPECTED = {
    "account", "accept", "billing_fixed", "blocked", "close", "feature", "messages",
    "payment_required", "read", "refused", "restored", "send",
}  # fmt: skip


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_no_lock_is_held_over_what_is_outside(library, kind, guard, leave, outside):
    handle = streaming(library, leave, 402, 402, 402, 200)

    async def handle_async(request):
        return handle(request)

    transport = library.MockTransport(handle if kind == "sync" else handle_async)
    made = library.Client if kind == "sync" else library.AsyncClient
    client = guard.wrap(made(base_url=URL, transport=transport))

    def call():
        try:
            if kind == "sync":
                client.post("/exports")
            else:
                anyio.run(client.post, "/exports")
        except payreq.PaymentRequired:
            return

    for act in story(call, guard):
        act()
    assert {what for what, _ in outside} == EXPECTED
    assert [what for what, held in outside if held] == []
    assert Lock.taken > 20
    assert Lock.held == 0


def test_a_lock_that_were_held_would_be_noticed(guard, leave, outside, monkeypatch):
    store = guard.ledger.store
    find = store.find

    def slow_find(**what):
        with store._lock:
            leave("network")
        return find(**what)

    monkeypatch.setattr(store, "find", slow_find)
    guard.blocks.active()
    assert outside == [("network", 1)]
