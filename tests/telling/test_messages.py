from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from payreq import Action, Feature, Reason, UserMessage
from payreq.telling.messages import Voice, restricts_access, user_message

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
ALL = list(Reason)


def test_an_owner_learns_what_happened_what_still_works_and_the_next_step(refused):
    message = user_message(refused(billing_url="https://example.com/billing"))
    assert message.title == "Export is paused"
    assert message.body == (
        "The credits at api.example.com are used up. Only this is off; everything else works as "
        "before. Add credits to go on."
    )
    assert message.action == Action("Add credits", "https://example.com/billing")
    assert message.audience == "owner"
    assert message.locale == "en"


def test_exact_numbers_and_dates_are_said(refused):
    subject = refused(
        "quota_exceeded", used=1000, limit=1000, unit="requests", resets_at=DECEMBER, plan="free"
    )
    message = user_message(subject)
    assert "1,000 of 1,000 requests" in message.body
    assert "It renews on 1 December 2026, 00:00 UTC." in message.body
    assert message.facts == (
        ("Plan", "free"),
        ("Limit", "1,000 requests"),
        ("Used", "1,000 requests"),
        ("Renews", "1 December 2026, 00:00 UTC"),
    )


@pytest.mark.parametrize("reason", ALL)
def test_a_member_is_sent_to_the_owner_and_gets_no_button(refused, reason):
    message = user_message(refused(reason, billing_url="https://example.com/b"), audience="member")
    assert message.action is None
    assert [item.url for item in message.more] == ["https://example.com/b"]
    if reason is not Reason.PAYMENT_FAILED:
        assert "Ask the owner of the account" in message.body


@pytest.mark.parametrize("reason", [each for each in ALL if each is not Reason.PAYMENT_FAILED])
def test_a_visitor_learns_that_the_feature_rests_and_nothing_of_money(refused, reason):
    subject = refused(
        reason,
        message="Top up your balance",
        amount=5,
        currency="USD",
        plan="free",
        billing_url="https://example.com/b",
        request_id="req_1",
    )
    message = user_message(subject, audience="visitor")
    assert message.title in {"Export is resting for now", "Export did not go through this time"}
    assert (message.action, message.more, message.facts) == (None, (), ())
    assert message.after_payment is None
    told = message.as_text().lower()
    assert not any(word in told for word in ("pay", "plan", "credit", "top up", "example.com"))


def test_a_visitor_learns_when_an_allowance_renews(refused):
    message = user_message(refused("quota_exceeded", resets_at=DECEMBER), audience="visitor")
    assert "expected back on 1 December 2026" in message.body
    message = user_message(refused("invoice_unpaid", resets_at=DECEMBER), audience="visitor")
    assert "December" not in message.body


@pytest.mark.parametrize("audience", ["owner", "member", "visitor"])
def test_a_failed_payment_is_told_to_every_audience(refused, audience):
    subject = refused("payment_failed", message="Karte abgelehnt", amount=5, currency="eur")
    message = user_message(subject, audience=audience)
    assert message.title == "Export: the payment did not go through"
    assert message.body == (
        "The payment of 5 eur was not accepted. Nothing is paused, and no access is lost. "
        "Try again with another payment method."
    )
    assert message.facts == (("Price", "5 eur"),)
    assert "abgelehnt" not in message.as_text()


def test_a_request_that_alone_is_too_expensive_pauses_nothing(refused):
    subject = refused(scope="request")
    assert not restricts_access(subject.details)
    message = user_message(subject)
    assert message.title == "Export did not go through this time"
    assert "asks for more than the account at api.example.com allows" in message.body
    assert "Nothing is paused" in message.body
    assert message.after_payment is None
    visitor = user_message(subject, audience="visitor")
    assert visitor.title == "Export did not go through this time"


def test_an_account_wide_refusal_says_that_others_may_follow(refused):
    assert "Other features that use api.example.com" in user_message(refused(scope="account")).body


