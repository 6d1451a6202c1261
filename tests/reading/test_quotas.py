from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payreq.reading.quotas import read_quota, read_wait

SENT = datetime(2026, 11, 24, 10, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, 3_600),
        ({"retry-after": "Tue, 24 Nov 2026 09:00:00 GMT"}, 0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_as_seconds_a_date_or_milliseconds(headers, seconds):
    assert read_wait(headers, SENT) == seconds


def test_a_date_to_wait_for_says_nothing_without_the_date_of_the_answer():
    assert read_wait({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, None) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"ratelimit": "limit=100, remaining=0, reset=86400"},
        {"ratelimit": '"day";r=0;t=86400', "ratelimit-policy": '"day";q=100;w=86400'},
        {
            "ratelimit": '"hit";r=3;t=9, "day";r=0;t=86400',
            "ratelimit-policy": '"hit";q=5;w=10, "day";q=100;w=86400',
        },
        {
            "ratelimit": "limit=100, remaining=0, reset=86400",
            "ratelimit-policy": "9;w=1, 100;w=86400",
        },
        {
            "ratelimit-limit": "100, 100;w=86400",
            "ratelimit-remaining": "0",
            "ratelimit-reset": "86400",
        },
        {
            "x-ratelimit-limit": "100",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": "1795600800",
        },
        {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": "Wed, 25 Nov 2026 10:00:00 GMT",
        },
        {
            "x-ratelimit-requests-limit": "100",
            "x-ratelimit-requests-remaining": "0",
            "x-ratelimit-requests-reset": "24h",
        },
        {
            "x-ratelimit-limit-minute": "5",
            "x-ratelimit-remaining-minute": "0",
            "x-ratelimit-limit-day": "100",
            "x-ratelimit-remaining-day": "0",
            "x-ratelimit-reset-day": "86400",
        },
    ],
)
def test_a_quota_that_is_used_up_for_long_is_read_in_every_deployed_form(headers):
    assert read_quota(headers, SENT) == {"limit": 100, "remaining": 0, "resets_at": TOMORROW}


def test_a_window_alone_tells_that_a_quota_is_long():
    headers = {"x-ratelimit-limit-month": "100", "x-ratelimit-remaining-month": "0"}
    assert read_quota(headers, None) == {"limit": 100, "remaining": 0}


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"},
        {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-reset": "86400"},
        {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0"},
        {"x-ratelimit-limit": "60", "x-ratelimit-reset": "86400"},
        {"ratelimit": '"hit";r=0;t=9', "ratelimit-policy": '"hit";q=5;w=10, "day";q=9;w=86400'},
        {"ratelimit": '"hit";r=0;t=90000', "ratelimit-policy": '"hit";q=5;w=10'},
        {"ratelimit": "nonsense, , ;"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795514430"},
    ],
)
def test_a_rate_limit_is_not_taken_for_the_plans_quota(headers):
    assert read_quota(headers, SENT) == {}


def test_a_moment_of_reset_says_nothing_of_the_window_without_the_date_of_the_answer():
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795600800"}
    assert read_quota(headers, None) == {}
