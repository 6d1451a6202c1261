from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from enum import Enum

import httpx
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.blocking.scope import ACCOUNT, FEATURE, Scoper, account, feature, origin_of
from payreq.credentials import fingerprint, hashed
from payreq.features import Feature

URL = "https://api.example.com/v1/exports/7"


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request):
    return request.param


def scoper(features=None, feature=None, account=None, told=None):
    def on_error(argument, wrong):
        assert told is not None, wrong
        told.append((argument, wrong))

    return Scoper(features, feature, account, on_error)


def scoped(features, method, url, library=httpx):
    key, default = scoper(features).key(library.Request(method, url))
    return None if default else key.feature


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.com/x", "https://api.example.com"),
        ("https://API.Example.com:443/x", "https://api.example.com"),
        ("http://api.example.com:80", "http://api.example.com"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("https://user:secret@api.example.com/x", "https://api.example.com"),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example"),
    ],
)
def test_the_origin_of_a_request(library, url, origin):
    assert origin_of(library.Request("GET", url)) == origin


@pytest.mark.parametrize(
    ("pattern", "method", "url", "matches"),
    [
        ("POST /v1/exports*", "POST", "https://a.example/v1/exports", True),
        ("POST /v1/exports*", "POST", "https://a.example/v1/exports/7/rows?x=1", True),
        ("POST /v1/exports*", "GET", "https://a.example/v1/exports", False),
        ("POST /v1/exports*", "POST", "https://a.example/api/v1/exports", False),
        ("POST /v1/exports", "POST", "https://a.example/v1/exports/", False),
        ("post /v1/exports", "POST", "https://a.example/v1/exports", True),
        ("* /v1/exports", "DELETE", "https://a.example/v1/exports", True),
        ("GET */rows", "GET", "https://a.example/v1/exports/7/rows", False),
        ("GET /*/rows", "GET", "https://a.example/v1/exports/7/rows", True),
        ("GET /*/exports/*/rows", "GET", "https://a.example/v1/exports/7/rows", True),
        ("GET /*/exports/*/rows", "GET", "https://a.example/v1/imports/7/rows", False),
        ("GET /a*b*c*d", "GET", "https://a.example/a-b-c-d", True),
        ("GET /a**b", "GET", "https://a.example/a-x-b", True),
        ("GET *", "GET", "https://a.example/v1", True),
        ("GET a.example/v1", "GET", "https://a.example/v1", True),
        ("GET a.example/v1", "GET", "http://a.example:8080/v1", True),
        ("GET a.example:8080/v1", "GET", "http://a.example:8080/v1", True),
        ("GET a.example:8080/v1", "GET", "http://a.example:9090/v1", False),
        ("GET A.Example/v1", "GET", "https://a.example/v1", True),
        ("GET *.example/v1", "GET", "https://a.b.example/v1", True),
        ("GET b.example/v1", "GET", "https://a.example/v1", False),
        ("GET /a b", "GET", "https://a.example/a%20b", None),
        ("GET /a%20b", "GET", "https://a.example/a%20b", True),
        ("GET /caf\u00e9", "GET", "https://a.example/caf%C3%A9", True),
        ("GET /v1.0", "GET", "https://a.example/v1x0", False),
        ("GET /a*b", "GET", "https://a.example/a%0Ab", True),
        ("GET /X", "GET", "https://a.example/X", True),
        ("GET b\u00fccher.example:8080/v1", "GET", "http://b\u00fccher.example:8080/v1", True),
        ("GET b\u00fccher.example:8080/v1", "GET", "http://b\u00fccher.example:9090/v1", False),
        ("GET /[a]", "GET", "https://a.example/a", False),
    ],
)
def test_patterns(library, pattern, method, url, matches):
    if matches is None:
        with pytest.raises(ValueError, match="cannot match"):
            scoper({"named": pattern})
    else:
        assert scoped({"named": pattern}, method, url, library) == ("named" if matches else None)


def test_the_first_pattern_in_order_wins():
    features = {
        "rows": "GET /v1/exports/*/rows",
        "export": ["GET /v1/exports*", "POST /v1/exports*"],
        "rest": Feature(("GET /v1/*", "* *"), title="Everything else"),
    }
    url = "https://a.example/v1/"
    assert scoped(features, "GET", url + "exports/7/rows") == "rows"
    assert scoped(features, "GET", url + "exports/7") == "export"
    assert scoped(features, "POST", url + "exports") == "export"
    assert scoped(features, "GET", url + "users") == "rest"
    assert scoped(features, "PUT", url + "users") == "rest"


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "/v1/exports",
        "POST",
        "POST v1",
        "POST https://a.example/v1",
        "POST /v1?x=1",
        "POST /v1#x",
        "POST /v1/{id}",
        "POST /v1 /v2",
    ],
)
def test_a_pattern_that_cannot_match_is_refused(pattern):
    with pytest.raises(ValueError, match=r"features\['export'\].*POST /v1/exports\*"):
        scoper({"export": pattern})


