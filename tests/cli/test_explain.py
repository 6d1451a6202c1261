from __future__ import annotations

import errno
import io
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payreq import PaymentRequired
from payreq.safety import UNSAFE

CORPUS = Path(__file__).parents[1] / "corpus"
KEY = "sk-canary-0123456789abcdefghij"

PLAN = b"""HTTP/2 402 \r
content-type: application/problem+json\r
x-request-id: req_7\r
\r
{"type": "about:blank", "code": "plan_upgrade_required", "required_plan": "pro",
 "detail": "Exports are part of the Pro plan.", "upgrade_url": "https://api.example.com/plans"}
"""
QUOTED = PLAN.replace(b"the Pro plan", f"the Pro plan, not of {KEY}".encode())
LIMIT = b"""HTTP/1.1 429 Too Many Requests
content-type: application/json
retry-after: 1

{"error": {"code": "rate_limit_exceeded", "message": "Too many requests in this minute."}}
"""
X402 = b"""HTTP/1.1 402 Payment Required
content-type: application/json

{"x402Version": 1, "error": "X-PAYMENT header is required", "accepts": [{"scheme": "exact",
"network": "base-sepolia", "maxAmountRequired": "10000", "resource": "https://api.example.com/a",
"payTo": "0x0000000000000000000000000000000000000042", "maxTimeoutSeconds": 60,
"asset": "0x0000000000000000000000000000000000000402"}]}
"""
INVOICE = b"HTTP/1.1 402 Payment Required\n\n"


def entry(status, body, url="https://api.example.com/v1/exports", key=KEY):
    return {
        "request": {
            "method": "POST",
            "url": f"{url}?api_key={key}",
            "headers": [{"name": "Authorization", "value": f"Bearer {key}"}],
        },
        "response": {
            "status": status,
            "headers": [{"name": "content-type", "value": "application/json"}],
            "content": {"text": json.dumps(body)},
        },
    }


def har(*entries):
    return json.dumps({"log": {"entries": list(entries)}}).encode()


def stem(path):
    return path.stem


@pytest.fixture
def explain(run, tmp_path):
    def command(data, *options):
        file = tmp_path / "response.txt"
        file.write_bytes(data)
        return run("explain", str(file), *options)

    return command


def test_a_refusal_is_explained(explain):
    ran = explain(PLAN, "--url", "https://api.example.com/v1/exports?day=1", "--method", "POST")
    assert (ran.code, ran.err) == (0, "")
    assert "plan_upgrade_required" in ran.out
    assert "HTTP 402 to POST https://api.example.com/v1/exports" in ran.out
    assert "Exports are part of the Pro plan." in ran.out
    assert "req_7" in ran.out
    assert "    https://api.example.com/plans\n" in ran.out
    for heading in ("How sure", "Facts", "What to do", "Links", "What to tell the user, who can"):
        assert f"\n{heading}" in ran.out
    assert "\n  1." in ran.out


def test_no_line_is_wider_than_80_columns_and_nothing_is_coloured(explain):
    ran = explain(PLAN.replace(b"the Pro plan", b"the Pro plan " * 30))
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "\x1b" not in ran.out


def test_json_is_as_the_contract_says(explain):
    ran = explain(PLAN, "--json")
    told = json.loads(ran.out)
    assert ran.code == 0
    assert list(told) == ["payment", "details", "user_message", "fix_steps"]
    assert told["payment"] is True
    assert told["details"]["reason"] == "plan_upgrade_required"
    assert told["details"]["required_plan"] == "pro"
    assert told["user_message"]["body"]
    assert all(isinstance(step, str) for step in told["fix_steps"])
    assert told["fix_steps"]


def test_what_is_no_refusal_says_so(explain):
    ran = explain(LIMIT)
    assert (ran.code, ran.err) == (3, "")
    assert "No billing refusal" in ran.out
    assert "HTTP 429" in ran.out
    assert "add --url" in ran.out
    assert "add --url" not in explain(LIMIT, "--url", "https://api.example.com/v1/search").out


def test_what_is_no_refusal_is_json_too(explain):
    ran = explain(LIMIT, "--json")
    assert ran.code == 3
    assert json.loads(ran.out) == {
        "payment": False,
        "details": None,
        "user_message": None,
        "fix_steps": [],
    }


def test_payment_terms_are_shown(explain):
    ran = explain(X402)
    assert ran.code == 0
    assert "Payment terms, x402" in ran.out
    assert "10000" in ran.out
    assert "base-sepolia" in ran.out


def test_a_bare_402_is_explained_by_its_status(explain):
    ran = explain(INVOICE)
    assert ran.code == 0
    assert "the status says so, the cause is not told" in ran.out
    assert "Links" not in ran.out


def test_standard_input_is_read(run, monkeypatch):
    for argv in (("explain", "-"), ("explain",)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAN)))
        assert run(*argv).code == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_what_a_windows_shell_saved_is_read(explain, encoding):
    assert explain(PLAN.decode().encode(encoding)).code == 0


