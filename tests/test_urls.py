from __future__ import annotations

from types import SimpleNamespace

import httpx
import httpx2
import pytest

from payreq.urls import place_of

of_each = pytest.mark.parametrize(
    ("url", "place", "query"),
    [
        ("https://api.example.com", ("https", "api.example.com", None, "/"), ""),
        (
            "http://API.example.com:81/a%20b?x=1&y",
            ("http", "api.example.com", 81, "/a%20b"),
            "x=1&y",
        ),
        (
            "https://me:pass@bücher.example/é",
            ("https", "xn--bcher-kva.example", None, "/%C3%A9"),
            "",
        ),
        ("http://[::1]:81/x/?", ("http", "::1", 81, "/x/"), ""),
    ],
)


@of_each
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_a_url_names_a_place(library, url, place, query):
    assert place_of(library.URL(url)) == (place, query)


@of_each
@pytest.mark.parametrize("inside", [{}, {"_uri_reference": None}, {"_uri_reference": (1, 2)}])
def test_a_url_that_keeps_its_parts_elsewhere_is_asked_for_them(url, place, query, inside):
    public = httpx.URL(url)
    names = ("scheme", "raw_host", "port", "raw_path")
    told = SimpleNamespace(**{name: getattr(public, name) for name in names}, **inside)
    assert place_of(told) == (place, query)
