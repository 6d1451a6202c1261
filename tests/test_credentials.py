from __future__ import annotations

import base64
import json
import subprocess
import sys
from types import SimpleNamespace
from zlib import crc32

import httpx
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.credentials import Credential, credential_of, fingerprint, safe_url, secrets_of

URL = "https://api.example.com/v1/things"
KEY = "canary-0123456789abcdef"


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request):
    return request.param


def asked(url=URL, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Request("GET", url, headers=names)


def printed(url=URL, **headers):
    return fingerprint(asked(url, **headers))


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def jwt(**claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    signature = f"sig{crc32(str(claims).encode())}"
    return f"{part({'alg': 'RS256'})}.{part(claims)}.{signature}"


def test_who_carries_nothing_is_anonymous(library):
    assert fingerprint(library.Request("GET", URL + "?page=2")) == "anonymous"


def test_a_fingerprint_tells_keys_apart_and_tells_none(library):
    one, two = (
        library.Request("GET", URL, headers={"Authorization": f"Bearer {KEY}{number}"})
        for number in (1, 2)
    )
    assert fingerprint(one) != fingerprint(two)
    assert len(fingerprint(one)) == 16
    assert KEY not in fingerprint(one)


def test_a_fingerprint_is_the_same_in_every_process_and_library():
    code = (
        "import httpx2; from payreq.credentials import fingerprint;"
        f"print(fingerprint(httpx2.Request('GET', {URL!r}, headers={{'x-api-key': {KEY!r}}})))"
    )
    environment = {"PYTHONHASHSEED": "7"}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.strip() == printed(X_API_KEY=KEY)


@pytest.mark.parametrize("inside", [{}, {"_list": None}, {"_list": [()]}])
@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "Cookie"])
def test_headers_that_keep_their_names_elsewhere_are_asked_for_them(name, inside):
    request = asked(**{name: KEY + "=1; id=2"})
    told = SimpleNamespace(raw=request.headers.raw, **inside)
    print_ = fingerprint(SimpleNamespace(url=request.url, headers=told))
    assert print_ == fingerprint(request) != "anonymous"


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "X-Api-Key",
        "Api-Key",
        "X-Goog-Api-Key",
        "xi-api-key",
        "Private-Token",
        "X-Tenant-Id",
        "OpenAI-Organization",
        "OpenAI-Project",
        "Stripe-Account",
        "X-HF-Bill-To",
    ],  # data
)
def test_headers_that_identify(name):
    assert printed(**{name: "one-0123456789"}) != printed(**{name: "two-0123456789"})
    assert printed(**{name.lower(): "one-0123456789"}) == printed(**{name: "one-0123456789"})


@pytest.mark.parametrize(
    "name",
    [
        "Idempotency-Key",
        "X-Request-Id",
        "traceparent",
        "X-Amzn-Trace-Id",
        "Sentry-Trace",
        "User-Agent",
        "DPoP",
        "X-Amz-Security-Token",
        "X-Payment",
        "X-Stainless-Retry-Count",
    ],  # data
)
def test_headers_that_do_not(name):
    assert printed(**{name: "one-0123456789"}) == "anonymous"
    assert printed(X_Api_Key=KEY, **{name: "one-0123456789"}) == printed(X_Api_Key=KEY)


def test_a_key_of_two_organisations_is_two_accounts():
    one, two = (
        printed(Authorization=f"Bearer {KEY}", OpenAI_Organization=f"org-{n}") for n in (1, 2)
    )
    assert len({one, two, printed(Authorization=f"Bearer {KEY}")}) == 3


def test_the_order_of_headers_is_nothing():
    one = httpx.Request("GET", URL, headers=[("x-api-key", "a-key"), ("x-org-id", "b-org")])
    two = httpx.Request("GET", URL, headers=[("x-org-id", "b-org"), ("x-api-key", "a-key")])
    assert fingerprint(one) == fingerprint(two)


@pytest.mark.parametrize("name", ["key", "api_key", "apikey", "API-Key", "access_token", "appid"])
def test_keys_of_the_query_identify(name):
    assert printed(f"{URL}?page=1&{name}={KEY}1") == printed(f"{URL}?{name}={KEY}1&page=2")
    assert printed(f"{URL}?{name}={KEY}1") != printed(f"{URL}?{name}={KEY}2")


