"""Bytes into one bounded Document, whatever came: JSON, XML, form, HTML, text, nothing.

Nothing here knows what billing is, and nothing here fails: what cannot be read is left out.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from encodings import normalize_encoding
from encodings.aliases import aliases
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import parse_qsl

from payreq.reading.loose import DEPTH, parse_json
from payreq.reading.markup import is_html, parse_xml, read_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    _Node = tuple[tuple[str, ...], str, Any]

BODY_LIMIT = 64 * 1024
"""How many bytes of a body are read."""

HEADER_LIMIT = 64 * 1024
"""How long a header's value may be."""

_NESTED = (dict, list)
_LEAVES = 1_200
_ITEMS = 100
_EMBEDDED = 4
_EMBEDDED_LIMIT = 16 * 1024
_TEXT_LIMIT = 8_000
_HEADERS = 200
_CHARSET = re.compile(r"charset\s?=\s?[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# Others are rare in HTTP, and some of Python's codecs (idna, punycode) are not linear.
_CHARSETS = frozenset(
    {"utf_8", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "ascii", "latin_1", "iso8859_2"}
    | {"iso8859_5", "iso8859_9", "iso8859_15", "cp1250", "cp1251", "cp1252", "cp1254", "koi8_r"}
    | {"gbk", "gb2312", "gb18030", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949"}
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, which is its beginning
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNS = re.compile(r"[\W_]+")
# What keeps JSON from being run as a script.
_GUARDS = (")]}'", "while(1);", "for(;;);")
_FORM = re.compile(r"[\w.%+-]{1,60}=[^\s<>{}&]{0,2000}(?:&|\Z)")
_INNER = re.compile(r"""[{\[]\s{0,20}(?:["'][^"']{0,200}["']\s{0,9}:|[{\[])""")

Kind = Literal["json", "xml", "form", "html", "text", "nothing"]


class Leaf(NamedTuple):
    """A value of the payload and where it stands."""

    path: tuple[str, ...]
    key: str
    value: str | int | Any


@dataclass(slots=True)
class Document:
    """One response, read as far as the limits go.

    Attributes:
        status: The HTTP status.
        headers: Lower-case names; repeated fields joined by commas.
        kind: What the body was read as.
        data: The payload: dictionaries, lists and plain values, or None.
        text: The readable text of a page or a plain body, a line a block; "" for payloads.
        leaves: Every plain value of the payload, outer ones first, those of JSON inside
            strings behind their string. Keys are folded: lower case, letters and digits.
        places: The values of the leaves by their paths.
        embedded: Payloads found inside strings or text.
        links: Where the links of a page lead, each with the words that stand in it.
        url: The URL that was asked, if known.
        truncated: Whether only a part of the body was read.
    """

    status: int
    headers: Mapping[str, str]
    kind: Kind = "nothing"
    data: Any = None
    text: str = ""
    leaves: list[Leaf] = field(default_factory=list)
    places: dict[tuple[str, ...], list[Any]] = field(default_factory=dict)
    embedded: list[Any] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    url: str | None = None
    truncated: bool = False


def read_document(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str | None = None,
    truncated: bool = False,
) -> Document:
    """Return the document that a response holds.

    Args:
        status: The HTTP status.
        headers: As `fold_headers` returns them.
        body: The decoded body, or the part of it that was read.
        url: The URL of the request.
        truncated: Whether `body` is only a part.
    """
    document = Document(status, headers, url=url, truncated=truncated or len(body) > BODY_LIMIT)
    content_type = headers.get("content-type", "").lower()
    text = _decode(body[:BODY_LIMIT], content_type).strip("\ufeff \t\r\n\0")
    if text:
        _fill(document, text, content_type)
    return document


def fold_headers(items: Iterable[tuple[object, object]]) -> dict[str, str]:
    """Return headers as a dictionary with lower-case names, repeated fields joined by commas."""
    folded: dict[str, str] = {}
    for name, value in islice(items, _HEADERS):
        key = (name if isinstance(name, str) else _as_text(name)).lower()
        text = value if isinstance(value, str) else _as_text(value)
        folded[key] = (f"{folded[key]}, {text}" if key in folded else text)[:HEADER_LIMIT]
    return folded


def fold(key: str) -> str:
    """Return a member's name as lower-case letters and digits: errorCode is error_code."""
    known = _folded.get(key)
    if known is None:
        known = _SIGNS.sub("", key[:80].lower())
        if len(_folded) < 2_000 and len(key) < 40:  # noqa: PLR2004  # payloads may not grow it
            _folded[key] = known
    return known


_folded: dict[str, str] = {}


def _as_text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _decode(body: bytes, content_type: str) -> str:
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return body.decode(charset, "replace")
    named = _CHARSET.search(content_type)
    if named is not None:
        # Not by codecs.lookup, which imports, and keeps each name it did not find.
        charset = normalize_encoding(named[1])
        charset = aliases.get(charset, charset)
        if charset in _CHARSETS:
            return body.decode(charset, "replace")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        # A cut-off last character is no sign of another encoding.
        cut = len(body) - error.start < 4 or b"\xef\xbf" in body  # noqa: PLR2004  # of UTF-8
        return body.decode("utf-8" if cut else "latin-1", "replace")


def _fill(document: Document, text: str, content_type: str) -> None:
    for guard in _GUARDS:
        text = text.removeprefix(guard)
    text = text.lstrip(",; \r\n")
    if text.startswith(("{", "[", '"', "'")):
        document.data = parse_json(text)
        if isinstance(document.data, str):
            document.text = document.data[:_TEXT_LIMIT]
        document.kind = "json"
    elif text.startswith("<"):
        _fill_markup(document, text, content_type)
    elif _is_form(text, content_type):
        document.kind = "form"
        document.data = dict(parse_qsl(text[:_EMBEDDED_LIMIT]))
    else:
        document.kind, document.text = "text", text[:_TEXT_LIMIT]
        document.data = _inner(text[:_EMBEDDED_LIMIT])
    _walk(document)


def _fill_markup(document: Document, text: str, content_type: str) -> None:
    if "html" in content_type or ("xml" not in content_type and is_html(text)):
        document.kind = "html"
        page = read_page(text)
        document.text, document.links = page.text, page.links
        if page.problem is not None:
            document.data = parse_json(page.problem.strip() or "null")
    else:
        document.kind = "xml"
        document.data = parse_xml(text)


def _is_form(text: str, content_type: str) -> bool:
    if "x-www-form-urlencoded" in content_type:
        return True
    return "=" in text[:60] and " " not in text[:2_000] and _FORM.match(text) is not None


def _inner(text: str) -> Any:
    """Return the payload that stands inside a text, such as `APIError: {"error": ...}`."""
    found = _INNER.search(text)
    if found is None:
        return None
    value = parse_json(text[found.start() :])
    return value if isinstance(value, dict | list) and value else None


def _walk(document: Document) -> None:
    """List every plain value, breadth first, within the limits."""
    leaves, places = document.leaves, document.places
    level: list[_Node] = [((), "", document.data)]
    tries = 0
    for _ in range(DEPTH):
        if not level:
            break
        deeper: list[_Node] = []
        for path, key, value in level:
            if isinstance(value, _NESTED):
                deeper += _members(path, key, value)
            elif value is not None:
                leaves.append(Leaf(path, key, value))
                places.setdefault(path, []).append(value)
                if isinstance(value, str) and tries < _EMBEDDED and ("{" in value or "[" in value):
                    tries += 1
                    inside = _inner(value[:_EMBEDDED_LIMIT])
                    if inside is not None:
                        document.embedded.append(inside)
                        deeper.append(((*path, "embedded"), key, inside))
        level = deeper[: max(0, _LEAVES - len(leaves))]


def _members(path: tuple[str, ...], key: str, value: dict[Any, Any] | list[Any]) -> Iterator[_Node]:
    if isinstance(value, dict):
        for name, member in islice(value.items(), _LEAVES):
            folded = fold(str(name))
            yield (*path, folded), folded, member
    else:
        for at, item in enumerate(value[:_ITEMS]):
            yield (*path, str(at)), key, item
