from __future__ import annotations

import json

import pytest

from payreq.cli.bare import UNKNOWN_STATUS, read_bare


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"type": "about:blank", "status": 402}, 402),
        ({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, 429),
        ({"message": "no", "status": "403"}, 403),
        ({"statusCode": 402, "error": "Payment Required"}, 402),
        ({"code": 40301, "error": {"status": 403}}, 403),
        ({"code": 200, "status": True}, UNKNOWN_STATUS),
        ({"code": "insufficient_quota"}, UNKNOWN_STATUS),
        ({"error": "pay", "code": "٤٠٢"}, UNKNOWN_STATUS),
        ([{"status": 402}], UNKNOWN_STATUS),
        ("402", UNKNOWN_STATUS),
    ],
)
def test_a_body_has_the_status_that_it_names(document, status):
    body = json.dumps(document).encode()
    assert read_bare(body, document).status == status
    assert read_bare(body, document).body == body


def test_a_status_that_is_given_goes_before_the_one_that_the_body_names():
    assert read_bare(b"{}", {"status": 403}, 402).status == 402
