from __future__ import annotations

import asyncio
import json
import pickle

import anthropic
import botocore.exceptions
import groq
import httpx
import httpx2
import openai
import pytest
import requests
import stamina
import stripe
import tenacity
from hypothesis import given
from hypothesis import strategies as st

import payreq
from payreq import Reason
from payreq.detecting import MOST

URL = "https://api.openai.com/v1/chat/completions"
NO_CREDIT = {
    "error": {
        "message": "This account has no credit left.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }
}
TOO_FAST = {"error": {"message": "Slow down.", "type": "requests", "code": "rate_limit_exceeded"}}


def response(library=httpx, status=402, body=None, url="https://api.example.com/v1/x"):
    return library.Response(status, json=body or {}, request=library.Request("POST", url))


def marked(library=httpx):
    """Return a response that a guard handed on, and the refusal that it carries."""
    made = payreq.detect(response(library))
    answer = response(library, 429)
    answer.extensions["payreq"] = made
    return answer, made


def status_error(library=httpx):
    try:
        response(library).raise_for_status()
    except library.HTTPStatusError as error:
        return error


# Responses


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_response_is_read(library):
    answer = response(library)
    found = payreq.detect(answer)
    assert isinstance(found, payreq.PaymentRequired)
    assert isinstance(found, library.HTTPStatusError)
    assert found.response is answer
    assert found.request is answer.request
    assert found.sent
    assert found.at.tzinfo is not None
    assert payreq.detect(response(library, 200)) is None
    assert payreq.detect(response(library, 503)) is None


def test_a_response_without_a_request_is_read():
    assert payreq.detect(httpx.Response(402)).request is None


def test_a_marked_response_gives_the_refusal_that_it_carries():
    answer, made = marked()
    assert payreq.detect(answer) is made
    answer.extensions["payreq"] = "something else"
    assert payreq.detect(answer) is None


def test_a_response_of_requests_is_read():
    answer = requests.Response()
    answer.status_code = 402
    answer._content = b"{}"
    url = "https://api.example.com/x?api_key=sk-canary-0123456789"
    answer.request = requests.Request("POST", url).prepare()
    answer.url = url
    found = payreq.detect(answer)
    assert type(found) is payreq.PaymentRequired
    assert str(found.credential) == "query key …6789"
    assert found.origin == "https://api.example.com"
    assert found.response is answer
    with pytest.raises(payreq.PaymentRequired), payreq.translate():
        answer.raise_for_status()
    assert b"canary" not in pickle.dumps(found)
    answer.request = None
    assert payreq.detect(answer).request is None


class Broken(Exception):  # noqa: N818  # as others name theirs
    """Raises whatever it is asked."""

    def __getattr__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize("thing", [None, 3, "402", object(), {}, httpx.Request])
def test_what_is_no_response_and_no_exception_holds_no_refusal(thing):
    assert payreq.detect(thing) is None


def test_a_response_that_cannot_be_read_at_all_is_no_refusal(monkeypatch):
    def fails(_response):
        raise RuntimeError

    monkeypatch.setattr("payreq.reading.parse", fails)
    assert payreq.detect(response()) is None


# Exceptions


def test_a_refusal_is_itself():
    made = payreq.detect(response())
    assert payreq.detect(made) is made


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_status_error_is_read(library):
    found = payreq.detect(status_error(library))
    assert isinstance(found, library.HTTPStatusError)


def test_other_exceptions_hold_none():
    for error in (ValueError("402 Payment Required"), httpx.ConnectError("x"), Broken()):
        assert payreq.detect(error) is None


def raised(outer, inner, *, suppressed=False):
    try:
        try:
            raise inner
        except type(inner) as error:
            if suppressed:
                raise outer from None
            raise outer from error
    except type(outer) as error:
        return error


def test_causes_and_contexts_are_followed():
    assert payreq.detect(raised(ValueError(), raised(KeyError(), status_error())))
    with pytest.raises(ValueError, match="context alone") as caught:
        fail_on_the_way()
    assert payreq.detect(caught.value)


def fail_on_the_way():
    try:
        raise status_error()
    except httpx.HTTPStatusError:
        raise ValueError("the context alone")  # noqa: B904  # that is what is tested


def test_a_context_that_was_set_aside_is_not_followed():
    assert payreq.detect(raised(ValueError(), status_error(), suppressed=True)) is None


def test_groups_are_searched():
    inner = ExceptionGroup("inner", [ValueError(), status_error()])
    assert payreq.detect(ExceptionGroup("outer", [KeyError(), inner]))
    assert payreq.detect(BaseExceptionGroup("outer", [KeyboardInterrupt(), inner]))
    assert payreq.detect(ExceptionGroup("none", [KeyError()])) is None


def test_circles_end():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert payreq.detect(first) is None


def chain(length):
    error = status_error()
    for _ in range(length):
        outer = ValueError()
        outer.__cause__ = error
        error = outer
    return error


def test_a_chain_is_searched_so_far_and_no_farther():
    assert payreq.detect(chain(MOST - 1)) is not None
    assert payreq.detect(chain(MOST)) is None


@pytest.mark.parametrize("reraise", [False, True])
def test_what_tenacity_gave_up_on_is_found(reraise):
    @tenacity.retry(stop=tenacity.stop_after_attempt(2), reraise=reraise)
    def fails():
        raise status_error()

    with pytest.raises((tenacity.RetryError, httpx.HTTPStatusError)) as caught:
        fails()
    assert payreq.detect(caught.value)


def test_a_response_that_tenacity_gave_up_on_is_found():
    refuses = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(2), retry=tenacity.retry_if_result(lambda _: True)
    )
    for answer, found in ((response(), True), (response(status=503), False)):
        with pytest.raises(tenacity.RetryError) as caught:
            refuses(lambda answer=answer: answer)
        assert (payreq.detect(caught.value) is not None) is found