def test_nobody_is_asked_to_pay_a_gateways_own_bill(refused):
    subject = refused(
        payer="upstream", billing_url="https://example.com/b", docs_url="https://example.com/docs"
    )
    message = user_message(subject)
    assert "billing matter of its own" in message.body
    assert "nothing to pay on this side" in message.body
    assert message.action is None
    assert [item.label for item in message.more] == ["Read about it"]
    assert message.after_payment is None


def test_a_plan_is_named_where_it_is_known(refused):
    message = user_message(refused("plan_upgrade_required", plan="free", required_plan="pro"))
    assert message.title == "Export is not part of the current plan"
    assert "It needs the plan pro at api.example.com; the current one is free." in message.body
    assert "Switch to the plan pro" in message.body
    upstream = user_message(refused("plan_upgrade_required", payer="upstream"))
    assert upstream.title == "Export is paused"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("data_export", "Data export is paused"),
        ("GET api.example.com/v1/users/{id}", "A feature that uses api.example.com is paused"),
        (None, "A feature that uses api.example.com is paused"),
        ("_", "A feature that uses api.example.com is paused"),
    ],
)
def test_a_feature_is_called_by_its_name_and_a_path_is_not_shown(refused, name, title):
    assert user_message(refused(feature=name)).title == title


def test_without_host_or_provider_it_is_still_a_sentence(refused):
    message = user_message(refused(feature=None, origin=None))
    assert message.title == "A feature is paused"
    assert message.body.startswith("The credits are used up.")


def test_the_provider_is_called_by_its_title_and_its_pages_serve_as_links(refused, about):
    message = user_message(refused(), about=about)
    assert "The credits at Example Corp are used up." in message.body
    assert message.action == Action("Add credits", "https://console.examplecorp.test/billing")
    assert message.after_payment == (
        "Opening the link costs nothing; it leads to console.examplecorp.test. "
        "Once that is settled, Export works again within minutes."
    )


def test_the_next_check_is_said_where_the_provider_is_not_known_to_be_quick(refused):
    block = SimpleNamespace(next_check=datetime(2026, 11, 24, 16, 1, tzinfo=UTC))
    message = user_message(refused(block=block))
    assert message.after_payment is not None
    assert "the next check is on 24 November 2026, 16:01 UTC" in message.after_payment


def test_a_block_is_told_like_a_refusal(refused):
    subject = refused()
    block = SimpleNamespace(
        reason=subject.reason,
        details=subject.details,
        feature="export",
        account="a",
        origin="https://api.example.com",
        next_check=DECEMBER,
    )
    message = user_message(block)
    assert message.title == "Export is paused"
    assert message.after_payment is not None
    assert "1 December 2026" in message.after_payment


def test_a_feature_brings_its_title_audience_and_link(refused):
    features = {
        "export": Feature("POST /x", title="Data export", audience="member"),
        "chat": Feature("POST /y", url="https://app.example.net/pay"),
        "bare": "POST /z",
        "insecure": Feature("POST /i", url="http://app.example.net/pay"),
    }
    voice = Voice(features=features, audience="visitor")
    assert user_message(refused(), voice=voice).title == "Data export is paused"
    assert user_message(refused(), voice=voice).audience == "member"
    assert user_message(refused(), voice=voice, audience="visitor").audience == "visitor"
    chat = user_message(refused(feature="chat"), voice=voice, audience="owner")
    assert chat.action == Action("Add credits", "https://app.example.net/pay")
    assert user_message(refused(feature="bare"), voice=voice).audience == "visitor"
    insecure = user_message(refused(feature="insecure"), voice=voice, audience="owner")
    assert insecure.action is None


def test_an_invoice_link_is_called_what_it_is(refused):
    subject = refused(invoice_url="https://example.com/i")
    assert user_message(subject).action == Action("The invoice", "https://example.com/i")
    subject = refused("invoice_unpaid", invoice_url="https://example.com/i", amount=9)
    assert user_message(subject).action == Action("Settle the invoice", "https://example.com/i")
    assert ("Amount due", "9") in user_message(subject).facts


