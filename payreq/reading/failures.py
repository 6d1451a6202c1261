"""Failures that come with a success: many APIs answer 200, and the payload says that it is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from payreq.reading.document import fold

if TYPE_CHECKING:
    from payreq.reading.document import Document, Leaf

CODES_AT = frozenset({"code", "resultcode", "retcode", "returncode", "status", "statuscode"})
"""Members that may hold a status of HTTP, or the API's own."""

_LEAVES = 120
_LINE = 200
_FAILING_STATUSES = range(400, 600)
_SUCCESSES = frozenset({0, 1, *range(200, 300), 1_000, 10_000})
_FALSE = (False, None, 0, "", "0", "false", "False", "no")
_ERROR_CODES_AT = frozenset({"errcode", "errno", "errorcode", "errornumber"})
_SAID_AT = frozenset(
    {"desc", "descinfo", "description", "error", "message", "msg", "reason", "retmsg", "returnmsg"}
    | {"responsedescription", "resultdesc", "statusmsg"}
)
_OUTCOMES_AT = CODES_AT | {"message", "msg", "result", "state"}
_SUCCEEDS_AT = frozenset({"issuccess", "issuccessful", "ok", "succeeded", "success", "successful"})
_KINDS_AT = frozenset({"event", "kind", "type"})
_FAILED = frozenset(
    {"declined", "denied", "error", "fail", "failed", "failure", "notok", "refused", "rejected"}
    | {"requestdenied"}
)
_SUCCEEDED = frozenset({"", "completed", "done", "ok", "pass", "succeed", "succeeded", "success"})
_ENVELOPES = frozenset({"baseresp", "head", "header", "meta", "response", "result", "status"})
"""Members in which some APIs keep the code and the message of an answer."""

_CODE = re.compile(r"-?\d{1,9}", re.ASCII)
_LACKING = re.compile(r"\w{0,40}(?i:insufficient|not_?enough|no_credit)\w{0,40}", re.ASCII)
_TEXT = re.compile(r"[A-Z]{2,20}(?:_[A-Z]{2,20}){1,6}|(?:[a-z]{2,12}\s)?(?i:err(?:or)?)\b.{0,180}")


def tells_of_failure(document: Document) -> bool:
    """Say whether a payload, or one line of text, says that something failed.

    Args:
        document: A response with a status of success.
    """
    if document.headers.get("grpc-status", "0") != "0" or _is_failing_line(document):
        return True
    leaves = document.leaves[:_LEAVES]
    said = any(leaf.key in _SAID_AT and leaf.value for leaf in leaves)
    for leaf in leaves:
        if leaf.key in _SUCCEEDS_AT:
            return leaf.value in _FALSE
        if _is_failing(leaf, said=said):
            return True
    return False


def is_named_error(value: object) -> bool:
    """Say whether a value is a code that calls itself an error: ERROR_NO_SLOT."""
    return isinstance(value, str) and value.startswith("ERROR_")


def _is_failing(leaf: Leaf, *, said: bool) -> bool:
    """Say whether one value tells of a failure.

    Args:
        leaf: The value.
        said: Whether a message is given with it.
    """
    if _is_outer(leaf) and (
        _is_failing_code(leaf, said=said)
        or is_named_error(leaf.value)
        or (leaf.key in _KINDS_AT and fold(str(leaf.value)).endswith("error"))
    ):
        return True
    is_outcome = leaf.key in _OUTCOMES_AT or leaf.path[-2:] == ("status", "name")
    if is_outcome and _is_failing_outcome(leaf.value):
        return True
    return bool(leaf.value) and _is_of_error(leaf)


def _is_failing_outcome(value: object) -> bool:
    if not isinstance(value, str):
        return value is False
    folded = fold(value)
    return folded in _FAILED or folded.endswith("failure") or _LACKING.fullmatch(value) is not None


def _is_of_error(leaf: Leaf) -> bool:
    """Say whether a value stands in an error, one in an outer list, too."""
    outer = [step for step in leaf.path[:3] if not step.isdigit()][:2]
    if any(step.startswith(("err", "fault")) for step in outer):
        return True
    return isinstance(leaf.value, str) and any(step.endswith("error") for step in outer)


def _is_name(code: str) -> bool:
    return code[:1].isalpha() and " " not in code and fold(code) not in _SUCCEEDED


def _is_outer(leaf: Leaf) -> bool:
    return len(leaf.path) == 1 or (len(leaf.path) == 2 and leaf.path[0] in _ENVELOPES)  # noqa: PLR2004  # an envelope and its member


def _is_failing_line(document: Document) -> bool:
    """Say whether a body is one line of words where none belong, or that calls itself an error."""
    text = document.text
    if document.kind != "text" or len(text) > _LINE:
        return False
    content_type = document.headers.get("content-type", "json")
    return "json" in content_type.lower() or _TEXT.fullmatch(text) is not None


def _is_failing_code(leaf: Leaf, *, said: bool) -> bool:
    """Say whether a code tells of a failure: an error's own, or HTTP's in the payload.

    Args:
        leaf: The value.
        said: Whether a message is given with it, beside which the API's own numbers tell it, too.
    """
    code = str(leaf.value)
    if not _CODE.fullmatch(code):
        # Where success is called by a name, so is failure.
        return said and leaf.key == "code" and isinstance(leaf.value, str) and _is_name(code)
    number = int(code)
    if leaf.key in _ERROR_CODES_AT:
        return number != 0
    if leaf.key not in CODES_AT:
        return False
    return number in _FAILING_STATUSES or (said and number not in _SUCCESSES)