def test_anything_may_be_called_last_attempt():
    error = ValueError()
    error.last_attempt = "no future"
    assert payreq.detect(error) is None


# Vendor SDKs


def openai_client(status, body):
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(status, json=body))
    return openai.OpenAI(
        api_key="sk-test-0123456789",
        max_retries=0,
        http_client=httpx2.Client(transport=transport),
    )


def ask(client):
    client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])


def test_openai_errors_are_read():
    with pytest.raises(openai.RateLimitError) as caught:
        ask(openai_client(429, NO_CREDIT))
    found = payreq.detect(caught.value)
    assert found.details.code == "insufficient_quota"
    assert isinstance(found, httpx2.HTTPStatusError)
    assert str(found.credential) == "bearer token …6789"
    with pytest.raises(openai.RateLimitError) as caught:
        ask(openai_client(429, TOO_FAST))
    assert payreq.detect(caught.value) is None


def test_anthropic_errors_are_read():
    body = {"type": "error", "error": {"type": "billing_error", "message": "no credit"}}
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(402, json=body))
    client = anthropic.Anthropic(
        api_key="test-key-0123456789",
        max_retries=0,
        http_client=httpx2.Client(transport=transport),
    )
    with pytest.raises(anthropic.APIStatusError) as caught:
        client.messages.create(max_tokens=1, model="m", messages=[{"role": "user", "content": "x"}])
    assert isinstance(payreq.detect(caught.value), httpx2.HTTPStatusError)


def test_groq_errors_are_read():
    transport = httpx.MockTransport(lambda _request: httpx.Response(402, json=NO_CREDIT))
    client = groq.Groq(
        api_key="gsk_test", max_retries=0, http_client=httpx.Client(transport=transport)
    )
    with pytest.raises(groq.APIStatusError) as caught:
        ask(client)
    assert isinstance(payreq.detect(caught.value), httpx.HTTPStatusError)


def test_a_marked_response_within_an_sdks_error_gives_the_guards_refusal():
    answer, made = marked(httpx2)
    error = openai.RateLimitError("x", response=answer, body=None)
    assert payreq.detect(error) is made


DECLINED = {"error": {"code": "card_declined", "type": "card_error", "message": "Declined here."}}


