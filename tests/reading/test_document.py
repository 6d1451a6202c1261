from __future__ import annotations

import codecs
import gzip
import json
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.reading.document import (
    BODY_LIMIT,
    HEADER_LIMIT,
    Leaf,
    fold,
    fold_headers,
    read_document,
)

WORDS = "Kein Guthaben für höhere Pläne"


def read(body, content_type=None, **options):
    headers = {} if content_type is None else {"content-type": content_type}
    body = body if isinstance(body, bytes) else body.encode()
    return read_document(options.pop("status", 402), headers, body, **options)


def leaves(body, content_type=None):
    return [tuple(leaf) for leaf in read(body, content_type).leaves]


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "data", "text"),
    [
        ("", "application/json", "nothing", None, ""),
        (" \r\n\0", None, "nothing", None, ""),
        ('{"a": 1}', "text/plain", "json", {"a": 1}, ""),
        ("[1]", None, "json", [1], ""),
        ('"no credit"', "application/json", "json", "no credit", "no credit"),
        (')]}\',\n{\n"a": 1}', None, "json", {"a": 1}, ""),
        (')]}\'{"a": 1}', None, "json", {"a": 1}, ""),
        ('while(1);{"a":\n1}', None, "json", {"a": 1}, ""),
        ('for(;;); {"a": 1}', None, "json", {"a": 1}, ""),
        (")]}'", None, "text", None, ""),
        ("<e><a>1</a></e>", None, "xml", {"a": "1"}, ""),
        ("<p>no credit</p>", None, "html", None, "no credit"),
        ("<p>1</p>", "application/xml", "xml", "1", ""),
        ("<pre>no</pre>", "text/html", "html", None, "no"),
        ("code=1&b=c+d%21", None, "form", {"code": "1", "b": "c d!"}, ""),
        ("a b=c", "application/x-www-form-urlencoded", "form", {"a b": "c"}, ""),
        ("a=b no form", None, "text", None, "a=b no form"),
        ("a=<b>", None, "text", None, "a=<b>"),
        ("no credit", "application/json", "text", None, "no credit"),
        ('Failed: {"a": 1} at once', None, "text", {"a": 1}, 'Failed: {"a": 1} at once'),
        ("Failed [429]: {'a': 1}", None, "text", {"a": 1}, "Failed [429]: {'a': 1}"),
        ("see [[]] and {}", None, "text", [[]], "see [[]] and {}"),
        ('say {"": }', None, "text", None, 'say {"": }'),
    ],
)
def test_a_body_is_read_as_what_it_is_whatever_it_is_called(body, content_type, kind, data, text):
    document = read(body, content_type)
    assert (document.kind, document.data, document.text) == (kind, data, text)


def test_a_problem_inside_a_page_is_its_payload():
    problem = '<html><script type="application/problem+json">%s</script><p>Hello</p>'
    document = read(problem % '{"status": 402}')
    assert (document.kind, document.data, document.text) == ("html", {"status": 402}, "Hello")
    assert read(problem % " ").data is None


def test_what_is_known_of_the_response_stands_beside_it():
    headers = {"retry-after": "3"}
    document = read_document(429, headers, b"x", url="https://a.example/")
    assert (document.status, document.headers, document.truncated) == (429, headers, False)
    assert document.url == "https://a.example/"
    assert read_document(429, {}, b"x", truncated=True).truncated


def test_a_long_body_is_read_in_part_and_says_so():
    document = read(b'{"code": "no_credit", "pad": "' + b"x" * BODY_LIMIT + b'"}')
    assert document.truncated
    assert document.data["code"] == "no_credit"
    assert len(document.data["pad"]) < BODY_LIMIT


@pytest.mark.parametrize(
    ("codec", "content_type"),
    [
        ("utf-8", None),
        ("utf-8", "text/plain; charset=nonsense"),
        ("utf-8", "text/plain; charset=idna"),
        ("utf-8-sig", "text/plain; charset=latin-1"),
        ("utf-16", "text/plain"),
        ("utf-16-be", "text/plain; charset=UTF-16BE"),
        ("utf-32", None),
        ("latin-1", 'text/plain; charset="ISO-8859-1"'),
        ("latin-1", "text/plain"),
        ("cp1252", "text/plain; charset=windows-1252"),
        ("cp1252", "text/plain;charset = 'Windows-1252'"),
        ("iso8859-15", "text/plain; charset=iso-8859-15"),
    ],
)
def test_a_body_is_decoded_as_it_was_encoded(codec, content_type):
    assert read(WORDS.encode(codec), content_type).text == WORDS


def test_each_script_has_its_charset():
    for charset, words in (
        ("Shift_JIS", "残高が足りません"),
        ("EUC-KR", "잔액이 부족합니다"),
        ("GBK", "余额不足"),
        ("Big5", "餘額不足"),
        ("koi8-r", "Недостаточно средств"),
        ("iso-8859-2", "Brak środków"),
    ):
        assert read(words.encode(charset), f"text/plain; charset={charset}").text == words


