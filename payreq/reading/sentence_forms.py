"""The forms in which providers say figures, plans and names: regular expressions, as a table.

Named groups are the fields they tell; `unit`, `counted` and `known` hold what a figure counts,
and a form with `known` tells nothing if that is not known. The first form that tells a fact
decides. Every repetition is bounded, so that reading stays linear.
"""

from __future__ import annotations

import re
from functools import cache

from payreq.reading.field_names import TIERS
from payreq.reading.values import AMOUNT, DIGITS

# Not followed by what makes it a rate, a date or a time.
_WHOLE = (
    r"(?!\d|-\d|:\d|/\d)"
    r"(?!\W{0,2}(?:[\w-]{1,20}\s)?(?:per|/|an?|every)\s?(?:second|sec|minute|min)\b)"
    r"(?!\s?(?:day|week|month|year|%))"
)
_WORDS = r"[a-z]{2,14}\b(?:\s[a-z]{2,14}\b)?"
_UNIT = rf"\s(?P<known>{_WORDS})"
_MAYBE_UNIT = rf"(?:\s(?P<unit>{_WORDS}))?"
_MAYBE_COUNTED = rf"(?:\s(?P<counted>{_WORDS}))?"
_MONEY = rf"(?:[a-z]{{0,2}}[$€£¥₹])[-+]?{DIGITS}"
_SOME = r"(?:exactly\s|only\s|just\s|about\s|up\sto\s|at\smost\s|a\smax(?:imum)?\sof\s)?"
_IS = r"(?:\sis\s|\sof\s|\swas\s|\s?[:=]\s?)"
_YOUR = r"(?:your\s|the\s)?"


def _number(field: str) -> str:
    return rf"(?P<{field}>{AMOUNT}){_WHOLE}"


_LIMIT, _USED, _LEFT = _number("limit"), _number("used"), _number("remaining")
_BALANCE, _COST = _number("balance"), _number("amount")

_FIGURES = (
    rf"{_LEFT}\s(?:out\s)?of\s{_YOUR}{_LIMIT}{_MAYBE_UNIT}\s(?:is\s|are\s)?(?:remaining|left)\b",
    (
        rf"(?<!attempt\s)(?<!page\s)(?<![\d/-]){_USED}{_MAYBE_COUNTED}(?:\s(?:out\s)?of\s|\s/\s)"
        rf"{_YOUR}(?:[a-z]{{4,10}}\s)?{_LIMIT}{_MAYBE_UNIT}"
    ),
    rf"\((?P<used>{AMOUNT})\s?/\s?{_LIMIT}{_MAYBE_UNIT}",
    rf"\b(?:remaining|left)\s?[:=]\s?{_LEFT}{_MAYBE_UNIT}",
    rf"{_LEFT}{_MAYBE_UNIT}\s(?:remaining|left)\b",
    (
        r"\b(?:limit|quota|budget|cap|maximum|max|allowance)(?:\s[a-z]{2,20}){0,2}"
        rf"(?:{_IS}|\s?\(){_SOME}{_LIMIT}{_MAYBE_UNIT}"
    ),
    rf"\b(?:limited|restricted|capped)\s(?:to|at)\s{_SOME}{_LIMIT}{_MAYBE_UNIT}",
    rf"\b(?:allow(?:s|ed)?|includ(?:es|ed)|permits)\s{_SOME}{_LIMIT}{_UNIT}",
    rf"\b(?:used|consumed|spent)\s(?:up\s)?all\s(?:of\s)?{_YOUR}{_LIMIT}{_MAYBE_UNIT}",
    rf"\bmax(?:imum)?\b[^.()]{{0,60}}\({_LIMIT}\)",
    rf"\bmore\sthan\s{_LIMIT}(?=[,)])",
    rf"{_LIMIT}[\s-](?:(?P<unit>[a-z]{{3,14}})[\s-])?(?:limit|quota|cap|allowance)\b",
    rf"\b(?:current\s(?:cost|usage|spend)|usage|used|spent|consumed)(?:{_IS}|\s){_USED}{_MAYBE_UNIT}",
    rf"{_USED}{_UNIT}\s(?:was|were|(?:have|has)\sbeen)\s(?:used|spent|consumed)\b",
    rf"\bbalance(?:{_IS}|\s?\[)(?:only\s)?{_BALANCE}",
    rf"\b(?:available\scredits?|credits?\savailable){_IS}{_BALANCE}",
    (
        rf"\byou\s(?:only\s|currently\s)?have\s(?:only\s)?{_BALANCE}\s(?P<unit>credits)\b"
        r"(?!\s(?:remaining|left))"
    ),
    rf"(?<!current\s)\b(?:costs?|priced?)(?:{_IS}|\sat\s|\s){_COST}{_MAYBE_UNIT}",
    (
        r"\b(?:requires?|needs?|owe|minimum\sof|at\sleast|invoice\sof|amount\sdue|outstanding)"
        rf"(?:\sof|\sis|:)?\s(?P<amount>{_MONEY}){_WHOLE}"
    ),
    rf"\b(?:requires?|needs?)\s(?:at\sleast\s)?{_COST}{_UNIT}",
    rf"{_COST}{_UNIT}\s(?:is|are)\s(?:required|needed)\b",
)

