from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.cli.capture import BadInputError
from payreq.cli.har import is_har, read_har

ENTRY = {
    "request": {
        "method": "POST",
        "url": "https://api.example.com/v1/exports",
        "headers": [
            {"name": ":authority", "value": "api.example.com"},
            {"name": "a", "value": "b"},
        ],
    },
    "response": {
        "status": 402,
        "headers": [{"name": "content-type", "value": "application/json"}],
        "content": {"text": '{"a": 1}', "mimeType": "application/json"},
    },
}


def har(*entries):
    return {"log": {"version": "1.2", "entries": list(entries)}}


def entry(**response):
    return {"request": ENTRY["request"], "response": {**ENTRY["response"], **response}}


def test_a_response_comes_with_its_request():
    (capture,) = read_har(har(ENTRY))
    assert (capture.method, capture.url) == ("POST", "https://api.example.com/v1/exports")
    assert capture.request_headers == ((b"a", b"b"),)
    assert (capture.status, capture.body) == (402, b'{"a": 1}')
    assert capture.headers == ((b"content-type", b"application/json"),)


def test_every_entry_is_read_in_order():
    assert [one.status for one in read_har(har(entry(status=200), entry(status=403)))] == [200, 403]


@pytest.mark.parametrize("status", [0, -1, None, "402"])
def test_an_entry_without_a_response_is_passed_over(status):
    assert len(read_har(har(entry(status=status), ENTRY))) == 1


def test_a_body_in_base64_is_decoded():
    content = {"text": b64encode(b"\xff\x00pay").decode(), "encoding": "base64"}
    assert read_har(har(entry(content=content)))[0].body == b"\xff\x00pay"


@pytest.mark.parametrize(
    "content", [None, {}, {"text": None}, {"text": "a", "encoding": "base64"}, "text", []]
)
def test_a_body_that_is_missing_or_broken_is_empty(content):
    assert read_har(har(entry(content=content)))[0].body == b""


@pytest.mark.parametrize("headers", [None, "a: b", [None], [{"name": 1, "value": "b"}], [{}]])
def test_headers_that_are_missing_or_broken_are_none(headers):
    assert read_har(har(entry(headers=headers)))[0].headers == ()


def test_a_request_that_is_missing_is_unknown():
    (capture,) = read_har(har({"response": ENTRY["response"]}))
    assert (capture.method, capture.url, capture.request_headers) == (None, None, ())


@pytest.mark.parametrize("document", [{"error": "pay"}, [], "log", None])
def test_other_json_is_no_har_file(document):
    assert not is_har(document)
    assert is_har(har())


@pytest.mark.parametrize("entries", [{}, "abc", None])
def test_a_har_file_without_entries_is_bad_input(entries):
    for document in ({"log": entries}, {"log": {"entries": entries}}):
        with pytest.raises(BadInputError, match=r"log\.entries is missing"):
            read_har(document)


@pytest.mark.parametrize("entries", [[], [1, None, []], [entry(status=0)]])
def test_a_har_file_without_a_response_is_bad_input(entries):
    with pytest.raises(BadInputError, match="holds no response"):
        read_har({"log": {"entries": entries}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["request", "response", "status", "headers", "content", "text", "url"]),
            inner,
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON))
def test_no_entry_breaks_it(entries):
    try:
        captures = read_har(har(*entries))
    except BadInputError:
        return
    assert all(capture.status >= 100 for capture in captures)
