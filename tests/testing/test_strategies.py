from __future__ import annotations

import pytest
from hypothesis import find, given, settings

import payreq
from payreq.testing import refusals


@given(refusals())
def test_each_is_a_refusal(response):
    assert payreq.parse(response) is not None


@given(refusals("quota_exceeded", payreq.Reason.PAYMENT_FAILED))
def test_each_is_one_of_the_reasons_that_were_asked_for(response):
    assert payreq.parse(response).reason in {"quota_exceeded", "payment_failed"}


@pytest.mark.parametrize("known", [True, False])
def test_there_are_those_of_providers_and_those_of_nobody(known):
    def is_so(response):
        return (payreq.parse(response).provider is not None) is known

    find(refusals(), is_so, settings=settings(derandomize=True))


@pytest.mark.parametrize("reason", list(payreq.Reason))
def test_every_reason_can_be_asked_for(reason):
    found = find(refusals(reason), lambda _: True, settings=settings(derandomize=True))
    assert payreq.parse(found).reason is reason


def test_a_reason_that_is_none_is_told_at_once():
    with pytest.raises(ValueError, match="nonsense"):
        refusals("nonsense")
