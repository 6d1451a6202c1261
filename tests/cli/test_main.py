from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from payreq.cli import main

RESPONSE = b"HTTP/1.1 402 Payment Required\r\n\r\n"


def test_help_names_every_command(run):
    ran = run("--help")
    assert ran.code == 0
    assert all(
        command in ran.out for command in ("explain", "report", "providers", "schema", "demo")
    )


def test_an_unknown_command_is_bad_input(run):
    assert run("pay").code == 2


def test_schema_prints_a_json_schema(run):
    ran = run("schema")
    assert ran.code == 0
    assert "properties" in json.loads(ran.out)


@pytest.mark.parametrize("missing", ["rich", "typer"])
def test_without_the_extra_it_is_named(run, monkeypatch, missing):
    for name in [name for name in sys.modules if name.startswith("payreq.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SystemExit) as ended:
        main(["explain", "-"])
    assert f"needs {missing}" in str(ended.value)
    assert "pip install 'payreq[cli]'" in str(ended.value)


def test_any_other_module_that_is_missing_is_not_taken_for_the_extra(monkeypatch):
    monkeypatch.delitem(sys.modules, "payreq.cli.app", raising=False)
    monkeypatch.setitem(sys.modules, "payreq.cli.demo", None)
    with pytest.raises(ModuleNotFoundError, match=r"payreq\.cli\.demo"):
        main(["--help"])


def test_a_terminal_that_knows_few_characters_is_no_failure(run, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RESPONSE)))
    assert run("explain").code == 0
    stream.flush()
    assert b"Billing refusal" in stream.buffer.getvalue()


def test_a_stream_of_another_kind_is_left_as_it_is(run, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert run("schema").code == 0
    assert json.loads(stream.getvalue())


def test_the_console_script_runs():
    command = [sys.executable, "-c", "from payreq.cli import main; main()", "explain", "-"]
    ran = subprocess.run(command, input=RESPONSE, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"Billing refusal" in ran.stdout


def test_the_console_script_ends_with_2_on_bad_input():
    command = [sys.executable, "-c", "from payreq.cli import main; main()", "explain", "-"]
    ran = subprocess.run(command, input=b"junk", capture_output=True, check=False)
    assert ran.returncode == 2
    assert b"Traceback" not in ran.stderr
