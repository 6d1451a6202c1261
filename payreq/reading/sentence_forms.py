"""The forms in which providers say figures, plans and names: regular expressions, as a table.

Named groups are the fields they tell; `unit`, `counted` and `known` hold what a figure counts,
and a form with `known` tells nothing if that is not known. The first form that tells a fact
decides. Each stands behind its cues, parted by "|", one of which every match holds, so that most
forms need not be tried. Every repetition is bounded, so that reading stays linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from payreq.reading.field_names import TIERS
from payreq.reading.values import AMOUNT, DIGITS

# Not followed by what makes it a rate, a date or a time.
_WHOLE = (
    r"(?!\d|-\d|:\d|/\d)"
    r"(?!\W{0,2}(?:[\w-]{1,20}\s){0,2}(?:per|/|an?|every)\s?(?:second|sec|minute|min)\b)"
    r"(?!\s?(?:h\b|hrs?\b|hours?|day|week(?!ly)|month(?!ly)|year(?!ly)|%))"
)
_WORDS = r"[a-z]{2,14}\b(?:\s[a-z]{2,14}\b)?"
_UNIT = rf"\s(?P<known>{_WORDS})"
_MAYBE_UNIT = rf"(?:\s(?P<unit>{_WORDS}))?"
_MAYBE_COUNTED = rf"(?:\s(?P<counted>{_WORDS}))?"
_MONEY = rf"(?:[a-z]{{0,2}}[$€£¥₹])[-+]?{DIGITS}"
_SOME = r"(?:exactly\s|only\s|just\s|about\s|up\sto\s|at\smost\s|a\smax(?:imum)?\sof\s)?"
_IS = r"(?:\sis\s|\sof\s|\swas\s|\sbeing\s|\s?[:=]\s?)"
_YOUR = r"(?:your\s|the\s)?"


def _number(field: str) -> str:
    return rf"(?P<{field}>{AMOUNT}){_WHOLE}"


@dataclass(frozen=True)
class Form:
    """A regular expression."""

    written: str
    flags: re.RegexFlag

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled on first need: few forms ever are."""
        return re.compile(self.written, self.flags)


class Forms(NamedTuple):
    """Some forms, and which of them each cue speaks for: each match holds one of its form's."""

    each: tuple[Form, ...]
    by_cue: dict[str, list[int]]


def cues_of(text: str) -> set[str]:
    """Return the cues that stand in a text."""
    lower = text.lower()
    return {cue for cue in _CUES if cue in lower}


def fitting(forms: Forms, cues: set[str]) -> list[re.Pattern[str]]:
    """Return the forms for which a cue speaks, in their order.

    Args:
        forms: `FIGURES`, `NAMES`, `RENEWALS` or `WAITS`.
        cues: Those of the text.
    """
    numbers = {number for cue in cues & forms.by_cue.keys() for number in forms.by_cue[cue]}
    return [forms.each[number].pattern for number in sorted(numbers)]


def _forms(flags: re.RegexFlag, *rows: tuple[str, str]) -> Forms:
    by_cue: dict[str, list[int]] = {}
    for number, (cues, _) in enumerate(rows):
        for cue in cues.split("|"):
            by_cue.setdefault(cue, []).append(number)
    return Forms(tuple(Form(written, flags) for _, written in rows), by_cue)


_LIMIT, _USED, _LEFT = _number("limit"), _number("used"), _number("remaining")
_BALANCE, _COST = _number("balance"), _number("amount")

