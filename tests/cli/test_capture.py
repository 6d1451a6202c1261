from __future__ import annotations

import gzip

import pytest

from payreq.cli.capture import BODY_LIMIT, Capture

KEY = "sk-canary-0123456789abcdefghij"
BODY = b'{"error": "pay"}'


def test_a_response_has_been_read_and_knows_its_request():
    capture = Capture(402, ((b"a", b"b"),), BODY, "POST", "https://api.example.com/v1")
    response = capture.response()
    assert (response.status_code, response.content) == (402, BODY)
    assert response.headers["a"] == "b"
    assert (response.request.method, str(response.request.url)) == (
        "POST",
        "https://api.example.com/v1",
    )


@pytest.mark.parametrize("url", [None, "x" * 70_000, "https://a:b:c/"])
def test_a_url_that_is_unknown_or_broken_leaves_no_request(url):
    with pytest.raises(RuntimeError):
        _ = Capture(402, (), BODY, url=url).response().request


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"nonsense"])
def test_a_body_that_was_unpacked_by_whoever_saved_it_is_read(encoding):
    headers = ((b"Content-Encoding", encoding), (b"Transfer-Encoding", b"chunked"))
    assert Capture(402, headers, BODY).response().content == BODY


def test_a_body_that_is_still_packed_is_unpacked():
    assert Capture(402, (), gzip.compress(BODY)).response().content == BODY


def test_no_more_of_a_packed_body_is_unpacked_than_a_guard_would_read():
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(Capture(402, (), bomb).response().content) == BODY_LIMIT


def test_a_packed_body_that_is_broken_stays_as_it_is():
    assert Capture(402, (), b"\x1f\x8b\xff\xff").response().content == b"\x1f\x8b\xff\xff"


def test_bytes_that_are_no_text_stay_as_they_are():
    assert Capture(402, (), b"\xff\xfe\x00").response().content == b"\xff\xfe\x00"


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        (None, ()),
        ("https://api.example.com/", ((b"Authorization", b"Bearer plain-canary-words"),)),
        ("https://api.example.com/?api_key=plain-canary-words", ()),
    ],
)
def test_keys_that_a_body_quotes_are_hidden(url, headers):
    body = f'{{"error": "no credit on {KEY}"}}'.encode()
    if url is not None:
        body = b'{"error": "no credit on plain-canary-words"}'
    content = Capture(402, (), body, url=url, request_headers=headers).response().text
    assert "no credit on …" in content
    assert KEY not in content
    assert "plain-canary-words" not in content


def test_a_key_that_a_header_quotes_is_hidden():
    headers = ((b"X-Note", b"no credit on plain-canary-words"),)
    url = "https://api.example.com/?api_key=plain-canary-words"
    assert "canary" not in str(Capture(402, headers, BODY, url=url).response().headers.raw)


@pytest.mark.parametrize(
    ("capture", "missing"),
    [
        (Capture(402, (), b"", cut=True), "within a header"),
        (Capture(402, ((b"Content-Length", b"500"),), BODY), "16 of 500 bytes"),
        (Capture(402, (), b' {"error": "pa'), "does not end"),
        (Capture(402, (), b"[1, 2"), "does not end"),
    ],
)
def test_what_is_cut_off_says_how(capture, missing):
    assert missing in capture.missing()


@pytest.mark.parametrize(
    "capture",
    [
        Capture(402, (), BODY + b"\n"),
        Capture(402, ((b"Content-Length", b"many"),), BODY),
        Capture(402, ((b"Content-Length", b"500"),), b""),  # the answer to HEAD
        Capture(402, ((b"Content-Length", b"500"), (b"Content-Encoding", b"br")), BODY),
        Capture(402, ((b"Content-Length", b"14"),), b"one\ntwo\nthree"),  # CRLF became LF
    ],
)
def test_what_is_whole_as_far_as_can_be_seen_misses_nothing(capture):
    assert capture.missing() is None
