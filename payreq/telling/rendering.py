"""A message as text, Markdown, HTML or data, safe wherever it is shown.

Whatever it says may have come from a server, or through an app's own words: control and
reordering characters are taken out, markup is escaped, and only https links can be followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from payreq.safety import typeset, web_url
from payreq.telling.languages import CLOSES, OPENS, catalogue, isolated, right_to_left, spoken
from payreq.telling.sentences import PAIR, PLACE

if TYPE_CHECKING:
    from payreq.telling.messages import Action, UserMessage

REL = "noopener noreferrer nofollow"
"""What a link says of itself: the page that it opens learns nothing of where it stood."""

_LIMIT = 4_000  # characters of a sentence of the app's own
_MARKUP = re.compile(
    r"[\\`*_{}\[\]#|~$^!=]"  # anywhere
    r"|(?<=\S)[.:@](?=\S)"  # within a word: what bare links and addresses are made of
    r"|^[-+]"  # at the beginning: lists
)
_NUMBERED = re.compile(r"^(\d+)([.)])")


def text(message: UserMessage) -> str:
    """Return plain text: no control characters, no bidirectional overrides."""
    pair = _pattern(PAIR, message)
    links = [pair.format(label=_line(item.label), value=_told(item)) for item in _actions(message)]
    facts = [
        pair.format(label=_line(label), value=_apart(value, message))
        for label, value in message.facts
    ]
    head = f"{_line(message.title)}\n{_line(message.body)}"
    after = [_line(message.after_payment)] if message.after_payment else []
    return "\n\n".join(filter(None, (head, "\n".join(facts), "\n".join(links), *after)))


def markdown(message: UserMessage) -> str:
    """Return Markdown (CommonMark, GitHub's too)."""
    pair = _pattern(PAIR, message)
    links = [_markdown_link(item, message) for item in _actions(message)]
    facts = [
        "- " + pair.format(label=f"**{escaped(label)}**", value=escaped(_apart(value, message)))
        for label, value in message.facts
    ]
    after = [escaped(message.after_payment)] if message.after_payment else []
    head = (f"**{escaped(message.title)}**", escaped(message.body))
    return "\n\n".join(filter(None, (*head, "\n".join(facts), *links, *after)))


def html(message: UserMessage) -> str:
    """Return a fragment of HTML: one `section` of class `payreq`, with language and direction."""
    links = [f"<p>{_html_link(item, message)}</p>" for item in _actions(message)]
    facts = "".join(
        f"<dt>{_html(label)}</dt><dd><bdi>{_html(value)}</bdi></dd>"
        for label, value in message.facts
    )
    after = [f"<p>{_html(message.after_payment)}</p>"] if message.after_payment else []
    direction = "rtl" if right_to_left(message.locale) else "ltr"
    parts = (
        f'<section class="payreq" lang="{_html(message.locale)}" dir="{direction}">',
        f"<p><strong>{_html(message.title)}</strong></p>",
        f"<p>{_html(message.body)}</p>",
        f"<dl>{facts}</dl>" if facts else "",
        *links,
        *after,
        "</section>",
    )
    return "\n".join(filter(None, parts))


def data(message: UserMessage) -> dict[str, Any]:
    """Return plain data; a link that must not be followed has no `url`."""
    return {
        "title": _line(message.title),
        "body": _line(message.body),
        "action": _data(message.action) if message.action else None,
        "more": [_data(item) for item in message.more],
        "facts": [{"label": _line(label), "value": _line(value)} for label, value in message.facts],
        "after_payment": _line(message.after_payment) if message.after_payment else None,
        "locale": message.locale,
        "audience": message.audience,
    }


def escaped(value: str) -> str:
    """Return a line of text so that Markdown shows it as it is."""
    line = _MARKUP.sub(lambda match: f"\\{match[0]}", _line(value))
    line = _NUMBERED.sub(r"\1\\\2", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _actions(message: UserMessage) -> tuple[Action, ...]:
    return ((message.action,) if message.action else ()) + message.more


def _line(value: str) -> str:
    return typeset(value, _LIMIT)


def _pattern(sentence: str, message: UserMessage) -> str:
    return catalogue(spoken(message.locale)).gettext(sentence)


def _apart(value: str, message: UserMessage) -> str:
    return isolated(_line(value), message.locale)


def _https(action: Action) -> str | None:
    url = web_url(action.url)
    return url if url and url.lower().startswith("https:") else None


def _told(action: Action) -> str:
    """Return where a link leads; of one that must not be followed, only its host."""
    return _https(action) or _line(action.host)


def _data(action: Action) -> dict[str, str | None]:
    return {"label": _line(action.label), "url": _https(action), "host": _line(action.host)}


def _label(action: Action, message: UserMessage) -> str:
    pattern = _pattern(PLACE, message)
    return pattern.format(label=_line(action.label), host=_apart(action.host, message))


def _markdown_link(action: Action, message: UserMessage) -> str:
    url = _https(action)
    label = escaped(_label(action, message))
    return f"[{label}](<{url.replace('&', '&amp;')}>)" if url else label


def _html_link(action: Action, message: UserMessage) -> str:
    url = _https(action)
    label = _html(_label(action, message))
    return f'<a href="{_html(url)}" rel="{REL}">{label}</a>' if url else label


def _html(value: str) -> str:
    from html import escape  # noqa: PLC0415  # its table of entities is large

    # In HTML, an element says what isolates say in text.
    return escape(_line(value)).replace(OPENS, "<bdi>").replace(CLOSES, "</bdi>")
