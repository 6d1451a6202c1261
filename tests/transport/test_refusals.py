from __future__ import annotations

import gzip
import logging

import pytest

import payreq

pytestmark = pytest.mark.anyio

NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}


async def refused(call, method="POST", path="/exports", **options):
    with pytest.raises(payreq.PaymentRequired) as caught:
        await call(method, path, **options)
    return caught.value


@pytest.fixture
async def call(calling, guard):
    return await calling(guard)


@pytest.fixture
def unpaid(server):
    headers = {"X-Request-Id": "req_7", "X-Should-Retry": "true", "Stripe-Should-Retry": "true"}
    server.answer("/exports", 402, headers=headers, body=NO_CREDIT)
    return server


async def test_a_refusal_is_raised_once_for_a_request_and_then_without_one(call, library, unpaid):
    first, second = await refused(call), await refused(call)
    assert (first.sent, second.sent, unpaid.count("/exports")) == (True, False, 1)
    assert first is not second
    assert first.response is not second.response
    for error in (first, second):
        assert isinstance(error, payreq.CreditsExhausted)
        assert isinstance(error, library.HTTPStatusError)
        assert (error.__cause__, error.__context__) == (None, None)
        assert error.feature == "export"
        assert error.block.feature == "export"


async def test_the_response_of_what_is_raised_can_be_read(call, library, unpaid):
    for error in (await refused(call), await refused(call)):
        response = error.response
        assert isinstance(response, library.Response)
        assert response.request is error.request
        assert (response.status_code, response.is_closed) == (402, True)
        assert response.json() == NO_CREDIT
        assert "No credits" in response.text
        assert response.headers["x-request-id"] == "req_7"
        assert b"".join(response.iter_bytes()) == response.content == response.read()
        assert [chunk async for chunk in response.aiter_bytes()] == [await response.aread()]
        assert 0 <= response.elapsed.total_seconds() < 10
        assert error.details.truncated is False
        # What the response carries was never raised, so it holds no frames of the program.
        carried = response.extensions["payreq"]
        assert (carried.reason, carried.response) == (error.reason, response)
        assert carried is not error
        assert carried.__traceback__ is None


async def test_the_refusal_is_caught_where_status_errors_were(call, library, unpaid):
    with pytest.raises(library.HTTPStatusError) as caught:
        await call("POST", "/exports")
    assert caught.value.response.status_code == 402


@pytest.mark.parametrize(
    ("reason", "kind_of_refusal", "blocks"),
    [
        ("plan_upgrade_required", payreq.PlanUpgradeRequired, True),
        ("trial_expired", payreq.TrialExpired, True),
        ("payment_challenge", payreq.PaymentChallenge, False),
    ],
)
async def test_each_reason_has_its_class(call, server, reason, kind_of_refusal, blocks):
    problem = payreq.problem(reason)
    server.answer("/exports", problem.status, headers=dict(problem.headers), body=problem.body)
    for _ in range(2):
        error = await refused(call)
        assert isinstance(error, kind_of_refusal)
        assert (error.block is not None) is blocks
    assert server.count("/exports") == (1 if blocks else 2)


async def test_only_the_feature_concerned_is_blocked(call, unpaid):
    await refused(call)
    assert (await call("POST", "/chat")).status_code == 200
    assert unpaid.count("/chat") == 1


async def test_headers_outside_ascii_survive(call, server):
    headers = {"X-Hinweis": "Guthaben ungenügend", "X-Bytes": "\xff\xfe"}
    server.answer("/exports", 402, headers=headers, body=NO_CREDIT)
    for error in (await refused(call), await refused(call)):
        raw = {name.lower(): value for name, value in error.response.headers.raw}
        assert raw[b"x-hinweis"] == "Guthaben ungenügend".encode("latin-1")
        assert raw[b"x-bytes"] == b"\xff\xfe"
    assert server.count("/exports") == 1