@pytest.mark.parametrize("name", ["page", "monkey", "key_only", "page_token", "sig", "signature"])
def test_other_parameters_do_not(name):
    assert printed(f"{URL}?{name}={KEY}") == "anonymous"
    assert printed(f"{URL}?key=") == "anonymous"


@pytest.mark.parametrize(
    "path",
    [
        "/bot1234567:{}-canary-canary/sendMessage",
        "/x/sk-{}0123456789abcd/y",
        "/services/T0000AAAA/B0000BBBB/{}canary0123456789",
        "/api/webhooks/123456789012345678/{}" + "canary-" * 8,
        "/v3/{}f0123456789abcdef0123456789abcdef",
        "/v2/{}Canary0123456789Canary01234/method",
    ],
)
def test_keys_of_the_path_identify(path):
    one, two = (f"https://api.example.com{path.format(start)}" for start in ("aaaaaa", "bbbbbb"))
    assert printed(one) != printed(two)
    assert "anonymous" not in (printed(one), printed(two))
    assert credential_of(asked(one)).kind == "path key"


def test_a_hash_in_a_path_is_no_key_beside_a_credential():
    one, two = (f"https://api.example.com/v1/{start * 32}0" for start in "ab")
    assert printed(one, X_Api_Key=KEY) == printed(two, X_Api_Key=KEY)
    assert printed("https://api.example.com/v1/users/" + "a0" * 16) == "anonymous"


def test_cookies_identify_only_where_nothing_else_does():
    assert printed(Cookie="session=one") != printed(Cookie="session=two")
    assert printed(Cookie="session=one", X_Api_Key=KEY) == printed(X_Api_Key=KEY)
    assert printed(f"{URL}?key={KEY}", Cookie="session=one") == printed(f"{URL}?key={KEY}")


def test_of_cookies_those_that_say_who_is_logged_in_count():
    same = {
        printed(Cookie=f"{noise}; sessionid=alice") for noise in ("theme=1", "theme=2", "_ga=GA1.3")
    }
    assert len(same) == 1
    assert printed(Cookie="theme=1") != printed(Cookie="theme=2")
    assert printed(Cookie="_ga=GA1.1; csrftoken=x; empty=") == "anonymous"
    token = [jwt(sub="alice", exp=number) for number in (1, 2)]
    assert printed(Cookie=f"jwt={token[0]}") == printed(Cookie=f"jwt={token[1]}")


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (
            'Digest username="alice", realm="r", nonce="n1", response="x1"',
            'Digest username="alice", realm="r", nonce="n2", response="x2"',
            'Digest username="bob", realm="r", nonce="n1", response="x1"',
        ),
        (
            "AWS4-HMAC-SHA256 Credential=AKIAFAKEONE/20260101/eu/s3/aws4_request, Signature=aa",
            "AWS4-HMAC-SHA256 Credential=AKIAFAKEONE/20260102/eu/s3/aws4_request, Signature=bb",
            "AWS4-HMAC-SHA256 Credential=AKIAFAKETWO/20260101/eu/s3/aws4_request, Signature=aa",
        ),
        (
            'OAuth oauth_consumer_key="c", oauth_token="t", oauth_nonce="1", oauth_signature="x"',
            'OAuth oauth_token="t", oauth_consumer_key="c", oauth_nonce="2", oauth_signature="y"',
            'OAuth oauth_consumer_key="c", oauth_token="u", oauth_nonce="1", oauth_signature="x"',
        ),
        (
            "Bearer " + jwt(sub="alice", exp=1, iat=1, jti="a"),
            "Bearer " + jwt(sub="alice", exp=2, iat=2, jti="b"),
            "Bearer " + jwt(sub="bob", exp=1, iat=1, jti="a"),
        ),
        (
            jwt(iss="alice", exp=1),
            jwt(iss="alice", exp=2),
            jwt(iss="bob", exp=1),
        ),
        ("SharedKey alice:sig1", "SharedKey alice:sig2", "SharedKey bob:sig1"),
        (
            'Hawk id="alice", ts="1", mac="x"',
            'Hawk id="alice", ts="2", mac="y"',
            'Hawk id="bob", ts="1", mac="x"',
        ),
        ("Bearer one", "bearer  one", "Bearer two"),
        ("Digest broken-one", "Digest broken-one", "Digest broken-two"),
        ("OAuth plain-token-one", "OAuth plain-token-one", "OAuth plain-token-two"),
        (basic("alice", "a"), basic("alice", "a"), basic("bob", "a")),
    ],
)
def test_of_what_changes_with_each_request_the_lasting_part(one, same, other):
    assert printed(Authorization=one) == printed(Authorization=same)
    assert printed(Authorization=one) != printed(Authorization=other)
    assert "anonymous" not in (printed(Authorization=one), printed(Authorization=other))


