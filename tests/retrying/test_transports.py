from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import httpx2
import pytest
import tenacity
import tenacity.asyncio
from scripted import BOTH, REFUSALS, URL, Script, call, call_async

import payreq

TOO_FAST = {"error": {"code": "rate_limit_exceeded", "message": "Too many requests per minute."}}
KEY = {"idempotency-key": "order-7"}


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("send", BOTH)
@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_sent_once_and_nothing_sleeps(library, send, status, policy, slept):
    script = Script(status, library=library)
    with pytest.raises(payreq.CreditsExhausted):
        send(script, policy(attempts=5))
    assert (script.sent, slept) == (1, [])


@pytest.mark.parametrize("send", BOTH)
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_sent_again(send, status, policy, slept):
    script = Script(status, status, 200, body=TOO_FAST)
    assert send(script, policy(attempts=5)).status_code == 200
    assert script.sent == 3
    assert len(slept) == 2
    assert 0 <= slept[0] <= 0.5
    assert 0 <= slept[1] <= 1.0


@pytest.mark.parametrize("send", BOTH)
def test_a_refusal_halts_after_a_fault_that_passed(send, policy, slept):
    script = Script(503, 402)
    with pytest.raises(payreq.CreditsExhausted):
        send(script, policy(attempts=5))
    assert script.sent == 2
    assert len(slept) == 1


@pytest.mark.parametrize("send", BOTH)
def test_the_last_response_is_handed_on_unclosed(send, policy):
    script = Script(503, body={"busy": True})
    answer = send(script, policy(attempts=3))
    assert script.sent == 3
    assert answer.json() == {"busy": True}


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("send", BOTH)
@pytest.mark.parametrize("fault", ["ConnectError", "ReadTimeout", "RemoteProtocolError"])
def test_faults_of_the_connection_are_tried_again_then_raised(library, send, fault, policy, slept):
    kind = getattr(library, fault)
    assert send(Script(kind("x"), 200, library=library), policy()).status_code == 200
    script = Script(kind("x"), library=library)
    with pytest.raises(kind):
        send(script, policy(attempts=3))
    assert script.sent == 3
    assert len(slept) == 3


@pytest.mark.parametrize("send", BOTH)
@pytest.mark.parametrize("answer", [500, 404, httpx.UnsupportedProtocol("x")])
def test_what_no_waiting_cures_is_not_tried_again(send, answer, policy):
    script = Script(answer)
    with suppress(httpx.UnsupportedProtocol):
        assert send(script, policy()).status_code == answer
    assert script.sent == 1


@pytest.mark.parametrize("send", BOTH)
def test_a_post_goes_again_only_with_an_idempotency_key(send, policy):
    script = Script(503)
    assert send(script, policy(), method="POST", content=b"body").status_code == 503
    assert script.sent == 1
    script = Script(503, 200)
    assert send(script, policy(), method="POST", content=b"body", headers=KEY).status_code == 200
    assert script.contents == [b"body", b"body"]


