from __future__ import annotations

import json

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

import payreq
from payreq import problems
from payreq.integrations.answers import answer
from payreq.telling.messages import Voice
from payreq.testing import START, refusals

SCHEMA = problems.schema()


@given(refusals(), st.sampled_from(["owner", "member", "visitor"]))
def test_every_refusal_has_an_answer_that_keeps_to_the_schema(response, audience):
    refusal = payreq.detect(response)
    refusal.voice = Voice(audience=audience)
    status, headers, body = answer(refusal, ["en"], START)
    document = json.loads(body)
    jsonschema.validate(document, SCHEMA)
    assert document["status"] == status
    assert document["detail"] == document["user_message"]["body"]
    if refusal.reason is payreq.Reason.PAYMENT_FAILED:
        assert status == 422
    else:
        rests = audience == "visitor" or refusal.details.payer == "upstream"
        assert status == (503 if rests else 402)
    if status == 503:
        assert int(headers.get("Retry-After", 1)) >= 0
    if audience == "visitor" and len(refusal.details.message or "") > 30:
        assert json.dumps(refusal.details.message, ensure_ascii=False)[1:-1] not in body.decode()


def test_a_refusal_that_no_guard_raised_is_told_to_who_can_pay():
    status, _, body = answer(payreq.testing.exception("quota_exceeded", limit=5), [], START)
    assert status == 402
    assert json.loads(body)["limit"] == "5"