def test_a_byte_order_mark_of_either_order_is_heeded():
    body = codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be")
    assert read(body).text == WORDS


def test_a_character_cut_in_two_is_no_other_encoding():
    assert read("fällig: 5 €".encode()[:-1]).text == "fällig: 5 \ufffd"
    assert read("fällig \ufffd".encode() + b"\xe2 nun auch").text == "fällig \ufffd\ufffd nun auch"


def test_every_plain_value_is_listed_outer_ones_first():
    body = {"error": {"Error-Code": 7, "list": [{"x": None}, ["y"]]}, "ok": False, "at_end": "z"}
    assert leaves(json.dumps(body)) == [
        (("ok",), "ok", False),
        (("atend",), "atend", "z"),
        (("error", "errorcode"), "errorcode", 7),
        (("error", "list", "1", "0"), "list", "y"),
    ]
    assert read("{}").leaves == []


def test_a_payload_inside_a_string_is_read_too():
    document = read(
        json.dumps({"message": 'upstream said {"error": {"code": "x"}}', "a": "[b] {c"})
    )
    assert document.embedded == [{"error": {"code": "x"}}]
    assert document.leaves[-1] == Leaf(("message", "embedded", "error", "code"), "code", "x")
    twice = read(json.dumps(json.dumps({"code": "x"})))
    assert twice.embedded == [{"code": "x"}]
    assert read('<e>{"code": "x"}</e>').embedded == [{"code": "x"}]


def test_only_so_many_strings_are_looked_into():
    document = read(json.dumps(['{"a": 1}'] * 20))
    assert 1 <= len(document.embedded) < 10


def test_much_of_one_thing_hides_nothing_that_stands_beside_it():
    rows = [{f"column_{n}": n for n in range(20)}] * 100
    found = read(json.dumps({"rows": rows, "error": {"code": "no_credit"}})).leaves
    assert Leaf(("error", "code"), "code", "no_credit") in found
    assert len(found) < 3_000
    wide = read(json.dumps({"code": "no_credit"} | {f"column_{n}": n for n in range(3_000)})).leaves
    assert wide[0].value == "no_credit"
    assert len(wide) < 3_000
    assert len(read(json.dumps(list(range(1_000)))).leaves) < 1_000


def test_what_lies_too_deep_is_not_listed():
    assert leaves('{"a":' * 100 + "1" + "}" * 100) == []


@pytest.mark.parametrize(
    "name", ["errorCode", "error_code", "ERROR-CODE", "error.code", "Error Code"]
)
def test_names_are_compared_by_letters_and_digits(name):
    assert fold(name) == "errorcode"
    assert fold(name) == "errorcode"


def test_payloads_do_not_fill_the_memory():
    from payreq.reading import document  # noqa: PLC0415  # where it is kept

    for number in range(4_000):
        assert fold(f"Member {number}") == f"member{number}"
    assert len(document._folded) < 4_000
    assert fold("Long " * 20) == "long" * 16


def test_headers_are_folded():
    items = [(b"Retry-After", b"3"), ("WWW-Authenticate", "a"), ("www-authenticate", "b"), ("n", 1)]
    assert fold_headers(items) == {"retry-after": "3", "www-authenticate": "a, b", "n": "1"}


def test_headers_are_bounded():
    many = fold_headers((f"x-{n}", "v") for n in range(1_000))
    assert 100 <= len(many) < 1_000
    long = fold_headers([("x", "v" * HEADER_LIMIT)] * 5)
    assert len(long["x"]) == HEADER_LIMIT


@given(
    st.integers(100, 599),
    st.sampled_from(
        ["", "application/json", "text/html", "application/xml", "text/plain; charset=utf-16"]
    ),
    st.binary(max_size=80)
    | st.text(alphabet="{}[]()<>\"':,=&#;\\/ \nabc09-!?", max_size=80).map(str.encode),
)
def test_no_body_breaks_it(status, content_type, body):
    document = read(body, content_type, status=status)
    assert document.kind in {"json", "xml", "html", "text", "form", "nothing"}
    for path, key, value in document.leaves:
        assert all(isinstance(part, str) for part in (*path, key))
        assert value is not None


@pytest.mark.parametrize(
    "body",
    [
        '{"a":' * 20_000,
        "{" + ",".join(f'"k{n}": {n}' for n in range(9_000)),
        'x {"' * 20_000,
        json.dumps(["{[" * 8_000] * 4),
        "a=b&" * 20_000,
        "=" * 80_000,
        gzip.compress(b"x" * 100_000).decode("latin-1"),
    ],
    ids=range(7),
)
def test_no_body_takes_more_than_linear_time(body):
    begun = perf_counter()
    read(body)
    read(body, "application/x-www-form-urlencoded")
    assert perf_counter() - begun < 3