def test_the_lasting_part_of_a_signed_query():
    signed = "{}?X-Amz-Credential={}%2F2026010{}%2Feu%2Fs3%2Faws4_request&X-Amz-Signature={}"
    one = printed(signed.format(URL, "AKIAFAKEONE", 1, "aa"))
    assert one == printed(signed.format(URL, "AKIAFAKEONE", 2, "bb"))
    assert one != printed(signed.format(URL, "AKIAFAKETWO", 1, "aa"))


@pytest.mark.parametrize("scheme", ["Negotiate", "NTLM", "L402", "LSAT", "Payment"])
def test_what_pays_or_is_new_each_time_identifies_nobody(scheme):
    assert printed(Authorization=f"{scheme} one-time") == "anonymous"
    with_cookie = printed(Authorization=f"{scheme} one-time", Cookie="session=alice")
    assert with_cookie == printed(Cookie="session=alice")
    assert credential_of(asked(Authorization=f"{scheme} {KEY}")) == Credential(scheme.lower(), "")


@pytest.mark.parametrize(
    "token",
    [
        "eyJub3QganNvbg.eyJub3QganNvbg.x",
        "ey.ey!.x",
        "eyA.eyA.",
        jwt(exp=1, iat=2),
        jwt().replace("e30", "eyI") + "x",
        "eyJhIjox.eyJh" + "W1tb" * 10_000 + ".x",
    ],
)
def test_what_only_looks_like_a_jwt_is_taken_whole(token):
    one, two = (printed(Authorization=f"Bearer {part}") for part in (token, token + "y"))
    assert one != two


def test_a_jwt_that_holds_no_object_is_taken_whole():
    listed = base64.urlsafe_b64encode(b'{"alg":1}').decode().rstrip("=")
    # "ey" begins every object, and what begins so may still be cut short.
    assert printed(Authorization=f"Bearer {listed}.{listed[:4]}.x") != "anonymous"


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_no_header_makes_it_raise(authorization, cookie):
    headers = [(b"authorization", authorization), (b"cookie", cookie), (b"x-api-key", cookie)]
    request = httpx.Request("GET", URL, headers=headers)
    assert fingerprint(request)
    secrets_of(request)
    credential_of(request)


@given(st.text(max_size=60))
def test_no_url_makes_it_raise(text):
    try:
        request = httpx.Request("GET", "https://api.example.com/" + text)
    except (httpx.InvalidURL, ValueError):
        return
    assert fingerprint(request)
    secrets = secrets_of(request)
    credential_of(request)
    safe_url(str(request.url), secrets)
    safe_url(text, secrets)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Authorization": f"Bearer {KEY}"}, "bearer token …cdef"),
        ({"Authorization": f"Token {KEY}"}, "token …cdef"),
        ({"Authorization": KEY}, "authorization …cdef"),
        ({"Authorization": f"secret-word {KEY}"}, "authorization …cdef"),
        ({"Authorization": "Bearer short"}, "bearer token"),
        ({"Authorization": basic("sk_fake_0123456789", "")}, "basic …6789"),
        ({"Authorization": basic("alice", KEY)}, "basic"),
        ({"Authorization": "Basic !!!!!"}, "basic"),
        ({"Authorization": "Basic YQ\u00e9"}, "basic"),
        ({"Authorization": 'Digest username="alice-of-example"'}, "digest …mple"),
        ({"Authorization": "Digest nothing"}, "authorization"),
        (
            {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAFAKE0123456/x, Signature=ff"},
            "signed request …3456",
        ),
        ({"Authorization": "SharedKey alice-account:c2ln"}, "signed request …ount"),
        ({"X-Api-Key": KEY}, "x-api-key …cdef"),
        ({"X-Api-Key": KEY, "Authorization": "Bearer 0123456789-first"}, "bearer token …irst"),
        ({"X-Api-Key": "", "Cookie": f"session={KEY}"}, "cookie …cdef"),
        ({"Cookie": "_ga=1"}, None),
        ({"X-Org-Id": KEY}, None),
    ],
)
def test_a_credential_is_told_by_kind_and_last_four(library, headers, told):
    raw = [(name, value.encode("latin-1")) for name, value in headers.items()]
    credential = credential_of(library.Request("GET", URL, headers=raw))
    assert (None if credential is None else str(credential)) == told