_WORD = r"[A-Za-z][\w+.-]{0,30}"
_NAME = r"(?!(?:An?|The|Your|This)\s)[A-Z][\w+]{0,30}(?:\s(?:or\s|and\s)?[A-Z][\w+]{0,30}){0,3}"
_LIST = rf"{_WORD}(?:(?:,|\sor|\sand|,\sor)\s{_WORD}){{0,5}}"
_TIER = "|".join(sorted(TIERS, reverse=True))
_NEEDED = r"\s(?i:(?:is|are)\s)?(?i:required|needed)\b"
_PART = r"[A-Za-z][A-Za-z0-9]{0,30}(?:[_/:.-][A-Za-z0-9]{1,30}){1,8}"

_NAMES = (
    (
        rf"(?i:\b(?:requires?|needs?)\s(?:an?\s|the\s)?(?:active\s)?)(?P<required_plan>{_NAME})\s"
        r"(?i:plan|subscription|tier|licen[cs]e|account|membership)\b"
    ),
    (
        r"(?i:\b(?:upgrad(?:e|ing)|switch|move|subscribe)\b)(?:\s[\w']{1,20}){0,4}?\s"
        rf"(?i:to\s(?:the\s|an?\s|our\s)?)(?P<required_plan>{_NAME})"
    ),
    rf"(?P<required_plan>{_NAME})\s(?i:plan|tier|subscription){_NEEDED}",
    rf"\b(?P<required_plan>(?:[A-Z][\w+]{{0,30}}\s){{0,2}}(?i:{_TIER})){_NEEDED}",
    (
        r"(?i:(?<!not\s)\b(?:available|included|offered|supported|limited|restricted|only)\b)"
        r"(?:\s[a-z]{2,12}){0,2}?\s(?i:(?:on|in|with|to|for)\s(?:the\s|our\s|an?\s)?)"
        rf"(?P<required_plan>{_LIST})\s"
        r"(?i:plans?|tiers?|(?:api\s)?(?:users?|subscribers?|customers?|members?))\b"
    ),
    (
        r"(?i:\b(?:(?:on|in|for|under)\s(?:an?|the|your|our)|with\s(?:your|our))\s(?:current\s)?)"
        rf"(?P<plan>{_WORD})\s"
        r"(?i:plan|tier)\b"
    ),
    rf"(?i:\byour\s(?:current\s)?)(?P<plan>{_WORD})\s(?i:plan|tier)\b",
    (
        r"(?i:\b(?:your|current)\splan(?:\s?:\s?|\sis\s|,\s|\s\()(?:the\s)?)[\"']?"
        rf"(?P<plan>{_WORD})"
    ),
    rf"\b(?P<plan>{_WORD})\s(?i:pricing\stier|service\stier)\b",
    (
        rf"\b(?P<plan>{_WORD})\s(?i:(?:plan|tier|account|user)s?\s(?:do|does|is|are|has|have|can|"
        r"cannot|allows?|includes?|usage)\b(?!\s(?:required|needed)))"
    ),
    rf"(?i:\bplan)\s(?P<plan>{_WORD})\b",
    (
        r"(?i:(?:\bnot|n't|\bno|\bwithout)\s(?:yet\s|currently\s)?(?:have\s)?(?:access\sto|"
        r"support(?:s|ed)?|includ(?:es?|ed)|enabled\sfor)(?:\s(?:the|model|feature),?){0,2})\s?"
        rf"[\"'`]?(?P<feature>{_PART})"
    ),
    r"(?i:\b(?:model|feature|endpoint|operation)\s)[\"'`](?P<feature>[^\"'`]{2,60})[\"'`]",
    (
        r"(?i:(?<!model\s)\b(?:account|organi[sz]ation|org|project|team|group|workspace|tenant)"
        r"(?:\sid)?)\s?[:=]?\s?[\"'<(\[]?(?P<account_id>[A-Za-z0-9][\w-]{7,80})"
    ),
    (
        r"(?:(?i:\b(?:request|trace|correlation)[\s_-]?id|\bref(?:erence)?)|\bID)\s?[:=]\s?[\"']?"
        r"(?P<request_id>[\w:.+/=-]{8,128})"
    ),
)


@cache
def figures() -> tuple[re.Pattern[str], ...]:
    """Return the forms that tell numbers; they are compiled when the first is needed."""
    return tuple(re.compile(form, re.IGNORECASE) for form in _FIGURES)


@cache
def names() -> tuple[re.Pattern[str], ...]:
    """Return the forms that tell plans, features and ids."""
    return tuple(re.compile(form) for form in _NAMES)


RENEWAL = re.compile(
    r"\b(?:re-?set|renew|refresh|replenish|refill|available\sagain|(?:re-?)?gain\saccess)[a-z]{0,8}"
    r"(?:\s(?:is|at|on|in|after|again|be|will|the|date|time|your|quota|limit)\b){0,3}[:\s]{0,3}",
    re.IGNORECASE,
)
"""What stands before the moment of a renewal."""

RETRY = re.compile(
    r"\b(?:try\sagain|retry|wait)(?:\s(?:after|in|for|at|on|until|about|another)\b){0,3}[:\s]{1,3}",
    re.IGNORECASE,
)
"""What stands before the time to wait."""
