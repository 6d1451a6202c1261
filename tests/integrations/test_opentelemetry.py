from __future__ import annotations

import gc
from contextlib import suppress
from types import SimpleNamespace
from weakref import ref

import httpx
import opentelemetry._logs._internal as logs_of_the_process
import opentelemetry.metrics._internal as metrics_of_the_process
import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs import export as exporters
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import payreq
from payreq.integrations import opentelemetry
from payreq.integrations.opentelemetry import instrument

# In release 1.38 it goes by the second name.
_IN_MEMORY = getattr(exporters, "InMemoryLogRecordExporter", None) or exporters.InMemoryLogExporter
PATH = "/v1/exports"
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}


@pytest.fixture
def telemetry(monkeypatch):
    """Set providers of the SDK that keep in memory what is told."""
    logs, reader, spans = (
        _IN_MEMORY(),
        InMemoryMetricReader(),
        InMemorySpanExporter(),
    )
    loggers, meters, tracers = LoggerProvider(), MeterProvider([reader]), TracerProvider()
    loggers.add_log_record_processor(exporters.SimpleLogRecordProcessor(logs))
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(logs_of_the_process, "_LOGGER_PROVIDER", loggers)
    monkeypatch.setattr(metrics_of_the_process, "_METER_PROVIDER", meters)

    def events():
        return [each.log_record for each in logs.get_finished_logs()]

    def points(name):
        data = reader.get_metrics_data()
        scopes = (
            [scope for each in data.resource_metrics for scope in each.scope_metrics]
            if data
            else []
        )
        (found,) = [m for scope in scopes for m in scope.metrics if m.name == name] or [None]
        return (
            {}
            if found is None
            else {
                tuple(sorted(point.attributes.items())): point.value
                for point in found.data.data_points
            }
        )

    return SimpleNamespace(
        events=events, points=points, tracers=tracers, spans=spans.get_finished_spans
    )


@pytest.fixture
def guard():
    return payreq.Guard(features={"export": f"* {PATH}"}, account=lambda _: "tenant-7")


@pytest.fixture
def ask(server):
    """Ask through a client, and handle a refusal as an app does."""

    def ask(client, path=PATH):
        with suppress(payreq.PaymentRequired):
            client.get(server.url + path)

    return ask


HERE = {
    "payreq.feature": "export",
    "payreq.reason": "credits_exhausted",
    "server.address": "127.0.0.1",
}


def test_each_transition_is_one_event(telemetry, guard, server, ask):
    instrument(guard)
    server.answer(PATH, 402, body=NO_CREDIT)
    with (
        guard.wrap(httpx.Client()) as client,
        telemetry.tracers.get_tracer("app").start_as_current_span("job") as job,
    ):
        for _ in range(3):
            ask(client)
        guard.billing_fixed("export")
        server.answer(PATH, 200)
        ask(client)
        guard.billing_fixed()
    events = telemetry.events()
    assert [(each.event_name, each.severity_number.name) for each in events] == [
        ("payreq.blocked", "WARN"),
        ("payreq.billing_fixed", "INFO"),
        ("payreq.restored", "INFO"),
        ("payreq.billing_fixed", "INFO"),
    ]
    assert [dict(each.attributes) for each in events] == [HERE, HERE, HERE, {}]
    assert {each.trace_id for each in events} == {job.get_span_context().trace_id}
    assert all(each.timestamp > 1e18 for each in events)


def test_what_happened_in_another_process_is_told_there(telemetry, guard):
    instrument(guard)
    guard.fire([guard.event("blocked", here=False), guard.event("restored", here=True)])
    assert [each.event_name for each in telemetry.events()] == ["payreq.restored"]


def test_refusals_are_counted_and_blocked_features_measured(telemetry, guard, server, ask):
    instrument(guard)
    server.answer(PATH, 402, body=NO_CREDIT)
    with guard.wrap(httpx.Client()) as client:
        for _ in range(4):
            ask(client)
        sent, here = (
            tuple(sorted((HERE | {"payreq.sent": sent}).items())) for sent in (True, False)
        )
        assert telemetry.points("payreq.refusals") == {sent: 1, here: 3}
        assert telemetry.points("payreq.blocked_features") == {tuple(sorted(HERE.items())): 1}
        guard.blocks.clear()
        assert telemetry.points("payreq.blocked_features") == {}


