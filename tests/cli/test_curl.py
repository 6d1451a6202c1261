from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.cli.capture import BadInputError
from payreq.cli.curl import read_curl

BODY = b'{"error": {"code": "insufficient_credits"}}'


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize(
    "line", [b"HTTP/1.0 402", b"HTTP/1.1 402 Payment Required", b"HTTP/2 402 "]
)
def test_a_response_is_read_whatever_its_version_and_line_ends(line, end):
    head = end.join([line, b"Content-Type: application/json", b"X-Request-Id:  req_7 ", b"", b""])
    capture = read_curl(head + BODY)
    assert capture.status == 402
    assert capture.headers == ((b"Content-Type", b"application/json"), (b"X-Request-Id", b"req_7"))
    assert capture.body == BODY


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 200 Connection established\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: /v2\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nHTTP/2 103 \r\nLink: </a>\r\n\r\n",
    ],
)
def test_the_last_response_counts(before):
    capture = read_curl(before + b"HTTP/2 402 \r\ncontent-type: text/plain\r\n\r\npay")
    assert (capture.status, capture.body) == (402, b"pay")
    assert capture.headers == ((b"content-type", b"text/plain"),)


def test_a_body_keeps_its_blank_lines():
    assert read_curl(b"HTTP/1.1 402 \n\none\n\ntwo\n").body == b"one\n\ntwo\n"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r\n\r\n"])
def test_a_head_alone_is_a_response(end):
    capture = read_curl(b"HTTP/1.1 402 Payment Required" + end)
    assert (capture.status, capture.headers, capture.body) == (402, (), b"")
    assert not capture.cut


def test_a_head_that_is_cut_off_keeps_what_came():
    capture = read_curl(b"HTTP/1.1 402 Payment Required\r\nA: b\r\nRetry-Af")
    assert capture.headers == ((b"A", b"b"),)
    assert capture.cut


def test_a_folded_header_is_one():
    capture = read_curl(b'HTTP/1.1 402 \r\nWWW-Authenticate: L402\r\n  invoice="ln"\r\n\r\n')
    assert capture.headers == ((b"WWW-Authenticate", b'L402 invoice="ln"'),)


@pytest.mark.parametrize(
    "junk", [b"hello", b"<html></html>", b"\x00\x01\x02", b"HTTP/1.1 four", b"GET / HTTP/1.1\r\n"]
)
def test_anything_else_is_bad_input(junk):
    with pytest.raises(BadInputError, match=r"no HTTP response.*curl -i"):
        read_curl(junk)


@given(st.binary())
def test_no_input_breaks_it(data):
    assert read_curl(b"HTTP/1.1 402 \r\n" + data).status >= 0
