"""A clock that is set back or ahead by hours: no block lasts for it, no storm comes of it."""

from __future__ import annotations

import pytest

HOUR = 3_600
JUMPS = pytest.mark.parametrize("hours", [-9, -1, 1, 9])


@pytest.fixture
def api(scripted):
    """Refuses until it is paid; what it is asked to do amid a request, it does."""

    def answer(_request):
        if made.amid is not None:
            made.amid()
        return 200 if made.paid else 402

    made = scripted(answer)
    made.paid, made.amid = False, None
    return made


def jump(api, hours):
    api.clock.advance(hours * HOUR)


def in_an_hour(api, every=5):
    """Return how many of an hour's requests leave, one every so many seconds."""
    before = len(api.sent)
    for _ in range(0, HOUR, every):
        api.clock.advance(every)
        api.call()
    return len(api.sent) - before


@JUMPS
def test_between_two_checks_one_request_looks_again(api, hours):
    api.call()
    jump(api, hours)
    assert [api.call(), api.call()] == ["sent", "here"]
    assert in_an_hour(api) <= 10


@JUMPS
def test_amid_a_check_that_is_refused_the_block_stands(api, hours):
    api.call()
    api.clock.advance(60)
    api.amid = lambda: jump(api, hours)
    assert api.call() == "sent"
    api.amid = None
    assert api.call() == "here"
    wait = api.guard.blocks.get("export").next_check.timestamp() - api.clock.now
    assert 0 < wait <= 900
    assert in_an_hour(api) <= 10


@JUMPS
def test_amid_a_check_that_is_let_in_the_block_ends(api, hours):
    api.call()
    api.clock.advance(60)
    api.paid, api.amid = True, lambda: jump(api, hours)
    assert [api.call(), api.call()] == [200, 200]
    assert api.guard.blocks.active() == []


@JUMPS
def test_amid_a_check_that_never_answers_the_next_one_goes(api, hours):
    def break_off():
        jump(api, hours)
        raise KeyboardInterrupt

    api.call()
    api.clock.advance(60)
    api.amid = break_off
    with pytest.raises(KeyboardInterrupt):
        api.call()
    api.amid = None
    assert api.call() == "here"
    api.clock.advance(10)
    assert api.call() == "sent"


@JUMPS
def test_amid_a_check_others_are_refused_or_look_themselves_but_never_all(api, hours):
    inside = []

    def meanwhile():
        api.amid = None
        jump(api, hours)
        inside.extend(api.call() for _ in range(10))

    api.call()
    api.clock.advance(60)
    api.amid = meanwhile
    assert api.call() == "sent"
    assert inside.count("sent") <= 1
    assert inside.count("here") >= 9


@JUMPS
def test_after_billing_fixed_the_eager_checks_end(api, hours):
    api.call()
    api.guard.billing_fixed("export")
    api.call()
    jump(api, hours)
    assert in_an_hour(api) <= 70  # one every 10 s for 10 min, and those of an hour


@pytest.mark.parametrize("hours", [-9, 9])
def test_a_clock_that_jumps_at_each_request_lets_one_through_at_a_time(api, hours):
    api.call()
    for turn in range(20):
        jump(api, hours if turn % 2 else -hours)
        assert api.call() in {"sent", "here"}
        assert api.guard.blocks.get("export") is not None
    api.paid = True
    api.clock.advance(900)
    assert [api.call(), api.call()] == [200, 200]
