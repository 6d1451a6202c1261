"""`payreq explain`: what a saved response refused, why, and what to do."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from payreq.cli import plain
from payreq.cli.capture import BadInputError
from payreq.cli.failing import fail
from payreq.cli.saved import name_of, read
from payreq.features import Audience  # noqa: TC001  # typer reads the annotation
from payreq.safety import web_url

if TYPE_CHECKING:
    from payreq.cli.capture import Capture
    from payreq.exceptions import PaymentRequired
    from payreq.telling.messages import UserMessage

REFUSED, NOT_REFUSED = 0, 3
"""The exit statuses, besides that of bad input."""


def explain(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE | -", help="What `curl -i` printed, a HAR file, or a body alone, as JSON."
        ),
    ] = "-",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    lang: Annotated[
        str | None, typer.Option(metavar="TAG", help="The language for the user, such as de.")
    ] = None,
    audience: Annotated[
        Audience | None,
        typer.Option(help="Who the user is: can pay, belongs to the account, or is neither."),
    ] = None,
    method: Annotated[str | None, typer.Option(metavar="M", help="The request's method.")] = None,
    url: Annotated[
        str | None, typer.Option(metavar="U", help="The request's URL, to know the provider.")
    ] = None,
    status: Annotated[
        int | None,
        typer.Option(metavar="N", min=100, max=599, help="The status, for a body alone."),
    ] = None,
) -> None:
    """Say what an HTTP response refused, why, and what to do, step by step.

    Exit status: 0 a billing refusal was recognised, 3 it is not one, 2 bad input.
    """
    try:
        captures = [_asked(capture, method, url) for capture in read(file, status)]
        refusal, found = _first_refusal(captures)
        _check_whole(captures[found], refusal, file)
    except BadInputError as error:
        fail(f"{name_of(file)}: {error}")
    message = refusal.user_message(lang, audience) if refusal is not None else None
    if as_json:
        plain.show(_report(refusal, message))
    else:
        _show(refusal, message, captures, found)
    raise typer.Exit(NOT_REFUSED if refusal is None else REFUSED)


def _asked(capture: Capture, method: str | None, url: str | None) -> Capture:
    if url is not None and web_url(url) is None:
        raise BadInputError("--url must be that of the request, such as https://api.example.com/v1")
    return replace(capture, method=method or capture.method, url=url or capture.url)


def _first_refusal(captures: list[Capture]) -> tuple[PaymentRequired | None, int]:
    """Return the first refusal and its place; without one, None and the place of the last."""
    from payreq import detect  # noqa: PLC0415  # `payreq --help` needs none

    for place, capture in enumerate(captures):
        refusal = detect(capture.response())
        if refusal is not None:
            return refusal, place
    return None, len(captures) - 1


def _check_whole(capture: Capture, refusal: PaymentRequired | None, file: str) -> None:
    """Say that a response is cut off, where that leaves something to rest a verdict on.

    Raises:
        BadInputError: It leaves nothing: the cause may stand in what is missing.
    """
    missing = capture.missing()
    if missing is None:
        return
    if refusal is None or refusal.details.certainty == "status":
        raise BadInputError(f"this is cut off ({missing}); save the whole response")
    print(f"payreq: {name_of(file)}: cut off ({missing}); read as far as it goes", file=sys.stderr)


def _report(refusal: PaymentRequired | None, message: UserMessage | None) -> dict[str, Any]:
    if refusal is None or message is None:
        return {"payment": False, "details": None, "user_message": None, "fix_steps": []}
    return {
        "payment": True,
        "details": refusal.details.model_dump(mode="json"),
        "user_message": message.to_dict(),
        "fix_steps": list(refusal.fix_steps()),
    }


def _show(
    refusal: PaymentRequired | None,
    message: UserMessage | None,
    captures: list[Capture],
    found: int,
) -> None:
    from payreq.cli import otherwise, verdict  # noqa: PLC0415  # rich, which --json does without

    among = f"response {found + 1} of {len(captures)}" if len(captures) > 1 else None
    if refusal is None or message is None:
        otherwise.show(captures[found], among)
    else:
        verdict.show(refusal, message, captures[found], among)
