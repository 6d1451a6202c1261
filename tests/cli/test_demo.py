from __future__ import annotations

import time

import httpx
import pytest

from payreq.cli.demo import performance, provider, scenes
from payreq.cli.demo.provider import Provider
from payreq.cli.demo.stage import Check, set_up


def test_everything_it_claims_holds(run):
    started = time.monotonic()
    ran = run("demo")
    assert (ran.code, ran.err) == (0, "")
    assert "claims were checked, and hold" in ran.out
    assert "NOT hold" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert time.monotonic() - started < 20


def test_it_counts_what_left(run):
    out = run("demo").out
    row = next(line.split() for line in out.splitlines() if line.strip().startswith("/v1/exports"))
    assert row == ["/v1/exports", "22", "2", "20"]
    row = next(line.split() for line in out.splitlines() if line.strip().startswith("/v1/chat"))
    assert row == ["/v1/chat", "1,102", "3", "1,099"]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/v1/exports", "A feature that the plan leaves out"),
        ("/v1/chat", "Credits run out"),
        ("/v1/charges", "A card is declined"),
        ("/articles/42", "A page that sells itself"),
    ],
)
def test_a_claim_that_does_not_hold_is_shown_and_fails(run, monkeypatch, path, title):
    real = Provider.answer

    def generous(self, asked):
        answer = real(self, asked)
        return provider._fine() if asked == path else answer

    monkeypatch.setattr(Provider, "answer", generous)
    ran = run("demo")
    assert ran.code == 1
    scene = ran.out.partition(title)[2].partition("───")[0]
    assert scene
    assert "NOT hold" in ran.out
    assert "claims do NOT hold" in ran.out


def test_a_provider_that_never_lets_in_again_fails(run, monkeypatch):
    monkeypatch.setattr(provider, "_fine", lambda: provider.Answer(500, {}, b""))
    assert run("demo").code == 1


def test_a_scene_that_breaks_off_fails(run, monkeypatch):
    def broken(stage):
        yield Check("it began", holds=True)
        raise httpx.ConnectError("nobody listens")

    monkeypatch.setattr(performance, "SCENES", (("A broken scene", broken),))
    ran = run("demo")
    assert ran.code == 1
    assert "ConnectError: nobody listens" in ran.out
    assert "1 of 2 claims do NOT hold" in ran.out


def test_each_scene_fails_without_a_guard_that_acts():
    """The same scenes, with a guard that only observes, must not pass."""
    with Provider() as server:
        stage = set_up(server)
        stage.guard.unwrap(stage.client)
        checks = []
        for _, scene in scenes.SCENES:
            try:
                checks += [line for line in scene(stage) if isinstance(line, Check)]
            except httpx.HTTPError as error:
                pytest.fail(str(error))
        stage.client.close()
    failed = [check.claim for check in checks if not check.holds]
    assert len(failed) >= len(scenes.SCENES) - 2


def test_a_plain_terminal_gets_plain_marks(shell):
    ran = shell("demo", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert ran.code == 0
    assert "  ok " in ran.out
    assert "?" not in ran.out
