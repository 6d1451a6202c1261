"""Prints what `payreq/testing/examples.jsonl` holds: the first case of a provider and a reason."""

from __future__ import annotations

import json
import sys
from pathlib import Path

CORPUS = Path(__file__).parent
CODED = ("content-encoding", "content-length")  # the body stands there as text


def lines() -> list[str]:
    """Return the lines of the file."""
    found = {}
    for file in sorted((CORPUS / "providers").glob("*.jsonl"), key=lambda path: path.stem):
        for line in file.read_text("utf-8").splitlines():
            case = json.loads(line)
            if case["expect"]["payment"]:
                example = {"provider": file.stem, "reason": case["expect"]["reason"]}
                example |= case["request"] | case["response"]
                example["headers"] = {
                    name: value
                    for name, value in example["headers"].items()
                    if name.lower() not in CODED
                }
                found.setdefault((example["provider"], example["reason"]), example)
    return [json.dumps(example, ensure_ascii=False) for example in found.values()]


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
