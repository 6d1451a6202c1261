from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import payreq
from payreq.reading import document as documents
from payreq.reading import loose, read, wording
from payreq.reading.document import BODY_LIMIT, fold_headers, read_document
from payreq.reading.www_authenticate import parse_challenges

KIB = 1024

BODIES = {
    "brackets": "[",
    "objects": '{"a":',
    "lists": "[],",
    "members": '{"code": "x_y", ',
    "digits": "9",
    "strings": '"',
    "backslashes": '"\\',
    "surrogates": "['\\ud800",
    "elements": "<a>",
    "comments": "<a><!--",
    "declarations": "<a><!",
    "attributes": "<a b='c' ",
    "open quotes": "<a b='",
    "entities": '<!ENTITY a "&a;&a;">',
    "numbers of characters": "<a>&#9999999999",
    "scripts": "<html><script></style>",
    "form": "a=%&",
    "words": "billing ",
    "the same word": "plan plan ",
    "money": "$1,000,000,",
    "figures": "1 of ",
    "figures and limits": "limit is 1 ",
    "names": "requires Pro or Max or ",
    "upgrades": "upgrade to A ",
    "addresses": "a@a.",
    "links": "https://a.b/",
    "codes": "AB_",
    "humps": "aB",
    "dates": "resets on Dec 1 at 10:00 ",
    "spans": "try again in 1 h ",
    "embedded": "x {'a':[",
    "spaces": " x",
    "Chinese": "\u4f59\u989d",
    "overrides": "\u202e",
    "nothing": "\0",
    "no text": "\ufffd",
}

HEADERS = {
    "www-authenticate": ['L402 invoice="lnbc1a", ', "a ", 'a="', 'Payment id="\\'],
    "payment-required": ['{"accepts":[', "e30", "[", "%20"],
    "payment-response": ["{", "e30"],
    "x-cashu": ["creqA"],
    "crawler-payment": ["a=1, ", "a "],
    "crawler-price": ["USD 1", "1"],
    "x-license-terms": ["; price: "],
    "ratelimit": ['"a";r=0;t=1, ', "limit=1, "],
    "ratelimit-policy": ["1;w=1, "],
    "x-ratelimit-remaining-day": ["0, "],
    "link": ["<https://a.b/>; rel=help, "],
    "retry-after": ["9", "Wed, "],
    "date": ["25 Nov ", "9"],
    "content-type": ["charset=", "html "],
    "x-request-id": ["a", "a "],
    "x-error-code": ["A_", "no credits "],
    "x-error-message": ["no credits. ", "%20"],
    "grpc-message": ["payment%20required"],
}

FLOODS = [
    {f"x-error-{number}": "no credits " * 27 for number in range(200)},
    {f"x-{number}-request-id": "a" * 300 for number in range(200)},
    {f"x-ratelimit-limit-{number}": "1;w=9, " * 43 for number in range(200)},
    {f"payment-{number}": "a=1, " * 60 for number in range(200)},
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("status", [402, 429])
@pytest.mark.parametrize("content_type", ["", "application/json", "text/html", "text/xml"])
@pytest.mark.parametrize("unit", BODIES.values(), ids=BODIES)
def test_a_body_of_bait_is_read(unit, content_type, status):
    inside = f'{{"error": {{"message": "{unit * (16 * KIB)}'
    for text in (unit * (BODY_LIMIT // len(unit.encode()) + 1), inside):
        details = read(status, {"content-type": content_type}, text.encode())
        assert details is None or details.status == status


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("name", "unit"), [(name, unit) for name, units in HEADERS.items() for unit in units]
)
def test_a_header_of_64_kib_is_read(name, unit):
    value = unit * (64 * KIB // len(unit))
    details = read(402, {name: value}, b'{"error": {"code": "x"}}')
    assert details is None or details.status == 402


@pytest.mark.timeout(20)
@pytest.mark.parametrize("headers", FLOODS, ids=["errors", "ids", "limits", "payments"])
def test_a_flood_of_headers_is_read(headers):
    assert read(402, headers, b'{"message": "No"}').status == 402


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-16", "idna", "punycode", "rot13", "\0", "x" * 99]
)
def test_a_body_in_no_encoding_is_read(charset):
    junk = bytes(range(256)) * 64
    assert read(402, {"content-type": f"text/plain; charset={charset}"}, junk).status == 402


@given(
    status=st.integers(-1, 1_000),
    headers=st.lists(
        st.tuples(
            st.sampled_from([*HEADERS, "x-other"]) | st.text(max_size=20),
            st.text(max_size=60) | st.sampled_from([u * 9 for us in HEADERS.values() for u in us]),
        ),
        max_size=8,
    ),
    body=st.binary(max_size=400)
    | st.lists(st.sampled_from([*BODIES.values(), "}", "]", ">", "</a>", '"', "402"])).map(
        lambda units: "".join(units).encode()
    ),
    url=st.sampled_from(["https://api.openai.com/v1", "http://[", "x"]) | st.text(max_size=30),
)
def test_no_answer_makes_reading_raise(status, headers, body, url):
    details = read(status, dict(headers), body, url=url)
    assert details is None or details.status == status


@pytest.mark.parametrize(
    "response",
    [None, object(), "402", httpx.Response(402, stream=httpx.ByteStream(b"not read"))],
)
def test_no_object_makes_parse_raise(response):
    details = payreq.parse(response)
    assert details is None or details.status == 402


def counted(monkeypatch, module, name):
    calls = []
    original = getattr(module, name)

    def call(*args):
        calls.append(args)
        return original(*args)

    monkeypatch.setattr(module, name, call)
    return calls


def test_a_wide_payload_has_a_bounded_number_of_leaves():
    for size in (2_000, 4_000):
        body = ("[" + "1," * size + "1]").encode()
        assert len(read_document(402, {}, b'{"a": %b}' % body).leaves) <= 100
        members = ",".join(f'"{number}": 1' for number in range(size))
        assert len(read_document(402, {}, f"{{{members}}}".encode()).leaves) <= 1_200


def test_as_many_payloads_inside_strings_are_opened_of_many_as_of_few(monkeypatch):
    opened = counted(monkeypatch, documents, "_inner")
    for count in (10, 500):
        opened.clear()
        read_document(402, {}, ("[" + "\"{'a': 1}\"," * count + "1]").encode())
        assert len(opened) == 4


def test_as_many_tokens_of_a_broken_payload_are_taken_of_many_as_of_few(monkeypatch):
    taken = counted(monkeypatch, loose, "_take")
    for count in (30_000, 60_000):
        taken.clear()
        loose.parse_json("[" + "1," * count)
        assert 20_000 <= len(taken) <= 25_000


def test_as_many_texts_are_heard_of_many_as_of_few(monkeypatch):
    heard = counted(monkeypatch, wording, "read_sentences")
    for count in (50, 500):
        heard.clear()
        errors = ",".join('{"message": "No credits"}' for _ in range(count))
        headers = {f"x-error-{number}": "no credits" for number in range(count)}
        wording.hear(read_document(402, headers, f'{{"errors": [{errors}]}}'.encode()))
        assert len(heard) == 48


def test_as_many_challenges_are_read_of_many_as_of_few():
    found = [len(parse_challenges("a, " * count)) for count in (5_000, 20_000)]
    assert found == [4_000, 4_000]


def test_no_more_than_200_headers_are_kept():
    assert len(fold_headers((str(number), "x") for number in range(1_000))) == 200