FIGURES = _forms(
    re.IGNORECASE,
    (
        "remaining|left",
        rf"{_LEFT}\s(?:out\s)?of\s{_YOUR}{_LIMIT}{_MAYBE_UNIT}\s(?:is\s|are\s)?(?:remaining|left)\b",
    ),
    (
        " of | / ",
        (
            rf"(?<![\w.,/-])(?<!attempt\s)(?<!page\s){_USED}{_MAYBE_COUNTED}"
            rf"(?:\s\(\d{{1,3}}%\))?(?:\s(?:out\s)?of\s|\s/\s)"
            rf"{_YOUR}(?:[a-z]{{4,10}}\s)?{_LIMIT}{_MAYBE_UNIT}"
        ),
    ),
    ("(", rf"\((?P<used>{AMOUNT})\s?/\s?{_LIMIT}{_MAYBE_UNIT}"),
    (
        "limit|quota|allowance",
        rf"\b(?P<known>[a-z]{{3,14}})\s(?:limit|quota|allowance){_IS}{_LIMIT}(?!\s[a-z]{{3,14}}s\b)",
    ),
    ("remaining|left", rf"\b(?:remaining|left)\s?[:=]\s?{_LEFT}{_MAYBE_UNIT}"),
    ("remaining|left", rf"{_LEFT}{_MAYBE_UNIT}\s(?:remaining|left)\b"),
    (
        "limit|quota|budget|cap|max|allowance|allocation",
        (
            r"\b(?:limit|quota|budget|cap|maximum|max|allowance|allocation)(?:\s[a-z]{2,20}){0,2}"
            rf"(?:{_IS}|\s?\(){_SOME}{_LIMIT}{_MAYBE_UNIT}"
        ),
    ),
    (
        "limited|restricted|capped",
        rf"\b(?:limited|restricted|capped)\s(?:to|at)\s{_SOME}{_LIMIT}{_MAYBE_UNIT}",
    ),
    (
        "allow|includ|permits",
        rf"\b(?:allow(?:s|ed)?|includ(?:es|ed)|permits)\s{_SOME}{_LIMIT}{_UNIT}",
    ),
    (
        " all ",
        rf"\b(?:used|consumed|spent)\s(?:up\s)?all\s(?:of\s)?{_YOUR}{_LIMIT}{_MAYBE_UNIT}",
    ),
    ("max", rf"\bmax(?:imum)?\b[^.()]{{0,60}}\({_LIMIT}\)"),
    ("(max", rf"\(max(?:imum)?\s{_LIMIT}{_MAYBE_UNIT}"),
    ("more than", rf"\bmore\sthan\s{_LIMIT}(?=[,)])"),
    (
        "no more than|can |may ",
        (
            rf"\b(?:no\smore\sthan|(?:can|may)\s(?:only\s)?(?:add|create|have|hold|make|run|send|store|upload|use))\s"
            rf"{_SOME}{_LIMIT}{_UNIT}"
        ),
    ),
    (
        "limit|quota|cap|allowance",
        rf"{_LIMIT}[\s-](?:(?P<unit>[a-z]{{3,14}})[\s-])?(?:limit|quota|cap|allowance)\b",
    ),
    (
        "cost|usage|spen|used|consumed",
        rf"\b(?:current\s(?:cost|usage|spend)|usage|used|spent|consumed)(?:{_IS}|\s){_USED}{_MAYBE_UNIT}",
    ),
    (
        "was |were |been ",
        rf"{_USED}{_UNIT}\s(?:was|were|(?:have|has)\sbeen)\s(?:used|spent|consumed)\b",
    ),
    ("balance", rf"\bbalance(?:{_IS}|\s?\[)(?:only\s)?{_BALANCE}{_MAYBE_UNIT}"),
    (
        "have|available|verfügbar|disponible",
        (
            rf"\b(?:require[sd]?|need(?:s|ed)?|cost|benötigt|erforderlich)\s?:?\s{_COST}{_MAYBE_UNIT}[,;]?\s"
            rf"(?:but\s|and\s)?(?:you\s)?(?:only\s)?(?:have|available|verfügbar)\s?:?\s(?:only\s)?{_BALANCE}"
        ),
    ),
    (
        "额度|余额",
        rf"(?:剩余额度|剩余余额|可用额度|可用余额|当前余额|账户余额|余额)(?:为|是|[:\uff1a])?\s?[\uff04\uffe5]?{_BALANCE}",
    ),
    (
        "(",
        rf"\bbalance\s?\((?:[a-z]{{3,10}}\s?[:=]?\s?)?{_BALANCE}{_MAYBE_UNIT}\)",
    ),
    (
        "available",
        rf"\b(?:available\scredits?|credits?\savailable){_IS}{_BALANCE}",
    ),
    ("available", rf"\bcredits?\W{{1,2}}{_BALANCE}\savailable\b"),
    (
        "have",
        (
            rf"\byou\s(?:only\s|currently\s)?have\s(?:only\s)?{_BALANCE}\s(?P<unit>credits)\b"
            r"(?!\s(?:remaining|left))"
        ),
    ),
    ("cost|price", rf"(?<!current\s)\b(?:costs?|priced?)(?:{_IS}|\sat\s|\s)~?{_COST}{_MAYBE_UNIT}"),
    (
        "require|need|owe|minimum|least|invoice|amount|outstanding",
        (
            r"\b(?:requires?|needs?|owe|minimum\sof|at\sleast|invoice\sof|amount\sdue|outstanding)"
            rf"(?:\sof|\sis|:)?\s(?P<amount>{_MONEY}){_WHOLE}"
        ),
    ),
    ("require|need", rf"\b(?:require[sd]?|need(?:s|ed)?)\s?:?\s(?:at\sleast\s)?{_COST}{_UNIT}"),
    ("required|needed", rf"{_COST}{_UNIT}\s(?:is|are)\s(?:required|needed)\b"),
)
"""What tells numbers."""

