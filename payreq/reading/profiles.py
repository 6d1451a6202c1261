"""What a provider's profile may say: the form of `providers/*.toml`, checked when one is loaded.

    name = "example"                      # short, as in `PaymentDetails.provider`; the file's name
    title = "Example"                     # what people call it
    hosts = ["api.example.com", "*.example.dev"]
    in_success = false                    # may a refusal hide in a 2xx answer?
    returns = "minutes"                   # how fast access is back: "at once", "minutes", "hours"
    billing_url = "https://example.com/"  # also upgrade_url, status_url, support_url, docs_url

    [[sources]]                           # where this was read, and when
    url = "https://example.com/docs/errors"
    read = 2026-11-24

    [[signature]]                         # any of these tells its answers behind other hosts
    at = "header:x-example-request-id"
    present = true

    [fields]                              # where the facts of a refusal stand, best place first
    request_id = ["header:x-example-request-id"]
    limit = ["/error/quota/limit"]

    [[rules]]                             # the first that fits decides
    status = [429]                        # left out: any status that can hide a refusal
    when = [{ at = "/error/code", is = ["insufficient_quota"] }]   # all of them
    means = "credits_exhausted"           # a Reason, or "not_billing"

A place (`at`) is a JSON pointer whose member names are compared by their letters and digits alone
(`errorCode` is `error_code`), in which `*` stands for any one member or item, a leading `**` for
any number of them, as gateways wrap what they pass on, and `embedded` enters JSON inside a string;
"header:NAME"; "text", the readable text of a body that is no payload; or "url", the URL that was
asked. What the first `is` of a rule meets is told as the refusal's code, unless it is a sentence:
where the code stands elsewhere, ask with `has`.

After a change of a file that comes with payreq, `python -m payreq.reading.compiling`.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from payreq.details import Payer, PaymentDetails, Scope
from payreq.reasons import Reason
from payreq.safety import URL_LIMIT

FIELDS = frozenset(PaymentDetails.model_fields) - {
    "reason", "status", "provider", "scope", "payer", "challenges", "certainty", "evidence",
    "truncated",
}  # fmt: skip
"""The facts whose places a profile may name."""

# Stricter than `web_url`, and quicker: a profile has several pages.
_PAGE = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:[/?#][!#-&(-;=?-Z\[\]_a-z|~]*)?")

Returns = Literal["at once", "minutes", "hours"]
Means = Reason | Literal["not_billing"]


def _place(value: str) -> str:
    if not value.startswith(("/", "header:")) and value not in {"text", "url"}:
        raise ValueError(f'a place is "/a/pointer", "header:NAME", "text" or "url", not {value!r}')
    if "**" in value.removeprefix("/**/"):
        raise ValueError(f'"**" stands first in a pointer, before a name, not as in {value!r}')
    return value


def _page(value: str) -> str:
    if _PAGE.fullmatch(value) is None or len(value) > URL_LIMIT:
        raise ValueError(f"must be an https URL, not {value!r}")
    return value


Place = Annotated[str, AfterValidator(_place)]
Page = Annotated[str, AfterValidator(_page)]
Texts = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Condition(_Strict):
    """Something that must be so of one place of a response; exactly one test.

    Attributes:
        at: The place.
        equals: In TOML `is`: the whole value is one of these, in whatever case.
        has: The value holds one of these, in whatever case.
        present: Whether the place has a value at all.
        below: The value is a number below this.
    """

    at: Place
    equals: Texts | None = Field(default=None, alias="is")
    has: Texts | None = None
    present: bool | None = None
    below: Decimal | None = None

    @cached_property
    def lowered(self) -> tuple[str, ...]:
        """What the place is or has to hold, in lower case."""
        return tuple(text.lower() for text in self.equals or self.has or ())

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        tests = (self.equals, self.has, self.present, self.below)
        if sum(test is not None for test in tests) != 1:
            raise ValueError('exactly one of "is", "has", "present" and "below" is needed')
        return self


class Rule(_Strict):
    """What an answer of the provider means.

    Attributes:
        status: The statuses it comes with; none: any.
        when: What must be so, all of it.
        means: The cause, or "not_billing": it only sounds like a refusal.
        scope: What it holds for, if the provider says so.
        payer: "upstream" where the provider passes on its own unpaid bill.
        retryable: Whether trying again later helps.
    """

    status: tuple[Annotated[int, Field(ge=100, le=999)], ...] = ()
    when: tuple[Condition, ...] = ()
    means: Means
    scope: Scope | None = None
    payer: Payer | None = None
    retryable: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.status and not self.when:
            raise ValueError('a rule needs "status", "when", or both')
        return self


class Source(_Strict):
    """A page on which this was read, and when."""

    url: Page
    read: date


class Profile(_Strict):
    """All that is known of a provider; the attributes are those of the TOML above."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Annotated[str, Field(min_length=1)]
    hosts: tuple[Annotated[str, Field(pattern=r"^(\*\.)?[a-z0-9.-]+$")], ...] = ()
    in_success: bool = False
    returns: Returns | None = None
    billing_url: Page | None = None
    upgrade_url: Page | None = None
    status_url: Page | None = None
    support_url: Page | None = None
    docs_url: Page | None = None
    sources: tuple[Source, ...] = ()
    signature: tuple[Condition, ...] = ()
    fields: dict[str, tuple[Place, ...]] = {}
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _known_fields(self) -> Profile:
        unknown = sorted(self.fields.keys() - FIELDS)
        if unknown:
            raise ValueError(f"fields: {unknown[0]!r} is none of {', '.join(sorted(FIELDS))}")
        if not self.hosts and not self.signature:
            raise ValueError("hosts or a signature is needed, or nothing will ever match")
        return self
