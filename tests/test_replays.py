from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from payreq.blocking.block import Block, Key
from payreq.details import PaymentDetails
from payreq.replays import BYTES, ENTRIES, Replay, Replays

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EXPORT, CHAT = (Key("https://api.example.com", name, "anonymous") for name in ("export", "chat"))


def replay(content=b"no credit", **headers):
    return Replay(403, httpx.Headers(headers), content)


@pytest.fixture
def block():
    details = PaymentDetails(
        reason="plan_upgrade_required", status=403, required_plan="pro", message="Pro needed"
    )
    return Block(*EXPORT, details.reason, details, since=NOON, next_check=NOON)


def kept(replays, keys, block):
    return [replays.of(key, block).status == 403 for key in keys]


def test_the_latest_answer_to_a_blocked_feature_is_given_again(block):
    replays = Replays()
    replays.keep(EXPORT, replay(b"first"))
    replays.keep(EXPORT, replay(b"second"))
    replays.keep(CHAT, replay(b"other"))
    assert replays.of(EXPORT, block) == replay(b"second")
    assert replays.of(CHAT, block) == replay(b"other")


def test_a_block_of_another_process_answers_with_what_is_known_of_it(block):
    made = Replays().of(EXPORT, block)
    assert made.status == 402
    assert dict(made.headers)["Content-Type"] == "application/problem+json"
    body = json.loads(made.content)
    assert body["type"] == "urn:payreq:problem:plan_upgrade_required"
    assert (body["status"], body["required_plan"], body["detail"]) == (402, "pro", "Pro needed")


def test_too_many_bytes_let_the_oldest_go(block):
    replays = Replays()
    keys = [EXPORT._replace(feature=f"f{number}") for number in range(5)]
    for key in keys:
        replays.keep(key, replay(b"x" * (BYTES // 4)))
    assert kept(replays, keys, block) == [False, True, True, True, True]
    replays.keep(keys[1], replay(b"x"))  # kept anew: the latest, and small
    replays.keep(keys[0], replay(b"x" * (BYTES // 4 - 1)))
    assert kept(replays, keys, block) == [True] * 5
    replays.keep(CHAT, replay(b"x"))
    assert kept(replays, keys, block) == [True, True, False, True, True]


def test_headers_take_room_too(block):
    replays = Replays()
    keys = [EXPORT._replace(feature=f"f{number}") for number in range(5)]
    for key in keys:
        replays.keep(key, replay(b"", pad="x" * (BYTES // 4 - 3)))
    assert kept(replays, keys, block) == [False, True, True, True, True]
    replays.keep(keys[1], replay(b""))
    replays.keep(keys[0], replay(b"x" * (BYTES // 4)))
    assert kept(replays, keys, block) == [True] * 5


def test_an_answer_larger_than_all_room_is_not_kept(block):
    replays = Replays()
    replays.keep(EXPORT, replay(b"x" * (BYTES + 1)))
    assert kept(replays, [EXPORT], block) == [False]
    replays.keep(EXPORT, replay(b"x" * BYTES))
    assert kept(replays, [EXPORT], block) == [True]


def test_too_many_answers_let_the_oldest_go(block):
    replays = Replays()
    keys = [EXPORT._replace(feature=f"f{number}") for number in range(ENTRIES + 1)]
    for key in keys:
        replays.keep(key, replay(b""))
    assert kept(replays, [keys[0], keys[1], keys[-1]], block) == [False, True, True]
