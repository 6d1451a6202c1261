"""`payreq demo`: everything at work, against a server on loopback."""

from __future__ import annotations

import typer


def demo() -> None:
    """Play a provider that wants to be paid, and check what payreq makes of it.

    Exit status: 0 if everything that it claims holds, else 1.
    """
    from payreq.cli.demo.performance import perform  # noqa: PLC0415  # loads httpx and rich
    from payreq.cli.demo.provider import Provider  # noqa: PLC0415  # loads the server

    with Provider() as provider:
        held = perform(provider)
    raise typer.Exit(0 if held else 1)
