from __future__ import annotations

import logging

import httpx
import pytest

import payreq
from payreq import reading

URL = "https://api.example.com"
KEY = "sk-test-0123456789abcdef"
NO_CREDIT = {"code": "insufficient_credits", "message": "No credits are left."}


def unpaid(status=402, **options):
    return httpx.Response(status, json=NO_CREDIT, **options)


def client_of(guard, *answers):
    """Return a client whose API answers in turn, the last one for good."""
    left = list(answers)

    def answer(request):
        made = left.pop(0) if len(left) > 1 else left[0]
        return made() if callable(made) else made

    transport = payreq.PaymentTransport(httpx.MockTransport(answer), guard=guard)
    headers = {"authorization": f"Bearer {KEY}"}
    return httpx.Client(transport=transport, base_url=URL, headers=headers)


def refused(client, path="/exports"):
    with pytest.raises(payreq.PaymentRequired) as caught:
        client.post(path)
    return caught.value


def events(caplog):
    return [record.payreq_event for record in caplog.records if hasattr(record, "payreq_event")]


def heard_of(guard):
    heard = []
    for name in ("payment_required", "blocked", "refused", "restored"):
        guard.on(name, lambda event: heard.append(event.name))
    return heard


# What decides on a block


def test_a_block_goes_from_refusal_to_restoration(guard, clock, caplog):
    caplog.set_level(logging.INFO, "payreq")
    heard = heard_of(guard)
    client = client_of(guard, unpaid, unpaid, lambda: httpx.Response(200))
    refused(client)
    refused(client)
    clock.advance(60)
    assert refused(client).sent
    clock.advance(120)
    assert client.post("/exports").status_code == 200
    assert guard.blocks.active() == []
    told = ["payment_required", "blocked", "refused", "payment_required", "restored"]
    assert heard == told
    assert events(caplog) == ["blocked", "probed", "lifted"]


def test_a_check_that_came_to_nothing_is_logged(guard, clock, caplog):
    caplog.set_level(logging.INFO, "payreq")

    def fail():
        raise httpx.ConnectError("no")

    client = client_of(guard, unpaid, fail)
    refused(client)
    clock.advance(60)
    with pytest.raises(httpx.ConnectError):
        client.post("/exports")
    assert events(caplog) == ["blocked", "probed"]


def test_a_key_that_the_server_echoes_is_kept_nowhere(guard):
    echo = NO_CREDIT | {"message": f"No credits are left for {KEY}."}
    client = client_of(guard, lambda: httpx.Response(402, json=echo))
    for error in (refused(client), refused(client)):
        assert "No credits are left for" in error.block.details.message
        for told in (error, error.details, error.block, guard.blocks.active()):
            assert KEY not in repr(told)


CACHED = [{"from_cache": True}, {"hishel_from_cache": True}, {"caching": {"from_cache": True}}]


@pytest.mark.parametrize("cached", CACHED)
def test_a_cached_refusal_begins_no_block(guard, cached):
    client = client_of(guard, lambda: unpaid(extensions=dict(cached)))
    for _ in range(2):
        error = refused(client)
        assert (error.sent, error.block) == (True, None)
    assert guard.blocks.active() == []


@pytest.mark.parametrize("cached", CACHED)
@pytest.mark.parametrize("status", [200, 402, 404])
def test_a_cached_answer_neither_lifts_nor_extends_a_block(guard, clock, cached, status):
    answers = {
        200: lambda: httpx.Response(200, extensions=dict(cached)),
        402: lambda: unpaid(extensions=dict(cached)),
        404: lambda: httpx.Response(404, extensions=dict(cached)),
    }
    client = client_of(guard, unpaid, answers[status], lambda: httpx.Response(200))
    refused(client)
    clock.advance(60)
    if status == 402:
        refused(client)
    else:
        assert client.post("/exports").status_code == status
    assert 5 <= guard.blocks.get("export").next_check.timestamp() - clock.now <= 10
    clock.advance(10)
    client.post("/exports")
    assert guard.blocks.active() == []


@pytest.mark.parametrize(
    "passed",
    [
        {"hishel_from_cache": False},
        {"hishel_from_cache": None},
        {"caching": {"from_cache": False}},
        {"caching": "no"},
    ],
)
def test_an_answer_that_a_cache_passed_on_counts(guard, passed):
    client = client_of(guard, lambda: unpaid(extensions=dict(passed)))
    refused(client)
    assert guard.blocks.get("export") is not None


def overtaken(client, late, meanwhile=lambda: None):
    """Return the answer to a request that was sent before another one was refused."""

    def answer():
        refused(client())
        meanwhile()
        return late()

    return answer


@pytest.mark.parametrize("late", [200, 404])
def test_an_answer_to_an_earlier_request_does_not_lift_a_block(guard, late):
    clients = []
    answer = overtaken(lambda: clients[0], lambda: httpx.Response(late))
    clients.append(client_of(guard, answer, unpaid))
    assert clients[0].post("/exports").status_code == late
    assert guard.blocks.get("export") is not None
    assert not refused(clients[0]).sent


def test_a_refusal_of_an_earlier_request_does_not_extend_a_block(guard, clock):
    clients = []
    answer = overtaken(lambda: clients[0], unpaid, lambda: clock.advance(61))
    clients.append(client_of(guard, answer, unpaid))
    begun = clock.now
    error = refused(clients[0])
    assert error.sent
    assert error.block.next_check.timestamp() == begun + 60


