"""JSON as it comes: strict first, else forgiving (Python literals, cut off, stray commas)."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from itertools import islice
from typing import Any

DEPTH = 32
"""How deep a payload may nest; what lies deeper is dropped."""

_TOKENS = 24_000
_LONG_NUMBER = 60
_ESCAPE = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\x([0-9a-fA-F]{2})|\\(.?)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_NUMBER = re.compile(r"-?\d{1,60}(?:\.\d{1,60})?(?:[eE][-+]?\d{1,4})?")
_WORDS = {"true": True, "True": True, "false": False, "False": False}
_TOKEN = re.compile(
    r"""(?P<open>[\[{(]) | (?P<close>[\]})]) | (?P<mark>[,:])
      | "(?P<double>(?:[^"\\]|\\(?:.|\Z))*)(?:"|\Z)
      | '(?P<single>(?:[^'\\]|\\(?:.|\Z))*)(?:'|\Z)
      | (?P<word>[^\s\[\]{}(),:"']+)""",
    re.VERBOSE | re.DOTALL,
)
# Half a character of UTF-16 (group 2) beside whole ones and other escapes.
_HALF = re.compile(
    r"\\(?:(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONG_NUMBER else digits


def _fraction(digits: str) -> Decimal | str:
    return Decimal(digits) if _NUMBER.fullmatch(digits) else digits


_decoder = json.JSONDecoder(
    parse_int=_whole_number, parse_float=_fraction, parse_constant=lambda _: None, strict=False
)


def parse_json(text: str) -> Any:
    """Return the first JSON value of a text that starts with one, however damaged.

    Args:
        text: Starts with a bracket or a quote. What follows the first value is ignored.

    Returns:
        Dictionaries, lists, strings, ints, Decimals, bools and None; numbers too long to be
        one stay strings, and halves of characters become the replacement character.
    """
    if "\\ud" in text or "\\uD" in text:
        text = _HALF.sub(lambda m: "\\ufffd" if m[2] else m[0], text)
    try:
        return _decoder.raw_decode(text)[0]
    except (ValueError, RecursionError):
        return _forgiving(text)


def _forgiving(text: str) -> Any:
    """Read a payload token by token: one pass, no recursion, no failure."""
    stack = [_Frame("[")]
    skipping = 0
    for token in islice(_TOKEN.finditer(text), _TOKENS):
        if token["open"] and (skipping or len(stack) > DEPTH):
            skipping += 1
        elif token["close"] and skipping:
            skipping -= 1
        elif not skipping:
            _take(token, stack)
        if stack[0].items:
            break
    while len(stack) > 1:
        _close(stack)
    items = stack[0].items
    return items[0] if items else None


def _take(token: re.Match[str], stack: list[_Frame]) -> None:
    kind, lexeme = token.lastgroup, token.group()
    if kind == "open":
        stack.append(_Frame(lexeme))
    elif kind == "close":
        _close(stack)
    elif kind == "mark":
        stack[-1].mark(lexeme)
    elif kind == "word":
        stack[-1].add(_bare(lexeme))
    else:
        stack[-1].add(_unescape(token["double"] or token["single"] or ""))


def _close(stack: list[_Frame]) -> None:
    if len(stack) > 1:
        done = stack.pop()
        stack[-1].add(done.value())


class _Frame:
    """An object or array while its members come in."""

    __slots__ = ("items", "key", "members", "opening")

    def __init__(self, opening: str) -> None:
        self.opening = opening
        self.items: list[Any] = []
        self.members: dict[str, Any] = {}
        self.key: str | None = None

    def mark(self, sign: str) -> None:
        if sign == ",":
            self.key = None
        elif self.opening == "{" and self.items and self.key is None:
            self.key = str(self.items.pop())

    def add(self, value: Any) -> None:
        if self.key is not None:
            self.members[self.key] = value
            self.key = None
        else:
            self.items.append(value)

    def value(self) -> Any:
        return self.members if self.opening == "{" else self.items


def _bare(word: str) -> Any:
    if word in _WORDS:
        return _WORDS[word]
    if word in {"null", "None", "undefined", "NaN", "..."}:
        return None
    if _NUMBER.fullmatch(word):
        return int(word) if word.lstrip("-").isdigit() else Decimal(word)
    return word


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_meant, text)


def _meant(escape: re.Match[str]) -> str:
    units, code, sign = escape.groups()
    if units:
        return bytes.fromhex(units.replace("\\u", "")).decode("utf-16-be", "replace")
    return chr(int(code, 16)) if code else _ESCAPED.get(sign, sign)