def test_a_key_of_the_query_is_told():
    credential = credential_of(asked(f"{URL}?page=1&key={KEY}"))
    assert credential == Credential("query key", "cdef")
    assert credential_of(asked(f"{URL}?page=1&key=")) is None


@pytest.mark.parametrize(
    ("url", "headers", "secrets"),
    [
        (URL, {"Authorization": f"Bearer {KEY}"}, {KEY, f"Bearer {KEY}"}),
        (URL, {"Authorization": basic("alice-canary", "pass-canary")}, {"pass-canary"}),
        (URL, {"Authorization": basic("alice-canary", "pass-canary")}, {"alice-canary"}),
        (URL, {"Proxy-Authorization": basic("alice", "pass-canary")}, {"pass-canary"}),
        (URL, {"X-Custom-Token": KEY}, {KEY}),
        (URL, {"X-Api-Key": KEY}, {KEY}),
        (URL, {"Cookie": f"theme=1; session={KEY}"}, {KEY}),
        (URL, {"X-Payment": KEY}, {KEY}),
        (
            URL,
            {"Authorization": 'Digest username="alice-canary", response="resp-canary"'},
            {"resp-canary"},
        ),
        (
            URL,
            {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIACANARY/2026, Signature=aacanary"},
            {"AKIACANARY", "aacanary"},
        ),
        (URL, {"Authorization": "SharedKey alice:sig-canary="}, {"sig-canary="}),
        (f"{URL}?key={KEY}", {}, {KEY}),
        (f"{URL}?KEY=a%20b+c%2Fcanary", {}, {"a b c/canary", "a%20b+c%2Fcanary"}),
        (f"{URL}?sig=sig-canary", {}, {"sig-canary"}),
        ("https://alice:pass-canary@api.example.com/", {}, {"pass-canary", "alice:pass-canary"}),
        (
            "https://a.example/bot1234567:canary-canary-canary/x",
            {},
            {"bot1234567:canary-canary-canary"},
        ),
        (
            "https://a.example/services/T0000AAAA/B0000BBBB/canary0123456789",
            {},
            {"canary0123456789", "B0000BBBB"},
        ),
    ],
)
def test_every_secret_is_found(library, url, headers, secrets):
    assert secrets <= secrets_of(library.Request("GET", url, headers=headers))


def test_what_is_no_secret_is_not_hidden():
    request = asked(
        f"{URL}?page=number-two", Idempotency_Key="order-12345", X_Request_Id="request-1"
    )
    assert secrets_of(request) == frozenset()
    assert secrets_of(asked(X_Api_Key="short")) == frozenset()


def test_requests_of_other_libraries_have_secrets_too():
    request = SimpleNamespace(headers={"X-Api-Key": KEY}, url=f"{URL}?token=token-canary")
    assert {KEY, "token-canary"} <= secrets_of(request)
    assert str(credential_of(request)) == "x-api-key …cdef"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example:8443/v1/x?key=y#z", "https://a.example:8443/v1/x"),
        ("https://alice:pass@a.example/v1", "https://a.example/v1"),
        (f"https://a.example/{KEY}/x", "https://a.example/…cdef/x"),
        ("https://a.example/bot1234567:canary-canary-canary/x", "https://a.example/…nary/x"),
        ("https://[broken/x", ""),
        ("/v1/x?key=y", "/v1/x"),
    ],
)
def test_a_safe_url_shows_no_secret(url, safe):
    assert safe_url(url, {KEY}) == safe