@pytest.mark.parametrize("body", [json.dumps(DECLINED), None])
def test_stripe_errors_are_read(body):
    error = stripe.CardError(
        "Declined here.",
        None,
        "card_declined",
        http_body=body,
        http_status=402,
        json_body=DECLINED,
        headers={"request-id": "req_1"},
    )
    found = payreq.detect(error)
    assert found.reason is Reason.PAYMENT_FAILED
    assert type(found) is payreq.PaymentFailed
    assert found.origin == "https://api.stripe.com"
    assert pickle.loads(pickle.dumps(found)).response.status_code == 402


def test_an_error_made_like_stripes_is_read_without_taking_it_for_stripes():
    class Alike(Exception):  # noqa: N818  # as others name theirs
        http_status = 402
        http_body = b"{}"
        headers = {}  # noqa: RUF012  # as others have it

    assert payreq.detect(Alike()).origin is None


def beside(answer, **kept):
    """Raise an error of this package next to an answer, and return it."""

    class ApiError(Exception):
        pass

    def check(_answer):
        error = ApiError()
        vars(error).update(kept)
        raise error

    with pytest.raises(ApiError) as caught:
        check(answer)
    return caught.value


def test_an_error_that_repeats_the_answer_it_was_raised_beside_is_read():
    answer = response(httpx, 429, NO_CREDIT)
    assert payreq.detect(beside(answer, status=429)).response is answer
    assert payreq.detect(beside(answer, code="429"))
    assert payreq.detect(beside(answer, message="This account has no credit left."))
    marked_answer, made = marked()
    assert payreq.detect(beside(marked_answer, status=429)) is made


def test_an_error_that_repeats_nothing_of_it_is_about_something_else():
    answer = response(httpx, 429, NO_CREDIT)
    assert payreq.detect(beside(answer)) is None
    assert payreq.detect(beside(answer, status=404, message="No such row.")) is None
    assert payreq.detect(beside(response(httpx, 429, TOO_FAST), status=429)) is None
    assert payreq.detect(beside(None, status=402)) is None


def test_what_else_an_error_keeps_is_let_alone():
    class Untrue:
        def __bool__(self):
            raise TypeError

        __eq__ = __hash__ = __bool__

    assert payreq.detect(beside(response(), parsed=Untrue())) is None


def test_an_error_that_keeps_a_response_is_not_about_another():
    error = beside(response(), status=402, response=response(httpx, 200))
    assert payreq.detect(error) is None


def streamed(status=429, body=b"{}"):
    """Return a response that was read piece by piece, so that nothing of it is left."""
    request = httpx.Request("POST", URL)
    answer = httpx.Response(status, stream=httpx.ByteStream(body), request=request)
    assert b"".join(answer.iter_bytes()) == body
    return answer


def test_errors_of_speakeasys_sdks_are_read_a_stream_by_its_text():
    error = ValueError()
    error.raw_response = response(httpx, 429, NO_CREDIT)
    assert payreq.detect(error).response is error.raw_response
    error.raw_response, error.body = streamed(), json.dumps(NO_CREDIT)
    found = payreq.detect(error)
    assert found.details.code == "insufficient_quota"
    assert found.request is error.raw_response.request
    error.body = None
    assert payreq.detect(error) is None
    error.raw_response.extensions["payreq"] = found
    error.body = "{}"
    assert payreq.detect(error) is found


def client_error(code, status=400, **metadata):
    parsed = {
        "Error": {"Code": code, "Message": "No valid payment method."},
        "ResponseMetadata": {
            "RequestId": "aws-1",
            "HTTPStatusCode": status,
            "HTTPHeaders": {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amzn-RequestId": "aws-1",
            },
        }
        | metadata,
    }
    return botocore.exceptions.ClientError(parsed, "InvokeModel")


def test_botocore_errors_are_read():
    found = payreq.detect(client_error("PaymentRequired", 402))
    assert isinstance(found, payreq.PaymentRequired)
    assert json.loads(found.response.content)["__type"] == "PaymentRequired"
    assert found.response.headers == {
        "x-amzn-requestid": "aws-1",
        "content-type": "application/json",
    }
    assert payreq.detect(client_error("ThrottlingException")) is None
    bare = payreq.detect(client_error("PaymentRequired", 402, HTTPHeaders=None))
    assert bare.response.headers["x-amzn-requestid"] == "aws-1"


