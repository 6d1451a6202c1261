from __future__ import annotations

import io
import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

from payreq.cli import main

FULL = Path("/dev/full")
RESPONSE = "HTTP/1.1 402 Payment Required\r\n\r\n"


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
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RESPONSE.encode())))
    assert run("explain").code == 0
    stream.flush()
    assert b"Billing refusal" in stream.buffer.getvalue()


def test_a_stream_of_another_kind_is_left_as_it_is(run, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert run("schema").code == 0
    assert json.loads(stream.getvalue())


def test_it_runs_in_a_process_of_its_own(shell):
    ran = shell("explain", "-", input=RESPONSE)
    assert (ran.code, ran.err) == (0, "")
    assert "Billing refusal" in ran.out


def test_it_runs_as_a_module(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["payreq", "schema"])
    monkeypatch.delitem(sys.modules, "payreq.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        import_module("payreq.__main__")
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)


def test_bad_input_ends_it_with_2(shell):
    ran = shell("explain", "-", input="junk")
    assert ran.code == 2
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", ["explain", "report"])
def test_an_input_that_is_closed_is_empty(run, monkeypatch, command):
    monkeypatch.setattr(sys, "stdin", None)
    ran = run(command, "-")
    assert ran.code == 2
    assert ran.err.startswith("payreq: standard input: it is empty")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no full device")
@pytest.mark.parametrize("argv", [("schema",), ("providers",), ("--help",)])
def test_a_full_disk_is_told_in_one_line(monkeypatch, argv):
    with FULL.open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as ended:
            main(argv)
    assert ended.value.code == "payreq: No space left on device"


def test_a_pipe_that_nobody_reads_ends_it_without_a_word(monkeypatch, tmp_path):
    def broken(*_args, **_options):
        raise BrokenPipeError

    with (tmp_path / "pipe").open("w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        monkeypatch.setattr("payreq.cli.app.app", broken)
        with pytest.raises(SystemExit) as ended:
            main(["schema"])
    assert ended.value.code == 1