def test_a_guard_is_instrumented_once_and_not_kept_alive(telemetry, server, ask):
    guard = payreq.Guard()
    instrument(guard)
    instrument(guard)
    server.answer(PATH, 402, body=NO_CREDIT)
    with guard.wrap(httpx.Client()) as client:
        ask(client)
    assert list(telemetry.points("payreq.refusals").values()) == [1]
    gone = ref(guard)
    del guard, client
    gc.collect()
    assert gone() is None
    assert telemetry.points("payreq.blocked_features") == {}


def test_attributes_are_bounded(telemetry, monkeypatch):
    monkeypatch.setattr(opentelemetry, "HOSTS", 3)
    guard = payreq.Guard(features={"export": "* /v1/exports"}, account=lambda asked: asked.url.host)
    instrument(guard)
    answer = httpx.MockTransport(lambda _: httpx.Response(402, json=NO_CREDIT))
    with guard.wrap(httpx.Client(transport=answer)) as client:
        for number in range(10):
            with payreq.feature(f"job-{number}"), pytest.raises(payreq.PaymentRequired):
                client.get(f"https://host{number}.example.com/v1/x")
    points = telemetry.points("payreq.blocked_features")
    told = [dict(attributes) for attributes in points]
    assert sorted(each["server.address"] for each in told) == [
        "host0.example.com",
        "host1.example.com",
        "host2.example.com",
        "other",
    ]
    assert {each["payreq.feature"] for each in told} == {"other"}
    assert sum(points.values()) == 10


def test_a_provider_that_is_known_is_named(telemetry):
    guard = payreq.Guard()
    instrument(guard)
    refusal = payreq.detect(
        httpx.Response(402, request=httpx.Request("GET", "https://api.openai.com"))
    )
    refusal.details = refusal.details.model_copy(update={"provider": "openai"})
    nowhere = payreq.detect(httpx.Response(402))
    guard.fire([guard.event("payment_required", refusal=each) for each in (refusal, nowhere)])
    assert [dict(each).get("payreq.provider") for each in telemetry.points("payreq.refusals")] == [
        "openai",
        None,
    ]


# Spans


def outside(guard, tracers):
    client = guard.wrap(httpx.Client())
    HTTPXClientInstrumentor.instrument_client(client, tracer_provider=tracers)
    return client


def inside(guard, tracers):
    client = httpx.Client()
    HTTPXClientInstrumentor.instrument_client(client, tracer_provider=tracers)
    return guard.wrap(client)


def by_hand(guard, tracers):
    client = httpx.Client(transport=payreq.PaymentTransport(httpx.HTTPTransport(), guard=guard))
    HTTPXClientInstrumentor.instrument_client(client, tracer_provider=tracers)
    return client


def everywhere(guard, tracers):
    HTTPXClientInstrumentor().instrument(tracer_provider=tracers)
    return guard.wrap(httpx.Client())


@pytest.fixture(params=[outside, inside, by_hand, everywhere])
def traced(request, guard, telemetry):
    """Return a guarded client of which each request has a span, and which tells of its blocks."""
    instrument(guard)
    with request.param(guard, telemetry.tracers) as client:
        yield client
    if request.param is everywhere:
        HTTPXClientInstrumentor().uninstrument()


@pytest.mark.parametrize("status", [402, 429])
def test_the_client_span_keeps_its_status_and_the_callers_is_no_error(
    telemetry, server, ask, traced, status
):
    server.answer(PATH, status, body=NO_CREDIT)
    tracer = telemetry.tracers.get_tracer("app")
    for _ in range(2):
        with tracer.start_as_current_span("job"):
            ask(traced)
    spans = telemetry.spans()
    jobs = [span for span in spans if span.name == "job"]
    sent = [span for span in spans if span.kind is SpanKind.CLIENT]
    assert [job.status.status_code for job in jobs] == [StatusCode.UNSET] * 2
    assert [job.events for job in jobs] == [(), ()]
    assert {span.status.status_code for span in sent} == {StatusCode.ERROR}  # as any 4xx
    assert {span.attributes["http.status_code"] for span in sent} == {status}
    assert server.count(PATH) == 1


def test_a_healthy_span_is_as_it_was(telemetry, server, traced):
    traced.get(server.url + PATH)
    (span,) = telemetry.spans()
    assert span.status.status_code is StatusCode.UNSET
    assert span.attributes["http.status_code"] == 200


def test_what_is_no_guard_is_told():
    with pytest.raises(TypeError, match=r"guard must be a payreq.Guard, not Client"):
        instrument(httpx.Client())
