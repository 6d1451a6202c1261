"""The example of how to add a provider loads, and is read as it says."""

from __future__ import annotations

import json
import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

import payreq
from payreq.reading import providers, read

HERE = Path(payreq.__file__).with_name("reading")
README = (HERE / "README.md").read_text("utf-8")


def example(language):
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return found


@pytest.fixture
def profile():
    return providers.load(tomllib.loads(example("toml")))


@pytest.fixture
def case():
    return json.loads(example("json"))


def details_of(case, *extra, **changes):
    got = case["response"] | changes
    sent = case["request"]
    return read(
        got["status"],
        got["headers"],
        got["body"].encode(),
        url=sent["url"],
        extra=extra,
    )


def test_the_example_case_is_read_as_it_says(profile, case):
    details, wanted = details_of(case, profile), case["expect"]
    assert wanted["payment"]
    assert (details.reason.value, details.certainty) == (wanted["reason"], "provider")
    assert details.provider == profile.name
    assert details.limit == Decimal(wanted["fields"].pop("limit"))
    assert {name: getattr(details, name) for name in wanted["fields"]} == wanted["fields"]


def test_the_rule_of_the_example_decides_its_case(profile, case):
    assert len(profile.rules) == 1
    assert details_of(case, profile).scope == profile.rules[0].scope == "account"
    other = case["response"]["body"].replace("monthly_calls_spent", "slow_down")
    assert getattr(details_of(case, profile, body=other), "certainty", None) != "provider"


def test_the_example_is_taken_by_a_guard_and_is_nobody_elses(profile):
    (taken,) = payreq.Guard(providers=[tomllib.loads(example("toml"))]).profiles
    assert taken == profile
    assert providers.about(profile.name) is None


def test_the_example_names_its_files_and_its_keys_as_the_others_do(profile, case):
    assert f"`{profile.name}.toml`" in README
    assert case["id"].startswith(f"{profile.name}-{case['response']['status']}-")
    assert case["source"] == profile.sources[0].url
    corpus = Path(__file__).parents[1] / "corpus" / "providers"
    others = [json.loads(file.read_text("utf-8").splitlines()[0]) for file in corpus.iterdir()]
    assert {key for other in others for key in other} == case.keys()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_what_it_links_to_is_there(target):
    assert (HERE / target).is_file()
