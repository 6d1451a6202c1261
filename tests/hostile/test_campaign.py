"""A campaign against all that reads what others wrote: answers, terms, profiles, saved files.

Answers of the corpus are bent and broken, which comes further than bytes at random. For a long one:
`pytest tests/hostile/test_campaign.py --hypothesis-profile=campaign`. What it finds is written down
as an `@example`, so that it is tried in every run.
"""

from __future__ import annotations

import json
import pickle
import re
from base64 import b64encode
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import payreq
from payreq.cli.capture import BadInputError
from payreq.cli.saved import read as read_saved
from payreq.details import PaymentDetails
from payreq.reading import read
from payreq.reading.providers import known, load
from payreq.safety import URL_LIMIT, clean, web_url

CORPUS = Path(__file__).parents[1] / "corpus" / "providers"
CASES = [
    json.loads(line)
    for file in sorted(CORPUS.glob("*.jsonl"))
    for line in file.read_text("utf-8").splitlines()
]
LONGEST = 2_000  # characters of any text that is kept; terms may be longer
LARGEST = 300_000  # bytes of all that is kept of an answer

BAIT = [
    None, True, False, 0, -1, 402, 10**30, -1e308, 1e-300, "", "402", "-1", "9" * 400, "1e999999",
    "NaN", "Infinity", "0x10", "1,000,000.00", "2026-02-30T25:61:61Z", "9999-12-31T23:59:59+14:00",
    "-0001-01-01", "javascript:alert(1)", "//evil.example", "https://user:pw@evil.example/",
    "https://[::1", "\ud800", "\u202eevil", "\0", "<script>", "{'a': 1}", '{"a": [', "%00%ff",
    "insufficient_quota", "billing " * 40, "upgrade to " * 40, [], {}, [[]], {"": ""}, [None] * 200,
    {"code": "insufficient_credits"}, {"error": {"error": {"error": {}}}}, ["no", "credits"],
]  # fmt: skip
BYTES = [b"", b"\0", b"\xff\xfe", b"\r\n\r\n", b'"', b"\\", b"{", b"]", b"<", b"&#0;", b"\xf0\x9f"]

bait = st.sampled_from(BAIT) | st.text(max_size=40) | st.floats() | st.integers()


@st.composite
def bent_json(draw, value):
    """Replace, drop or rename some of what a payload holds."""
    if draw(st.integers(0, 9)) == 0:
        return draw(bait)
    if isinstance(value, dict):
        return {
            (draw(st.text(max_size=9)) if draw(st.integers(0, 15)) == 0 else name): draw(
                bent_json(inner)
            )
            for name, inner in value.items()
            if draw(st.integers(0, 15))
        }
    if isinstance(value, list):
        return [draw(bent_json(inner)) for inner in value]
    return value


@st.composite
def bent_bytes(draw, data):
    """Cut, double and overwrite some of it."""
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        data = data[:start] + draw(
            st.sampled_from([*BYTES, data[start:end] * 2, data[:start][:50]])
        ) + data[end:]  # fmt: skip
    return data if draw(st.booleans()) else data[: draw(st.integers(0, len(data)))]


@st.composite
def answers(draw):
    """An answer of the corpus, bent: status, headers, body, the URL that was asked."""
    case = draw(st.sampled_from(CASES))
    told = case["response"]
    body = told["body"]
    try:
        document = json.loads(body)
    except ValueError:
        pass
    else:
        body = json.dumps(draw(bent_json(document)))
    body = draw(bent_bytes(body.encode("utf-8", "replace")))
    headers = dict(told["headers"])
    for name in list(headers):
        if not draw(st.integers(0, 4)):
            headers[name] = str(draw(bait))
    status = draw(st.sampled_from([told["status"], 402, 403, 429, 200, 500]))
    return status, headers, body, case["request"]["url"]


def texts(value):
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from (name, *texts(inner))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from texts(inner)


def check(details, status):
    """Check what holds of all details, whatever they were read from."""
    if details is None:
        return
    assert details.status == status
    kept = details.model_dump()
    for challenge in kept.pop("challenges"):
        assert len(repr(challenge)) < LARGEST
    for text in texts(kept):
        assert clean(text, LONGEST) == text
    for name, value in kept.items():
        if name.endswith("_url") and value is not None:
            assert web_url(value) == value
            assert len(value) <= URL_LIMIT
        if isinstance(value, Decimal):
            assert value.is_finite()
    assert details.retry_after is None or 0 <= details.retry_after < float("inf")
    written = details.model_dump_json()
    assert len(written) < LARGEST
    again = PaymentDetails.model_validate_json(written)  # terms: numbers in `raw` become texts
    assert again.model_dump(exclude={"challenges"}) == kept


def check_told(refusal):
    """Check that all that is told of a refusal is told, in plain lines."""
    if refusal is None:
        return
    assert len(str(refusal).splitlines()) == 1
    assert refusal.fix_steps()
    assert refusal.support_report()
    for audience in ("owner", "member", "visitor"):
        for locale in ("en", "de"):
            message = refusal.user_message(locale, audience)
            assert message.title
            assert message.body
            assert "<script" not in message.as_html()
            assert json.loads(json.dumps(message.to_dict()))
    assert pickle.loads(pickle.dumps(refusal)).details == refusal.details


DOCUSIGN = "https://demo.docusign.net/restapi/v2.1/accounts/0a1b2c3d/envelopes"


@given(answers())
@example((402, {}, b'{"errorCode": "USER_LACK\x00S', DOCUSIGN))  # a code with a control character
def test_what_is_read_of_an_answer_is_clean_bounded_and_the_same_again(answer):
    status, headers, body, url = answer
    details = read(status, headers, body, url=url)
    check(details, status)
    assert read(status, headers, body, url=url) == details


