from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from payreq.blocking import block as rules
from payreq.blocking.ledger import TRIES
from payreq.blocking.memory import MemoryStore
from payreq.reasons import Reason

if TYPE_CHECKING:
    from payreq.blocking.outcomes import Admission


def names(outcome: Any) -> list[str]:
    return [transition.name for transition in outcome.transitions]


def test_a_refusal_blocks_its_key_and_nothing_else(desk):
    outcome = desk.block()
    assert names(outcome) == ["blocked"]
    assert outcome.block.reason is Reason.CREDITS_EXHAUSTED
    assert outcome.transitions[0].block == outcome.block
    refused = desk.ledger.admit(desk.key())
    assert refused.block.feature == "export"
    assert refused.token is None
    assert (refused.key, refused.epoch) == (desk.key(), desk.store.generation)
    for other in (desk.key("chat"), desk.key(account="bob"), desk.key(host="eu.example.com")):
        assert desk.ledger.admit(other).block is None


def test_an_admission_says_whether_anything_is_held_for_its_key(desk):
    assert desk.ledger.admit(desk.key()).met is False
    desk.block()
    assert desk.ledger.admit(desk.key("chat")).met is False
    assert desk.ledger.admit(desk.key(), passing=True).met is True
    assert desk.ledger.admit(desk.key()).met is True
    probe = desk.probe()
    assert probe.met is True
    desk.ledger.answered(probe, 200)
    assert desk.ledger.admit(desk.key()).met is True


def test_quiet_until_blocked_and_until_proven(desk):
    assert desk.ledger.quiet
    desk.block()
    assert not desk.ledger.quiet
    probe = desk.probe()
    assert names(desk.ledger.answered(probe, 404)) == ["lifted"]
    assert not desk.ledger.quiet
    late_proof = desk.ledger.admit(desk.key())
    assert names(desk.ledger.answered(late_proof, 404)) == []
    assert names(desk.ledger.answered(late_proof, 204)) == ["restored"]
    assert desk.ledger.quiet
    assert names(desk.ledger.answered(late_proof, 204)) == []


def test_each_refused_request_is_counted_and_the_count_leaves_with_the_block(desk):
    desk.block()
    assert [desk.ledger.admit(desk.key()).block.refused for _ in range(3)] == [1, 2, 3]
    assert desk.ledger.get("export").refused == 3
    lifted = desk.ledger.answered(desk.probe(), 200)
    assert [transition.block.refused for transition in lifted.transitions] == [3, 3]
    desk.block()
    assert desk.ledger.get("export").refused == 0


def test_the_first_check_comes_after_a_minute_and_doubles_up_to_fifteen(desk):
    desk.block()
    waits = [desk.next_check()]
    for _ in range(5):
        outcome = desk.refuse(desk.probe(after=waits[-1]))
        assert names(outcome) == ["probed"]
        waits.append(desk.next_check())
    assert waits == [60, 120, 240, 480, 900, 900]


def test_the_check_is_not_due_a_moment_before(desk):
    desk.block()
    desk.clock.now += 59.9
    assert desk.ledger.admit(desk.key()).block is not None
    desk.clock.now += 0.1
    assert desk.ledger.admit(desk.key()).token is not None


@pytest.mark.parametrize(
    ("after", "wait"), [(7, 7), (900, 900), (901, 60), (0, 60), (-3, 60), (None, 60)]
)
def test_a_retry_after_of_up_to_fifteen_minutes_sets_the_check(desk, after, wait):
    desk.block(retry_after=after)
    assert desk.next_check() == wait


def test_a_far_reset_makes_nobody_wait_longer(desk):
    desk.block(resets_at="2099-01-01T00:00:00Z")
    assert desk.next_check() == 60


def test_one_probe_at_a_time(desk):
    desk.block()
    probe = desk.probe()
    second = desk.ledger.admit(desk.key())
    assert second.token is None
    assert second.block is not None
    desk.refuse(probe)
    assert desk.ledger.admit(desk.key()).block is not None


