"""XML and HTML, read for their words: one forgiving pass, no DTD, no entities of its own."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, NamedTuple

from payreq.reading.loose import DEPTH

_NODES = 2_000
_LINKS = 20
_LABEL = 120
_TEXT = 8_000
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/<>]{0,80}+)([^<>]*+)>")
_ATTRIBUTE = re.compile(
    r"""([A-Za-z_][\w:.-]{0,60})\s?=\s?(?:"([^"<>]{0,500})"|'([^'<>]{0,500})')"""
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_DECLARATION = re.compile(r"<[!?][^<>]*+>")
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s"}
    | {"samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"}
)
_SILENT = frozenset({"script", "style", "template", "svg", "noscript"})
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|title|h1|center|div|p)[\s>]", re.IGNORECASE)
_PROBLEM = "application/problem+json"


def is_html(text: str) -> bool:
    """Say whether markup is a web page rather than XML."""
    return _HTML.search(text[:1_000]) is not None


def parse_xml(text: str) -> Any:
    """Return an XML document as dictionaries, the root element left out.

    Repeated elements become lists, and so do the children named `i` of problem+xml
    (RFC 9457, appendix B). Attributes stand beside the children; prefixes are dropped.
    """
    text = _CDATA.sub("", _without_comments(text))
    root: dict[str, Any] = {}
    stack: list[tuple[str, dict[str, Any]]] = [("", root)]
    at = nodes = 0
    for tag in _TAG.finditer(text):
        closing, name, rest = tag[1], tag[2].rpartition(":")[2], tag[3]
        _add_text(stack[-1][1], text[at : tag.start()])
        at = tag.end()
        if closing:
            if name in [open_name for open_name, _ in stack[1:][-3:]]:
                while _close(stack) != name:
                    pass
            continue
        nodes += 1
        if nodes > _NODES:
            break
        node = {} if not rest else _attributes(rest)
        if rest.endswith("/") or len(stack) > DEPTH:
            _add_child(stack[-1][1], name, node)
        else:
            stack.append((name, node))
    _add_text(stack[-1][1], text[at:].partition("<")[0])
    while len(stack) > 1:
        _close(stack)
    root.pop("#text", None)
    top = next(iter(root.values()), None)
    return top if len(root) == 1 else root


def _close(stack: list[tuple[str, dict[str, Any]]]) -> str:
    name, node = stack.pop()
    _add_child(stack[-1][1], name, node)
    return name


def _attributes(rest: str) -> dict[str, Any]:
    found = {m[1]: _unescaped(m[2] or m[3] or "") for m in _ATTRIBUTE.finditer(rest[:2_000])}
    return {name: value for name, value in found.items() if not name.startswith("xmlns")}


def _add_text(node: dict[str, Any], text: str) -> None:
    text = text.strip()
    if text and "#text" not in node:
        node["#text"] = _unescaped(text[:_TEXT])


def _add_child(parent: dict[str, Any], name: str, node: dict[str, Any]) -> None:
    value: Any = node
    if not node or set(node) == {"#text"}:
        value = node.get("#text", "")
    elif set(node) <= {"i", "#text"}:
        value = node["i"] if isinstance(node["i"], list) else [node["i"]]
    if name not in parent:
        parent[name] = value
    elif isinstance(parent[name], list):
        parent[name].append(value)
    else:
        parent[name] = [parent[name], value]


class Page(NamedTuple):
    """What a web page says.

    Attributes:
        text: Its visible text, a line a block.
        problem: The content of `<script type="application/problem+json">` (RFC 9457,
            appendix C), if there is one.
        links: Where its first links lead, unchecked, each with the words that stand in it.
    """

    text: str
    problem: str | None
    links: list[tuple[str, str]]


def read_page(text: str) -> Page:
    """Return the visible text of a page, an embedded problem document, and the links."""
    text = _DECLARATION.sub("", _without_comments(text))
    pieces: list[str] = []
    problem: str | None = None
    links: list[tuple[str, str]] = []
    silent = ""
    at = 0
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if silent:
            if not (tag[1] and name == silent):
                continue
            silent = ""
        else:
            pieces += (text[at : tag.start()], "" if name in _INLINE else "\0")
            if not tag[1] and name in _SILENT and not tag[3].endswith("/"):
                silent = name
                if problem is None and name == "script" and _PROBLEM in tag[3]:
                    end = text.find("</script", tag.end())
                    problem = text[tag.end() : end if end > 0 else None]
            if name == "a" and not tag[1] and len(links) < _LINKS:
                label = text[tag.end() : tag.end() + _LABEL].partition("<")[0]
                links.append((_attributes(tag[3]).get("href", ""), _unescaped(label)))
        at = tag.end()
    if not silent:
        pieces.append(text[at:])
    lines = (" ".join(_unescaped(block).split()) for block in "".join(pieces).split("\0"))
    return Page("\n".join(line for line in lines if line)[:_TEXT], problem, links)


def _without_comments(text: str) -> str:
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start + 2)  # HTML lets a comment end where it begins: <!-->
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join(kept) + text[at:]


def _unescaped(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # the number of a character, thousands of digits long
        return text
