"""What must hold for every message: any reason, audience, subset of facts, however hostile."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from payreq.details import PaymentDetails
from payreq.features import AUDIENCES, Feature
from payreq.reasons import Reason
from payreq.safety import clean
from payreq.telling.languages import LANGUAGES
from payreq.telling.links import is_trusted
from payreq.telling.messages import Voice, restricts_access, user_message

HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>",
        '" onmouseover="x',
        "[pay](https://evil.test)",
        "www.evil.test",
        "https://evil.test/x",
        "\x1b[31mred\x1b[0m",
        "a\u202eb\u2066c\u200bd",
        "{plan} {nothing} {0}",
        "**bold** _it_ `code` | cell",
        "\n\n# Heading\n- item",
        "1. first",
        "&lt;b&gt;",
    ]
)
WORDS = st.one_of(st.none(), HOSTILE, st.text(alphabet="abcXYZ -_", min_size=1, max_size=20))
LINKS = st.sampled_from(
    [
        None,
        "https://example.com/billing",
        "https://console.example.com/a?b=1&c=(2)",
        "https://checkout.stripe.com/c/pay/x",
        "https://evil.test/pay",
        "https://example.com.evil.test/",
        "http://example.com/billing",
        "https://example.com:8443/billing",
        "https://user@example.com/",
        "javascript:alert(1)",
        "https://ex\u00e4mple.com/",
    ]
)
NUMBERS = st.one_of(
    st.none(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.integers(-(10**32), 10**32).map(lambda digits: Decimal(digits).scaleb(-9)),
)
ZONES = st.timezones() | st.just(UTC) | st.just(timezone(timedelta(hours=-23)))
DETAILS = st.fixed_dictionaries(
    {
        "reason": st.sampled_from(list(Reason)),
        "plan": WORDS,
        "required_plan": WORDS,
        "feature": WORDS,
        "message": WORDS,
        "code": WORDS,
        "request_id": WORDS,
        "unit": st.one_of(WORDS, st.sampled_from(["requests", "Credits"])),
        "currency": st.one_of(WORDS, st.sampled_from(["USD", "eur", "JPY"])),
        "limit": NUMBERS,
        "used": NUMBERS,
        "remaining": NUMBERS,
        "balance": NUMBERS,
        "amount": NUMBERS,
        "resets_at": st.one_of(st.none(), st.datetimes(timezones=ZONES)),
        "billing_url": LINKS,
        "upgrade_url": LINKS,
        "invoice_url": LINKS,
        "docs_url": LINKS,
        "scope": st.sampled_from([None, "account", "feature", "request"]),
        "payer": st.sampled_from([None, "caller", "upstream"]),
    }
)
SUBJECTS = st.builds(
    lambda facts, feature, origin, next_check: SimpleNamespace(
        details=PaymentDetails(status=402, **facts),
        reason=facts["reason"],
        feature=feature,
        origin=origin,
        next_check=next_check,
    ),
    DETAILS,
    st.sampled_from([None, "export", "GET api.example.com/v1/{id}", "<b>x</b>", "titled"]),
    st.sampled_from([None, "https://api.example.com", "http://127.0.0.1:8000"]),
    st.sampled_from([None, datetime(2026, 11, 24, 16, 1, tzinfo=UTC)]),
)
VOICE = Voice(features={"titled": Feature("GET /x", title="<i>Titled</i>\u202e")})
ABOUTS = st.one_of(
    st.none(),
    st.builds(
        lambda title, returns, url: SimpleNamespace(
            title=title, returns=returns, hosts=("api.example.com",), billing_url=url
        ),
        st.sampled_from(["Example Corp", "<b>Corp</b>"]),
        st.sampled_from([None, "at once", "minutes", "hours"]),
        st.sampled_from([None, "https://console.corp.test/billing"]),
    ),
)

# All but the isolates that are opened and closed around a value.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2067]")
ISOLATED = re.compile("\u2068[^\u2068\u2069\n]*\u2069")


class Page(HTMLParser):
    """Collects what a browser would make of a fragment."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.links = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, sorted(name for name, _ in attrs)))
        if tag == "a":
            self.links.append(dict(attrs))

    def handle_data(self, data):
        self.text += data


ALLOWED = {
    ("section", ("class", "dir", "lang")),
    ("p", ()),
    ("strong", ()),
    ("dl", ()),
    ("dt", ()),
    ("dd", ()),
    ("bdi", ()),
    ("a", ("href", "rel")),
}


def is_safe(text):
    return not UNSAFE.search(text) and not re.search("[\u2068\u2069]", ISOLATED.sub("", text))


@given(SUBJECTS, ABOUTS, st.sampled_from(AUDIENCES), st.sampled_from(LANGUAGES))
def test_a_message_is_complete_and_safe(subject, about, audience, language):
    message = user_message(subject, voice=VOICE, about=about, audience=audience, locale=language)
    assert message.title
    assert message.body.endswith((".", "。"))
    assert message.locale == language
    text = message.as_text()
    assert is_safe(text)
    assert "402" not in message.title + (message.after_payment or "")
    assert "please" not in text.lower()
    assert re.search(r"\{[a-z_]+\}", message.title.replace("{plan} {nothing} {0}", "")) is None
    actions = [message.action, *message.more]
    for action in filter(None, actions):
        assert action.url.startswith("https://")
        assert is_trusted(action.url, origin=subject.origin, voice=VOICE, about=about)

    page = Page()
    page.feed(message.as_html())
    assert {(tag, tuple(names)) for tag, names in page.tags} <= ALLOWED
    assert [link["href"] for link in page.links] == [item.url for item in actions if item]
    assert all(link["rel"] == "noopener noreferrer nofollow" for link in page.links)
    assert not re.search("[\u2068\u2069]", page.text)
    assert is_safe(page.text)

    told = message.as_markdown()
    assert is_safe(told)
    live = re.search(r"<script|<b>|www\.evil|://evil|(?<!\\)\]\(h|(?<!\\)\*bold|\n#", told)
    assert live is None

    shown = message.to_dict()
    assert shown["title"] == message.title
    assert [fact["label"] for fact in shown["facts"]] == [label for label, _ in message.facts]


@given(SUBJECTS, ABOUTS)
def test_a_visitor_meets_no_fact_of_the_account(subject, about):
    message = user_message(subject, voice=VOICE, about=about, audience="visitor")
    assert message.action is None
    assert message.more == ()
    assert message.after_payment is None
    if subject.reason is not Reason.PAYMENT_FAILED:
        assert message.facts == ()
    words = subject.details.message
    if words and len(words) > 30:
        assert clean(words) not in message.as_text()


@given(SUBJECTS, ABOUTS, st.sampled_from(["owner", "member"]))
def test_what_can_be_settled_says_what_changes_then(subject, about, audience):
    message = user_message(subject, voice=VOICE, about=about, audience=audience)
    settles = restricts_access(subject.details) and subject.details.payer != "upstream"
    assert (message.after_payment is not None) == (settles or message.action is not None)
    if message.action is not None:
        assert message.after_payment.startswith("Opening the link costs nothing")
        assert message.action.host in message.after_payment
