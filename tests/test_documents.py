"""Every Python example of the README runs, as it stands; so does that of the contract.

Clients of the examples send as ever, but what would leave the process is answered here. A line
that ends in "# -> value" must be that value.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import httpx
import pytest

import payreq

README = Path(__file__).parents[1] / "README.md"

CONTRACT = """
import httpx, payreq

guard = payreq.Guard(
    features={"export": "POST /v1/exports*", "chat": ["POST /v1/chat/*", "POST /v1/responses"]}
)
client = guard.wrap(httpx.Client(base_url="https://api.example.com"))

try:
    client.post("/v1/exports")
except payreq.PaymentRequired as refusal:
    refusal.reason is payreq.Reason.PLAN_UPGRADE_REQUIRED  # -> True
    refusal.details.required_plan  # -> pro
    "402" in refusal.user_message().body  # -> False
    refusal.user_message().action.url  # -> https://api.example.com/upgrade
    refusal.sent  # -> True
    refusal.restricts_access  # -> True
    isinstance(refusal, httpx.HTTPStatusError)  # -> True

try:
    client.post("/v1/exports")
except payreq.PaymentRequired as refusal:
    refusal.sent  # -> False

type(guard.blocks.get("export")).__name__  # -> Block
guard.blocks.get("chat")  # -> None
client.get("/v1/reports").status_code  # -> 200
guard.billing_fixed("export")
try:
    client.post("/v1/exports")
except payreq.PaymentRequired as refusal:
    refusal.sent  # -> True

try:
    client.post("/v1/charges")
except payreq.PaymentRequired as refusal:
    refusal.restricts_access  # -> False
"""

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_EXPECTED = re.compile(r"# -> (.+)$")


def answer(request):
    """Answer as the provider of the examples does."""
    if request.url.path == "/v1/exports":
        problem = payreq.problem(
            payreq.Reason.PLAN_UPGRADE_REQUIRED,
            detail="Exports are part of the Pro plan.",
            required_plan="pro",
            upgrade_url="https://api.example.com/upgrade",
        )
        return httpx.Response(problem.status, headers=problem.headers, content=problem.body)
    if request.url.host == "weather.example.com":
        return httpx.Response(429, json={"code": "E42"})
    if request.url.path == "/v1/charges":
        return httpx.Response(402, json={"error": {"code": "card_declined", "type": "card_error"}})
    return httpx.Response(200, json={"ok": True})


def blocks_of(text):
    """Return the examples of a Markdown text, each at the line where it stands."""
    return ["\n" * text.count("\n", 0, m.start(1)) + m[1] for m in _BLOCK.finditer(text)]


def run(source, file, names):
    """Run an example; each expression that says what it is must be that."""
    lines = source.splitlines()
    tree = ast.parse(source, file)
    for node in ast.walk(tree):
        expected = isinstance(node, ast.Expr) and _EXPECTED.search(lines[node.end_lineno - 1])
        if expected:
            found = ast.copy_location(ast.Name("_same", ast.Load()), node)
            wanted = ast.copy_location(ast.Constant(expected[1]), node)
            place = ast.copy_location(ast.Constant(f"{file}, line {node.lineno}"), node)
            node.value = ast.copy_location(
                ast.Call(found, [node.value, wanted, place], []), node.value
            )
    names["_same"] = _same
    exec(compile(tree, file, "exec"), names)  # the project's own examples


def _same(value, wanted, place):
    assert str(value) == wanted, f"{place}: {value!s} is not {wanted}"


@pytest.fixture
def _answered(monkeypatch):
    def handle(_transport, request):
        request.read()
        return answer(request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)


@pytest.mark.usefixtures("_answered")
def test_the_examples_of_the_readme_run_in_order(capsys):
    names = {}
    blocks = blocks_of(README.read_text(encoding="utf-8"))
    for block in blocks:
        run(block, str(README), names)
    assert len(blocks) > 8
    assert "It needs the plan pro at api.example.com." in capsys.readouterr().out


@pytest.mark.usefixtures("_answered")
def test_the_example_of_the_contract_runs():
    run(CONTRACT, "CONTRACT", {})


def test_an_example_that_says_what_is_not_so_fails():
    with pytest.raises(AssertionError, match="EXAMPLE, line 1: 2 is not 3"):
        run("1 + 1  # -> 3", "EXAMPLE", {})


@pytest.mark.parametrize(
    "command", ["pip install '.[cli]' && payreq demo", "pip install -e '.[dev]' && pytest"]
)
def test_the_readme_names_the_two_commands(command):
    assert f"\n{command}\n" in README.read_text(encoding="utf-8")