@given(answers())
def test_whatever_is_read_can_be_told(answer):
    status, headers, body, url = answer
    response = httpx.Response(
        status,
        headers=[(name, value.encode("utf-8", "replace")) for name, value in headers.items()
                 if name.lower() != "content-encoding"],
        content=body,
        request=httpx.Request("POST", url),
    )  # fmt: skip
    check_told(payreq.detect(response))


PLACES = [
    (profile, condition.at, tuple(condition.equals or condition.has or ()))
    for profile in known()
    for conditions in (profile.signature, *(rule.when for rule in profile.rules))
    for condition in conditions
] + [
    (profile, place, ())
    for profile in known()
    for places in profile.fields.values()
    for place in places
]


@given(st.sampled_from(PLACES), st.data(), st.sampled_from([200, 400, 402, 403, 429, 500]))
def test_no_value_at_a_place_of_a_profile_breaks_it(place, data, status):
    profile, at, expected = place
    value = data.draw(st.sampled_from([*expected, *BAIT]) | bait)
    headers, body = {"content-type": "application/json"}, value
    if at.startswith("header:"):
        headers[at.removeprefix("header:")] = str(value)
    for name in reversed(re.split("/", at)[1:]):
        body = [body] if name.isdigit() else {name.strip("*") or "x": body}
    host = profile.hosts[0].replace("*", "api") if profile.hosts else "api.example.com"
    details = read(status, headers, json.dumps(body).encode(), url=f"https://{host}/v1/x")
    check(details, status)


PROFILE = {
    "name": "weather",
    "title": "Weather",
    "hosts": ["weather.example.com"],
    "in_success": False,
    "returns": "minutes",
    "billing_url": "https://weather.example.com/billing",
    "sources": [{"url": "https://weather.example.com/docs", "read": "2026-11-24"}],
    "signature": [{"at": "header:x-weather", "present": True}],
    "fields": {"limit": ["/quota/limit"], "message": ["/text", "text"]},
    "rules": [
        {"status": [429], "when": [{"at": "/code", "is": ["E42"]}], "means": "quota_exceeded"},
        {"when": [{"at": "/balance", "below": 1}], "means": "credits_exhausted"},
    ],
}


@given(bent_json(PROFILE), answers())
def test_a_profile_either_loads_or_is_refused_in_words(profile, answer):
    try:
        loaded = load(profile)
    except (TypeError, ValueError) as error:
        if type(error) not in {TypeError, ValueError}:  # one of its kinds tells of a fault of ours
            raise
        return
    status, headers, body, _ = answer
    check(read(status, headers, body, url="https://weather.example.com/", extra=[loaded]), status)


TERMS = {
    "x402Version": 2,
    "error": "payment needed",
    "resource": {"url": "https://api.example.com/report"},
    "accepts": [
        {
            "scheme": "exact",
            "network": "eip155:8453",
            "amount": "10000",
            "maxAmountRequired": "10000",
            "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
            "maxTimeoutSeconds": 60,
            "extra": {"name": "USDC", "version": "2"},
        }
    ],
}
CHALLENGES = [
    b'L402 token="abc", invoice="lnbc100n1pjq"',
    b'Payment id="x", realm="a", method="tempo", intent="charge", request="eyJhbW91bnQiOiIxIn0"',
    b'LSAT macaroon="abc", invoice="lnbc1"',
    b"crawler-price: USD 0.01",
]


@given(
    bent_json(TERMS),
    st.sampled_from(CHALLENGES).flatmap(bent_bytes),
    st.sampled_from([402, 401, 403, 200]),
)
def test_no_terms_of_payment_break_it(terms, challenge, status):
    written = json.dumps(terms).encode()
    for headers, body in (
        ({"payment-required": b64encode(written).decode()}, b"{}"),
        ({"www-authenticate": challenge.decode("latin-1")}, written),
        ({"crawler-price": challenge.decode("latin-1")}, b""),
    ):
        details = read(status, headers, body, url="https://api.example.com/report")
        check(details, status)
        for each in details.challenges if details else ():
            plain = each.model_dump(exclude={"raw"})
            assert all(clean(text, 8_000) == text for text in texts(plain))


def saved(case, draw):
    """Return an answer as people save it, bent: by curl, as a HAR file, or its body alone."""
    told, asked = case["response"], case["request"]
    form = draw(st.sampled_from(["curl", "har", "body"]))
    if form == "body":
        return draw(bent_bytes(told["body"].encode()))
    if form == "curl":
        head = [f"HTTP/2 {told['status']} ", *(f"{n}: {v}" for n, v in told["headers"].items())]
        return draw(bent_bytes(("\r\n".join(head) + "\r\n\r\n" + told["body"]).encode()))
    headers = [{"name": name, "value": value} for name, value in told["headers"].items()]
    content = {"text": told["body"], "encoding": draw(st.sampled_from(["base64", "", None]))}
    entry = {
        "request": {"method": asked["method"], "url": asked["url"], "headers": headers},
        "response": {"status": told["status"], "headers": headers, "content": content},
    }
    return json.dumps(draw(bent_json({"log": {"entries": [entry, entry]}}))).encode()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("saved") / "answer"


@given(st.sampled_from(CASES), st.data(), st.none() | st.sampled_from([402, 429]))
def test_no_saved_file_breaks_the_command_line(file, case, data, status):
    file.write_bytes(saved(case, data.draw))
    try:
        captures = read_saved(str(file), status)
    except BadInputError:
        return
    for capture in captures:
        capture.missing()
        check_told(payreq.detect(capture.response()))
