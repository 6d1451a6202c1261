"""`payreq explain`: what a saved response refused, why, and what to do."""

from __future__ import annotations

import codecs
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from payreq.cli.capture import BadInputError
from payreq.cli.curl import read_curl
from payreq.cli.har import read_har
from payreq.safety import web_url

if TYPE_CHECKING:
    from payreq.cli.capture import Capture
    from payreq.exceptions import PaymentRequired

REFUSED, BAD_INPUT, NOT_REFUSED = 0, 2, 3
"""The exit statuses."""


def explain(
    file: Annotated[
        str, typer.Argument(metavar="FILE | -", help="What `curl -i` printed, or a HAR file.")
    ] = "-",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    method: Annotated[str | None, typer.Option(metavar="M", help="The request's method.")] = None,
    url: Annotated[
        str | None, typer.Option(metavar="U", help="The request's URL, to know the provider.")
    ] = None,
) -> None:
    """Say what an HTTP response refused, why, and what to do, step by step.

    Exit status: 0 a billing refusal was recognised, 3 it is not one, 2 bad input.
    """
    try:
        captures = [_asked(capture, method, url) for capture in _read(_bytes_of(file))]
    except BadInputError as error:
        print(f"payreq: {_name(file)}: {error}", file=sys.stderr)
        raise typer.Exit(BAD_INPUT) from None
    refusal, capture = _first_refusal(captures)
    if as_json:
        print(json.dumps(_report(refusal), indent=2, ensure_ascii=False))
    else:
        from payreq.cli import verdict  # noqa: PLC0415  # rich, which --json does without

        if refusal is None:
            verdict.show_none(capture, len(captures))
        else:
            verdict.show(refusal, capture, len(captures))
    raise typer.Exit(NOT_REFUSED if refusal is None else REFUSED)


def _bytes_of(file: str) -> bytes:
    if file == "-" and sys.stdin.isatty():
        print("payreq: paste a response, then end the input", file=sys.stderr)
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadInputError(error.strerror or str(error)) from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # What PowerShell's `>` makes of any output.
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if not data:
        raise BadInputError("it is empty; save a response with: curl -i URL > FILE")
    return data


def _read(data: bytes) -> list[Capture]:
    return read_har(data) if data.startswith(b"{") else [read_curl(data)]


def _asked(capture: Capture, method: str | None, url: str | None) -> Capture:
    if url is not None and web_url(url) is None:
        raise BadInputError("--url must be that of the request, such as https://api.example.com/v1")
    return replace(capture, method=method or capture.method, url=url or capture.url)


def _first_refusal(captures: list[Capture]) -> tuple[PaymentRequired | None, Capture]:
    """Return the first refusal and where it stands; without one, None and the last response."""
    from payreq import detect  # noqa: PLC0415  # `payreq --help` needs none

    for capture in captures:
        refusal = detect(capture.response())
        if refusal is not None:
            return refusal, capture
    return None, captures[-1]


def _report(refusal: PaymentRequired | None) -> dict[str, Any]:
    if refusal is None:
        return {"payment": False, "details": None, "user_message": None, "fix_steps": []}
    return {
        "payment": True,
        "details": refusal.details.model_dump(mode="json"),
        "user_message": refusal.user_message().to_dict(),
        "fix_steps": list(refusal.fix_steps()),
    }


def _name(file: str) -> str:
    return "standard input" if file == "-" else file