def test_a_refusal_of_an_earlier_request_begins_no_block_anew(guard):
    clients = []
    answer = overtaken(lambda: clients[0], unpaid, guard.blocks.clear)
    clients.append(client_of(guard, answer, unpaid))
    assert refused(clients[0]).block is None
    assert guard.blocks.active() == []


# What the app says


def test_what_the_app_does_not_accept_passes_untouched(caplog):
    asked = []

    def accept(details):
        asked.append(details.reason)
        return False

    guard = payreq.Guard(accept=accept)
    heard = heard_of(guard)
    client = client_of(guard, lambda: unpaid(headers={"x-should-retry": "true"}))
    for _ in range(2):
        response = client.post("/exports")
        assert (response.status_code, response.json()) == (402, NO_CREDIT)
        assert response.headers["x-should-retry"] == "true"
        assert "payreq" not in response.extensions
    assert asked == [payreq.Reason.CREDITS_EXHAUSTED] * 2
    assert (heard, guard.blocks.active(), caplog.records) == ([], [], [])


# Where a 2xx is read

ODD = {
    "name": "odd",
    "title": "Odd",
    "hosts": ["api.example.com"],
    "in_success": True,
    "rules": [{"when": [{"at": "/status", "is": ["NO_FUNDS"]}], "means": "credits_exhausted"}],
}


def test_a_2xx_is_read_only_of_a_host_whose_profile_says_so():
    for profile, is_refused in ((ODD, True), (ODD | {"in_success": False}, False)):
        client = client_of(
            payreq.Guard(providers=[profile]),
            lambda: httpx.Response(200, json={"status": "NO_FUNDS"}),
        )
        if is_refused:
            error = refused(client)
            assert (error.details.provider, error.details.status) == ("odd", 200)
            assert not refused(client).sent
        else:
            assert client.post("/exports").json() == {"status": "NO_FUNDS"}


def test_a_header_alone_can_refuse_where_the_body_need_not_be_read():
    when = [{"at": "header:x-status", "is": ["NO_FUNDS"]}]
    guard = payreq.Guard(providers=[ODD | {"rules": [ODD["rules"][0] | {"when": when}]}])
    headers = {"content-type": "image/png", "x-status": "NO_FUNDS"}
    begun = []

    def flow():
        yield begun.append(True) or b"PNG"

    client = client_of(guard, lambda: httpx.Response(403, headers=headers, stream=Flow(flow())))
    for error in (refused(client), refused(client)):
        assert (error.details.provider, error.response.content) == ("odd", b"")
    assert begun == []


def test_a_2xx_that_is_watched_and_good_passes_whole():
    def flow():
        yield b'{"status": "GOOD", "data": "'
        yield b"x" * 100_000
        yield b'"}'

    client = client_of(
        payreq.Guard(providers=[ODD]),
        lambda: httpx.Response(
            200, stream=Flow(flow()), headers={"content-type": "application/json"}
        ),
    )
    assert len(client.post("/exports").json()["data"]) == 100_000


@pytest.mark.parametrize("kind", ["text/event-stream", "application/octet-stream"])
def test_a_stream_of_a_watched_host_is_not_read(kind):
    begun = []

    def flow():
        begun.append(True)
        yield b"data: hello\n\n"

    client = client_of(
        payreq.Guard(providers=[ODD]),
        lambda: httpx.Response(200, stream=Flow(flow()), headers={"content-type": kind}),
    )
    with client.stream("GET", "/events") as response:
        assert begun == []
        assert response.read() == b"data: hello\n\n"


class Flow(httpx.SyncByteStream):
    def __init__(self, chunks):
        self.chunks = chunks

    def __iter__(self):
        yield from self.chunks


# When reading itself goes wrong


@pytest.fixture
def broken(monkeypatch):
    """What reading a response raises, to be set by the test."""
    errors = []

    def fail(*args, **options):
        raise errors[-1]

    monkeypatch.setattr(reading, "read", fail)
    return errors


def test_a_reader_that_fails_never_fails_the_request(guard, broken, caplog):
    client = client_of(guard, unpaid)
    for error in (ValueError(KEY), ValueError(KEY), TypeError("other")):
        broken.append(error)
        response = client.post("/exports")
        assert (response.status_code, response.json()) == (402, NO_CREDIT)
        assert "payreq" not in response.extensions
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    for record, kind in zip(caplog.records, ("ValueError", "TypeError"), strict=True):
        assert kind in record.getMessage()
        assert record.exc_info is None
        assert KEY not in caplog.text


def test_a_reader_that_fails_frees_the_check(guard, clock, monkeypatch):
    client = client_of(guard, unpaid)
    refused(client)
    clock.advance(60)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read", lambda *_, **__: 1 / 0)
        assert client.post("/exports").status_code == 402
    assert not refused(client).sent
    clock.advance(10)
    assert refused(client).sent


# Whoever has paid meanwhile


@pytest.mark.parametrize("receipt", ["x-payment", "authorization"])
def test_an_auth_flow_that_pays_lifts_what_it_met(clock, receipt):
    class Pays(httpx.Auth):
        def auth_flow(self, request):
            response = yield request
            if response.status_code == 402:
                request.headers[receipt] = "L402 token:preimage"
                yield request

    guard = payreq.Guard(features={"export": "* /exports"}, clock=clock)

    def answer(request):
        return httpx.Response(200) if receipt in request.headers else unpaid()

    client = guard.wrap(httpx.Client(base_url=URL, transport=httpx.MockTransport(answer)))
    heard = heard_of(guard)
    assert client.post("/exports", auth=Pays()).status_code == 200
    assert heard == ["payment_required", "blocked", "restored"]
    assert guard.blocks.active() == []
