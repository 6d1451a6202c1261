"""`payreq schema`: what an API owner's refusal looks like, for machines."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON Schema of the body that payreq.problem makes (RFC 9457)."""
    from payreq import problems  # noqa: PLC0415  # loads pydantic

    print(json.dumps(problems.schema(), indent=2))
