"""The public surface as users write it; not run, but checked by mypy --strict and pyright."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type

import httpx
import httpx2
import redis
import redis.asyncio
import sentry_sdk
import tenacity
from starlette.applications import Starlette

import payreq
import payreq.httpx2
from payreq import testing
from payreq.integrations import opentelemetry, sentry, starlette

if TYPE_CHECKING:
    from starlette.requests import Request

# Recognising

details = payreq.parse(httpx.Response(402))
assert_type(details, payreq.PaymentDetails | None)
if details is not None:
    assert_type(details.reason, payreq.Reason)
    assert_type(details.challenges, tuple[payreq.Challenge, ...])

assert_type(payreq.detect(ValueError()), payreq.PaymentRequired | None)
assert_type(payreq.is_payment_required(ValueError()), bool)
assert_type(payreq.not_payment_required(ValueError()), bool)

with payreq.translate():
    pass


@payreq.translate()
def translated(number: int) -> str:
    return str(number)


@payreq.translate()
async def translated_async(number: int) -> str:
    return str(number)


assert_type(translated(1), str)

problem = payreq.problem(payreq.Reason.TRIAL_EXPIRED, detail="The trial ended.", plan="trial")
assert_type(problem, payreq.Problem)
assert_type(problem.status, int)
assert_type(problem.body, bytes)

# Guarding

guard = payreq.Guard(
    features={
        "export": "POST /v1/exports*",
        "chat": ["POST /v1/chat/*", "POST /v1/responses"],
        "search": payreq.Feature("GET /v1/search", title="Search", audience="member"),
        "share": payreq.Feature("POST /v1/shares", title={"en": "Sharing", "fr": "Partage"}),
    },
    account=lambda request: str(request.headers["x-tenant"]),
    audience="owner",
    trusted_hosts=("pay.example.com",),
    refusals="raise",
    accept=lambda details: details.provider != "other",
    store=payreq.MemoryStore(),
    clock=lambda: 0.0,
)
payreq.Guard(store=payreq.SQLiteStore(Path("blocks.db"), limit=1_000))
payreq.Guard(store=payreq.RedisStore("redis://localhost", namespace="shop"))
payreq.Guard(store=payreq.RedisStore(redis.Redis(), async_client=redis.asyncio.Redis()))
assert_type(guard.wrap(httpx.Client()), httpx.Client)
assert_type(guard.wrap(httpx.AsyncClient(), refusals="return"), httpx.AsyncClient)
assert_type(guard.wrap(httpx2.Client()), httpx2.Client)
assert_type(payreq.wrap(httpx.Client(), audience="visitor"), httpx.Client)
assert_type(payreq.guard_of(httpx.Client()), payreq.Guard | None)
guard.unwrap(httpx.Client())

httpx.Client(transport=payreq.PaymentTransport(httpx.HTTPTransport(), guard=guard))
httpx.AsyncClient(transport=payreq.AsyncPaymentTransport(httpx.AsyncHTTPTransport()))
httpx2.Client(transport=payreq.httpx2.PaymentTransport(httpx2.HTTPTransport(), guard=guard))


def heard(event: payreq.Event) -> None:
    assert_type(event.name, str)
    assert_type(event.here, bool)


async def heard_async(event: payreq.Event) -> None:
    assert event.name


guard.on("restored", heard)
guard.on("blocked", heard_async)
guard.on("restored", payreq.EventLog("events.jsonl"))
payreq.EventLog(Path("events.jsonl")).listen(guard)

# Refusing and telling


def told(refusal: payreq.PaymentRequired) -> str:
    assert_type(refusal.reason, payreq.Reason)
    assert_type(refusal.details, payreq.PaymentDetails)
    assert_type(refusal.sent, bool)
    assert_type(refusal.restricts_access, bool)
    assert_type(refusal.block, payreq.Block | None)
    assert_type(refusal.feature, str | None)
    assert_type(refusal.fix_steps(), tuple[str, ...])
    assert_type(refusal.support_report(), str)
    assert_type(refusal.support_data(), dict[str, Any])
    message = refusal.user_message(locale="en", audience="member", tz=UTC)
    assert_type(message, payreq.UserMessage)
    assert_type(message.action, payreq.Action | None)
    return message.as_text() + message.as_markdown() + message.as_html()


try:
    pass
except payreq.PlanUpgradeRequired as upgrade:
    told(upgrade)
except payreq.PaymentRequired as other:
    told(other)

# Blocking


async def blocked() -> None:
    assert_type(guard.blocks.get("export", account="a"), payreq.Block | None)
    assert_type(guard.blocks.active(), list[payreq.Block])
    assert_type(guard.blocks.recheck("export"), int)
    assert_type(guard.blocks.clear(), int)
    assert_type(guard.blocks.wait("export", timeout=1.0), bool)
    assert_type(await guard.blocks.recheck_async(), int)
    assert_type(await guard.blocks.clear_async("export"), int)
    assert_type(await guard.blocks.wait_async("export"), bool)
    guard.billing_fixed("export", account="a")
    await guard.billing_fixed_async()


with payreq.feature("export"), payreq.account("tenant-7"):
    pass

# Retrying


@payreq.retry
def bare(number: int) -> str:
    return str(number)


@payreq.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_fixed(1))
def with_options(number: int) -> str:
    return str(number)


@payreq.retry
async def bare_async(number: int) -> str:
    return str(number)


assert_type(bare(1), str)
assert_type(with_options(1), str)
assert_type(payreq.halting(tenacity.Retrying()), tenacity.Retrying)
assert_type(payreq.halting(tenacity.AsyncRetrying()), tenacity.AsyncRetrying)
guard.wrap(httpx.Client(), retry=payreq.transient_retry(attempts=4))

# Integrations


async def signed_in(request: Request) -> str | None:
    return request.headers.get("x-tenant")


starlette.install(Starlette(), guard, account=signed_in)
starlette.install(Starlette(), guard, account=lambda request: request.url.path, path="/blocks")
opentelemetry.instrument(guard)
sentry_sdk.init(before_send=sentry.before_send(sentry.before_send(), action="downgrade"))

# Testing

assert_type(testing.refusal("openai", payreq.Reason.CREDITS_EXHAUSTED), httpx.Response)
assert_type(testing.response("trial_expired", library=httpx2, plan="trial"), httpx.Response)
assert_type(testing.exception("unknown"), payreq.PaymentRequired)
httpx.Client(transport=httpx.MockTransport(testing.Api("openai", "credits_exhausted")))
testing.refusals("quota_exceeded")
payreq.Guard(clock=testing.Clock())
TestStore = testing.store_contract(lambda folder: payreq.SQLiteStore(folder / "blocks.db"))
assert_type(TestStore, type)
