from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.safety import TEXT_LIMIT, URL_LIMIT, clean, hide, mask, typeset, web_url

UNSEEN = ["\x00", "\x1b", "\x7f", "\x9f", "\u061c", "\u200b", "\u200f", "\u2028", "\u202e"]
UNSEEN += ["\u2066", "\ufeff", "\ufffa", "\ud800", "\U000e0041"]


@pytest.mark.parametrize("character", UNSEEN, ids=ascii)
def test_what_hides_or_reorders_text_is_taken_out(character):
    assert clean(f"no{character}credit") == "no credit"
    assert web_url(f"https://example.com/{character}x") is None


def test_text_becomes_one_line():
    assert clean("  no\r\n\tcredit \u00a0 left\n") == "no credit left"


def test_long_text_ends_in_an_ellipsis():
    assert clean("x" * TEXT_LIMIT) == "x" * TEXT_LIMIT
    assert clean("x" * (TEXT_LIMIT + 1)) == "x" * (TEXT_LIMIT - 1) + "…"
    assert clean("no credit left", 4) == "no…"
    assert clean(" " * 100 + "x", 4) == ""


@pytest.mark.parametrize("character", [each for each in UNSEEN if each != "\u2066"], ids=ascii)
def test_words_of_ours_are_as_clean(character):
    assert typeset(f"no{character}credit") == "no credit"


def test_words_of_ours_keep_no_break_spaces_and_isolates_that_are_closed():
    kept = "«\u00a0\u2068a\u2069\u00a0»\u202f; \u2068b \u2068c\u2069\u2069"
    assert typeset(f" {kept}  ") == kept
    for broken in ("a\u2068b", "a\u2069b", "\u2069a\u2068b", "\u2068\u2069\u2069\u2068ab"):
        assert typeset(broken) == "ab"


@given(st.text(), st.integers(1, 50))
def test_clean_text_is_short_and_stays_as_it_is(text, limit):
    once = clean(text, limit)
    assert len(once) <= limit
    assert clean(once, limit) == once
    assert not set(once) & set(UNSEEN)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/billing?plan=pro#now",
        "HTTP://example.com",
        "https://bücher.example:8443/",
        "https://[::1]/x",
    ],
)
def test_a_link_that_leads_to_the_web_is_kept_as_it_is(url):
    assert web_url(url) == url
    assert web_url(f" {url} ") == url


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        " ",
        "billing",
        "/billing",
        "//example.com/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com/",
        "https:///billing",
        "https://:443/",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://:@example.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://[::1/",
        "https://example.com/a b",
        "https://example.com/<b>",
        'https://example.com/"',
        "https://example.com/'",
        "https://example.com\\@evil.example/",
        "https://example.com/`",
        "https://example.com/{plan}",
        "https://example.com/" + "x" * URL_LIMIT,
    ],
)
def test_any_other_link_is_none(value):
    assert web_url(value) is None


def test_a_path_is_resolved_against_the_url_of_the_request():
    base = "https://api.example.com/v1/exports?page=2"
    assert web_url("/billing", base) == "https://api.example.com/billing"
    assert web_url("https://example.com/b", base) == "https://example.com/b"
    assert web_url("billing", base) is None
    assert web_url("/billing", "https://user:pass@api.example.com/") is None
    assert web_url("/billing", "nonsense") is None


@given(st.text(), st.none() | st.text())
def test_no_link_breaks_it(value, base):
    web_url(value, base)


def test_secrets_are_masked_the_longest_first():
    secrets = ["abcdef", "", "sk-test-abcdef", "absent-abcdefgh"]
    assert hide("the key sk-test-abcdef, or abcdef", secrets) == "the key …cdef, or …"
    assert hide("nothing", []) == "nothing"


def test_only_a_long_secret_shows_its_end():
    assert mask("0123456789ab") == "…89ab"
    assert mask("0123456789a") == "…"
