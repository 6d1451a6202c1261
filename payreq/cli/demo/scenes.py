"""The scenes: each calls the provider as an app would, and checks what it claims."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import tenacity

import payreq
from payreq.cli.demo.stage import AT_ONCE, Check, Code, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payreq.cli.demo.stage import Line, Stage


def upgrade(stage: Stage) -> Iterator[Line]:
    """Meet a refusal, then the block that it brought about."""
    path = "/v1/exports"
    yield Code('client.post("/v1/exports")')
    refusal = stage.refusal("POST", path)
    yield Check(
        "raised payreq.PlanUpgradeRequired, which is an httpx.HTTPStatusError too",
        isinstance(refusal, payreq.PlanUpgradeRequired)
        and isinstance(refusal, httpx.HTTPStatusError),
    )
    if refusal is None:
        return
    yield Check("it knows the plan that is needed: pro", refusal.details.required_plan == "pro")
    yield Words(refusal.user_message())
    yield Code('for _ in range(20): client.post("/v1/exports")')
    again = [stage.refusal("POST", path) for _ in range(20)]
    yield Check(
        "20 more calls met the same refusal here: none of them left",
        all(isinstance(one, payreq.PlanUpgradeRequired) and not one.sent for one in again)
        and stage.provider.received[path] == 1,
    )
    yield Code('for _ in range(10): client.get("/v1/reports")')
    fine = [stage.call("GET", "/v1/reports").status_code for _ in range(10)]
    yield Check("only the export is off: 10 of 10 reports came", fine == [200] * 10)


def credit(stage: Stage) -> Iterator[Line]:
    """Call with a retry policy around it, then with a crowd."""
    path = "/v1/chat"
    slept: list[float] = []
    yield Code("@payreq.retry(stop=stop_after_attempt(6), wait=wait_fixed(10))")
    yield Code('def ask(): return client.post("/v1/chat")')
    refusal = None
    try:
        payreq.retry(
            stop=tenacity.stop_after_attempt(6), wait=tenacity.wait_fixed(10), sleep=slept.append
        )(stage.call)("POST", path)
    except payreq.PaymentRequired as error:
        refusal = error
    yield Check(
        "a 429 that no waiting cures was recognised: payreq.CreditsExhausted",
        isinstance(refusal, payreq.CreditsExhausted),
    )
    yield Check(
        "tenacity stopped at once: 1 request was sent, and no second slept",
        stage.provider.received[path] == 1 and not slept,
    )
    yield Code(f"1,000 more calls, {AT_ONCE} at once")
    yield Check("none of them left", stage.crowd("POST", path, 1_000) == 0)


def limit(stage: Stage) -> Iterator[Line]:
    """Wait and try again, as ever."""
    yield Code('client.get("/v1/search")')
    response = stage.call("GET", "/v1/search")
    yield Check(
        "its 429 came back untouched, Retry-After and all, for a retry policy to heed",
        response.status_code == 429  # noqa: PLR2004  # RFC 6585, 4
        and response.headers.get("retry-after") == "1"
        and payreq.parse(response) is None,
    )
    yield Check("the next call went through", stage.call("GET", "/v1/search").is_success)


def card(stage: Stage) -> Iterator[Line]:
    """Try to pay, twice."""
    path = "/v1/charges"
    yield Code('client.post("/v1/charges")')
    first, second = stage.refusal("POST", path), stage.refusal("POST", path)
    yield Check("raised payreq.PaymentFailed", isinstance(first, payreq.PaymentFailed))
    yield Check(
        "nothing was blocked: another card can be tried at once",
        second is not None and second.sent and stage.provider.received[path] == 2,  # noqa: PLR2004  # two calls
    )


def page(stage: Stage) -> Iterator[Line]:
    """Ask for a page that is paid for by the request, twice."""
    path = "/articles/42"
    yield Code('client.get("/articles/42")')
    first, second = stage.refusal("GET", path), stage.refusal("GET", path)
    terms = first.details.challenges if first is not None else ()
    yield Check("raised payreq.PaymentChallenge", isinstance(first, payreq.PaymentChallenge))
    yield Check(
        "its x402 terms were read: 10000 units on eip155:84532",
        [(one.protocol, one.amount, one.network) for one in terms]
        == [("x402", Decimal(10_000), "eip155:84532")],
    )
    yield Check("nothing was blocked, and nothing paid", second is not None and second.sent)


def told(stage: Stage) -> Iterator[Line]:
    """Say that it was paid, and go on."""
    stage.provider.paid.add("export")
    yield Code('guard.billing_fixed("export")')
    stage.guard.billing_fixed("export")
    yield Code('client.post("/v1/exports")')
    yield Check("the next call went through", stage.refusal("POST", "/v1/exports") is None)
    yield Check(
        'the block is gone, and listeners heard "restored"',
        stage.block("export") is None and stage.heard["restored"] == 1,
    )


def untold(stage: Stage) -> Iterator[Line]:
    """Say nothing: a check, now and then, finds out."""
    path = "/v1/chat"
    yield Code(f"a minute passes, then 100 calls, {AT_ONCE} at once")
    stage.clock.advance(60)
    yield Check(
        "one of them left to see; it was refused, so the next goes in two minutes",
        stage.crowd("POST", path, 100) == 1,
    )
    yield Code("the credits are topped up; two minutes pass")
    stage.provider.paid.add("chat")
    stage.clock.advance(120)
    yield Check("the next call found out by itself", stage.refusal("POST", path) is None)
    yield Check("all is well again: nothing is blocked", stage.guard.blocks.active() == [])


SCENES: tuple[tuple[str, Callable[[Stage], Iterator[Line]]], ...] = (
    ("A feature that the plan leaves out", upgrade),
    ("Credits run out, and the status says 429", credit),
    ("A plain rate limit is no refusal", limit),
    ("A card is declined", card),
    ("A page that sells itself to machines", page),
    ("Paid, and the app knows: the user came back from the checkout", told),
    ("Paid, and nobody says so", untold),
)
"""Each with its title, in order: the last two pay for what the first two met."""
