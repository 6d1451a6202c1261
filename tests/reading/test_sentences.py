from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.reading.sentences import read_sentence, unit_of

SENT = datetime(2026, 11, 24, 10, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("You spent $5.00 of $10.00.", {"used": "5.00", "limit": "10.00", "currency": "USD"}),
        ("1,000 of 1,000 requests used", {"used": "1000", "limit": "1000", "unit": "requests"}),
        ("Reached: 1100 (110%) of 1000 a day", {"used": "1100", "limit": "1000"}),
        ("5 searches out of 5 are gone", {"used": "5", "limit": "5", "unit": "searches"}),
        ("Cap hit (20/20 exports)", {"used": "20", "limit": "20", "unit": "exports"}),
        ("0 of 500 credits left", {"remaining": "0", "limit": "500", "unit": "credits"}),
        ("Only 3 credits remaining", {"remaining": "3", "unit": "credits"}),
        ("Remaining: 3", {"remaining": "3"}),
        ("The daily quota of 250 calls is gone", {"limit": "250", "unit": "calls"}),
        ("Over your budget: 50 EUR", {"limit": "50", "currency": "EUR"}),
        ("You are limited to 3 projects", {"limit": "3", "unit": "projects"}),
        ("The plan includes up to 2 seats", {"limit": "2", "unit": "seats"}),
        ("You used up all of your 40 lookups", {"limit": "40", "unit": "lookups"}),
        ("The maximum in this workspace (7) is reached", {"limit": "7"}),
        ("Links are used up (max 3 of them)", {"limit": "3"}),
        ("No further build today (more than 90)", {"limit": "90"}),
        ("A list holds no more than 10,000 leads", {"limit": "10000", "unit": "leads"}),
        ("You may make 1000 API calls / month", {"limit": "1000", "unit": "calls"}),
        ("You are limited to 5 team members", {"limit": "5", "unit": "members"}),
        ("You can create up to 3 APIs here", {"limit": "3", "unit": "apis"}),
        ("Over the 10,000-request limit", {"limit": "10000", "unit": "requests"}),
        ("Current usage: 12 of late", {"used": "12"}),
        ("803 lookups were used", {"used": "803", "unit": "lookups"}),
        ("40 credits have been spent", {"used": "40", "unit": "credits"}),
        ("Your balance is $0.12", {"balance": "0.12", "currency": "USD"}),
        ("Balance [$-0.02] is too low", {"balance": "-0.02", "currency": "USD"}),
        ("Low balance (current: 0.032)", {"balance": "0.032"}),
        ("Required: 3, available: 1.", {"amount": "3", "balance": "1"}),
        ("You need 6 credits but have 2.", {"amount": "6", "unit": "credits", "balance": "2"}),
        ("Nicht genug: benötigt 3, verfügbar 1.", {"amount": "3", "balance": "1"}),
        ("额度不足, 用户剩余额度: \uff040.02", {"balance": "0.02"}),
        ("Current balance is -88 points.", {"balance": "-88", "unit": "points"}),
        ("Insufficient credits: 5 available, more requested", {"balance": "5"}),
        ("Available credits: 4", {"balance": "4"}),
        ("You only have 4 credits", {"balance": "4", "unit": "credits"}),
        ("The call costs £0.50", {"amount": "0.50", "currency": "GBP"}),
        ("An invoice of €120.50 is open", {"amount": "120.50", "currency": "EUR"}),
        ("This needs 70 characters", {"amount": "70", "unit": "characters"}),
        ("70 tokens are required", {"amount": "70", "unit": "tokens"}),
        ("No funds. Required: 70 credits", {"amount": "70", "unit": "credits"}),
        ("The daily points limit of 40 is reached", {"limit": "40", "unit": "points"}),
    ],
)
def test_figures_are_read_with_what_they_count(sentence, facts):
    numbers = {"limit", "used", "remaining", "balance", "amount"}
    wanted = {name: Decimal(v) if name in numbers else v for name, v in facts.items()}
    assert read_sentence(sentence) == wanted


@pytest.mark.parametrize(
    "sentence",
    [
        "The limit is 100 requests per minute",
        "You may make 10 API calls per minute",
        "Your invoice is more than 30 days old",
        "Page 1 of 3 cannot be shown",
        "Attempt 2 of 3 failed",
        "The balance is too low (1008)",
        "Your limit was set on 2026-12-01",
        "The plan includes 5 zebras",
        "Nothing to see",
    ],
)
def test_rates_ages_and_counters_are_no_figures_of_a_plan(sentence):
    assert read_sentence(sentence) == {}