class Busy(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Always busy; unlike a MockTransport, it sends a body as it is read."""

    def __init__(self):
        self.contents = []

    def handle_request(self, request):
        self.contents.append(b"".join(request.stream))
        return httpx.Response(503)

    async def handle_async_request(self, request):
        self.contents.append(b"".join([chunk async for chunk in request.stream]))
        return httpx.Response(503)


def test_a_body_that_is_used_up_is_not_sent_again(policy):
    always = policy().copy(retry=tenacity.retry_always)
    for retry in (policy(), always):
        busy = Busy()
        with payreq.Guard().wrap(httpx.Client(transport=busy), retry=retry) as client:
            assert client.put(URL, content=iter([b"a", b"b"])).status_code == 503
            assert busy.contents == [b"ab"]
            client.put(URL, content=b"c")
            assert busy.contents == [b"ab", b"c", b"c", b"c"]


def test_nor_is_one_of_an_async_client(policy):
    async def chunks():
        yield b"a"

    async def send():
        busy = Busy()
        client = payreq.Guard().wrap(httpx.AsyncClient(transport=busy), retry=policy())
        async with client:
            await client.put(URL, content=chunks())
        return busy.contents

    assert asyncio.run(send()) == [b"a"]


@pytest.mark.parametrize("send", BOTH)
def test_retry_after_is_honoured_up_to_a_minute(send, policy, slept):
    script = Script(503, 200, headers={"retry-after": "60"})
    assert send(script, policy()).status_code == 200
    assert slept == [60.0]
    script = Script(503, headers={"retry-after": "61"})
    assert send(script, policy()).status_code == 503
    assert script.sent == 1


def test_a_retry_after_may_be_a_date(policy, slept):
    sent, until = (datetime(2026, 11, 25, 12, 0, second, tzinfo=UTC) for second in (0, 7))
    headers = {"retry-after": format_datetime(until, usegmt=True)}
    call(Script(503, 200, headers=headers | {"date": format_datetime(sent, usegmt=True)}), policy())
    assert slept == [7.0]
    past = {"retry-after": format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)}
    call(Script(503, 200, headers=past), policy())
    assert slept == [7.0, 0.0]
    call(Script(503, 200, headers={"retry-after": "soon"}), policy())
    assert 0 <= slept[2] <= 0.5


def test_pauses_grow_to_a_bound(policy, slept, monkeypatch):
    monkeypatch.setattr("random.uniform", lambda _low, high: high)
    call(Script(503), policy(attempts=6, wait_initial=1.0, wait_max=4.0))
    assert slept == [1.0, 2.0, 4.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"attempts": 0}, "attempts"),
        ({"attempts": "3"}, "attempts must be a number, 1 or more, not '3'"),
        ({"wait_initial": float("nan")}, "wait_initial"),
        ({"wait_initial": -1}, "wait_initial"),
        ({"wait_max": -1}, "wait_max"),
    ],
)
def test_a_wrong_option_is_named(options, says):
    with pytest.raises(ValueError, match=says):
        payreq.transient_retry(**options)


def test_around_a_function_the_transient_policy_says_where_it_belongs():
    for arguments in ((), ("x",)):
        with pytest.raises(TypeError, match="policy for retry="):
            payreq.transient_retry()(lambda *_: 1 / 0, *arguments)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_client_really_pauses_under_either_loop(backend):
    retry = payreq.transient_retry(wait_initial=0.0, wait_max=0.0)
    assert call_async(Script(503, 200), retry, backend=backend).status_code == 200


def test_an_async_policy_of_the_users_own_sleeps_as_it_says(slept):
    async def sleep(seconds):
        slept.append(seconds)
        await asyncio.sleep(0)

    retry = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(3),
        wait=tenacity.wait_fixed(7),
        retry=tenacity.retry_if_result(lambda answer: answer.status_code == 500),
        sleep=sleep,
    )
    script = Script(500)
    assert call_async(script, retry).status_code == 500
    assert script.sent == 3
    assert slept == [7, 7]


@pytest.mark.parametrize("status", REFUSALS)
def test_a_policy_that_retries_any_result_still_halts(status, slept):
    retry = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(5),
        retry=tenacity.retry_if_result(lambda answer: answer.status_code >= 400),
        sleep=slept.append,
    )
    script = Script(status)
    with pytest.raises(payreq.CreditsExhausted):
        call(script, retry)
    assert (script.sent, slept) == (1, [])


def test_a_callback_of_the_users_own_has_the_last_word(policy):
    retry = policy().copy(retry_error_callback=lambda state: httpx.Response(418))
    assert call(Script(503), retry).status_code == 418


class Open(Script):
    """Keeps its answers, which are open until somebody closes them."""

    def answer(self):
        self.made = [*getattr(self, "made", ()), super().answer()]
        self.made[-1].is_closed = False
        return self.made[-1]


@pytest.mark.parametrize("send", BOTH)
def test_responses_are_closed_before_the_pause(send, policy):
    open_at_pause = []
    script = Open(503)

    def pause(seconds):
        open_at_pause.append(not script.made[-1].is_closed)

    assert send(script, policy().copy(sleep=pause)).status_code == 503
    assert open_at_pause == [False, False]


@pytest.mark.parametrize("send", BOTH)
def test_a_rule_that_fails_leaves_no_response_open(send, policy):
    def rule(state):
        raise KeyError("rule")

    script = Open(503)
    with pytest.raises(KeyError, match="rule"):
        send(script, policy().copy(retry=rule))
    assert [answer.is_closed for answer in script.made] == [True]


@pytest.mark.parametrize("send", BOTH)
def test_an_interrupt_is_not_tried_again(send, policy, slept):
    script = Script(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        send(script, policy().copy(retry=tenacity.retry_always))
    assert (script.sent, slept) == (1, [])


@pytest.mark.parametrize(
    ("client", "retry", "says"),
    [
        (httpx.Client, 3, "retry must be a tenacity.Retrying for a sync client, not int"),
        (httpx.Client, tenacity.AsyncRetrying(), "for a sync client, not AsyncRetrying"),
        (httpx.AsyncClient, "x", "retry must be a tenacity.AsyncRetrying or Retrying"),
    ],
)
def test_a_policy_of_the_wrong_kind_is_named(client, retry, says):
    with pytest.raises(TypeError, match=says):
        payreq.Guard().wrap(client(), retry=retry)


def test_one_policy_serves_many_calls_at_once():
    retry = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(4),
        retry=tenacity.retry_if_result(lambda r: r.status_code == 503),
    )
    counts = {}

    async def answer(request):
        path = request.url.path
        counts[path] = counts.get(path, 0) + 1
        await asyncio.sleep(0)
        return httpx.Response(200 if counts[path] == 3 else 503)

    async def crowd():
        client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        async with payreq.Guard().wrap(client, retry=retry):
            gets = (client.get(f"https://api.example.com/{number}") for number in range(20))
            return await asyncio.gather(*gets)

    assert {answer.status_code for answer in asyncio.run(crowd())} == {200}
    assert set(counts.values()) == {3}
