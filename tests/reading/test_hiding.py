from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq import reading
from payreq.reading import providers
from payreq.reading.catalogue import host_matches, patterns_of
from payreq.reading.hiding import may_hide_refusal, watches

JSON = "application/json; charset=utf-8"
ANY = "api.example.com"


def own(**more):
    return providers.load({"name": "own", "title": "Own", "hosts": ["*.example.com"]} | more)


SECRETIVE = own(in_success=True)
FAILING = own(rules=[{"status": [500, 424], "means": "quota_exceeded"}])


@pytest.mark.parametrize(
    "status", [*range(400, 407), 409, 410, 412, 422, 423, 426, 429, 432, 456, 471, 498]
)
def test_statuses_under_which_refusals_were_seen_are_read(status):
    assert may_hide_refusal(status, JSON, ANY)


@pytest.mark.parametrize(
    "status", [407, 408, 411, 413, 414, 415, 416, 417, 421, 424, 425, 428, 431, 444, 451, 499]
)
def test_statuses_that_are_never_about_money_stay_unread(status):
    assert not may_hide_refusal(status, JSON, ANY)


@pytest.mark.parametrize(
    "status", [100, 101, 204, 200, 301, 302, 304, 500, 502, 503, 529, 600, 999, 0]
)
def test_success_redirects_and_failures_of_a_host_that_says_nothing_of_them_stay_unread(status):
    assert not may_hide_refusal(status, JSON, ANY)


def test_a_failure_is_read_where_the_profile_has_a_rule_for_it():
    assert may_hide_refusal(500, JSON, ANY, extra=(FAILING,))
    assert may_hide_refusal(424, JSON, ANY, extra=(FAILING,))
    assert not may_hide_refusal(503, JSON, ANY, extra=(FAILING,))
    assert not may_hide_refusal(500, JSON, "other.test", extra=(FAILING,))
    assert not may_hide_refusal(503, JSON, "acme.myshopify.com")


def test_success_is_read_where_the_profile_says_that_it_hides_refusals():
    assert may_hide_refusal(200, JSON, ANY, extra=(SECRETIVE,))
    assert may_hide_refusal(206, "", ANY, extra=(SECRETIVE,))
    assert not may_hide_refusal(200, JSON, "other.test", extra=(SECRETIVE,))
    assert not may_hide_refusal(200, JSON, "api.openai.com")


@pytest.mark.parametrize(
    "content_type",
    ["", "text/html", "application/xml", "application/problem+json", "application/x-amz-json-1.1",
     "application/x-www-form-urlencoded", "unheard/of", "text/event-stream"],
)  # fmt: skip
def test_a_refusal_may_be_text_of_any_kind(content_type):
    assert may_hide_refusal(402, content_type, ANY)
    assert may_hide_refusal(429, content_type, ANY)


@pytest.mark.parametrize(
    "content_type",
    ["image/png", "Audio/MPEG", "video/mp4", "font/woff2", "application/zip", "application/pdf",
     " application/octet-stream", "application/gzip", "application/x-tar"],
)  # fmt: skip
def test_a_refusal_is_no_picture_and_no_archive(content_type):
    for status in (200, 402, 403, 500):
        assert not may_hide_refusal(status, content_type, ANY, extra=(SECRETIVE, FAILING))


def test_a_stream_of_events_that_began_well_is_never_held_up():
    assert not may_hide_refusal(200, "text/event-stream", ANY, extra=(SECRETIVE,))
    assert not may_hide_refusal(200, "Text/Event-Stream; charset=utf-8", ANY, extra=(SECRETIVE,))


def test_a_profile_of_ones_own_decides_before_one_that_comes_along():
    assert watches(ANY, (SECRETIVE, FAILING))
    assert not watches(ANY, (FAILING, SECRETIVE))
    assert not watches(ANY)


def test_the_hosts_that_are_watched_are_those_whose_profiles_say_so():
    said = {host: each.in_success for each in providers.known() for host in each.hosts}
    assert {host: watches(host.replace("*", "any")) for host in said} == said


@pytest.mark.parametrize(
    ("host", "fits"),
    [
        ("api.a.com", True),
        ("API.A.com.", True),
        ("x.b.com", True),
        ("x.y.b.com", True),
        ("b.com", False),
        ("xb.com", False),
        ("a.com", False),
        ("api.a.com.evil.test", False),
        ("", False),
    ],
)
def test_a_host_fits_its_own_name_and_a_wildcard_all_that_is_below_it(host, fits):
    assert host_matches(host, ("api.a.com", "*.b.com")) is fits


def test_the_closest_pattern_comes_first():
    assert list(patterns_of("a.b.c")) == ["a.b.c", "*.b.c", "*.c"]


def test_a_host_longer_than_any_fits_nothing():
    assert not host_matches("a." * 200 + "b.com", ("*.b.com",))


@given(st.integers(-1, 1000), st.text(), st.text())
def test_no_head_makes_it_raise(status, content_type, host):
    assert may_hide_refusal(status, content_type, host, extra=(SECRETIVE,)) in {True, False}


def test_watching_a_host_loads_neither_models_nor_parsers():
    code = (
        "import sys, types; reading = types.ModuleType('payreq.reading')\n"
        f"reading.__path__ = {list(reading.__path__)}; sys.modules['payreq.reading'] = reading\n"
        "from payreq.reading.hiding import watches\n"
        "watches('api.example.com')\n"
        "print({'pydantic', 'tomllib', 'payreq.reading.profiles'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
