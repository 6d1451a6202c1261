"""Which answers are heard as errors, by their status or by their own words."""

from __future__ import annotations

import pytest
from errors import document, read_wording, reason

from payreq import Reason
from payreq.reading.document import read_document
from payreq.reading.wording import hear, is_heard


@pytest.mark.parametrize("status", [408, 413, 424])
def test_a_status_about_something_else_is_not_heard(status):
    assert not is_heard(document({"message": "Out of credits, upgrade your plan"}, status))


def test_what_grpc_says_in_its_trailers_is_heard_though_http_says_200():
    said = {"grpc-status": "7", "grpc-message": "The%20wallet%20is%20empty"}
    heard = read_document(200, said, b"")
    assert is_heard(heard)
    verdict = read_wording(heard)
    assert verdict is not None
    assert verdict.reason is Reason.CREDITS_EXHAUSTED
    assert not is_heard(read_document(200, said | {"grpc-status": "0"}, b""))


def test_the_words_of_a_page_that_came_with_a_success_are_not_heard():
    page = (
        '<html><script type="application/problem+json">{"success": false}</script><p>%s</p></html>'
    )
    assert is_heard(document(page % "No credits left", 200))
    assert reason(page % "No credits left", 200) is None
    assert hear(document(page % "0", 200)).ideas == set()
    assert reason(page % "No credits left", 403) is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize(
    "payload",
    [
        {"success": False, "message": "No credits left"},
        {"ok": 0, "message": "No credits left"},
        {"status": "error", "message": "No credits left"},
        {"code": 402, "message": "No credits left"},
        {"code": "401", "message": "No credits left"},
        {"error_code": 10012, "message": "No credits left"},
        {"Response": {"Error": {"Message": "No credits left"}}},
        {"status": 0, "request": "ERROR_NO_CREDITS", "message": "No credits left"},
        "NO_CREDITS",
        "auth error: no credits left",
        "Error: No credits left",
        {"error": "No credits left"},
        {"errors": [{"message": "No credits left"}]},
        {"results": [{"error": {"message": "No credits left"}}]},
        {"status": False, "message": "No credits left"},
        {"success": "false", "message": "No credits left"},
        {"result_code": "FAIL", "err_code_des": "No credits left"},
        {"code": 10001, "msg": "No credits left"},
        {"code": -1, "msg": "No credits left"},
        {"code": "102", "msg": "No credits left"},
        {"base_resp": {"status_code": 1008, "status_msg": "No credits left"}},
        {"message": "NOTOK", "result": "No credits left"},
        {"status": 0, "request": "ERROR_NO_CREDITS"},
        {"event": "api:error", "data": {"message": "No credits left"}},
        {"sent": [{"to": "1", "status": "NotEnoughCredits"}]},
        {"code": 7, "desc": "", "resultDesc": "No credits left"},
        {"Code": "isv.NO_AMOUNT", "Message": "No credits left"},
        {"isSuccess": False, "message": "No credits left"},
        {"succeeded": False, "message": "No credits left"},
        {"status": "general_failure", "message": "No credits left"},
        {"api_res_error": "No credits left"},
        {"sent": [{"status": {"name": "REJECTED_NOT_ENOUGH_CREDITS"}}]},
        "ERR: 301, no credits left",
    ],
)
def test_a_success_that_says_it_failed_is_read_like_an_error(payload):
    assert is_heard(document(payload, 200))
    assert reason(payload, 200) is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize(
    "payload",
    [
        {"message": "No credits left"},
        {"success": True, "error": "", "message": "No credits left"},
        {"status": "done", "message": "No credits left"},
        {"code": "200", "message": "No credits left"},
        {"code": 0, "message": "No credits left"},
        {"code": 1, "message": "No credits left"},
        {"code": 10000, "message": "No credits left"},
        {"code": "Success", "message": "No credits left"},
        {"code": "no code", "message": "No credits left"},
        {"code": 10001, "text": "No credits left"},
        {"success": "true", "message": "No credits left"},
        {"status": True, "message": "No credits left"},
        {"error_code": 0, "message": "No credits left"},
        {"code": "1" * 5_000, "message": "No credits left"},
        {"data": {"code": 401}, "message": "No credits left"},
        "No credits left",
        "CREDITS",
        "The error is that no credits are left",
        "Error: no credits are left. " + "And so on. " * 20,
        {"error": "", "message": "No credits left"},
        {"error": None, "message": "No credits left"},
        {"data": {"items": {"error": "x"}}, "message": "No credits left"},
        {"standard_error": 0.2, "message": "No credits left"},
        {"sent": [{"name": "REJECTED_NOT_ENOUGH_CREDITS"}]},
    ],
)
def test_a_success_without_a_sign_of_failure_is_not(payload):
    of_its_kind = {"content-type": "text/plain" if isinstance(payload, str) else "text/json"}
    assert not is_heard(document(payload, 200, of_its_kind))
    assert reason(payload, 200, of_its_kind) is None


@pytest.mark.parametrize("headers", [{}, {"content-type": "Application/JSON; charset=utf-8"}])
def test_a_line_of_words_where_a_payload_was_promised_is_heard(headers):
    assert reason("No credits left", 200, headers) is Reason.CREDITS_EXHAUSTED
    assert not is_heard(document("No credits left. " + "And so on. " * 20, 200, headers))
    assert not is_heard(document(["No credits left"], 200, headers))
    assert not is_heard(document("No credits left", 200, {"content-type": "text/plain"}))