@pytest.mark.parametrize(
    ("features", "named"),
    [
        (["POST /v1"], "features must map"),
        ("POST /v1", "features must map"),
        ({7: "POST /v1"}, "name must be"),
        ({"": "POST /v1"}, "name must be"),
        ({"export": None}, r"features\['export'\]"),
        ({"export": []}, r"features\['export'\]"),
        ({"export": [7]}, r"features\['export'\]"),
        ({"export": Feature(7)}, r"features\['export'\]"),
    ],
)
def test_features_of_the_wrong_kind_are_refused(features, named):
    with pytest.raises(TypeError, match=named):
        scoper(features)


@pytest.mark.parametrize("argument", ["feature", "account"])
def test_a_callable_that_is_none_is_refused(argument):
    with pytest.raises(TypeError, match=f"{argument} must be a callable"):
        scoper(**{argument: "export"})


@given(st.text(alphabet="ab*/", max_size=12), st.text(alphabet="ab/", max_size=12))
def test_globs_agree_with_a_plain_matcher(glob, path):
    def match(glob, path):
        if not glob:
            return not path
        if glob[0] == "*":
            return match(glob[1:], path) or (bool(path) and match(glob, path[1:]))
        return bool(path) and glob[0] == path[0] and match(glob[1:], path[1:])

    path = "/" + path.lstrip("/")
    found = scoped({"named": "GET /" + glob}, "GET", "https://a.example" + path)
    assert (found == "named") == match("/" + glob, path)


def test_a_pattern_of_many_runs_takes_no_longer_to_miss():
    url = "https://a.example/" + "a" * 5_000
    assert scoped({"named": "GET /" + "a*" * 40 + "b"}, "GET", url) is None


UUID = "123e4567-e89b-12d3-a456-426614174000"


def test_a_request_that_matches_nothing_has_a_default_feature(library):
    request = library.Request("get", f"http://api.example.com:8080/v1/users/{UUID}?x=1")
    key, default = scoper({"export": "POST /v1/exports"}).key(request)
    assert default
    assert key.feature == "GET api.example.com/v1/users/{id}"
    assert key.origin == "http://api.example.com:8080"


def test_an_encoded_address_is_folded_too():
    key, _ = scoper().key(httpx.Request("GET", "https://a.example/users/person%40example.com"))
    assert key.feature == "GET a.example/users/{id}"


@given(st.integers(0, 10**18))
def test_numbers_make_one_default_feature(number):
    key, _ = scoper().key(httpx.Request("GET", f"https://a.example/users/{number}/items"))
    assert key.feature == "GET a.example/users/{id}/items"


def test_extensions_win_over_contexts_over_callables_over_patterns(library):
    made = scoper({"pattern": "* *"}, feature=lambda _: "callable", account=lambda _: "callable's")
    extensions = {"payreq_feature": "extension", "payreq_account": "extension's"}
    plain = library.Request("GET", URL)
    extended = library.Request("GET", URL, extensions=extensions)
    assert made.key(extended)[0].origin == "https://api.example.com"
    with feature("context"), account("context's"):
        assert made.key(extended)[0][1:] == ("extension", "extension's")
        assert made.key(plain)[0][1:] == ("context", "context's")
    assert made.key(plain)[0][1:] == ("callable", "callable's")
    assert scoper({"pattern": "* *"}).key(plain)[0].feature == "pattern"


def test_a_feature_callable_may_leave_it_to_the_patterns():
    made = scoper({"export": "* *"}, feature=lambda _: None)
    assert made.key(httpx.Request("GET", URL))[0].feature == "export"
    key, default = scoper(feature=lambda asked: asked.method).key(httpx.Request("GET", URL))
    assert (key.feature, default) == ("GET", False)


def test_paths_and_methods_are_told_apart_however_often_they_are_asked_for():
    made = scoper()
    for _ in range(2):
        for method, path in (("GET", "a"), ("POST", "a"), ("GET", "b")):
            key, _ = made.key(httpx.Request(method, f"https://a.example/{path}"))
            assert key.feature == f"{method} a.example/{path}"


def test_an_account_is_the_fingerprint_unless_named():
    request = httpx.Request("GET", URL, headers={"Authorization": "Bearer sk-fake-1234"})
    assert scoper().key(request)[0].account == fingerprint(request)


def test_callables_that_fail_are_told_and_worked_around():
    def fail(_):
        raise KeyError("tenant")

    told = []
    made = scoper({"export": "* *"}, feature=fail, account=fail, told=told)
    request = httpx.Request("GET", URL)
    assert made.key(request)[0] == ("https://api.example.com", "export", fingerprint(request))
    assert told == [
        ("account", "account= failed with KeyError"),
        ("feature", "feature= failed with KeyError"),
    ]


def test_callables_that_return_no_names_are_told_and_worked_around():
    told = []
    made = scoper({"export": "* *"}, feature=lambda _: 7, account=lambda _: None, told=told)
    request = httpx.Request("GET", URL)
    assert made.key(request)[0][1:] == ("export", fingerprint(request))
    assert told == [
        ("account", "account= must return a str, not NoneType"),
        ("feature", "feature= must return a str, not int"),
    ]


