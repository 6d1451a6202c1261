"""Each reason, audience and language, with and without each fact: what every message holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from gettext import NullTranslations
from itertools import chain, combinations, product
from types import SimpleNamespace

import pytest

from payreq.features import AUDIENCES, Feature
from payreq.reasons import Reason
from payreq.telling import sentences
from payreq.telling.composing import compose
from payreq.telling.languages import LANGUAGES, catalogue
from payreq.telling.messages import Voice, restricts_access
from payreq.telling.reader import ENGLISH, reader_of

FACTS = (
    {"plan": "free", "required_plan": "pro"},
    {"limit": 1000, "unit": "requests"},
    {"used": 999, "balance": 7},
    {"resets_at": datetime(2026, 12, 1, tzinfo=UTC)},
    {"amount": 25, "currency": "EUR"},
    {"billing_url": "https://example.com/billing", "docs_url": "https://evil.test/docs"},
)
SUBSETS = list(chain.from_iterable(combinations(FACTS, size) for size in range(len(FACTS) + 1)))
STATUS = 456
LINK = re.compile(r"https?:[^\s\"<>)]+")


@pytest.fixture
def messages(refused):
    """Make every message of a language for an audience, beside what it tells of."""

    def make(language, audience):
        reader = reader_of(language, None)
        for reason in Reason:
            for subset in SUBSETS:
                facts = {name: value for each in subset for name, value in each.items()}
                subject = refused(reason, status=STATUS, message="Card 4242 declined!", **facts)
                yield (
                    subject,
                    compose(subject, voice=Voice(), about=None, audience=audience, reader=reader),
                )

    return make


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_message_is_whole_and_safe(messages, language, audience):
    for subject, message in messages(language, audience):
        text = message.as_text()
        told = (message.title, message.body, message.after_payment or "", text)
        assert message.title
        assert message.title[-1] not in ".。"
        assert message.body[-1] in ".。"
        assert (message.locale, message.audience) == (language, audience)
        assert "Export" in message.title
        assert not any(re.search("[{}]", each) for each in told)
        assert not any(str(STATUS) in each or "4242" in each for each in told)
        assert all(
            each == "\n" or each.isprintable() or each in "\u00a0\u202f\u2068\u2069"
            for each in text
        )
        assert set(LINK.findall(text)) <= {subject.details.billing_url}
        assert text.count("\u2068") == text.count("\u2069")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_known_is_told_where_it_matters(messages, language):
    for subject, message in messages(language, "owner"):
        details, text = subject.details, message.as_text()
        if details.reason is Reason.QUOTA_EXCEEDED and details.resets_at:
            assert "2026" in message.body
        if details.reason is Reason.PLAN_UPGRADE_REQUIRED and details.plan:
            assert "pro" in message.body
            assert "free" in message.body
        if details.limit:
            assert "1000" in re.sub(r"[\s.,]", "", text)
        if details.billing_url:
            assert message.action.url == details.billing_url
            assert "example.com" in message.after_payment
            assert "evil.test" in text
        if restricts_access(details):
            assert message.after_payment


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_sentence_and_label_is_said_in_the_language(messages, language):
    said = set(catalogue(language)._catalog.values())
    english = {key for key in catalogue(language)._catalog if isinstance(key, str)} - said
    for audience in AUDIENCES:
        for _, message in messages(language, audience):
            labels = [label for label, _ in message.facts] + [link.label for link in message.more]
            assert said.issuperset(labels)
            assert english.isdisjoint([message.title, message.body, *labels])


class Heard(NullTranslations):
    """English, which remembers what was said."""

    def __init__(self):
        super().__init__()
        self.said = set()

    def gettext(self, message):
        self.said.add(message)
        return message


def sentences_in(value):
    """Yield the sentences of the source, however they are kept."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from sentences_in(each)


def test_every_sentence_is_said_to_somebody(refused):
    heard = Heard()
    reader = replace(ENGLISH, words=heard)
    whole = {name: value for each in FACTS for name, value in each.items()} | {
        "remaining": 1,
        "upgrade_url": "https://example.com/plans",
        "invoice_url": "https://example.com/invoice",
        "docs_url": "https://example.com/docs",
        "named": "gpt-9",
        "request_id": "req_1",
    }
    voice = Voice(features={"export": Feature("GET /x", url="https://app.example.net/pay")})
    block = SimpleNamespace(next_check=datetime(2026, 12, 1, tzinfo=UTC))
    situations = [
        ({"plan": "free"}, {}, None),
        ({"required_plan": "pro"}, {}, None),
        *(
            ({name: value for each in subset for name, value in each.items()}, {}, None)
            for subset in SUBSETS
        ),
        *(
            (dict(whole), {"scope": scope, "payer": payer, "block": held}, returns)
            for scope, payer in product((None, "account", "request"), (None, "upstream"))
            for returns in (None, "at once", "minutes", "hours")
            for held in (None, block)
        ),
    ]
    for reason, audience, (facts, outer, returns) in product(Reason, AUDIENCES, situations):
        for feature, origin in product(("export", None), ("https://api.example.com", None)):
            subject = refused(reason, feature=feature, origin=origin, **facts, **outer)
            about = SimpleNamespace(returns=returns)
            compose(subject, voice=voice, about=about, audience=audience, reader=reader)
    lists = {name: value for name, value in vars(sentences).items() if name.isupper()}
    del lists["PAIR"], lists["PLACE"]  # of renderings
    assert set(sentences_in(lists)) - heard.said == set()
