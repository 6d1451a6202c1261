"""The built wheel under test, not the checkout: tests of the sdist, run beside it."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

SMOKE = """
import json, sys
import httpx, payreq, payreq.testing
from payreq.reading.providers import known
from payreq.telling.languages import LANGUAGES
from payreq.testing.examples import examples

def answer(request):
    made = payreq.problem("plan_upgrade_required", required_plan="pro")
    return httpx.Response(made.status, headers=made.headers, content=made.body)

client = payreq.wrap(httpx.Client(transport=httpx.MockTransport(answer)))
try:
    client.get("https://api.example.com/v1/exports")
except payreq.PaymentRequired as refusal:
    titles = {language: refusal.user_message(language).title for language in LANGUAGES}
print(json.dumps({
    "file": payreq.__file__,
    "profiles": len(list(known())),
    "examples": len(list(examples())),
    "titles": titles,
}))
"""

# Of each room a part, and what reads data files: profiles, phrases, catalogues, examples.
ROOMS = (
    "tests/test_exceptions.py",
    "tests/test_safety.py",
    "tests/blocking/test_ledger.py",
    "tests/cli/test_explain.py",
    "tests/reading/test_corpus.py",
    "tests/reading/test_wording.py",
    "tests/telling/test_messages.py",
    "tests/testing",
    "tests/transport/test_refusals.py",
)


@pytest.fixture(scope="module")
def room(unpacked, tmp_path_factory):
    """The sdist without its package: what is imported there can only be the wheel."""
    folder = tmp_path_factory.mktemp("room") / "tests-of-the-sdist"
    shutil.copytree(unpacked, folder)
    shutil.rmtree(folder / "payreq")
    return folder


def test_what_is_installed_has_its_data_and_its_words(installed, run, tmp_path):
    told = json.loads(run(sys.executable, "-c", SMOKE, cwd=tmp_path, PYTHONPATH=str(installed)))
    assert told["file"].startswith(str(installed))
    assert told["profiles"] > 100
    assert told["examples"] > 100
    titles = told["titles"]
    assert len(titles) > 5
    assert len(set(titles.values())) == len(titles)


def test_its_command_runs(installed, run, tmp_path):
    command = installed / "bin" / "payreq"
    schema = run(sys.executable, str(command), "schema", cwd=tmp_path, PYTHONPATH=str(installed))
    assert json.loads(schema)["title"] == "A billing refusal, as an RFC 9457 problem"


@pytest.mark.timeout(600)  # a run within this run
def test_tests_of_the_sdist_pass_against_the_wheel(installed, room, run):
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    told = run(*command, *ROOMS, cwd=room, PYTHONPATH=str(installed))
    assert " passed" in told