@pytest.mark.parametrize(
    "parsed",
    [
        {},
        {"Error": "x", "ResponseMetadata": {}},
        {"Error": {}, "ResponseMetadata": None},
        {"Error": {"Code": "x"}, "ResponseMetadata": {}},
    ],
)
def test_a_mapping_that_is_not_botocores_holds_none(parsed):
    error = ValueError()
    error.response = parsed
    assert payreq.detect(error) is None


# Predicates


def test_predicates():
    assert payreq.is_payment_required(status_error())
    assert not payreq.is_payment_required(ValueError())
    assert not payreq.not_payment_required(status_error())
    assert payreq.not_payment_required(ValueError())
    assert not payreq.not_payment_required(KeyboardInterrupt())
    assert not payreq.not_payment_required(asyncio.CancelledError())


def test_stamina_stops_at_a_refusal():
    calls = []

    @stamina.retry(on=payreq.not_payment_required, attempts=3, wait_initial=0, wait_max=0)
    def fails():
        calls.append(1)
        raise status_error()

    with pytest.raises(httpx.HTTPStatusError):
        fails()
    assert len(calls) == 1


# Translating


def test_a_block_raises_what_is_found():
    error = raised(ValueError("outer"), status_error())
    with pytest.raises(payreq.PaymentRequired) as caught, payreq.translate():
        raise error
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_block_raises_a_fresh_one_each_time():
    error = ExceptionGroup("x", [payreq.detect(response())])
    found = []
    for _ in range(2):
        with pytest.raises(payreq.PaymentRequired) as caught, payreq.translate():
            raise error
        found.append(caught.value)
    assert found[0] is not found[1]
    assert found[0] is not error.exceptions[0]


def test_a_refusal_leaves_as_it_is():
    made = payreq.detect(response())
    with pytest.raises(payreq.PaymentRequired) as caught, payreq.translate():
        raise made
    assert caught.value is made


def test_other_exceptions_leave_as_they_are():
    for error in (ValueError(), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, payreq.translate():
            raise error
        assert caught.value is error
    with payreq.translate():
        pass


def test_a_cancellation_is_no_refusal():
    error = raised(asyncio.CancelledError(), status_error())
    with pytest.raises(asyncio.CancelledError), payreq.translate():
        raise error


def test_a_function_is_decorated():
    @payreq.translate()
    def fails(value):
        """Say what it does."""
        if value:
            raise status_error()
        return "fine"

    assert (fails.__name__, fails.__doc__) == ("fails", "Say what it does.")
    assert fails(0) == "fine"
    for _ in range(2):
        with pytest.raises(payreq.PaymentRequired):
            fails(1)


def test_a_coroutine_function_is_decorated():
    @payreq.translate()
    async def fails(value):
        await asyncio.sleep(0)
        if value:
            raise status_error()
        return "fine"

    assert asyncio.run(fails(0)) == "fine"
    with pytest.raises(payreq.PaymentRequired):
        asyncio.run(fails(1))


def test_a_generator_is_decorated():
    @payreq.translate()
    def items():
        got = yield 1
        assert got == "sent"
        yield 2
        raise status_error()

    source = items()
    assert next(source) == 1
    assert source.send("sent") == 2
    with pytest.raises(payreq.PaymentRequired):
        next(source)


def test_an_async_generator_is_decorated():
    closed = []

    @payreq.translate()
    async def items(fails):
        try:
            yield 1
            if fails:
                raise status_error()
        finally:
            closed.append(True)

    async def collect(fails):
        return [item async for item in items(fails)]

    assert asyncio.run(collect(fails=False)) == [1]
    with pytest.raises(payreq.PaymentRequired):
        asyncio.run(collect(fails=True))

    async def leave():
        source = items(fails=False)
        await anext(source)
        await source.aclose()

    asyncio.run(leave())
    assert len(closed) == 3


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_detect_takes_anything(thing):
    assert payreq.detect(thing) is None
    error = ValueError(thing)
    error.response = error.headers = error.http_status = error.last_attempt = thing
    error.raw_response, error.body = thing, "text"
    assert payreq.detect(error) is None