def test_the_refusal_among_the_entries_of_a_har_file_is_found(explain):
    ok, refused = entry(200, {"ok": True}), entry(402, {"code": "insufficient_credits"})
    ran = explain(har(ok, refused, ok))
    assert ran.code == 0
    assert "credits_exhausted" in ran.out
    assert "HTTP 402 to POST https://api.example.com/v1/exports; response 2 of 3" in ran.out


def test_a_har_file_without_a_refusal_says_so(explain):
    ran = explain(har(entry(200, {"ok": True}), entry(404, {"error": "no such page"})))
    assert ran.code == 3
    assert "HTTP 404" in ran.out


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_no_credential_is_printed(explain, options):
    body = {"code": "insufficient_credits", "message": f"The key {KEY} has no credits."}
    for data in (QUOTED, har(entry(402, body)), har(entry(402, body, key="plain-canary-words"))):
        ran = explain(data, *options)
        assert ran.code == 0
        assert KEY not in ran.out + ran.err
        assert "canary" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"hello", "no HTTP response"),
        (b"\x00\xff\xfejunk", "binary data"),
        (b"\xff\xfej", "no HTTP response"),
        (har(entry(402, {}))[:-9], "only a part of it"),
        (b'{"error": "pay', "only a part of it"),
        (b"[" * 100_000, "only a part of it"),
        (b'{"log": "\xff"}', "no JSON"),
        (b'{"log": {}}', "no HAR file"),
        (b"HTTP/1.1 402 Payment Required\r\nConte", "cut off (its head ends within a header)"),
        (b'HTTP/1.1 402 \n\n{"error": {"code": "insuf', "cut off (the JSON"),
        (LIMIT.replace(b"retry-after: 1", b"content-length: 9000"), "of 9000 bytes"),
        (har(), "holds no response"),
    ],
)
def test_bad_input_is_told_without_a_traceback(explain, data, says):
    for options in ((), ("--json",)):
        ran = explain(data, *options)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("payreq: ")
        assert says in ran.err
        assert len(ran.err.splitlines()) == 1


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"", b"HTTP/2 402 \n\n", b"HTTP/1.1 429 \r\n", b'{"error": ', b'{"log": ']),
    st.binary(),
)
def test_no_input_ends_in_a_traceback(explain, head, rest):
    ran = explain(head + rest)
    assert ran.code in {0, 2, 3}
    assert (ran.out == "") is (ran.code == 2)


def test_a_file_that_is_missing_is_bad_input(run, tmp_path):
    ran = run("explain", str(tmp_path / "none.txt"))
    assert (ran.code, ran.out) == (2, "")
    assert "none.txt: No such file" in ran.err


