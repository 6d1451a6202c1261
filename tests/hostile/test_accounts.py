"""Ten thousand accounts at one provider, each on its own."""

from __future__ import annotations

import pytest

from payreq.replays import BYTES, ENTRIES

ACCOUNTS = 10_000


@pytest.fixture
def api(scripted):
    def answer(request):
        return 200 if request.headers["x-tenant"] in made.paid else 402

    made = scripted(answer, account=lambda request: request.headers["x-tenant"])
    made.paid = set()
    return made


def of(number):
    return {"x-tenant": f"tenant-{number}"}


def test_each_is_blocked_and_let_in_alone_and_what_is_kept_is_bounded(api):
    assert {api.call(headers=of(number)) for number in range(ACCOUNTS)} == {"sent"}
    assert len(api.guard.blocks.active()) == ACCOUNTS
    # Each is refused here, those whose answer was let go of, too.
    for number in (0, 1, ACCOUNTS // 2, ACCOUNTS - 1):
        assert api.call(headers=of(number)) == "here"
    assert len(api.sent) == ACCOUNTS
    assert len(api.guard.replays._answers) <= ENTRIES
    assert api.guard.replays._bytes <= BYTES
    # One pays: nobody else's is let in, or shown.
    api.paid.add("tenant-7")
    api.guard.blocks.recheck("export", account="tenant-7")
    assert api.call(headers=of(7)) == 200
    assert api.call(headers=of(8)) == "here"
    assert api.guard.blocks.get("export", account="tenant-7") is None
    with pytest.raises(LookupError, match="several accounts"):
        api.guard.blocks.get("export")
    # All are let go of, and nothing is left behind.
    assert api.guard.blocks.clear() == ACCOUNTS - 1
    store = api.guard.ledger.store
    assert (store._index, store._counts, len(store._live)) == ({}, {}, 0)


def test_keys_that_are_made_up_for_each_request_are_held_within_bounds(scripted, monkeypatch):
    monkeypatch.setattr("payreq.blocking.scope.CACHED_AT_MOST", 100)
    api = scripted(lambda _request: 402, features={})
    for number in range(1_000):
        path = f"/v1/{'abc'[number % 3] * 3}-thing{number}x/items"
        api.call(path, headers={"authorization": f"Bearer sk-test-{number:016}"})
    assert len(api.guard.scoper._cache) <= 100
    assert len(api.guard.scoper._told) <= 100