def test_extensions_that_are_no_names_are_told_and_passed_over():
    request = httpx.Request("GET", URL, extensions={"payreq_feature": 7, "payreq_account": b"x"})
    told = []
    made = scoper({"export": "* *"}, told=told)
    assert made.key(request)[0][1:] == ("export", fingerprint(request))
    assert told == [
        ("account", 'extensions["payreq_account"] must be a str, not bytes'),
        ("feature", 'extensions["payreq_feature"] must be a str, not int'),
    ]
    with feature("context"), account("context's"):
        assert made.key(request)[0][1:] == ("context", "context's")


class Named(str, Enum):  # noqa: UP042  # the older kind of enum prints itself with its class
    EXPORT = "export"
    TENANT = "tenant-7"


def test_members_of_enums_name_what_they_stand_for():
    plain = httpx.Request("GET", URL)
    extensions = {"payreq_feature": Named.EXPORT, "payreq_account": Named.TENANT}
    extended = httpx.Request("GET", URL, extensions=extensions)
    asking = scoper(feature=lambda _: Named.EXPORT, account=lambda _: Named.TENANT)
    keys = [scoper().key(extended)[0], asking.key(plain)[0]]
    with feature(Named.EXPORT), account(Named.TENANT):
        keys.append(scoper().key(plain)[0])
    keys.append(scoper({Named.EXPORT: "* *"}, account=lambda _: "tenant-7").key(plain)[0])
    for key in keys:
        assert key[1:] == ("export", "tenant-7")
        assert {type(part) for part in key} == {str}


def test_what_is_remembered_of_paths_is_bounded(monkeypatch):
    monkeypatch.setattr("payreq.blocking.scope.CACHED_AT_MOST", 3)
    made = scoper()
    for number in range(10):
        made.key(httpx.Request("GET", f"https://a.example/{number}"))
        assert len(made._cache) <= 3
    made.key(httpx.Request("GET", "https://a.example/9?x=1"))
    assert len(made._cache) == 1


@pytest.mark.parametrize("name", [feature, account])
def test_names_of_contexts_are_checked(name):
    with pytest.raises(TypeError, match=f"payreq.{name.__name__}"), name(7):
        pass
    with pytest.raises(ValueError, match=f"payreq.{name.__name__}"), name(""):
        pass


def test_contexts_nest_and_end():
    with feature("outer"):
        with feature("inner"), account("alice"):
            assert (FEATURE.get(), ACCOUNT.get()) == ("inner", "alice")
        assert (FEATURE.get(), ACCOUNT.get()) == ("outer", None)
    assert FEATURE.get() is None


def test_leaving_in_another_context_is_no_error():
    named = feature("export")
    contextvars.copy_context().run(named.__enter__)
    named.__exit__(None, None, None)
    assert FEATURE.get() is None


def test_tasks_and_to_thread_inherit_and_pools_do_not():
    async def act():
        with feature("export"):
            task = asyncio.create_task(asyncio.sleep(0, FEATURE.get()))
            assert await task == "export"
            assert await asyncio.to_thread(FEATURE.get) == "export"
            with ThreadPoolExecutor() as pool:
                assert pool.submit(FEATURE.get).result() is None
                copied = contextvars.copy_context()
                assert pool.submit(copied.run, FEATURE.get).result() == "export"

    asyncio.run(act())


KEY = "sk-canary-0123456789abcdef"


@pytest.mark.parametrize("how", ["callable", "extension", "context"])
def test_a_credential_that_the_app_gives_as_a_name_is_not_kept(how):
    extensions = {}
    if how == "extension":
        extensions = {"payreq_account": KEY, "payreq_feature": f"export of {KEY}"}
    request = httpx.Request("GET", URL, headers={"x-api-key": KEY}, extensions=extensions)
    asked = (lambda _: KEY) if how == "callable" else None
    scoper_ = scoper(feature=asked, account=asked)
    if how == "context":
        with account(KEY), feature(KEY):
            first = scoper_.key(request)
    else:
        first = scoper_.key(request)
    assert "canary" not in repr(first)
    assert first[0].account == hashed(KEY)
    assert first[0].feature == hashed(f"export of {KEY}" if how == "extension" else KEY)
    other = httpx.Request("GET", URL, headers={"x-api-key": KEY}, extensions={})
    with account("tenant-7"):
        assert scoper().key(other)[0].account == "tenant-7"


def test_names_are_remembered_within_bounds(monkeypatch):
    monkeypatch.setattr("payreq.blocking.scope.CACHED_AT_MOST", 3)
    scoper_ = scoper(account=lambda request: request.headers["x-tenant"])
    for number in range(10):
        request = httpx.Request("GET", URL, headers={"x-tenant": f"tenant-{number}"})
        assert scoper_.key(request)[0].account == f"tenant-{number}"
        assert len(scoper_._told) <= 3