def test_a_folder_is_bad_input(run, tmp_path):
    ran = run("explain", str(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert "Is a directory" in ran.err


def test_a_file_that_must_not_be_read_is_bad_input(run, tmp_path, monkeypatch):
    def refuse(_path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    ran = run("explain", str(tmp_path / "locked.txt"))
    assert (ran.code, ran.out) == (2, "")
    assert "locked.txt: Permission denied" in ran.err


def test_what_is_cut_off_after_its_cause_is_explained_with_a_warning(explain):
    cut = b'HTTP/1.1 429 \n\n{"error": {"code": "insufficient_quota", "message": "You hav'
    for options in ((), ("--json",)):
        ran = explain(cut, *options)
        assert ran.code == 0
        assert "cut off (the JSON of the body does not end)" in ran.err
        assert "credits_exhausted" in ran.out


def test_a_body_alone_is_explained(explain):
    ran = explain(b'{"error": {"code": "insufficient_quota", "message": "No credits."}}')
    assert ran.code == 0
    assert "credits_exhausted" in ran.out


def test_a_body_alone_that_does_not_say_why_is_no_refusal(explain):
    assert explain(b'{"error": "pay"}').code == 3
    assert explain(b'{"error": "pay"}', "--status", "402").code == 0


def test_a_body_that_is_no_json_needs_its_status(explain):
    page = b"<html><title>Your credits are used up</title></html>"
    assert explain(page).code == 2
    assert explain(page, "--status", "402").code == 0


def test_a_response_that_says_its_status_takes_no_other(explain):
    ran = explain(PLAN, "--status", "402")
    assert (ran.code, ran.out) == (2, "")
    assert "it says its status itself" in ran.err
    assert explain(PLAN, "--status", "90").code == 2


def test_the_words_are_for_whom_they_are_asked(explain):
    assert "who can pay" in explain(PLAN).out
    assert "who must ask the account's owner" in explain(PLAN, "--audience", "member").out
    ran = explain(PLAN, "--audience", "visitor")
    assert "who has no part in the account" in ran.out
    assert "Plan needed:" not in ran.out
    told = json.loads(explain(PLAN, "--audience", "visitor", "--json").out)
    assert told["user_message"]["audience"] == "visitor"
    assert explain(PLAN, "--audience", "nobody").code == 2


def test_the_language_of_the_words_can_be_chosen(explain, monkeypatch):
    asked = []
    own = PaymentRequired.user_message

    def user_message(refusal, locale=None, audience=None):
        asked.append(locale)
        return own(refusal, locale, audience)

    monkeypatch.setattr(PaymentRequired, "user_message", user_message)
    explain(PLAN, "--lang", "de")
    assert asked[0] == "de"


def test_a_link_that_is_not_verified_is_named_and_no_more(explain):
    ran = explain(PLAN)  # whose URL is not known, so that nobody can say whether it is its own
    assert "\nLinks" not in ran.out
    assert "https://api.example.com/plans" not in ran.out
    assert "api.example.com: they" in ran.out
    assert "add --url" in ran.out


def test_who_runs_the_program_is_shown_the_links_whoever_is_told(explain):
    ran = explain(PLAN, "--url", "https://api.example.com/v1/exports", "--audience", "visitor")
    assert "    https://api.example.com/plans\n" in ran.out


def test_a_long_link_is_never_broken(explain):
    url = f"https://api.example.com/{'plans/' * 20}"
    data = PLAN.replace(b"https://api.example.com/plans", url.encode())
    assert f"    {url}\n" in explain(data, "--url", "https://api.example.com/v1/exports").out


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (404, "There is nothing at this address"),
        (429, "this passes by itself"),
        (503, "sending it again may help"),
        (200, None),
    ],
)
def test_what_is_no_refusal_says_what_it_may_be(explain, status, says):
    ran = explain(b'HTTP/2 %d \nRetry-After: 34\n\n{"message": "Not so fast."}' % status)
    assert ran.code == 3
    assert (says or "No billing refusal") in ran.out
    assert ("What it may be" in ran.out) is (says is not None)
    assert "“Not so fast.”" in ran.out
    assert "34 seconds" in ran.out


def test_what_a_provider_means_by_another_answer_is_told(explain):
    ran = explain(LIMIT, "--url", "https://api.openai.com/v1/responses")
    assert "OpenAI (openai)" in ran.out
    assert "It is known to mean something else." in ran.out
    assert "/error/code is rate_limit_exceeded" in ran.out


@pytest.mark.parametrize("provider", sorted((CORPUS / "providers").glob("[a-g]*.jsonl")), ids=stem)
def test_answers_of_real_apis_fit_on_the_screen(explain, provider):
    with provider.open(encoding="utf-8") as lines:
        case = json.loads(next(lines))
    response, request = case["response"], case["request"]
    head = "".join(f"{name}: {value}\r\n" for name, value in response["headers"].items())
    data = f"HTTP/1.1 {response['status']}\r\n{head}\r\n{response['body']}".encode()
    ran = explain(data, "--url", request["url"], "--method", request["method"])
    assert ran.code == (0 if case["expect"]["payment"] else 3)
    assert ran.err == ""
    wide = [line for line in ran.out.splitlines() if len(line) > 80]
    assert all(line.startswith("    https://") for line in wide)


@pytest.mark.parametrize("url", ["api.example.com/v1", "https://user:secret-canary@a.example/", ""])
def test_a_url_that_is_none_is_bad_input(explain, url):
    ran = explain(PLAN, "--url", url)
    assert ran.code == 2
    assert "--url" in ran.err
    assert "canary" not in ran.err


def test_a_person_at_a_terminal_is_told_what_to_type(run, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(PLAN))
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", stdin)
    assert "paste a response" in run("explain").err


def test_bad_input_on_standard_input_is_named_so(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run("explain").err.startswith("payreq: standard input: ")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_terminal_gets_nothing_that_it_would_obey_or_reorder(explain, options):
    evil = "\u009b31m\u202e\u2066\x7f\x1b[2J\U000e0041evil"
    offer = {"network": evil, "amount": "1", "payTo": evil, evil: evil}
    body = {"x402Version": 1, "error": evil, "accepts": [offer]}
    ran = explain(har(entry(402, body)), *options)
    assert ran.code == 0
    assert "evil" in ran.out
    assert UNSAFE.sub("", ran.out.replace("\n", "")) == ran.out.replace("\n", "")
    if options:
        (challenge,) = json.loads(ran.out)["details"]["challenges"]
        assert challenge["raw"]["network"] == evil


def test_a_length_of_thousands_of_digits_is_no_failure(explain):
    head = b"HTTP/1.1 402 Payment Required\r\nContent-Length: " + b"9" * 5_000
    ran = explain(head + b"\r\n\r\n" + b'{"code": "insufficient_credits"}')
    assert ran.code == 0
    assert "cut off (32 of 9999999999999999999 bytes of the body are there)" in ran.err
