from __future__ import annotations

import logging

import httpx
import openai
import pytest
import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.openai import OpenAIIntegration
from sentry_sdk.transport import Transport

import payreq
from payreq.integrations.sentry import before_send

PATH = "/v1/models"
OUT_OF_QUOTA = {"error": {"code": "insufficient_quota", "message": "No credits are left."}}


class InMemory(Transport):
    """Keeps the events that would be sent."""

    def __init__(self):
        super().__init__()
        self.events = []

    def capture_envelope(self, envelope):
        event = envelope.get_event()
        if event is not None:
            self.events.append(event)


@pytest.fixture
def captured():
    """Start sentry, with its OpenAI integration on; return the events that it would send."""
    transport = InMemory()

    def start(**options):
        sentry_sdk.init(
            dsn="https://public@sentry.example.com/1",
            transport=transport,
            integrations=[OpenAIIntegration(), LoggingIntegration()],
            default_integrations=False,  # they patch what other tests use
            **options,
        )
        return transport.events

    with sentry_sdk.isolation_scope():
        yield start
        sentry_sdk.get_client().close()
    sentry_sdk.Scope.get_global_scope().set_client(None)


@pytest.fixture
def ask(server):
    """Ask a model through OpenAI's SDK and a guard, and handle what it raises as an app does."""
    client = openai.OpenAI(api_key="sk-test-0123456789", base_url=server.url, max_retries=0)
    payreq.wrap(client)

    def ask():
        with pytest.raises(openai.APIStatusError):
            client.chat.completions.create(
                model="gpt", messages=[{"role": "user", "content": "Hello?"}]
            )

    with client:
        yield ask


@pytest.fixture
def refuse(server):
    server.answer("/chat/completions", 429, body=OUT_OF_QUOTA)


def test_without_it_a_refusal_that_the_app_handles_is_an_event(captured, ask, refuse):
    events = captured()
    ask()
    assert len(events) == 1


def test_a_refusal_that_the_app_handles_is_no_event(captured, ask, refuse):
    events = captured(before_send=before_send())
    for _ in range(2):  # the second is refused here
        ask()
    assert events == []


def test_a_real_500_is_one(captured, ask, server):
    server.answer("/chat/completions", 500, body={"error": {"message": "It broke."}})
    events = captured(before_send=before_send())
    ask()
    assert [event["level"] for event in events] == ["error"]


def test_downgraded_it_is_information_and_one_issue_for_each_reason_and_api(
    captured, ask, server, refuse
):
    events = captured(before_send=before_send(action="downgrade"))
    ask()
    (event,) = events
    assert event["level"] == "info"
    assert event["fingerprint"] == ["payreq", "credits_exhausted", server.url]


def test_where_the_api_is_not_known_the_fingerprint_says_so(captured):
    events = captured(before_send=before_send(action="downgrade"))
    sentry_sdk.capture_exception(
        httpx.HTTPStatusError("", request=None, response=httpx.Response(402))
    )
    (event,) = events
    assert event["fingerprint"] == ["payreq", "unknown", "unknown"]


def caused():
    raise RuntimeError from payreq.detect(httpx.Response(402))


def in_context():
    try:
        raise payreq.detect(httpx.Response(402))
    except payreq.PaymentRequired:
        raise RuntimeError  # noqa: B904  # as code that knows nothing of it does


def grouped():
    raise ExceptionGroup("all", [payreq.detect(httpx.Response(402))])


def fault():
    raise ZeroDivisionError


def beside_a_fault():
    raise ExceptionGroup("both", [payreq.detect(httpx.Response(402)), ZeroDivisionError()])


@pytest.mark.parametrize(
    ("fails", "events"),
    [(caused, 0), (in_context, 0), (grouped, 0), (fault, 1), (beside_a_fault, 1)],
)
@pytest.mark.parametrize("tell", [sentry_sdk.capture_exception, logging.getLogger("app").exception])
def test_it_looks_into_causes_contexts_and_groups(captured, fails, events, tell):
    found = captured(before_send=before_send())
    try:
        fails()
    except Exception as error:
        tell(error)
    assert len(found) == events


def test_an_event_without_an_exception_passes(captured):
    events = captured(before_send=before_send())
    sentry_sdk.capture_message("hello")
    assert len(events) == 1


def test_payreqs_own_log_is_a_breadcrumb_at_most(captured, ask, refuse):
    events = captured(before_send=before_send())
    ask()
    sentry_sdk.capture_message("hello")
    (event,) = events
    levels = [
        crumb["level"] for crumb in event["breadcrumbs"]["values"] if crumb["category"] == "payreq"
    ]
    assert levels == ["warning"]


@pytest.mark.parametrize("action", ["drop", "downgrade"])
def test_your_own_before_send_gets_what_is_left(captured, ask, refuse, action):
    heard = []
    events = captured(before_send=before_send(lambda event, hint: heard.append(event), action))
    ask()
    sentry_sdk.capture_message("hello")
    assert [event["level"] for event in heard] == {"drop": ["info"], "downgrade": ["info", "info"]}[
        action
    ]
    assert events == []


def test_a_wrong_argument_is_told_at_once():
    with pytest.raises(TypeError, match="then must be a before_send callable, not str"):
        before_send("drop")
    with pytest.raises(ValueError, match="action must be"):
        before_send(action="ignore")
