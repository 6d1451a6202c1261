"""Histories of refusals, late answers, probes, ways out and outages, against a model of its own.

Two processes take part wherever a store is shared, each by a clock of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from payreq.blocking import redis_scripts
from payreq.blocking.block import Key
from payreq.blocking.ledger import Ledger
from payreq.blocking.memory import MemoryStore
from payreq.blocking.redis import RedisStore
from payreq.blocking.sqlite import SQLiteStore
from payreq.details import PaymentDetails
from payreq.reasons import Reason

KEYS = [
    Key("https://api.example.com", feature, account)
    for feature in ("export", "chat")
    for account in ("alice", "bob")
]
START = 1_700_000_000.0
PROCESS = st.integers(0, 1)
FEATURE = st.sampled_from(["export", "chat", None])
ACCOUNT = st.sampled_from(["bob", None])
DECIDE_NOTHING = {401, 407, 408, 429, 500, 503}


@dataclass
class Model:
    """What CONTRACT says of one key, in the plainest words."""

    turned: int = 0  # the moment at which it last began or ended; requests from before are late
    phase: str = "open"
    next: float = 0.0
    interval: float = 60.0
    lapses: float = 0.0
    account_wide: bool = False
    probe: Sent | None = None
    asked: bool = False
    asked_beside: bool = False
    eager: float = 0.0
    saved: list[int] = field(default_factory=lambda: [0, 0])  # by each process
    called: float | None = None

    def blocked(self, now: float) -> bool:
        return self.phase == "blocked" and now < self.lapses

    def probing(self, now: float) -> bool:
        return self.probe is not None and now < self.probe.at + 30

    def due(self, now: float) -> bool:
        return now >= self.next and not self.probing(now)

    def free(self) -> None:
        self.probe = None
        self.called = None

    def ask(self, now: float) -> None:
        self.next = now
        self.asked_beside = self.probe is not None and now > self.probe.at
        self.asked = True

    def end(self, phase: str, moment: int) -> None:
        self.free()
        self.phase = phase
        self.turned = moment
        self.saved = [0, 0]


@dataclass
class Sent:
    by: int
    key: Key
    admission: Any
    moment: int
    at: float
    probe: bool = False
    done: list[str] = field(default_factory=list)


class Histories(RuleBasedStateMachine):
    """One process over a store in memory."""

    sent = Bundle("sent")
    skews = (0.0,)  # of each process's clock

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.stores = [self.make_store() for _ in self.skews]
        self.ledgers = [
            Ledger(store, lambda skew=skew: self.now + skew)
            for store, skew in zip(self.stores, self.skews, strict=True)
        ]
        self.models = {key: Model() for key in KEYS}
        self.moment = 0
        self.out = False
        self.happened: list[tuple[int, str, Key]] = []  # since all have learned of it

    def make_store(self) -> Any:
        return MemoryStore()

    def process(self, number: int) -> Any:
        """Return the ledger that acts: while the store is out, there is one only."""
        return self.ledgers[0 if self.out else number % len(self.ledgers)]

    def acts(self, sent: Sent) -> bool:
        return sent.admission.block is None and (not self.out or sent.by == 0)

    def turn(self) -> int:
        self.moment += 1
        return self.moment

    @rule(
        target=sent,
        key=st.sampled_from(KEYS),
        passing=st.integers(0, 4).map(lambda n: n == 0),
        number=PROCESS,
    )
    def send(self, key: Key, passing: bool, number: int) -> Any:
        model = self.models[key]
        ledger = self.process(number)
        admission = ledger.admit(key, passing=passing)
        by = self.ledgers.index(ledger)
        sent = Sent(by, key, admission, self.moment, self.now)
        if model.blocked(self.now) and not passing:
            sent.probe = model.due(self.now)
            if sent.probe:
                model.probe = sent
                model.asked_beside = False
            else:
                model.saved[by] += 1
                assert admission.block.refused == model.saved[by]
        assert (admission.token is not None) == sent.probe
        refused = model.blocked(self.now) and not passing and not sent.probe
        assert (admission.block is not None) == refused
        return sent

    @rule(
        sent=consumes(sent),
        retry_after=st.sampled_from([None, None, 5.0, 400.0, 5_000.0]),
        transient=st.integers(0, 5).map(lambda n: n == 0),
        account_wide=st.booleans(),
    )
    def refuse(
        self, sent: Sent, retry_after: float | None, transient: bool, account_wide: bool
    ) -> None:
        if not self.acts(sent):
            return
        details = PaymentDetails(
            reason=Reason.CREDITS_EXHAUSTED,
            status=402,
            retry_after=retry_after,
            retryable=transient or None,
            scope="account" if account_wide else None,
        )
        outcome = self.ledgers[sent.by].refused(sent.admission, details, default_feature=False)
        model = self.models[sent.key]
        names = self.names_of(sent, outcome)
        lapses = self.now + (retry_after if transient and retry_after else 7 * 86_400)
        heeded = retry_after if retry_after and retry_after <= 900 else None
        if sent.moment < model.turned:
            assert names == []
        elif model.phase == "open" and not names:
            # Too old to be told from what is late for something that is forgotten by now.
            assert self.now - sent.at >= 900
            assert sent.moment < max(other.turned for other in self.models.values())
        elif model.phase != "blocked":
            assert names == ["blocked"]
            self.models[sent.key] = Model(
                turned=self.turn(),
                phase="blocked",
                next=self.now + (heeded or 60),
                lapses=lapses,
                account_wide=account_wide,
            )
        elif model.probe is sent or model.due(self.now):
            assert names == ["probed"]
            beside = model.asked_beside and model.probe is not None
            if beside or not model.asked:
                model.interval = min(900.0, model.interval * 2)
            eager = self.now < model.eager
            model.next = self.now + (10 if eager or beside else heeded or model.interval)
            model.asked = model.asked and (eager or beside)
            model.asked_beside = False
            model.lapses = lapses
            model.account_wide = account_wide
            model.free()
        else:
            assert names == []
        assert (outcome.block is not None) == self.models[sent.key].blocked(self.now)

    @rule(sent=consumes(sent), status=st.sampled_from([200, 204, 302, 400, 404, *DECIDE_NOTHING]))
    def answer(self, sent: Sent, status: int) -> None:
        if not self.acts(sent):
            return
        if status in DECIDE_NOTHING:
            self.undecided(sent, self.ledgers[sent.by].answered(sent.admission, status))
            return
        outcome = self.ledgers[sent.by].answered(sent.admission, status)
        model = self.models[sent.key]
        names = self.names_of(sent, outcome)
        if sent.moment < model.turned or model.phase == "open":
            assert names == []
        elif model.phase == "lifted":
            assert names == (["restored"] if status < 400 else [])
            model.phase = "open" if status < 400 else "lifted"
        else:
            assert names == (["lifted", "restored"] if status < 400 else ["lifted"])
            model.end("open" if status < 400 else "lifted", self.turn())
            siblings = [
                self.models[key]
                for key in KEYS
                if key.account == sent.key.account and key != sent.key
            ]
            for sibling in siblings if model.account_wide else []:
                if sibling.phase == "blocked":
                    sibling.ask(self.now)

    @rule(sent=consumes(sent))
    def fail(self, sent: Sent) -> None:
        if self.out and sent.by:
            return
        self.undecided(sent, self.ledgers[sent.by].failed(sent.admission))
        assert self.ledgers[sent.by].failed(sent.admission).transitions == ()

    @rule(sent=consumes(sent))
    def die(self, sent: Sent) -> None:
        """Nobody ever hears of it again; its lease ends by itself."""

    def undecided(self, sent: Sent, outcome: Any) -> None:
        model = self.models[sent.key]
        names = [transition.name for transition in outcome.transitions]
        if model.phase == "blocked" and model.probe is sent:
            assert names == ["probed"]
            model.free()
            model.asked_beside = False
            model.next = self.held(sent.by, sent.key).next_check - self.skews[sent.by]
            assert 5 <= model.next - self.now <= 10
        else:
            assert names == []

    @rule(seconds=st.sampled_from([0.5, 4.0, 10.0, 29.0, 31.0, 60.0, 130.0, 900.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule(feature=FEATURE, account=ACCOUNT, number=PROCESS)
    def clear(self, feature: str | None, account: str | None, number: int) -> None:
        met = self.matching(feature, account)
        assert self.process(number).clear(feature, account) == len(met)
        for model in met:
            model.end("open", self.turn())

    @rule(feature=FEATURE, account=ACCOUNT, number=PROCESS)
    def recheck(self, feature: str | None, account: str | None, number: int) -> None:
        met = self.matching(feature, account)
        assert self.process(number).recheck(feature, account) == len(met)
        for model in met:
            model.ask(self.now)

    @rule(feature=FEATURE, account=ACCOUNT, number=PROCESS)
    def fixed(self, feature: str | None, account: str | None, number: int) -> None:
        met = self.matching(feature, account)
        assert self.process(number).fixed(feature, account) == len(met)
        for model in met:
            model.ask(self.now)
            model.eager = self.now + 600

    @rule(key=st.sampled_from(KEYS), number=PROCESS)
    def wait(self, key: Key, number: int) -> None:
        model = self.models[key]
        ready = self.process(number).ready(key.feature, key.account)
        if not model.blocked(self.now):
            assert ready
        else:
            called = model.called is not None and self.now < model.called + 30
            assert ready == (model.due(self.now) and not called)
            if ready:
                model.called = self.now

    def names_of(self, sent: Sent, outcome: Any) -> list[str]:
        names = [transition.name for transition in outcome.transitions]
        told = [name for name in names if name in ("blocked", "restored")]
        self.happened += [(sent.by, name, sent.key) for name in told]
        return names

    def matching(self, feature: str | None, account: str | None) -> list[Model]:
        return [
            model
            for key, model in self.models.items()
            if model.blocked(self.now)
            and feature in (None, key.feature)
            and account in (None, key.account)
        ]

    def held(self, number: int, key: Key) -> Any:
        return self.stores[number].get(key)

    @invariant()
    def agrees(self) -> None:
        for number in range(1 if self.out else len(self.ledgers)):
            self.agrees_in(number)

    def agrees_in(self, number: int) -> None:
        active = {(b.origin, b.feature, b.account): b for b in self.ledgers[number].active()}
        for key, model in self.models.items():
            block = active.pop(tuple(key), None)
            assert (block is not None) == model.blocked(self.now)
            if block is not None:
                due = self.held(number, key).next_check - self.skews[number]
                assert abs(due - model.next) < 1e-3
                assert block.refused == model.saved[number]
        assert not active

    @invariant()
    def is_never_quiet_while_anything_can_be_met(self) -> None:
        if any(model.blocked(self.now) for model in self.models.values()):
            assert not self.ledgers[0].quiet


class SharedHistories(Histories):
    """Two processes, whose clocks and that of the place differ, over a store that they share.

    Each has learned what the other wrote before anything else happens, as it has within a second.
    """

    skews = (0.0, 3_600.0)
    place = -1_800.0

    def __init__(self) -> None:
        super().__init__()
        self.was_out = False
        for store in self.stores:
            store.patience = 10.0  # it is about what happens, not how fast
        self.catch_up()

    def catch_up(self) -> None:
        if self.out:
            return
        for number in (0, 1, 0):
            store = self.stores[number]
            store._retry = 0.0
            store.refresh(self.now + self.skews[number], at_once=True)
            assert store.fault is None
            assert not store._owed

    @rule()
    @precondition(lambda self: not self.out)
    def go_out(self) -> None:
        self.out = self.was_out = True
        for store in self.stores:
            store._real, store._backend = store._backend, Out()

    @rule()
    @precondition(lambda self: self.out)
    def come_back(self) -> None:
        self.out = False
        for store in self.stores:
            store._backend = store._real

    @invariant()
    def agrees(self) -> None:
        self.catch_up()
        super().agrees()
        if not self.out:
            self.others_hear_of_it()

    def others_hear_of_it(self) -> None:
        for number, ledger in enumerate(self.ledgers):
            news = ledger.news({"blocked", "restored"})
            heard = sorted((told.name, told.block.account, told.block.feature) for told in news)
            others = [(name, key) for by, name, key in self.happened if by != number]
            expected = sorted((name, key.account, key.feature) for name, key in others)
            # Of what happened while they could not hear, they learn what came of it.
            assert set(heard) <= set(expected) if self.was_out else heard == expected
        self.happened.clear()
        self.was_out = False

    def teardown(self) -> None:
        for store in self.stores:
            getattr(store, "_real", store._backend).close()


class Out:
    def ask(self, _question: Any) -> Any:
        raise ConnectionError


@pytest.fixture
def standing(monkeypatch):
    """Real time stands still: an answer takes none, so that the clocks' difference is exact."""
    monkeypatch.setattr("payreq.blocking.shared.monotonic", lambda: 1_000.0)