async def test_what_is_kept_is_decoded_and_its_headers_say_so(call, server):
    body = gzip.compress(b'{"code": "insufficient_credits"}')
    server.answer("/exports", 402, headers={"Content-Encoding": "gzip"}, body=body)
    for error in (await refused(call), await refused(call)):
        assert error.response.json() == {"code": "insufficient_credits"}
        assert "content-encoding" not in error.response.headers
        assert error.response.headers["content-length"] == "32"


@pytest.mark.parametrize("content_type", ["image/png", "application/octet-stream", "no/such"])
async def test_a_402_is_kept_whatever_it_sends(call, server, content_type):
    server.answer("/exports", 402, headers={"Content-Type": content_type}, body=b"\x89PNG\0")
    for error in (await refused(call), await refused(call)):
        assert error.response.content == b"\x89PNG\0"
        assert error.response.headers["content-type"] == content_type


async def test_listeners_hear_of_what_was_sent_and_what_was_not(call, guard, unpaid, kind):
    heard = []

    def note(event):
        heard.append((event.name, event.refusal.sent, event.block.feature))

    async def note_later(event):
        note(event)

    for name in ("payment_required", "blocked", "refused"):
        guard.on(name, note if kind == "sync" else note_later)
    await refused(call)
    await refused(call)
    assert heard == [
        ("payment_required", True, "export"),
        ("blocked", True, "export"),
        ("refused", False, "export"),
    ]
    assert unpaid.count("/exports") == 1


async def test_a_cookie_is_set_once(call, server):
    server.answer("/exports", 402, headers={"Set-Cookie": "seen=1"}, body=NO_CREDIT)
    first = await refused(call, headers={"authorization": "Bearer sk-test-0123456789"})
    second = await refused(call, headers={"authorization": "Bearer sk-test-0123456789"})
    assert first.response.headers["set-cookie"] == "seen=1"
    assert (second.sent, "set-cookie" in second.response.headers) == (False, False)


async def test_an_answer_to_head_is_judged_by_its_status_alone(call, server):
    server.answer("/exports", 402, headers={"Content-Type": "application/json"}, body=NO_CREDIT)
    error = await refused(call, "HEAD")
    assert (error.details.status, error.response.content) == (402, b"")
    server.answer("/chat", 403, body=NO_CREDIT)
    assert (await call("HEAD", "/chat")).status_code == 403


async def test_the_connection_of_a_refusal_serves_the_next_request(call, unpaid):
    await refused(call)
    await call("GET", "/chat")
    assert unpaid.keeps(1)


# The response handed back


@pytest.mark.parametrize("how", ["guard", "sdk"])
async def test_the_response_is_handed_back_where_it_is_asked_for(calling, unpaid, how):
    guard = payreq.Guard(refusals="return" if how == "guard" else None)
    call = await calling(guard)
    headers = {} if how == "guard" else {"X-Stainless-Lang": "python"}
    for sent in (True, False):
        response = await call("POST", "/exports", headers=headers)
        assert response.status_code == 402
        assert response.json() == NO_CREDIT
        assert response.headers["x-should-retry"] == "false"
        assert response.headers["stripe-should-retry"] == "false"
        assert response.headers["x-request-id"] == "req_7"
        assert response.elapsed.total_seconds() >= 0
        refusal = response.extensions["payreq"]
        assert isinstance(refusal, payreq.CreditsExhausted)
        assert (refusal.sent, refusal.response) == (sent, response)
    assert unpaid.count("/exports") == 1


async def test_a_response_that_is_handed_back_streams(calling, unpaid):
    call = await calling(payreq.Guard(refusals="return"))
    bodies = []
    for _ in range(2):
        async with call.stream("POST", "/exports") as response:
            assert not response.is_closed
            bodies.append(b"".join([chunk async for chunk in call.chunks(response)]))
        assert response.elapsed.total_seconds() >= 0
    assert bodies[0] == bodies[1]
    assert b"insufficient_credits" in bodies[0]
    assert unpaid.count("/exports") == 1


