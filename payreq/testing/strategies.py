"""Refusals of every kind, for property tests with hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payreq.extras import missing
from payreq.reading.standard import PROBLEM_STATUSES
from payreq.reasons import Reason
from payreq.testing.canned import refusal, response
from payreq.testing.examples import examples

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise missing(error, "payreq.testing.refusals", "testing") from error

if TYPE_CHECKING:
    import httpx
    from hypothesis.strategies import SearchStrategy


def refusals(*reasons: Reason | str) -> SearchStrategy[httpx.Response]:
    """Return a strategy of refused responses: those of providers, and problems of RFC 9457.

    Args:
        *reasons: The causes; left out: every one.

    Raises:
        ValueError: One is no cause.

    Example:
        >>> from hypothesis import given
        >>> @given(refusals("quota_exceeded"))
        ... def test_it_is_told(response): ...
    """
    wanted = [Reason(reason) for reason in reasons or Reason]
    sendable = [reason for reason in wanted if reason is not Reason.PAYMENT_FAILED]
    problems = st.builds(
        response,
        st.sampled_from(sendable),
        status=st.sampled_from(PROBLEM_STATUSES),
        detail=st.none() | st.text(min_size=1, max_size=80),
        limit=st.none() | st.integers(0, 10**9),
        retry_after=st.none() | st.integers(0, 10**6),
    )
    known = [key for key in examples() if key[1] in wanted]
    return st.one_of(
        st.sampled_from(known).map(lambda key: refusal(*key)) if known else st.nothing(),
        problems if sendable else st.nothing(),
    )