def run(kind: type[Histories], histories: int) -> None:
    run_state_machine_as_test(
        kind,
        settings=settings(max_examples=histories, stateful_step_count=40),
    )


def test_a_store_in_memory_does_what_the_model_says():
    run(Histories, 300)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("standing")
def test_processes_that_share_a_file_do_what_the_model_says(tmp_path):
    files = count()

    class OverSQLite(SharedHistories):
        def __init__(self) -> None:
            self.file = tmp_path / f"{next(files)}.db"
            super().__init__()

        def make_store(self) -> Any:
            store = SQLiteStore(self.file)
            store._backend._clock = lambda: self.now + self.place
            return store

    run(OverSQLite, 100)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("standing")
def test_processes_that_share_a_redis_do_what_the_model_says(redis, monkeypatch):
    histories = count()
    source = redis_scripts.source
    monkeypatch.setattr(
        redis_scripts,
        "source",
        lambda kind: source(kind).replace(
            "redis.call('TIME')", "cjson.decode(redis.call('GET', 'clock'))"
        ),
    )

    class OverRedis(SharedHistories):
        def __init__(self) -> None:
            self.namespace = f"machine-{next(histories)}"
            super().__init__()

        def make_store(self) -> Any:
            return RedisStore(redis.url, namespace=self.namespace)

        def catch_up(self) -> None:
            now = int((self.now + self.place) * 1e6)
            redis.ask("SET", "clock", json.dumps([now // 1_000_000, now % 1_000_000]))
            super().catch_up()

    run(OverRedis, 100)