async def test_a_guard_that_observes_lets_everything_pass_as_it_came(calling, unpaid):
    guard = payreq.Guard(refusals="observe")
    heard = []
    guard.on("payment_required", heard.append)
    call = await calling(guard)
    for _ in range(2):
        response = await call("POST", "/exports")
        assert response.json() == NO_CREDIT
        assert response.headers["x-should-retry"] == "true"
        assert "payreq" not in response.extensions
    assert unpaid.count("/exports") == 2
    assert [event.refusal.sent for event in heard] == [True, True]
    assert len(guard.blocks.active()) == 1


async def test_a_request_may_pass_the_guard(call, unpaid, caplog):
    caplog.set_level(logging.DEBUG, "payreq")
    for _ in range(2):
        response = await call("POST", "/exports", extensions={"payreq": False})
        assert response.json() == NO_CREDIT
        assert "payreq" not in response.extensions
    assert caplog.records == []
    await refused(call)
    response = await call("POST", "/exports", extensions={"payreq": False})
    assert response.status_code == 402
    assert unpaid.count("/exports") == 4


# The transports


@pytest.mark.parametrize("close", ["close", "context"])
async def test_the_transport_inside_is_closed_with_the_one_around(call, unpaid, close):
    await call("GET", "/chat")
    assert unpaid.keeps(1)
    if close == "close":
        await call.close()
    elif call.async_:
        await call.transport.__aexit__(None, None, None)
    else:
        call.transport.__exit__(None, None, None)
    assert unpaid.keeps(0)


async def test_a_transport_has_a_guard_of_its_own(transports, library):
    inner = library.MockTransport(lambda _: library.Response(200))
    one, other = transports.guarded(inner), transports.guarded(inner)
    assert isinstance(one.guard, payreq.Guard)
    assert one.guard is not other.guard


@pytest.mark.parametrize(
    ("argument", "value"), [("inner", None), ("inner", object()), ("guard", "x"), ("retry", "x")]
)
async def test_a_wrong_argument_is_named(transports, library, argument, value):
    arguments = {"inner": library.MockTransport(lambda _: library.Response(200))}
    with pytest.raises(TypeError, match=rf"^{argument} must be .*{type(value).__name__}"):
        transports.guarded(**arguments | {argument: value})


async def test_a_transport_of_the_other_kind_is_refused(transports, library, kind):
    other = library.AsyncBaseTransport() if kind == "sync" else library.BaseTransport()
    with pytest.raises(TypeError, match=r"^inner must be a transport with handle_"):
        transports.guarded(other)


@pytest.mark.parametrize("status", [402, 403])
async def test_a_body_that_was_read_inside_is_judged_and_kept(
    calling, inside, guard, server, status
):
    server.answer("/exports", status, body=NO_CREDIT)
    server.answer("/chat", status, body=[b'{"error": "', b"x" * 100_000, b'"}'])
    call = await calling(guard, inner=inside("read"))
    error = await refused(call)
    assert (error.sent, error.response.json()) == (True, NO_CREDIT)
    response = (
        (await refused(call, "POST", "/chat")).response
        if status == 402
        else await call("POST", "/chat")
    )
    assert len(response.content) == (65_536 if status == 402 else 100_013)
    assert (await call("POST", "/reports")).json() == {}


async def test_a_body_that_was_closed_inside_is_not_read_again(
    calling, inside, guard, clock, server
):
    server.answer("/exports", 402, body=NO_CREDIT)
    server.then("/exports", 403, body=NO_CREDIT)
    call = await calling(guard, inner=inside("close"))
    error = await refused(call)
    assert (error.reason, error.response.content) == (payreq.Reason.UNKNOWN, b"")
    clock.advance(60)
    with pytest.raises(call.flavour.StreamClosed):
        await call("POST", "/exports")
    assert guard.blocks.get("export") is not None
