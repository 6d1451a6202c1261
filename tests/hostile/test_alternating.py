"""A provider that cannot decide: 402 and 200 in turn."""

from __future__ import annotations

from itertools import cycle

import pytest

SECONDS = 3_600


@pytest.mark.parametrize("turns", [(402, 200), (200, 402), (402, 402, 200), (402, 403, 200)])
def test_it_gets_few_requests_a_minute_and_every_answer_is_passed_on(scripted, turns):
    answers = cycle(turns)
    api = scripted(lambda _request: next(answers))
    seen = []
    for _ in range(0, SECONDS, 5):
        seen.append(api.call())
        api.clock.advance(5)
    # A block lasts a minute: of twelve calls a minute, no more than two or three leave.
    assert len(api.sent) <= 3 * SECONDS / 60 + 2
    assert seen.count("sent") + seen.count(200) + seen.count("here") == len(seen)
    assert seen.count(200) > 0


def test_each_block_begins_and_ends_once(scripted):
    answers = cycle((402, 200))
    api = scripted(lambda _request: next(answers))
    heard = []
    for name in ("blocked", "restored"):
        api.guard.on(name, lambda event: heard.append(event.name))
    for _ in range(100):
        api.call()
        api.clock.advance(60)
    assert heard == ["blocked", "restored"] * 50
    assert api.guard.blocks.active() == []


def test_what_is_let_in_by_turns_for_two_keys_stays_apart(scripted):
    def answer(request):
        return 402 if request.headers["x-api-key"].endswith("a") else 200

    api = scripted(answer)
    for _ in range(20):
        assert api.call(headers={"x-api-key": "sk-test-tenant-b"}) == 200
        assert api.call(headers={"x-api-key": "sk-test-tenant-a"}) in {"sent", "here"}
    assert len(api.sent) == 21