_WORD = r"[A-Za-z][\w+.-]{0,30}"
_NAME = r"(?!(?:An?|The|Your|This)\s)[A-Z][\w+]{0,30}(?:\s(?:or\s|and\s)?[A-Z][\w+]{0,30}){0,3}"
_LIST = rf"{_WORD}(?:(?:,|\sor|\sand|,\sor)\s{_WORD}){{0,5}}"
_TIER = "|".join(sorted(TIERS, reverse=True))
_NEEDED = r"\s(?i:(?:is|are)\s)?(?i:required|needed)\b"
_PART = r"[A-Za-z][A-Za-z0-9]{0,30}(?:[_/:.-][A-Za-z0-9]{1,30}){1,8}"

NAMES = _forms(
    re.NOFLAG,
    (
        "require|need",
        (
            rf"(?i:\b(?:requires?|needs?)\s(?:an?\s|the\s)?(?:active\s)?)(?P<required_plan>{_NAME})\s"
            r"(?i:plan|subscription|tier|licen[cs]e|account|membership)\b"
        ),
    ),
    (
        "upgrad|switch|move|subscribe",
        (
            r"(?i:\b(?:upgrad(?:e|ing)|switch|move|subscribe)\b)(?:\s[\w']{1,20}){0,4}?\s"
            rf"(?i:to\s(?:the\s|an?\s|our\s)?)(?P<required_plan>{_NAME})"
        ),
    ),
    ("required|needed", rf"(?P<required_plan>{_NAME})\s(?i:plan|tier|subscription){_NEEDED}"),
    (
        "required|needed",
        rf"\b(?P<required_plan>(?:[A-Z][\w+]{{0,30}}\s){{0,2}}(?i:{_TIER})){_NEEDED}",
    ),
    (
        "available|included|offered|supported|limited|restricted|only",
        (
            r"(?i:(?<!not\s)\b(?:available|included|offered|supported|limited|restricted|only)\b)"
            r"(?:\s[a-z]{2,12}){0,2}?\s(?i:(?:on|in|with|to|for)\s(?:the\s|our\s|an?\s)?)"
            rf"(?P<required_plan>{_LIST})\s"
            r"(?i:plans?|tiers?|(?:api\s)?(?:users?|subscribers?|customers?|members?))\b"
        ),
    ),
    (
        "plan|tier",
        (
            r"(?i:\b(?:(?:on|in|for|under)\s(?:an?|the|your|our)|with\s(?:your|our))\s(?:current\s)?)"
            rf"(?P<plan>{_WORD})\s"
            r"(?i:plan|tier)\b"
        ),
    ),
    ("your ", rf"(?i:\byour\s(?:current\s)?)(?P<plan>{_WORD})\s(?i:plan|tier)\b"),
    ("on ", rf"\bon\s(?P<plan>(?i:{_TIER}))\s(?i:plan|tier)\b"),
    (
        "required",
        (
            r"(?i:\brequired\s(?:plan|tier|subscription)(?:\s?:\s?|\sis\s)(?:the\s)?)"
            rf"[\"']?(?P<required_plan>{_WORD})"
        ),
    ),
    (
        "your plan|current plan|your tier|current tier",
        (
            r"(?i:\b(?:your|current)\s(?:plan|tier)(?:\s?:\s?|\sis\s|,\s|\s\()(?:the\s)?)[\"']?"
            rf"(?P<plan>{_WORD})"
        ),
    ),
    ("tier", rf"\b(?P<plan>{_WORD})\s(?i:pricing\stier|service\stier)\b"),
    (
        "plan|tier|account|user",
        (
            rf"\b(?P<plan>{_WORD})\s(?i:(?:plan|tier|account|user)s?\s(?:do|does|is|are|has|have|can|"
            r"cannot|allows?|includes?|usage)\b(?!\s(?:required|needed)))"
        ),
    ),
    (
        "limit|quota|allowance",
        rf"\b(?P<plan>{_WORD})\s(?i:(?:plan|tier)\s(?:limit|quota|allowance)s?\b)",
    ),
    ("plan", rf"(?i:\bplan)\s(?P<plan>{_WORD})\b"),
    (
        "access|support|includ|enabled",
        (
            r"(?i:(?:\bnot|n't|\bno|\bwithout)\s(?:yet\s|currently\s)?(?:have\s)?(?:access\sto|"
            r"support(?:s|ed)?|includ(?:es?|ed)(?:\saccess\sto)?|enabled\sfor)(?:\s(?:the|model|feature),?){0,2})\s?"
            rf"[\"'`]?(?P<feature>{_PART})"
        ),
    ),
    (
        "\"|'|`",
        r"(?i:\b(?:model|feature|endpoint|operation)\s)[\"'`](?P<feature>[^\"'`]{2,60})[\"'`]",
    ),
    (
        "available|supported|included|enabled|allowed",
        (
            r"(?:^|[.!:]\s)(?i:the\s)?(?P<feature>\w[\w /&'-]{2,60}?)(?i:\sfeature(?:\(s\)|s)?)?"
            r"\s(?i:(?:is|are|is/are)\s(?:currently\s)?(?:not\s|un|only\s|(?=\w{7,9}\sonly))"
            r"(?:available|supported|included|enabled|allowed)\s(?:only\s)?(?:on|in|for|with|by|under)\s(?:your|the|this|our|an?)\b)"
        ),
    ),
    (
        "feature",
        (
            r"(?:^|[.!:]\s)(?i:the\s)?(?P<feature>\w[\w /&'-]{2,60}?)\s(?i:is\san?\s"
            r"(?:paid|premium|pro|business|enterprise)\sfeature\b)"
        ),
    ),
    (
        "upgrad",
        (
            r"(?i:\bupgrad(?:e|ed|ing)\b)(?:\s[\w']{1,20}){0,4}?\s(?i:to\s(?:use|access|unlock|enable)\s"
            r"(?:the\s)?)(?P<feature>[A-Z]\w{1,30}(?:\s[A-Z]\w{1,30}){1,3})"
        ),
    ),
    ("plan item", r"\b(?i:plan\sitem)\s?:\s?(?P<feature>[\w.-]{3,60})"),
    (
        "account|org|project|team|group|workspace|tenant|subscription",
        (
            r"(?i:(?<!model\s)\b(?:account|organi[sz]ation|org|project|team|group|workspace|tenant|subscription)"
            r"(?:\sid)?)\s?[:=]?\s?[\"'<(\[]?(?P<account_id>[A-Za-z0-9][\w-]{7,80})"
        ),
    ),
    (
        "id:|id=|id :|id =|ref",
        (
            r"(?:(?i:\b(?:request|trace|correlation)[\s_-]?id|\bref(?:erence)?)|\bID)\s?[:=]\s?[\"']?"
            r"(?P<request_id>[\w:.+/=-]{8,128})"
        ),
    ),
)
"""What tells plans, features and ids."""

RENEWALS = _forms(
    re.IGNORECASE,
    (
        "reset|re-set|renew|refresh|replenish|refill|again|access|resume",
        (
            r"\b(?:re-?set|renew|refresh|replenish|refill|resume|filled\sagain|available\sagain|"
            r"(?:re-?)?gain\saccess|access\sis\sback)[a-z]{0,8}"
            r"(?:\s(?:is|at|on|in|after|again|be|will|the|date|time|your|quota|limit)\b){0,3}"
            r"[:\s]{0,3}"
        ),
    ),
)
"""What stands before the moment of a renewal."""

WAITS = _forms(
    re.IGNORECASE,
    (
        "try again|retry|wait",
        (
            r"\b(?:try\sagain|retry|wait)(?:\s(?:after|in|for|at|on|until|about|another)\b){0,3}"
            r"[:\s]{1,3}"
        ),
    ),
)
"""What stands before the time to wait."""

_CUES = FIGURES.by_cue.keys() | NAMES.by_cue.keys() | RENEWALS.by_cue.keys() | WAITS.by_cue.keys()