def test_a_link_that_is_not_trusted_is_named_and_cannot_be_followed(refused):
    subject = refused(
        billing_url="https://evil.test/pay",
        upgrade_url="https://example.com/plans",
        docs_url="http://example.com/docs",
    )
    message = user_message(subject)
    assert message.action == Action("Add credits", "https://example.com/plans")
    assert message.more == ()
    assert ("Link that was not verified", "evil.test, example.com") in message.facts
    assert "evil.test" not in user_message(subject, audience="member").as_text()


def test_documentation_is_no_next_step(refused):
    message = user_message(refused(docs_url="https://example.com/docs"))
    assert message.action is None
    assert message.more == (Action("Read about it", "https://example.com/docs"),)


def test_an_app_brings_its_own_words(refused):
    asked = []

    def words(subject, audience, locale, default):
        asked.append((subject, audience, locale))
        return replace(default, title="Kein Export mehr")

    subject = refused()
    voice = Voice(messages=words, locale="de")
    assert user_message(subject, voice=voice).title == "Kein Export mehr"
    user_message(subject, voice=voice, locale="fr", audience="member")
    user_message(subject, voice=Voice(messages=words))
    assert asked == [(subject, "owner", "de"), (subject, "member", "fr"), (subject, "owner", "en")]


def test_a_message_is_in_the_language_asked_for_else_in_the_guards(refused):
    voice = Voice(locale="de-AT")
    assert user_message(refused(), voice=voice).title == "„Export“ ist pausiert"
    assert user_message(refused(), voice=voice).locale == "de"
    french = user_message(refused(billing_url="https://example.com/b"), voice=voice, locale="fr")
    assert french.title == "«\u00a0Export\u00a0» est en pause"
    assert french.action == Action("Ajouter des crédits", "https://example.com/b")
    assert user_message(refused(), voice=voice, locale="nl").title == "Export is paused"
    assert user_message(refused()).locale == "en"


def test_sentences_of_japanese_and_chinese_stand_side_by_side(refused):
    assert user_message(refused(), locale="ja").body == (
        "api.example.comのクレジットがなくなりました。停止しているのはこの機能だけで、"
        "ほかはすべて通常どおり使えます。続けるには、クレジットを追加します。"
    )
    assert " " not in user_message(refused(origin=None), locale="zh").body


def test_in_arabic_names_keep_their_direction(refused):
    message = user_message(refused(), locale="ar", audience="visitor")
    assert message.title == "«\u2068Export\u2069» في توقف مؤقت حاليًا"
    arabic = Voice(features={"export": Feature("POST /x", title="تصدير")})
    assert user_message(refused(), voice=arabic).title == "\u2068تصدير\u2069 is paused"


def test_moments_are_told_in_the_readers_time_zone(refused):
    subject = refused("quota_exceeded", resets_at=DECEMBER)
    message = user_message(subject, tz=ZoneInfo("Asia/Tokyo"))
    assert "It renews on 1 December 2026, 09:00 UTC+09:00." in message.body


@pytest.mark.parametrize(
    ("title", "locale", "told"),
    [
        ({"en": "Data export", "de": "Datenexport"}, "de-CH", "„Datenexport“ ist pausiert"),
        ({"en": "Data export", "pt": "Exportação"}, "pt-PT", "“Exportação” está em pausa"),
        (
            {"en": "Data export", "de": "Datenexport"},
            "fr",
            "«\u00a0Data export\u00a0» est en pause",
        ),
        ({"nl": "Uitvoer"}, "en", "Uitvoer is paused"),
        ({}, "en", "Export is paused"),
    ],
)
def test_a_feature_may_have_a_title_for_each_language(refused, title, locale, told):
    voice = Voice(features={"export": Feature("POST /x", title=title)})
    assert user_message(refused(), voice=voice, locale=locale).title == told