def test_forty_threads_at_a_due_probe_get_one_token(desk):
    desk.block()
    desk.clock.now += 60
    start = threading.Barrier(40)
    admissions = []

    def ask() -> None:
        start.wait()
        admissions.append(desk.ledger.admit(desk.key()))

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(admission.token is not None for admission in admissions) == 1
    assert sum(admission.block is not None for admission in admissions) == 39


def test_forty_threads_that_are_refused_begin_one_block(desk):
    admissions = [desk.ledger.admit(desk.key()) for _ in range(40)]
    start = threading.Barrier(40)
    outcomes = []

    def meet(admission: Admission) -> None:
        start.wait()
        outcomes.append(desk.refuse(admission))

    threads = [threading.Thread(target=meet, args=[admission]) for admission in admissions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(names(outcome) == ["blocked"] for outcome in outcomes) == 1
    assert all(outcome.block.feature == "export" for outcome in outcomes)
    assert desk.next_check() == 60


@pytest.mark.parametrize("status", [401, 407, 408, 429, 500, 502, 503, 599])
def test_an_answer_that_decides_nothing_leaves_the_block_and_frees_the_slot(desk, status):
    desk.block()
    outcome = desk.ledger.answered(desk.probe(), status)
    assert names(outcome) == ["probed"]
    assert 5 <= desk.next_check() <= 10
    desk.refuse(desk.probe(after=10))
    assert desk.next_check() == 120


@pytest.mark.parametrize("status", [200, 204, 302, 399])
def test_an_answer_below_400_lifts_and_restores(desk, status):
    desk.block()
    outcome = desk.ledger.answered(desk.probe(), status)
    assert names(outcome) == ["lifted", "restored"]
    assert outcome.block is None
    assert desk.ledger.admit(desk.key()).block is None


@pytest.mark.parametrize("status", [400, 403, 404, 422, 499])
def test_another_answer_below_500_lifts_and_awaits_the_proof(desk, status):
    desk.block()
    assert names(desk.ledger.answered(desk.probe(), status)) == ["lifted"]
    assert desk.ledger.admit(desk.key()).block is None
    assert desk.ledger.active() == []


def test_a_failed_probe_frees_its_slot_once(desk):
    desk.block()
    probe = desk.probe()
    outcome = desk.ledger.failed(probe)
    assert names(outcome) == ["probed"]
    assert outcome.block == outcome.transitions[0].block == desk.ledger.get("export")
    outcome = desk.ledger.failed(probe)
    assert outcome.transitions == ()
    assert outcome.block is not None
    assert desk.probe(after=10).token != probe.token


def test_the_wait_after_a_failed_probe_is_spread_by_key_and_stays_the_same(desk):
    waits = set()
    for feature in ("export", "chat", "search"):
        key = desk.key(feature)
        desk.block(key)
        for _ in range(2):
            desk.ledger.failed(desk.probe(key))
            waits.add(round(desk.next_check(key), 3))
            desk.clock.now += 60
    assert len(waits) == 3


def test_failing_without_a_lease_changes_nothing(desk):
    admission = desk.ledger.admit(desk.key())
    assert desk.ledger.failed(admission) == (None, ())
    outcome = desk.block()
    assert desk.ledger.failed(admission) == (outcome.block, ())
    refused = desk.ledger.admit(desk.key())
    assert desk.ledger.answered(refused, 200).transitions == ()
    assert desk.next_check() == 60


def test_a_dead_prober_frees_its_slot_with_its_lease(desk):
    desk.block()
    dead = desk.probe()
    desk.clock.now += 29.9
    assert desk.ledger.admit(desk.key()).block is not None
    second = desk.probe(after=0.1)
    # It was only slow: its refusal and its failure are the other's no more.
    assert names(desk.refuse(dead)) == []
    assert names(desk.ledger.failed(dead)) == []
    assert desk.ledger.admit(desk.key()).block is not None
    assert names(desk.refuse(second)) == ["probed"]


def test_a_slow_probe_that_succeeds_lifts_though_its_lease_is_over(desk):
    desk.block()
    slow = desk.probe()
    second = desk.probe(after=45)
    assert names(desk.ledger.answered(slow, 200)) == ["lifted", "restored"]
    assert names(desk.refuse(second)) == []
    assert desk.ledger.admit(desk.key()).block is None


def test_a_slow_probe_that_is_refused_extends_where_nobody_took_its_slot(desk):
    desk.block()
    slow = desk.probe()
    desk.clock.now += 45
    assert names(desk.refuse(slow)) == ["probed"]
    assert desk.next_check() == 120


def test_answers_from_before_the_block_neither_lift_nor_extend(desk):
    early = [desk.ledger.admit(desk.key()) for _ in range(3)]
    desk.block()
    desk.clock.now += 100
    before = desk.ledger.get("export")
    outcome = desk.ledger.answered(early[0], 200)
    assert outcome == (before, ())
    outcome = desk.refuse(early[1], reason=Reason.INVOICE_UNPAID)
    assert outcome == (before, ())
    assert desk.ledger.get("export") == before


@pytest.mark.parametrize("way", ["lift", "clear"])
def test_answers_from_before_begin_nothing_anew(desk, way):
    early = desk.ledger.admit(desk.key())
    desk.block()
    if way == "lift":
        desk.ledger.answered(desk.probe(), 200)
    else:
        desk.ledger.clear()
    assert desk.refuse(early) == (None, ())
    assert desk.ledger.quiet
    assert names(desk.block()) == ["blocked"]


def test_a_probe_that_was_sent_before_the_clear_begins_nothing_anew(desk):
    desk.block()
    probe = desk.probe()
    assert desk.ledger.clear("export") == 1
    assert desk.refuse(probe) == (None, ())
    assert desk.ledger.answered(probe, 200) == (None, ())


def test_clear_fires_no_restored(desk):
    desk.block()
    assert desk.ledger.clear() == 1
    assert desk.ledger.quiet
    assert names(desk.ledger.answered(desk.ledger.admit(desk.key()), 200)) == []


def test_what_is_remembered_is_bounded_and_still_nothing_begins_anew(desk, monkeypatch):
    monkeypatch.setattr("payreq.blocking.memory.REMEMBERED_AT_MOST", 3)
    early = desk.ledger.admit(desk.key("f0"))
    for number in range(6):
        desk.block(desk.key(f"f{number}"))
        desk.ledger.clear(f"f{number}")
    assert desk.store.get(desk.key("f0")) is None
    assert desk.refuse(early) == (None, ())
    assert names(desk.block(desk.key("f0"))) == ["blocked"]


def test_a_probe_of_a_block_that_was_forgotten_has_nothing_to_free(desk, monkeypatch):
    desk.block()
    probe = desk.probe()
    desk.ledger.clear()
    monkeypatch.setattr("payreq.blocking.memory.REMEMBERED_AT_MOST", 1)
    desk.block(desk.key("chat"))
    assert desk.store.get(desk.key()) is None
    assert desk.ledger.failed(probe) == (None, ())


def test_passing_requests_pass_and_decide(desk):
    desk.block()
    passing = desk.ledger.admit(desk.key(), passing=True)
    assert passing.block is None
    assert passing.token is None
    # Not due: it neither doubles nor moves the check.
    assert names(desk.refuse(passing)) == []
    assert desk.next_check() == 60
    assert names(desk.ledger.answered(passing, 503)) == []
    assert names(desk.ledger.answered(passing, 200)) == ["lifted", "restored"]


def test_a_passing_refusal_extends_where_a_check_was_due_and_none_is_under_way(desk):
    desk.block()
    desk.clock.now += 60
    passing = desk.ledger.admit(desk.key(), passing=True)
    assert passing.token is None
    assert names(desk.refuse(passing)) == ["probed"]
    assert desk.next_check() == 120
    probe = desk.probe(after=120)
    assert names(desk.refuse(desk.ledger.admit(desk.key(), passing=True))) == []
    assert names(desk.refuse(probe)) == ["probed"]
    assert desk.next_check() == 240


def test_recheck_makes_it_due_and_doubles_nothing(desk):
    desk.block()
    assert desk.ledger.recheck("export") == 1
    desk.refuse(desk.probe(after=0))
    assert desk.next_check() == 60
    desk.refuse(desk.probe())
    assert desk.next_check() == 120


def test_an_asked_probe_that_decided_nothing_still_doubles_nothing(desk):
    desk.block()
    desk.ledger.recheck()
    desk.ledger.failed(desk.probe(after=0))
    desk.refuse(desk.probe(after=10))
    assert desk.next_check() == 60


def test_recheck_starts_no_second_probe_beside_one_and_is_not_lost(desk):
    desk.block()
    probe = desk.probe()
    desk.clock.now += 1
    assert desk.ledger.recheck() == 1
    assert desk.ledger.admit(desk.key()).block is not None
    # The probe may have left before the payment, so another follows soon.
    desk.refuse(probe)
    assert desk.ledger.admit(desk.key()).block is not None
    assert desk.next_check() == 10
    desk.refuse(desk.probe(after=10))
    assert desk.next_check() == 120


def test_recheck_and_clear_concern_what_matches(desk):
    for feature in ("export", "chat"):
        for account in ("alice", "bob"):
            desk.block(desk.key(feature, account))
    assert desk.ledger.recheck("export", "alice") == 1
    assert desk.ledger.recheck("export") == 2
    assert desk.ledger.recheck(account="bob") == 2
    assert desk.ledger.recheck() == 4
    assert desk.ledger.recheck("nothing") == 0
    assert desk.ledger.clear("export", "alice") == 1
    assert desk.ledger.clear(account="bob") == 2
    assert desk.ledger.clear() == 1
    assert desk.ledger.clear() == 0


def test_fixed_checks_every_ten_seconds_for_ten_minutes(desk):
    desk.block()
    desk.refuse(desk.probe())
    assert desk.ledger.fixed("chat") == desk.ledger.fixed(account="bob") == 0
    assert desk.ledger.fixed("export") == 1
    desk.refuse(desk.probe(after=0), retry_after=300)
    probes = 1
    while desk.next_check() == 10:
        desk.refuse(desk.probe(after=10))
        probes += 1
    assert probes == 61
    assert desk.next_check() == 120
    desk.refuse(desk.probe(after=120))
    assert desk.next_check() == 240


def test_lifting_an_account_makes_its_siblings_due(desk):
    desk.block(scope="account")
    sibling, stranger, elsewhere = (
        desk.key("chat"),
        desk.key("chat", "bob"),
        desk.key("chat", host="eu.example.com"),
    )
    for key in (sibling, stranger, elsewhere):
        desk.block(key)
    desk.clock.now += 1
    desk.ledger.recheck("export")
    desk.ledger.answered(desk.probe(after=0), 200)
    assert desk.ledger.admit(stranger).block is not None
    assert desk.ledger.admit(elsewhere).block is not None
    probe = desk.ledger.admit(sibling)
    assert probe.token is not None
    desk.refuse(probe)
    assert desk.next_check(sibling) == 60


def test_siblings_are_made_due_by_the_lift_and_not_again_by_its_proof(desk):
    sibling = desk.key("chat")
    desk.block(scope="account")
    desk.block(sibling)
    desk.ledger.answered(desk.probe(), 404)
    desk.refuse(desk.probe(sibling, after=0))
    proof = desk.ledger.admit(desk.key())
    assert names(desk.ledger.answered(proof, 200)) == ["restored"]
    assert desk.ledger.admit(sibling).block is not None


def test_siblings_are_handed_on_to_a_shared_store_in_one_question(new_desk):
    class Store(FollowingStore):
        behind = False

        def __init__(self) -> None:
            super().__init__()
            self.owed: list[Any] = []
            self.asked: list[bool] = []

        def owe(self, key: Any, *args: Any) -> Any:
            self.owed.append(key)
            return self.swap(key, *args)

        def refresh(self, now: float, *, at_once: bool = False) -> None:
            self.asked.append(at_once)

    desk = new_desk(Store())
    siblings = [desk.key("chat"), desk.key("search")]
    desk.block(scope="account")
    for key in siblings:
        desk.block(key)
    desk.ledger.answered(desk.probe(), 200)
    assert desk.store.owed == siblings
    assert desk.store.asked == [True]


def test_lifting_one_feature_leaves_its_siblings(desk):
    desk.block(scope="feature")
    desk.block(desk.key("chat"), retry_after=600)
    desk.ledger.answered(desk.probe(), 200)
    assert desk.ledger.admit(desk.key("chat")).block is not None


@pytest.mark.parametrize(
    "facts",
    [
        {"reason": Reason.PAYMENT_FAILED},
        {"reason": Reason.PAYMENT_CHALLENGE},
        {"scope": "request"},
    ],
)
def test_what_blocks_nothing_lifts_as_any_other_answer(desk, facts):
    assert desk.block(**facts) == (None, ())
    assert desk.ledger.quiet
    desk.block()
    assert names(desk.refuse(desk.probe(), **facts)) == ["lifted"]
    desk.ledger.clear()
    desk.block()
    assert names(desk.refuse(desk.probe(), **{**facts, "status": 429})) == ["probed"]


def test_a_default_feature_is_not_blocked_for_one_of_its_models(desk):
    admission = desk.ledger.admit(desk.key())
    details = desk.details(feature="model-x")
    assert desk.ledger.refused(admission, details, default_feature=True) == (None, ())
    assert desk.ledger.refused(admission, details, default_feature=False).block is not None


def test_a_transient_refusal_blocks_no_longer_than_it_says(desk):
    desk.block(retryable=True, retry_after=20)
    desk.clock.now += 19
    assert desk.ledger.admit(desk.key()).block is not None
    desk.clock.now += 1
    assert desk.ledger.active() == []
    assert desk.ledger.get("export") is None
    through = [desk.ledger.admit(desk.key()) for _ in range(3)]
    assert all(admission.block is None and admission.token is None for admission in through)
    # Refused once more: blocked as before, once.
    assert names(desk.refuse(through[0], retryable=True, retry_after=20)) == ["probed"]
    assert names(desk.refuse(through[1], retryable=True, retry_after=20)) == []
    assert desk.ledger.admit(desk.key()).block is not None
    desk.clock.now += 20
    assert names(desk.ledger.answered(through[2], 200)) == ["lifted", "restored"]


def test_a_block_that_nothing_met_for_a_week_ends(desk):
    desk.block()
    desk.clock.now += rules.IDLE
    assert desk.ledger.admit(desk.key()).block is None
    assert desk.ledger.active() == []


def test_a_clock_that_is_set_back_holds_nothing_for_longer(desk):
    desk.block()
    desk.probe()
    desk.clock.now -= 86_400
    assert desk.ledger.admit(desk.key()).token is not None


def test_get_names_the_only_account_and_no_other(desk):
    assert desk.ledger.get("export") is None
    desk.block()
    assert desk.ledger.get("export").account == "alice"
    desk.block(desk.key(account="bob"))
    with pytest.raises(LookupError, match="account="):
        desk.ledger.get("export")
    assert desk.ledger.get("export", account="bob").account == "bob"
    assert desk.ledger.get("export", account="carol") is None
    assert desk.ledger.get("chat", account="bob") is None


def test_get_tells_origins_apart(desk):
    desk.block()
    desk.clock.now += 1
    desk.block(desk.key(host="eu.example.com"))
    assert desk.ledger.get("export", account="alice").origin == "https://api.example.com"
    eu = desk.ledger.get("export", account="alice", origin="https://eu.example.com")
    assert eu.origin == "https://eu.example.com"
    assert desk.ledger.get("export", account="alice", origin="https://us.example.com") is None
    assert desk.ledger.active("chat") == desk.ledger.active(account="bob") == []
    origins = [block.origin for block in desk.ledger.active()]
    assert origins == ["https://api.example.com", "https://eu.example.com"]


def test_past_the_limit_no_live_block_is_dropped_and_one_warning_says_so(new_desk, caplog):
    desk = new_desk(MemoryStore(limit=2))
    desk.block(desk.key("a"))
    desk.block(desk.key("b"))
    with caplog.at_level(logging.WARNING, "payreq"):
        for feature in ("c", "d"):
            assert desk.block(desk.key(feature)) == (None, ())
    assert [(record.name, record.levelname) for record in caplog.records] == [("payreq", "WARNING")]
    assert "2" in caplog.text
    assert desk.ledger.admit(desk.key("a")).block is not None
    assert desk.ledger.admit(desk.key("c")).block is None
    # Those that are held go on to be extended, and what ends makes room.
    desk.refuse(desk.probe(desk.key("a")))
    desk.ledger.clear("b")
    assert names(desk.block(desk.key("c"))) == ["blocked"]


class BrokenStore(MemoryStore):
    """Fails at every call once it is told to."""

    broken = False

    def __getattribute__(self, name: str) -> Any:
        if name != "broken" and self.broken:
            raise OSError("redis://user:canary-password@example.com is gone")
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    "act",
    [
        lambda desk, _: desk.ledger.quiet,
        lambda desk, _: desk.ledger.epoch == 0,
        lambda desk, _: desk.ledger.admit(desk.key()).block is None,
        lambda desk, early: names(desk.refuse(early)) == ["blocked"],
        lambda desk, early: desk.ledger.answered(early, 200) == (None, ()),
        lambda desk, early: desk.ledger.failed(early) == (None, ()),
        lambda desk, _: desk.ledger.clear() == 0,
        lambda desk, _: desk.ledger.active() == [],
        lambda desk, _: desk.ledger.ready("export", "alice"),
    ],
)
def test_a_store_that_raises_is_worked_around_and_told_once(new_desk, caplog, act):
    desk = new_desk(BrokenStore())
    early = desk.ledger.admit(desk.key())
    desk.block()
    desk.store.broken = True
    with caplog.at_level(logging.WARNING, "payreq"):
        assert act(desk, early)
        desk.ledger.clear()
        desk.block()
        assert desk.ledger.admit(desk.key()).block is not None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "OSError" in caplog.text
    assert "canary" not in caplog.text


