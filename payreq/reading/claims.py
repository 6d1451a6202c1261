"""What a payment protocol claims, kept within bounds: text, amounts, times, encoded JSON."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from payreq.reading.document import HEADER_LIMIT, fold
from payreq.reading.loose import parse_json
from payreq.safety import URL_LIMIT, clean

if TYPE_CHECKING:
    from payreq.details import Challenge
    from payreq.reading.document import Document

PAYMENT_REQUIRED = 402
RPC_REQUIRED, RPC_FAILED = -32042, -32043

LIMIT = 32
"""How many challenges or offers are kept."""

INVOICE_LIMIT = 8_000
"""How long an invoice may be: the longest of BOLT 11 have 7,089 characters."""

_DIGITS = 60
_DEPTH = 8
_ITEMS = 100
_AMOUNT = re.compile(r"\d{1,60}(?:\.\d{1,60})?")
_URL_SAFE = str.maketrans("-_", "+/")


class Finding(NamedTuple):
    """What the reader of one protocol found.

    Attributes:
        evidence: What matched.
        challenges: The terms, in the server's order.
        usable: Whether a machine could pay by them.
        failed: Whether the response says that a payment was tried and failed.
        code: The machine-readable code that matched.
    """

    evidence: str
    challenges: tuple[Challenge, ...]
    usable: bool = True
    failed: bool = False
    code: str | None = None


def is_asking(document: Document) -> bool:
    """Say whether a response asks for money: by its status or, over gRPC, by its trailers."""
    if document.status == PAYMENT_REQUIRED:
        return True
    said = document.headers.get("grpc-message", "")[:100].replace("%20", " ").strip(" .").lower()
    return said == "payment required" and document.headers.get("grpc-status") != "0"


def rpc_error(document: Document) -> dict[str, Any] | None:
    """Return the error of a JSON-RPC answer that asks for money, or None."""
    data = document.data if isinstance(document.data, dict) else {}
    error = data.get("error") if "jsonrpc" in data else None
    if not isinstance(error, dict) or error.get("code") not in (RPC_REQUIRED, RPC_FAILED):
        return None
    # The Model Context Protocol has another meaning for the first code.
    about = error.get("data")
    told = isinstance(about, dict) and (
        about.get("httpStatus") == PAYMENT_REQUIRED or isinstance(about.get("challenges"), list)
    )
    return error if told else None


def is_tool_refused(document: Document) -> bool:
    """Say whether a JSON-RPC answer is a call that failed, as tools are paid for with x402.

    Version 2 says so by `result.isError`, version 1 by 402 as the error's code.
    """
    data = document.data if isinstance(document.data, dict) else {}
    result, error = data.get("result"), data.get("error")
    return "jsonrpc" in data and (
        (isinstance(result, dict) and result.get("isError") is True)
        or (isinstance(error, dict) and error.get("code") == PAYMENT_REQUIRED)
    )


def text(value: object, limit: int = URL_LIMIT) -> str | None:
    """Return a claim in words, or None where it is none or too long to be kept whole.

    Args:
        value: A member of the terms.
        limit: Characters allowed.
    """
    if not isinstance(value, str) or len(value) > limit:
        return None
    return clean(value, limit) or None


def number_or_text(value: object) -> str | None:
    """Return a version or an id as text, whether it was sent as a number or as a string."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    return text(str(value), _DIGITS)


def amount(value: object) -> Decimal | None:
    """Return an amount, unconverted, or None where it is none.

    Args:
        value: A number, or a string of digits with an optional fraction.
    """
    if isinstance(value, str):
        return Decimal(value.strip()) if _AMOUNT.fullmatch(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    sane = number.is_finite() and number >= 0 and abs(number.adjusted()) <= _DIGITS
    return number if sane else None


def moment(value: object) -> datetime | None:
    """Return a point in time of RFC 3339, or None where it is none or names no zone."""
    try:
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def decoded(value: str, limit: int = HEADER_LIMIT) -> Any:
    """Return the JSON that a header holds, plain or in base64 of either alphabet, or None.

    Args:
        value: The header's value.
        limit: Characters allowed.
    """
    value = value.strip().strip("\"'")
    if len(value) > limit:
        return None
    if not value.startswith(("{", "[")):
        digits = value.rstrip("=").translate(_URL_SAFE)
        try:
            value = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode()
        except ValueError:
            return None
        value = value.strip()
    return parse_json(value) if value.startswith(("{", "[")) else None


def folded(value: object) -> dict[str, Any]:
    """Return an object's members by folded name: payTo is pay_to; {} for what is no object."""
    if not isinstance(value, dict):
        return {}
    members: dict[str, Any] = {}
    for name, member in value.items():
        members.setdefault(fold(str(name)), member)
    return members


def bounded(value: Any, depth: int = _DEPTH) -> Any:
    """Return a copy that is neither deep nor wide, with text that any encoding can hold.

    Args:
        value: Any JSON value.
        depth: How many levels are kept.
    """
    if isinstance(value, str):
        return value[: 2 * URL_LIMIT].encode(errors="replace").decode()
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return None
    if isinstance(value, dict):
        return {
            bounded(str(name)): bounded(member, depth - 1)
            for name, member in list(value.items())[:_ITEMS]
        }
    return [bounded(item, depth - 1) for item in value[:_ITEMS]]