def test_the_first_form_that_tells_a_figure_decides():
    facts = read_sentence("You used 5 of 10 credits; the limit is 99 and the balance is 2")
    assert (facts["limit"], facts["used"], facts["balance"]) == (10, 5, 2)


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("This call requires the Growth plan.", {"required_plan": "Growth"}),
        ("Upgrade your workspace to Pro to go on", {"required_plan": "Pro"}),
        ("A Premium Plus subscription is needed", {"required_plan": "Premium Plus"}),
        ("Acme Pro is required for that", {"required_plan": "Acme Pro"}),
        ("Only offered on the scale or enterprise plans", {"required_plan": "scale or enterprise"}),
        ("Limited to premium subscribers", {"required_plan": "premium"}),
        ("Not available on the free plan", {"plan": "free"}),
        ("You are on the Starter plan", {"plan": "Starter"}),
        ("Skills are used up (10 on free plan)", {"plan": "free"}),
        ("Your hobby tier lacks it", {"plan": "hobby"}),
        ("It does not come with your standard plan", {"plan": "standard"}),
        ("Offered with the ultra plan. The ultra plan is it.", {"required_plan": "ultra"}),
        ("Your plan: day-pass-2", {"plan": "day-pass-2"}),
        ("Over the quota of your current plan, BASIC.", {"plan": "BASIC"}),
        ("Exhausted for the S0 pricing tier", {"plan": "S0"}),
        ("Trial accounts cannot export", {"plan": "Trial"}),
        ("Too much for plan earlyBird", {"plan": "earlyBird"}),
        ("Your plan does not include bulk-export", {"feature": "bulk-export"}),
        ("That does not yet include access to bulk-export", {"feature": "bulk-export"}),
        ("Your tier: Seed, required tier: Flower", {"plan": "Seed", "required_plan": "Flower"}),
        ("Feature 'Bulk export' is off", {"feature": "Bulk export"}),
        ("No. The Bulk Export feature(s) is/are not supported in it", {}),
        (
            "No. The Bulk Export feature(s) is/are not supported in your plan",
            {"feature": "Bulk Export"},
        ),
        ("bulk-export is unavailable on this plan", {"feature": "bulk-export"}),
        (
            "Preview branches are supported only on the Pro plan",
            {"feature": "Preview branches", "required_plan": "Pro"},
        ),
        ("The subscription '3bb6fd82-0000-4ad5' is off", {"account_id": "3bb6fd82-0000-4ad5"}),
        ("Plan item: AllowExport", {"feature": "AllowExport"}),
        ("Single sign-on is a paid feature of it", {"feature": "Single sign-on"}),
        ("FREE plan limit reached", {"plan": "FREE"}),
        ("It must be upgraded to use the Query API.", {"feature": "Query API"}),
        ("Project blue-lake-4711 has no billing", {"account_id": "blue-lake-4711"}),
        ("Denied (request id: 20260102-77)", {"request_id": "20260102-77"}),
    ],
)
def test_plans_features_and_ids_are_read(sentence, facts):
    assert read_sentence(sentence) == facts


@pytest.mark.parametrize(
    "sentence",
    [
        "Please upgrade to a paid plan",
        "Upgrade to API",
        "Subscribe to our API plans",
        "Upgrade to A higher plan",
        "Your current plan is not enough",
        "Charts come with the standard plan",
        "What the Token Plan allows is spent",
        "Payment is required",
        "The project settings explain it",
        "It does not support v1.2",
        "Send us the reference: overview",
        "This export is not available on your plan",
        "The requested resource is not available on your plan",
        "Charts are not available on your plan",
    ],
)
def test_vague_words_name_no_plan_feature_or_id(sentence):
    assert read_sentence(sentence) == {}


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("Your quota resets on 1 December 2026.", {"resets_at": DECEMBER}),
        ("It will reset at 2026-12-01 00:00:00", {"resets_at": DECEMBER}),
        ("Renewal date: Dec 1", {"resets_at": DECEMBER}),
        ("You regain access on 2026-12-01 at 00:00 UTC", {"resets_at": DECEMBER}),
        ("It is refilled in 6 days and 14 hours", {"resets_at": DECEMBER}),
        ("The quota is filled again in 6.14:00:00", {"resets_at": DECEMBER}),
        ("Access is back on December 1", {"resets_at": DECEMBER}),
        ("Try again after 2026-12-01T00:00:00Z", {"resets_at": DECEMBER}),
        ("Try again in 54 minutes", {"retry_after": 3_240.0}),
        ("Please wait 2.5 s", {"retry_after": 2.5}),
        ("It resets every 5th full moon", {}),
        ("Try again with 2 keys", {}),
    ],
)
def test_a_renewal_and_a_wait_are_read(sentence, facts):
    assert read_sentence(sentence, SENT) == facts


def test_without_the_moment_of_the_answer_a_relative_renewal_is_a_wait():
    assert read_sentence("Replenished in 2 days") == {"retry_after": 172_800.0}
    assert read_sentence("It resets on 1 December") == {}


def test_units_are_plural_and_known():
    assert [unit_of(word) for word in ("request", "requests", "month")] == [
        "requests",
        "requests",
        None,
    ]


@given(st.text(alphabet="1 ,.of$limtusedrpnAPZaz-:_/()\n") | st.text())
def test_no_sentence_makes_reading_raise(sentence):
    facts = read_sentence(sentence, SENT)
    assert all(value not in (None, "") for value in facts.values())