def test_two_threads_that_meet_a_broken_store_tell_once(new_desk, caplog):
    desk = new_desk(BrokenStore())
    desk.store.broken = True
    meet = threading.Barrier(2)
    first = [True, True]
    quiet: list[bool] = []

    def act() -> bool:
        if first:
            first.pop()
            meet.wait()
            return desk.store.quiet
        return desk.ledger.store.quiet

    threads = [
        threading.Thread(target=lambda: quiet.append(desk.ledger._sheltered(act))) for _ in range(2)
    ]
    with caplog.at_level(logging.WARNING, "payreq"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert quiet == [True, True]
    assert len(caplog.records) == 1


def test_a_fault_of_our_own_is_not_blamed_on_the_store(desk):
    with pytest.raises(AttributeError):
        desk.ledger._sheltered(lambda: desk.ledger.nothing)


class MovingStore(MemoryStore):
    """Another writer always comes first."""

    def swap(self, *args: Any) -> None:
        self.tried = getattr(self, "tried", 0) + 1


def test_a_store_that_never_yields_is_given_up_on(new_desk):
    desk = new_desk(MovingStore())
    assert desk.block() == (None, ())
    assert desk.store.tried == TRIES


def test_two_guards_may_share_one_memory_store(new_desk):
    store = MemoryStore()
    one, two = new_desk(store), new_desk(store)
    one.block()
    assert not two.ledger.quiet
    assert two.ledger.admit(two.key()).block is not None
    probe = one.probe()
    two.clock.now += 60
    assert two.ledger.admit(two.key()).block is not None
    one.ledger.answered(probe, 200)
    assert two.ledger.quiet


def test_what_stands_on_a_request_s_way_loads_no_pydantic_and_no_http_library():
    code = (
        "import sys, payreq.blocking.blocks, payreq.blocking.ledger, payreq.blocking.scope;"
        "print(*({'pydantic', 'httpx', 'httpx2', 'anyio'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_answers_from_before_the_lift_neither_prove_nor_block(desk):
    desk.block()
    early = [desk.ledger.admit(desk.key(), passing=True) for _ in range(2)]
    probe = desk.probe()
    assert names(desk.ledger.answered(probe, 404)) == ["lifted"]
    assert names(desk.ledger.answered(early[0], 200)) == []
    assert names(desk.refuse(early[1])) == []
    assert not desk.ledger.quiet
    assert desk.ledger.admit(desk.key()).block is None


def test_a_probe_that_lifted_has_nothing_left_to_free(desk):
    desk.block()
    probe = desk.probe()
    desk.ledger.answered(probe, 404)
    assert desk.ledger.failed(probe) == (None, ())


class FollowingStore(MemoryStore):
    """Learns what others did, when it is asked to."""

    behind = True
    refreshed = 0

    def refresh(self, now: float, *, at_once: bool = False) -> None:
        self.refreshed += 1

    async def refresh_async(self, now: float, *, at_once: bool = False) -> None:
        self.refreshed += 1


def test_a_store_that_learns_is_asked_when_it_is_behind_or_people_want_to_know(new_desk):
    desk = new_desk(FollowingStore())
    assert desk.ledger.stale
    desk.ledger.refresh()
    asyncio.run(desk.ledger.refresh_async())
    assert desk.store.refreshed == 2
    desk.store.behind = False
    desk.ledger.refresh()
    asyncio.run(desk.ledger.refresh_async())
    desk.ledger.active()
    assert desk.store.refreshed == 2
    assert not desk.ledger.stale
    desk.block()
    assert desk.ledger.stale
    desk.ledger.clear()
    assert desk.store.refreshed == 3
    desk.store.behind = True
    desk.ledger.active()
    assert desk.store.refreshed == 4


@pytest.mark.parametrize("way", ["stale", "refresh", "refresh_async"])
def test_a_store_that_learns_and_raises_is_given_up_for_good(new_desk, caplog, way):
    class Store(BrokenStore, FollowingStore):
        pass

    desk = new_desk(Store())
    desk.store.broken = True
    if way == "stale":
        assert desk.ledger.stale
    with caplog.at_level(logging.WARNING, "payreq"):
        if way == "refresh_async":
            asyncio.run(desk.ledger.refresh_async())
        else:
            desk.ledger.refresh()
    assert "OSError" in caplog.text
    assert not desk.ledger.keeps_up
    desk.ledger.refresh()
    asyncio.run(desk.ledger.refresh_async())
    assert desk.block().block is not None


def test_what_others_did_is_told_once_and_what_nobody_heeds_not_at_all(new_desk):
    store = FollowingStore()
    one, other = new_desk(store), new_desk(store)
    one.block()
    assert one.ledger.news({"blocked"}) == []
    (told,) = other.ledger.news({"blocked", "restored"})
    assert (told.name, told.block.feature) == ("blocked", "export")
    assert other.ledger.news({"blocked", "restored"}) == []
    one.refuse(one.probe())
    assert other.ledger.news({"blocked", "restored"}) == []
    one.ledger.answered(one.probe(after=120), 200)
    assert other.ledger.news({"blocked"}) == []
    assert other.ledger.news({"restored"}) == []
    one.block()
    one.ledger.answered(one.probe(), 200)
    assert [told.name for told in other.ledger.news({"restored"})] == ["restored"]
    one.block()
    one.ledger.clear()
    assert other.ledger.news({"blocked", "restored"}) == []


def test_what_one_began_is_told_as_its_own_whoever_checked_it_since(new_desk):
    store = FollowingStore()
    one, other = new_desk(store), new_desk(store)
    one.block()
    other.refuse(other.probe())
    assert [told.name for told in other.ledger.news({"blocked"})] == ["blocked"]
    assert one.ledger.news({"blocked"}) == []


def test_who_restored_what_another_began_tells_the_other(new_desk):
    store = FollowingStore()
    one, other = new_desk(store), new_desk(store)
    one.block()
    other.ledger.answered(other.probe(), 200)
    assert [told.name for told in one.ledger.news({"restored"})] == ["restored"]
    assert other.ledger.news({"restored"}) == []


@pytest.mark.parametrize("end", ["cleared", "forgotten"])
def test_a_block_that_ended_since_it_was_found_is_left_alone(new_desk, end):
    class Store(MemoryStore):
        meanwhile: Any = None

        def find(self, **where: Any) -> list[Any]:
            found, act, self.meanwhile = super().find(**where), self.meanwhile, None
            if act is not None:
                act()
            return found

    desk = new_desk(Store())
    desk.block()
    held = desk.store.get(desk.key())
    forget = {"cleared": desk.ledger.clear, "forgotten": lambda: desk.store._forget(held)}
    desk.store.meanwhile = forget[end]
    assert desk.ledger.recheck() == 0
    left = desk.store.get(desk.key())
    assert left is None if end == "forgotten" else left.asked is None
    assert desk.ledger.store is desk.store


class OvertakenStore(MemoryStore):
    """Another writer comes first, once."""

    overtaken = False

    def swap(self, key: Any, generation: int, state: Any, now: float) -> Any:
        if not self.overtaken:
            self.overtaken = True
            super().swap(key, generation, state, now)
        return super().swap(key, generation, state, now)


def test_who_is_overtaken_goes_by_what_the_other_wrote(new_desk):
    desk = new_desk(OvertakenStore())
    outcome = desk.block()
    assert outcome.block == desk.ledger.get("export")
    assert outcome.transitions == ()
    assert desk.store.generation == 1


def test_a_block_says_what_the_server_said_and_when_in_utc(desk):
    outcome = desk.block(code="insufficient_credits")
    assert outcome.block.details == desk.details(code="insufficient_credits")
    assert outcome.block.since == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert outcome.block.next_check == datetime(2023, 11, 14, 22, 14, 20, tzinfo=UTC)


def test_of_two_threads_one_tells(new_desk):
    store = FollowingStore()
    one, other = new_desk(store), new_desk(store)
    one.block()
    lock, told = other.ledger._telling, []

    class Late:
        """A lock that another thread has first."""

        def __enter__(self):
            other.ledger._telling = lock
            told.append(other.ledger.news({"blocked"}))

        def __exit__(self, *_):
            pass

    other.ledger._telling = Late()
    assert other.ledger.news({"blocked"}) == []
    assert [news.name for news in told[0]] == ["blocked"]
    assert other.ledger.news({"blocked"}) == []


def test_what_comes_while_it_is_told_is_told_next(new_desk):
    class Moving(FollowingStore):
        def changes(self, cursor):
            if cursor == 0:
                one.block(one.key("chat"))
            return super().changes(cursor)

    store = Moving()
    one, other = new_desk(store), new_desk(store)
    one.block()
    for feature in ("export", "chat"):
        assert [news.block.feature for news in other.ledger.news({"blocked"})] == [feature]
    assert not other.ledger.news({"blocked"})
