"""The commands, under their names."""

from __future__ import annotations

import typer

from payreq.cli.blocks import blocks
from payreq.cli.demo import demo
from payreq.cli.explain import explain
from payreq.cli.providers import providers
from payreq.cli.report import report
from payreq.cli.schema import schema

app = typer.Typer(
    name="payreq",
    help="Recognise billing refusals of any HTTP API, and act on them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (explain, blocks, report, providers, schema, demo):
    app.command()(command)