def test_what_must_not_be_asked_for_is_named(refused):
    with pytest.raises(TypeError, match="locale must be a tag"):
        user_message(refused(), locale=3)
    with pytest.raises(TypeError, match="tz must be a tzinfo"):
        user_message(refused(), tz="Europe/Berlin")


def test_where_nothing_is_paused_the_click_is_still_said_to_be_free(refused):
    message = user_message(refused("payment_challenge", billing_url="https://example.com/b"))
    assert message.after_payment == "Opening the link costs nothing; it leads to example.com."


def _raises(*_args):
    raise RuntimeError("secret text")


@pytest.mark.parametrize(
    "words",
    [
        _raises,
        lambda *_: "no message",
        lambda *_: UserMessage(title="", body="x"),
        lambda *_: UserMessage(title="x", body="y", facts=(1, 2)),
        lambda *_: UserMessage(title=3, body="y"),
    ],
)
def test_words_that_fail_give_way_to_the_default_and_one_warning(refused, caplog, words):
    voice = Voice(messages=words)
    with caplog.at_level(logging.WARNING, logger="payreq"):
        first = user_message(refused(), voice=voice)
        assert user_message(refused(), voice=voice) == first
    assert first.title == "Export is paused"
    assert len(caplog.records) == 1
    assert "secret text" not in caplog.text


def test_an_apps_words_lose_the_links_that_a_server_slipped_in(refused):
    subject = refused(billing_url="https://evil.test/pay")

    def words(subject, audience, locale, default):
        bad = Action("Pay", subject.details.billing_url)
        own = Action("Billing", "https://app.example.net/billing")
        return replace(default, action=bad, more=(bad, own))

    message = user_message(subject, voice=Voice(messages=words))
    assert message.action is None
    assert [item.label for item in message.more] == ["Billing"]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"audience": "boss"}, ValueError, "audience must be one of owner, member, visitor"),
        ({"locale": 3}, TypeError, "locale must be a tag"),
        ({"messages": "hello"}, TypeError, "messages must be a plain function"),
        ({"trusted_hosts": "pay.example.com"}, TypeError, "trusted_hosts must be a sequence"),
        ({"trusted_hosts": 3}, TypeError, "trusted_hosts must be a sequence"),
        ({"trusted_hosts": iter(["a.test"])}, TypeError, "trusted_hosts must be a sequence"),
        ({"features": {"x": Feature("GET /", title=3)}}, TypeError, r"features\['x'\].title must"),
        ({"features": {"x": Feature("GET /", title={"en": 3})}}, TypeError, "title must be a name"),
        ({"features": {"x": Feature("GET /", title={1: "a"})}}, TypeError, "title must be a name"),
        (
            {"features": {"x": Feature("GET /", audience="boss")}},
            ValueError,
            r"features\['x'\].audience must be one of owner, member, visitor, not 'boss'",
        ),
        ({"features": {"x": Feature("GET /", url="/plans")}}, ValueError, r"\['x'\].url must"),
        ({"features": {"x": Feature("GET /", url=3)}}, ValueError, r"\['x'\].url must be"),
        ({"trusted_hosts": (3,)}, TypeError, "trusted_hosts must be a sequence"),
        ({"trusted_hosts": ("https://x.test",)}, ValueError, "without scheme, port or path"),
    ],
)
def test_wrong_arguments_are_named(options, error, words):
    with pytest.raises(error, match=words):
        Voice(**options)


def test_async_words_are_refused():
    async def words(*_args):
        """Return nothing."""

    with pytest.raises(TypeError, match="messages must be a plain function"):
        Voice(messages=words)


def test_a_wrong_audience_is_named(refused):
    with pytest.raises(ValueError, match="not 'boss'"):
        user_message(refused(), audience="boss")


def test_a_message_is_frozen_and_an_action_shows_its_host():
    message = UserMessage("a", "b")
    with pytest.raises(AttributeError):
        message.title = "c"
    assert Action("x", "https://Pay.example.com/a").host == "pay.example.com"
    assert Action("x", "https://[").host == ""
    assert Action("x", "nothing").host == ""
