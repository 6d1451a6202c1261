"""Histories of refusals, late answers, probes and ways out, against a model of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from payreq.blocking.block import Key
from payreq.blocking.ledger import Ledger
from payreq.blocking.memory import MemoryStore
from payreq.details import PaymentDetails
from payreq.reasons import Reason

KEYS = [
    Key("https://api.example.com", feature, account)
    for feature in ("export", "chat")
    for account in ("alice", "bob")
]
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
    saved: int = 0
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
        self.saved = 0


@dataclass
class Sent:
    key: Key
    admission: Any
    moment: int
    at: float
    probe: bool = False
    done: list[str] = field(default_factory=list)


class Histories(RuleBasedStateMachine):
    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_700_000_000.0
        self.ledger = Ledger(self.make_store(), lambda: self.now)
        self.models = {key: Model() for key in KEYS}
        self.moment = 0

    def make_store(self) -> Any:
        return MemoryStore()

    def turn(self) -> int:
        self.moment += 1
        return self.moment

    @rule(target=sent, key=st.sampled_from(KEYS), passing=st.integers(0, 4).map(lambda n: n == 0))
    def send(self, key: Key, passing: bool) -> Any:
        model = self.models[key]
        admission = self.ledger.admit(key, passing=passing)
        sent = Sent(key, admission, self.moment, self.now)
        if model.blocked(self.now) and not passing:
            sent.probe = model.due(self.now)
            if sent.probe:
                model.probe = sent
                model.asked_beside = False
            else:
                model.saved += 1
                assert admission.block.refused == model.saved
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
        if sent.admission.block is not None:
            return
        details = PaymentDetails(
            reason=Reason.CREDITS_EXHAUSTED,
            status=402,
            retry_after=retry_after,
            retryable=transient or None,
            scope="account" if account_wide else None,
        )
        outcome = self.ledger.refused(sent.admission, details, default_feature=False)
        model = self.models[sent.key]
        names = [transition.name for transition in outcome.transitions]
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
        if sent.admission.block is not None:
            return
        if status in DECIDE_NOTHING:
            self.undecided(sent, self.ledger.answered(sent.admission, status))
            return
        outcome = self.ledger.answered(sent.admission, status)
        model = self.models[sent.key]
        names = [transition.name for transition in outcome.transitions]
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
        self.undecided(sent, self.ledger.failed(sent.admission))
        assert self.ledger.failed(sent.admission).transitions == ()

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
            model.next = self.held(sent.key).next_check
            assert 5 <= model.next - self.now <= 10
        else:
            assert names == []

    @rule(seconds=st.sampled_from([0.5, 4.0, 10.0, 29.0, 31.0, 60.0, 130.0, 900.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule(feature=st.sampled_from(["export", "chat", None]), account=st.sampled_from(["bob", None]))
    def clear(self, feature: str | None, account: str | None) -> None:
        met = self.matching(feature, account)
        assert self.ledger.clear(feature, account) == len(met)
        for model in met:
            model.end("open", self.turn())

    @rule(feature=st.sampled_from(["export", "chat", None]), account=st.sampled_from(["bob", None]))
    def recheck(self, feature: str | None, account: str | None) -> None:
        met = self.matching(feature, account)
        assert self.ledger.recheck(feature, account) == len(met)
        for model in met:
            model.ask(self.now)

    @rule(feature=st.sampled_from(["export", "chat", None]), account=st.sampled_from(["bob", None]))
    def fixed(self, feature: str | None, account: str | None) -> None:
        met = self.matching(feature, account)
        assert self.ledger.fixed(feature, account) == len(met)
        for model in met:
            model.ask(self.now)
            model.eager = self.now + 600

    @rule(key=st.sampled_from(KEYS))
    def wait(self, key: Key) -> None:
        model = self.models[key]
        ready = self.ledger.ready(key.feature, key.account)
        if not model.blocked(self.now):
            assert ready
        else:
            called = model.called is not None and self.now < model.called + 30
            assert ready == (model.due(self.now) and not called)
            if ready:
                model.called = self.now

    def matching(self, feature: str | None, account: str | None) -> list[Model]:
        return [
            model
            for key, model in self.models.items()
            if model.blocked(self.now)
            and feature in (None, key.feature)
            and account in (None, key.account)
        ]

    def held(self, key: Key) -> Any:
        return self.ledger.store.get(key)

    @invariant()
    def agrees(self) -> None:
        active = {(b.origin, b.feature, b.account): b for b in self.ledger.active()}
        for key, model in self.models.items():
            block = active.pop(tuple(key), None)
            assert (block is not None) == model.blocked(self.now)
            if block is not None:
                assert abs(self.held(key).next_check - model.next) < 1e-6
                assert block.refused == model.saved
        assert not active

    @invariant()
    def is_never_quiet_while_anything_can_be_met(self) -> None:
        if any(model.blocked(self.now) for model in self.models.values()):
            assert not self.ledger.quiet


Histories.TestCase.settings = settings(
    max_examples=500,
    stateful_step_count=40,
)
TestHistories = Histories.TestCase
