from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import payreq
from payreq.testing import examples

pytest_plugins = ["pytester"]
MAKER = Path(__file__).parents[1] / "corpus" / "examples.py"

USERS = """
    import httpx, payreq, pytest
    from payreq.testing import Api

    @pytest.fixture
    def api():
        return Api("openai", "credits_exhausted")

    @pytest.mark.parametrize("again", [1, 2])
    def test_a_probe_goes_after_a_minute(payreq_guard, payreq_clock, api, again):
        assert payreq_guard.blocks.active() == []
        client = payreq_guard.wrap(httpx.Client(transport=httpx.MockTransport(api)))
        for _ in range(3):
            with pytest.raises(payreq.CreditsExhausted):
                client.get("https://api.openai.com/v1/x")
        assert len(api.received) == 1
        payreq_clock.advance(60)
        with pytest.raises(payreq.CreditsExhausted):
            client.get("https://api.openai.com/v1/x")
        assert len(api.received) == 2
"""
LIGHT = """
    import sys

    def test_nothing_heavy_is_loaded():
        assert "payreq.testing.plugin" in sys.modules
        for name in ("pydantic", "httpx", "httpx2", "hypothesis", "payreq.guard"):
            assert name not in sys.modules, name
"""


def test_the_fixtures_are_there_without_a_word_in_a_conftest(pytester):
    pytester.makepyfile(USERS)
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_the_plugin_loads_nothing_heavy(pytester):
    pytester.makepyfile(LIGHT)
    others = ("hypothesispytest", "respx", "anyio", "cacheprovider", "Sybil", "sybil")
    options = [option for name in others for option in ("-p", f"no:{name}")]
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=1)


def test_the_examples_are_those_of_the_corpus(capsys):
    runpy.run_path(str(MAKER), run_name="__main__")
    command = "python tests/corpus/examples.py > payreq/testing/examples.jsonl"
    same = capsys.readouterr().out == examples.FILE.read_text("utf-8")
    assert same, f"the corpus has changed: run `{command}`"


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = payreq.testing.nothing
