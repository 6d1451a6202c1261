"""Every Python example of the README and of docs/ runs, as it stands; so does that of the contract.

The examples of a page run in order and share their names. Clients of the examples send as ever, but
what would leave this machine is answered here. A line that ends in "# -> value" must be that value;
`await` may stand outside a function. What a page needs and does not show stands in a comment of its
own, which begins with "<!--- invisible-code-block: python": there, `answers["api.example.com"]` may
be set to a function that takes the request and returns an httpx.Response.
"""

from __future__ import annotations

import ast
import asyncio
import re
import subprocess
import sys
from inspect import CO_COROUTINE
from pathlib import Path

import httpx
import httpx2
import pytest
from sybil import Document
from sybil.parsers.myst import CodeBlockParser
from typer.main import get_command

import payreq
from payreq.cli.app import app
from payreq.reading.providers import known

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts)
TEXTS = [
    *ROOT.glob("*.md"),
    *PAGES,
    *(path for room in ("examples", "payreq", "tests") for path in (ROOT / room).rglob("*.md")),
]

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

_EXPECTED = re.compile(r"# -> (.+)$")
_COMMAND = re.compile(r"(?:^|[|&] *)payreq +([a-z][^|&#>\n]*)", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(<?([^)#\s>]+)[^)]*\)")
_LOADED = re.compile(r'<(?:script|img|link)\b[^>]*\b(?:src|href)="([^"]+)"')
_KEYS = ("ANTHROPIC_API_KEY", "GROQ_API_KEY", "OPENAI_API_KEY")


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


def blocks_of(page, language):
    """Return the examples of a page in a language, each at the line where it stands."""
    found = Document.parse(str(page), CodeBlockParser(language, lambda example: None))
    return ["\n" * (each.line + each.parsed.line_offset) + each.parsed for each in found]


def run(source, file, names, loop):
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
    code = compile(tree, file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, names)  # the project's own examples
    if code.co_flags & CO_COROUTINE:
        loop.run(running)


def _same(value, wanted, place):
    assert str(value) == wanted, f"{place}: {value!s} is not {wanted}"


@pytest.fixture
def loop():
    """The event loop of a page."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def answers(monkeypatch):
    """What hosts answer, by their names; the others answer as `answer` says."""
    said = {}
    for library in (httpx, httpx2):
        _answer_for(library, said, monkeypatch)
    return said


def _answer_for(library, said, monkeypatch):
    send = library.HTTPTransport.handle_request
    send_async = library.AsyncHTTPTransport.handle_async_request

    def answered(request):
        made = said.get(request.url.host, answer)(request)
        return library.Response(made.status_code, headers=made.headers, content=made.content)

    def handle(transport, request):
        if _is_here(request):
            return send(transport, request)
        request.read()
        return answered(request)

    async def handle_async(transport, request):
        if _is_here(request):
            return await send_async(transport, request)
        await request.aread()
        return answered(request)

    monkeypatch.setattr(library.HTTPTransport, "handle_request", handle)
    monkeypatch.setattr(library.AsyncHTTPTransport, "handle_async_request", handle_async)


def _is_here(request):
    return request.url.host in {"127.0.0.1", "::1", "localhost"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_run_in_order(page, answers, loop, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for key in _KEYS:
        monkeypatch.setenv(key, "sk-test-0000000000000000")
    names = {"answers": answers}
    for block in blocks_of(page, "python"):
        run(block, str(page), names, loop)


def test_the_examples_of_the_readme_run_in_order(answers, loop, capsys):
    names = {}
    blocks = blocks_of(README, "python")
    for block in blocks:
        run(block, str(README), names, loop)
    assert len(blocks) > 8
    assert "It needs the plan pro at api.example.com." in capsys.readouterr().out


@pytest.mark.usefixtures("answers")
def test_the_example_of_the_contract_runs(loop):
    run(CONTRACT, "CONTRACT", {}, loop)


def test_an_example_that_says_what_is_not_so_fails(loop):
    with pytest.raises(AssertionError, match="EXAMPLE, line 1: 2 is not 3"):
        run("1 + 1  # -> 3", "EXAMPLE", {}, loop)


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_commands_that_a_page_shows_exist(page):
    for block in blocks_of(page, "sh"):
        for words in _COMMAND.findall(block):
            command, *rest = get_command(app), *words.split()
            while rest and hasattr(command, "commands"):
                command = command.commands[rest.pop(0)]
            options = {option for param in command.params for option in param.opts}
            used = {word for word in rest if word.startswith("--")}
            assert used <= options, f"payreq {words}"


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_text_links_to_is_there(page):
    links = _LINK.findall(_CODE.sub("", page.read_text("utf-8")))
    own = [link for link in links if "://" not in link]
    assert [link for link in own if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "command", ["pip install '.[cli]' && payreq demo", "pip install -e '.[dev]' && pytest"]
)
def test_the_readme_names_the_two_commands(command):
    assert f"\n{command}\n" in README.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the pages, built; no warning is let pass."""
    pytest.importorskip("sphinx", reason="the pages are built by Sphinx: the extra [docs]")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", ROOT / "docs", folder]
    built = subprocess.run(command, check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


def test_the_pages_are_built_without_a_warning(site):
    for page in PAGES:
        assert (site / page.relative_to(ROOT / "docs").with_suffix(".html")).exists()


def test_the_pages_ask_for_nothing_from_elsewhere(site):
    for page in site.glob("*.html"):
        loaded = _LOADED.findall(page.read_text("utf-8"))
        assert loaded
        assert not [url for url in loaded if "//" in url]


def test_every_provider_is_in_the_index(site):
    index = (site / "providers.html").read_text("utf-8")
    assert all(f'id="provider-{profile.name}"' in index for profile in known())


def test_every_public_name_is_in_the_reference(site):
    reference = (site / "reference.html").read_text("utf-8")
    names = [*payreq.__all__, *(f"testing.{name}" for name in payreq.testing.__all__)]
    assert [name for name in names if f'id="payreq.{name}"' not in reference] == []


def test_what_commands_print_stands_on_the_pages(site):
    shown = (site / "fixing.html").read_text("utf-8")
    assert "Billing refusal: credits_exhausted" in shown
    assert "Traceback" not in shown
