from __future__ import annotations

import json
import time

import pytest

import payreq
from payreq.blocking import block as rules
from payreq.blocking.block import Key
from payreq.details import PaymentDetails
from payreq.reasons import Reason


def block(store, feature="export", account="alice"):
    store.patience = 5.0
    key, now = Key("https://api.example.com", feature, account), time.time()
    details = PaymentDetails(reason=Reason.PLAN_UPGRADE_REQUIRED, status=402, message="Upgrade.")
    state = rules.begin(key, details, now)
    return store.swap(key, 0, state, now) or store.swap(key, 0, state, now)


@pytest.fixture
def store(tmp_path):
    return payreq.SQLiteStore(tmp_path / "blocks.db")


@pytest.fixture
def address(tmp_path):
    return f"sqlite:{tmp_path / 'blocks.db'}"


@pytest.fixture
def held(store):
    for feature in ("export", "chat"):
        for account in ("alice", "bob"):
            block(store, feature, account)
    return store


def left(store):
    store.refresh(time.time(), at_once=True)
    return sorted((state.key.feature, state.key.account) for state in store.find())


def test_what_is_blocked_is_listed(run, held, address):
    ran = run("blocks", "list", "--store", address)
    assert ran.code == 0
    head, *rows = ran.out.splitlines()
    assert head.split() == ["feature", "account", "at", "why", "next", "check", "(UTC)"]
    assert "export" in rows[0]
    assert "api.example.com" in rows[0]
    assert "plan" in ran.out
    assert "4 blocks" in ran.out
    ran = run("blocks", "list", "export", "--account", "bob", "--store", address)
    assert "one block" in ran.out
    assert "alice" not in ran.out


def test_names_that_others_chose_cannot_write_to_the_terminal(run, store, address):
    block(store, "\x1b[31mexport")
    assert "\x1b" not in run("blocks", "list", "--store", address).out
    block(store, "\x9b31m\u202eexport")
    told = run("blocks", "list", "--json", "--store", address).out
    assert not {"\x1b", "\x9b", "\u202e"} & set(told)
    assert {one["feature"] for one in json.loads(told)} == {"\x1b[31mexport", "\x9b31m\u202eexport"}


def test_a_store_that_cannot_be_reached_is_told_in_one_line(shell):
    ran = shell("blocks", "list", "--store", "redis://127.0.0.1:1/0")
    assert ran == (2, "", "payreq: the store cannot be reached (ConnectionError)\n")


def test_nothing_is_said_to_be_blocked_only_where_that_is_so(run, store, address):
    store.refresh(time.time())
    ran = run("blocks", "list", "--store", address)
    assert (ran.code, ran.out) == (0, "nothing is blocked\n")


def test_programs_get_json(run, held, address):
    found = json.loads(run("blocks", "list", "chat", "--json", "--store", address).out)
    assert [(one["feature"], one["account"]) for one in found] == [
        ("chat", "alice"),
        ("chat", "bob"),
    ]
    assert found[0]["reason"] == "plan_upgrade_required"
    assert found[0]["details"]["message"] == "Upgrade."
    assert found[0]["next_check"].endswith("+00:00")
    assert json.loads(run("blocks", "clear", "--json", "--store", address).out) == {"blocks": 4}


def test_clear_and_recheck_concern_what_matches_and_reach_who_shares_the_store(
    run, held, address, monkeypatch
):
    monkeypatch.setenv("PAYREQ_STORE", address)
    ran = run("blocks", "recheck", "export", "--account", "alice")
    assert (ran.code, ran.out) == (0, "1 block is checked with the next request\n")
    left(held)
    (asked,) = (state for state in held.find() if state.asked is not None)
    assert asked.key.account == "alice"
    assert run("blocks", "clear", "export").out == "2 blocks are let go of\n"
    assert left(held) == [("chat", "alice"), ("chat", "bob")]
    assert run("blocks", "clear").out == "2 blocks are let go of\n"
    assert left(held) == []


def test_a_redis_is_a_store_too(run, redis, tmp_path):
    namespace = str(tmp_path)
    block(payreq.RedisStore(redis.url, namespace=namespace))
    options = ("--store", redis.url, "--namespace", namespace)
    assert "one block" in run("blocks", "list", *options).out
    assert run("blocks", "clear", *options).out == "1 block is let go of\n"
    assert run("blocks", "list", "--store", redis.url).out == "nothing is blocked\n"


@pytest.mark.parametrize(
    ("store", "says"),
    [
        ("", "which store? Say --store, or set PAYREQ_STORE, to sqlite:PATH, redis://"),
        ("postgres://user:s3cret@host/db", "this one is none of these"),
        ("blocks.db", "this one is none of these"),
        ("redis://:s3cret@host:port", "this one cannot be read"),
        ("redis://:s3cret@127.0.0.1:1/0", "the store cannot be reached (ConnectionError)"),
        ("sqlite:/nowhere/blocks.db", "'/nowhere/blocks.db' cannot be read, so nothing is known"),
        ("sqlite:", "cannot be read"),
        ("sqlite:nul\0", "cannot be read"),
        ("sqlite:README.md", "'README.md' is no file of SQLite, so it holds no blocks"),
    ],
)
def test_a_store_that_is_none_is_an_error_that_quotes_no_password(
    run, store, says, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    readme = tmp_path / "README.md"
    readme.write_text("# Not a database, and it is not to be renamed\n")
    ran = run("blocks", "list", "--store", store)
    assert (ran.code, ran.out) == (2, "")
    assert says in " ".join(ran.err.split())
    assert "s3cret" not in ran.err
    assert readme.exists()


def test_without_the_package_redis_the_extra_is_named(run, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "redis", None)
    ran = run("blocks", "list", "--store", "redis://localhost")
    assert ran.code == 2
    assert "payreq[redis]" in ran.err


def test_a_store_that_is_lost_while_it_is_asked_is_no_success(run, held, address, monkeypatch):
    monkeypatch.setattr("payreq.cli.blocks._act", lambda *_: 5)
    answers = iter([True, False])
    monkeypatch.setattr("payreq.blocking.shared.SharedStore.reach", lambda *_: next(answers))
    ran = run("blocks", "clear", "--store", address)
    assert (ran.code, ran.out) == (2, "")
    assert "it takes too long" in ran.err


def test_an_action_that_is_none_is_bad_input(run, address):
    ran = run("blocks", "unblock", "--store", address)
    assert ran.code == 2
    assert "'recheck'" in ran.err
