from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq import Reason
from payreq.reading import providers
from payreq.reading.document import Document, fold_headers, read_document
from payreq.reading.places import is_present, values_at

OPENAI = "https://api.openai.com/v1/responses"


def answer(body: Any = b"", status: int = 429, url: str | None = None, **headers: str) -> Document:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_document(status, fold_headers(named.items()), content, url=url)


def profile(*rules: dict[str, Any], **more: Any) -> Any:
    return providers.load(
        {"name": "acme", "title": "Acme", "hosts": ["a.com"], "rules": rules} | more
    )


def verdict(document: Document, when: Any, **more: Any) -> Any:
    return providers.read_profile(
        document, profile({"when": when, "means": "credits_exhausted"} | more)
    )


def read(body: Any, status: int, url: str, **headers: str) -> Any:
    document = answer(body, status, url, **headers)
    found = providers.find(document)
    assert found is not None
    said = providers.read_profile(document, found)
    return SimpleNamespace(
        provider=found.name,
        reason=said and said.reason,
        code=said and said.code,
        scope=said and said.scope,
        payer=said and said.payer,
        silent=said is None,
    )


# Places


@pytest.mark.parametrize(
    ("place", "values"),
    [
        ("/error/code", ["quota"]),
        ("/error/errorCode", [7]),
        ("/errors/*/reason", ["first", "second"]),
        ("/errors/1/reason", ["second"]),
        ("/*/code", ["quota"]),
        ("/error", []),
        ("/error/code/more", []),
        ("/inner/embedded/status", [402]),
        ("/a~1b/c~0d", [True]),
        ("/**/status", [402]),
        ("/**/reason", ["first", "second"]),
        ("/**/errors/*/reason", ["first", "second"]),
        ("/**/errors/1/reason", ["second"]),
        ("/**/code", ["quota"]),
        ("/**/error", []),
        ("header:X-Credits", ["0"]),
        ("header:x-nothing", []),
        ("text", []),
        ("url", ["https://a.com/v1"]),
    ],
)
def test_a_place_yields_the_values_that_stand_there(place, values):
    body = {
        "error": {"code": "quota", "error_code": 7},
        "errors": [{"reason": "first"}, {"reason": "second"}],
        "inner": '{"status": 402}',
        "a/b": {"c~d": True},
    }
    document = answer(body, url="https://a.com/v1", x_credits="0")
    assert list(values_at(document, place)) == values


def test_the_words_of_a_plain_body_stand_at_text():
    assert list(values_at(answer(b"No credits are left."), "text")) == ["No credits are left."]


def test_a_body_that_is_one_value_stands_at_the_root():
    assert list(values_at(answer("gone"), "/")) == ["gone"]
    assert list(values_at(answer({"a": 1}), "/")) == []


@pytest.mark.parametrize(
    ("place", "there"),
    [
        ("/error", True),
        ("/error/quota", True),
        ("/*/quota", True),
        ("/error/quota/limit/more", False),
        ("/*/*/*/*", False),
        ("/**/quota", True),
        ("/**/quota/*", True),
        ("/**/limit", True),
        ("/**/limits", False),
        ("/error/nothing", False),
        ("header:x-a", True),
        ("header:x-b", False),
        ("url", False),
    ],
)
def test_something_is_present_where_a_value_or_what_holds_one_stands(place, there):
    document = answer({"error": {"quota": {"limit": 5}, "nothing": None}}, x_a="1")
    assert is_present(document, place) is there


# Conditions and rules


@pytest.mark.parametrize(
    ("when", "meets"),
    [
        ({"at": "/code", "is": ["other", "No_Credits"]}, True),
        ({"at": "/code", "is": ["no"]}, False),
        ({"at": "/number", "is": ["1008"]}, True),
        ({"at": "/flag", "is": ["false"]}, True),
        ({"at": "/message", "has": ["EMPTY", "nothing"]}, True),
        ({"at": "/message", "has": ["full"]}, False),
        ({"at": "/code", "present": True}, True),
        ({"at": "/code", "present": False}, False),
        ({"at": "/absent", "present": False}, True),
        ({"at": "/absent", "present": True}, False),
        ({"at": "/balance", "below": 1}, True),
        ({"at": "/balance", "below": "0.25"}, False),
        ({"at": "/left", "below": 1}, True),
        ({"at": "/flag", "below": 1}, False),
        ({"at": "/code", "below": 1}, False),
        ({"at": "/infinite", "below": 1}, False),
        ({"at": "/long", "below": "1e99"}, True),
        ({"at": "/longer", "below": "1e99"}, False),
        ({"at": "/absent", "below": 1}, False),
    ],
)
def test_a_condition_is_met_by_what_it_asks_for(when, meets):
    body = {
        "code": "no_credits",
        "number": 1008,
        "flag": False,
        "message": "The wallet is Empty",
        "balance": 0.25,
        "left": " -3 ",
        "infinite": "-Infinity",
        "long": "1" * 40,
        "longer": "1" * 41,
    }
    assert (verdict(answer(body), [when]) is not None) is meets


def test_a_rule_fits_only_with_all_its_conditions_and_one_of_its_statuses():
    when = [{"at": "/a", "is": ["1"]}, {"at": "/b", "is": ["2"]}]
    assert verdict(answer({"a": 1, "b": 2}), when, status=[402, 429]) is not None
    assert verdict(answer({"a": 1, "b": 3}), when, status=[402, 429]) is None
    assert verdict(answer({"a": 1, "b": 2}, 400), when, status=[402, 429]) is None


def test_the_first_rule_that_fits_decides():
    acme = profile(
        {"when": [{"at": "/code", "is": ["x"]}], "means": "not_billing"},
        {"status": [402], "means": "quota_exceeded"},
    )
    assert providers.read_profile(answer({"code": "x"}, 402), acme).reason is None
    assert providers.read_profile(answer({"code": "y"}, 402), acme).reason is Reason.QUOTA_EXCEEDED
    assert providers.read_profile(answer({"code": "y"}, 429), acme) is None


def test_a_verdict_says_what_it_rests_on_and_what_the_rule_knows():
    said = verdict(
        answer({"code": "NO_CREDITS", "message": "the wallet is empty"}),
        [
            {"at": "/message", "has": ["full", "Wallet"]},
            {"at": "/code", "is": ["no_credits"]},
            {"at": "/plan", "present": False},
            {"at": "/code", "present": True},
        ],
        scope="feature",
        payer="upstream",
        retryable=False,
    )
    assert (said.reason, said.certainty) == (Reason.CREDITS_EXHAUSTED, "provider")
    assert said.evidence == (
        "acme: /message has 'Wallet'",
        "acme: /code is NO_CREDITS",
        "acme: /plan is absent",
        "acme: /code is present",
    )
    assert (said.scope, said.payer, said.retryable) == ("feature", "upstream", False)
    assert said.code == "NO_CREDITS"


def test_a_verdict_by_the_status_alone_says_so():
    said = providers.read_profile(
        answer(b"", 402), profile({"status": [402], "means": "invoice_unpaid"})
    )
    assert said.evidence == ("acme: status 402",)
    assert said.code is None


def test_a_long_value_is_shortened_in_the_evidence():
    said = verdict(answer({"code": "x" * 100}), [{"at": "/code", "is": ["x" * 100]}])
    assert said.evidence == ("acme: /code is " + "x" * 80,)


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({"at": "/code", "is": ["e-1008"]}, "E-1008"),
        ({"at": "/number", "is": ["1008"]}, "1008"),
        ({"at": "header:x-error", "is": ["spent"]}, "spent"),
        ({"at": "/code", "has": ["1008"]}, None),
        ({"at": "/message", "is": ["no money"]}, None),
        ({"at": "/ok", "is": ["false"]}, None),
        ({"at": "/done", "is": ["true"]}, None),
        ({"at": "/longest", "is": ["y" * 120]}, "y" * 120),
        ({"at": "/long", "is": ["x" * 121]}, None),
        ({"at": "url", "is": ["https://a.com/"]}, None),
        ({"at": "/number", "below": 2000}, None),
    ],
)
def test_a_code_is_the_whole_value_of_a_field_that_is_no_sentence(when, code):
    body = {"code": "E-1008", "number": 1008, "message": "No money", "ok": False, "done": True}
    body |= {"long": "x" * 121, "longest": "y" * 120}
    assert verdict(answer(body, url="https://a.com/", x_error="spent"), [when]).code == code


def test_a_word_that_is_the_whole_body_is_no_code():
    said = verdict(answer(b"Spent"), [{"at": "text", "is": ["spent"]}])
    assert (said.reason, said.code) == (Reason.CREDITS_EXHAUSTED, None)


# Finding


def test_the_very_host_goes_before_a_wildcard_and_a_longer_wildcard_before_a_shorter():
    narrow = profile(hosts=["*.eu.a.com"], name="narrow")
    wide = profile(hosts=["*.a.com"], name="wide")
    exact = profile(hosts=["x.eu.a.com"], name="exact")
    own = (wide, narrow, exact)

    def name(host: str) -> str | None:
        found = providers.find(answer(url=f"https://{host}:8443/v1"), own)
        return found and found.name

    assert name("X.eu.a.com.") == "exact"
    assert name("y.eu.a.com") == "narrow"
    assert name("eu.a.com") == "wide"
    assert name("a.com") is None


def test_a_profile_of_ones_own_goes_before_one_that_comes_along():
    mine = profile(hosts=["*.openai.com"], name="mine")
    other = profile(hosts=["*.openai.com"], name="other")
    assert providers.find(answer(url=OPENAI)).name == "openai"
    assert providers.find(answer(url=OPENAI), (mine, other)) is mine


def test_a_signature_tells_a_provider_behind_another_host_but_not_against_the_host():
    signed = answer(url="https://proxy.example/v1", openai_organization="acme")
    assert providers.find(signed).name == "openai"
    mine = profile(hosts=[], signature=[{"at": "header:openai-organization", "present": True}])
    assert providers.find(signed, (mine,)) is mine
    known = answer(url="https://api.anthropic.com/v1", openai_organization="acme")
    assert providers.find(known, (mine,)).name == "anthropic"


def test_of_two_signatures_that_of_the_first_provider_by_name_decides():
    signs = {
        "ably": "x_ably_errorcode",
        "anthropic": "anthropic_organization_id",
        "ngrok": "ngrok_error_code",
        "openai": "openai_organization",
        "stripe": "stripe_version",
    }
    while signs:
        first = min(signs)
        borne = dict.fromkeys(signs.values(), "1")
        assert providers.find(answer(url="https://proxy.example/v1", **borne)).name == first
        del signs[first]


def test_a_url_may_carry_who_asks():
    assert providers.find(answer(url=OPENAI.replace("://", "://user:word@"))).name == "openai"


def test_a_url_may_be_written_in_capitals():
    assert providers.find(answer(url=OPENAI.upper())).name == "openai"


@pytest.mark.parametrize(
    "url", [None, "", "/v1", "https://[::1", "https://unknown.example/", "x" * 999]
)
def test_nobody_is_found_for_a_url_that_tells_nothing(url):
    assert providers.find(answer(url=url)) is None


@given(st.text(), st.text())
def test_no_url_and_no_place_makes_finding_or_reading_raise(url, name):
    document = answer({name: {name: name}}, url=f"https://{url}")
    found = providers.find(document) or providers.about("openai")
    assert found is not None
    providers.read_profile(document, found)
    for place in (f"/{name}", f"/{name}/{name}", f"header:{name}"):
        list(values_at(document, place))
        is_present(document, place)


# Loading


def test_a_profile_is_known_by_its_name():
    assert providers.about("stripe").title == "Stripe"
    assert providers.about("nobody") is None
    assert providers.about(None) is None


def test_a_profile_of_ones_own_is_known_by_its_name_before_one_that_comes_along():
    own = (profile(name="mine"), profile(name="stripe"))
    assert providers.about("stripe", own) is own[1]
    assert providers.about("openai", own).title == "OpenAI"


def test_a_file_of_ones_own_is_loaded(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('name = "acme"\ntitle = "Acme"\nhosts = ["a.com"]\n')
    assert providers.load(path) == providers.load(str(path)) == profile()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "acme', "is no TOML: "),
        ('title = "Acme"\nhosts = ["a.com"]', "name: Field required"),
        (
            'name = "a"\ntitle = "A"\nrules = [{ when = [{ at = "code", present = true }] }]',
            'rules[0].when[0].at: a place is "/a/pointer"',
        ),
        ('name = "acme"\ntitle = "A"', "hosts or a signature is needed"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line_that_names_it_the_key_and_the_reason(
    tmp_path, text, told
):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"own\.toml") as caught:
        providers.load(path)
    assert str(caught.value).startswith(f"{path}: {told}")
    assert "\n" not in str(caught.value)


def test_a_wrong_mapping_is_refused_with_its_key():
    with pytest.raises(ValueError, match=r"^billing_url: must be an https URL, not 'ftp://a.com'$"):
        profile(billing_url="ftp://a.com")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"gone\.toml: cannot be read: "):
        providers.load(tmp_path / "gone.toml")


def test_what_is_neither_a_path_nor_a_mapping_is_refused():
    with pytest.raises(TypeError, match="a profile is a path or a mapping, not int"):
        providers.load(7)


# The profiles that come along


def test_every_profile_that_comes_along_is_right():
    everyone = providers.known()
    assert len(everyone) >= 10
    assert [each.name for each in everyone] == sorted({each.name for each in everyone})


def test_every_profile_says_where_it_was_read():
    assert [each.name for each in providers.known() if not each.sources] == []


def test_no_host_belongs_to_two_providers():
    hosts = [host for each in providers.known() for host in each.hosts]
    assert sorted(hosts) == sorted(set(hosts))


def test_no_two_rules_of_a_profile_ask_for_the_same():
    for each in providers.known():
        asked = [(rule.status, rule.when) for rule in each.rules]
        assert len(asked) == len({str(one) for one in asked}), each.name


CREDITS, QUOTA, SPEND = Reason.CREDITS_EXHAUSTED, Reason.QUOTA_EXCEEDED, Reason.SPEND_LIMIT_REACHED
UPGRADE = Reason.PLAN_UPGRADE_REQUIRED


@pytest.mark.parametrize(
    ("code", "kind", "status", "reason"),
    [
        ("insufficient_quota", "insufficient_quota", 429, CREDITS),
        (None, "insufficient_quota", 429, CREDITS),
        ("credit_balance_exhausted", "insufficient_quota", 429, CREDITS),
        ("billing_hard_limit_reached", "invalid_request_error", 400, SPEND),
        ("project_spend_limit_exceeded", "insufficient_quota", 429, SPEND),
        ("organization_spend_limit_exceeded", "insufficient_quota", 429, SPEND),
        ("organization_usage_limit_exceeded", "insufficient_quota", 429, QUOTA),
        ("billing_not_active", "billing_not_active", 429, Reason.BILLING_INACTIVE),
        (None, "billing_not_active", 429, Reason.BILLING_INACTIVE),
        (None, "usage_limit_reached", 429, QUOTA),
        (None, "usage_not_included", 429, UPGRADE),
        ("rate_limit_exceeded", "requests", 429, None),
    ],
)
def test_openai_is_read_by_its_codes(code, kind, status, reason):
    said = read({"error": {"code": code, "type": kind, "message": "Refused."}}, status, OPENAI)
    assert (said.reason, said.silent) == (reason, False)
    assert said.code == (code or kind)


def test_an_error_of_openai_that_is_not_about_money_is_left_to_others():
    assert read({"error": {"code": "model_not_found"}}, 404, OPENAI).silent


@pytest.mark.parametrize(
    ("error", "status", "reason", "scope"),
    [
        ({"type": "invalid_request_error", "message": "Sorry: your credit balance is too low."},
         400, CREDITS, None),
        ({"type": "invalid_request_error", "message": "Somebody is out of extra usage."},
         400, CREDITS, None),
        ({"type": "invalid_request_error", "message": "Those specified API usage limits are met."},
         400, SPEND, "account"),
        ({"type": "rate_limit_error", "details": {"error_code": "enforced_spend_limit_reached"}},
         429, QUOTA, "account"),
        ({"type": "rate_limit_error", "message": "A fee is required for long context requests"},
         429, UPGRADE, "request"),
        ({"type": "billing_error", "message": "Look at the account."}, 402, Reason.UNKNOWN, None),
        ({"type": "rate_limit_error", "message": "Over 20,000 tokens a minute."}, 429, None, None),
    ],
)  # fmt: skip
def test_anthropic_is_read_by_its_words_where_its_types_say_little(error, status, reason, scope):
    url = "https://api.anthropic.com/v1/messages"
    said = read({"type": "error", "error": error}, status, url)
    assert (said.reason, said.scope, said.silent) == (reason, scope, False)


def test_a_validation_error_of_anthropic_is_left_to_others():
    error = {"type": "invalid_request_error", "message": "max_tokens: too large"}
    assert read({"error": error}, 400, "https://api.anthropic.com/v1/messages").silent


def test_deepseek_has_one_meaning_for_402_whatever_its_code():
    url = "https://api.deepseek.com/chat/completions"
    body = {"error": {"code": "invalid_request_error", "message": "Broke."}}
    assert read(body, 402, url).reason is CREDITS
    assert read(body, 402, url).code is None
    assert read(body, 400, url).silent


KEYS = "https://openrouter.ai/settings/keys"


@pytest.mark.parametrize(
    ("error", "reason", "scope", "payer"),
    [
        ({"metadata": {"limit_source": "openrouter_in_flight_budget"}}, CREDITS, "account", None),
        ({"metadata": {"limit_source": "openrouter_credits", "reason": "weight_exceeds_budget"}},
         CREDITS, "request", None),
        ({"metadata": {"limit_source": "openrouter_credits"}}, CREDITS, None, None),
        ({"metadata": {"limit_source": "openrouter_key_limit"}}, SPEND, "account", None),
        ({"metadata": {"limit_source": "openrouter_guardrail_budget"}}, SPEND, "account", None),
        ({"message": "Key limit exceeded."}, SPEND, "account", None),
        ({"message": f"You can only afford 0. See {KEYS}"}, SPEND, "account", None),
        ({"message": f"You can only afford 50. See {KEYS}"}, SPEND, "request", None),
        ({"message": "You can only afford 0."}, CREDITS, None, None),
        ({"message": "You can only afford 10114."}, CREDITS, "request", None),
        ({"message": "Insufficient credits here."}, CREDITS, None, None),
        ({"metadata": {"raw": '{"code": "insufficient_quota"}'}}, CREDITS, "feature", "upstream"),
        ({"metadata": {"raw": "Insufficient balance", "is_byok": True}},
         CREDITS, "feature", "caller"),
        ({"metadata": {"error_type": "rate_limit_exceeded"}}, None, None, None),
    ],
)  # fmt: skip
def test_openrouter_tells_the_account_the_key_the_request_and_its_own_bill_apart(
    error, reason, scope, payer
):
    said = read({"error": {"code": 402} | error}, 402, "https://openrouter.ai/api/v1/completions")
    assert (said.reason, said.scope, said.payer) == (reason, scope, payer)
    assert not said.silent


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        ("You exceeded your monthly included credits", 402, QUOTA),
        ("You depleted your monthly included credits", 402, CREDITS),
        ("Buy pre-paid credits", 402, CREDITS),
        ("Storage limit reached", 403, QUOTA),
        ("You must add a payment method", 403, Reason.PAYMENT_METHOD_REQUIRED),
        ("This one requires a Pro subscription", 403, UPGRADE),
    ],
)
def test_hugging_face_is_read_by_its_words(error, status, reason):
    url = "https://router.huggingface.co/v1/chat/completions"
    assert read({"error": error}, status, url).reason is reason


def test_a_gated_model_is_no_question_of_money():
    url = "https://huggingface.co/acme/model/resolve/main/config.json"
    said = read({"error": "Ask its authors."}, 403, url, x_error_code="GatedRepo")
    assert (said.reason, said.silent) == (None, False)


def test_a_card_that_stripe_declines_restricts_nothing_and_keeps_its_own_code():
    url = "https://api.stripe.com/v1/payment_intents"
    for error in ({"type": "card_error", "code": "card_declined"}, {"type": "api_error"}):
        said = read({"error": error}, 402, url)
        assert (said.reason, said.scope, said.code) == (Reason.PAYMENT_FAILED, "request", None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
def test_other_errors_of_stripe_talk_of_money_and_are_no_refusals(status):
    body = {"error": {"type": "invalid_request_error", "message": "No such subscription"}}
    said = read(body, status, "https://api.stripe.com/v1/subscriptions/sub_1")
    assert (said.reason, said.silent) == (None, False)


def test_a_shop_that_shopify_froze_owes_a_bill():
    url = "https://acme.myshopify.com/admin/api/2026-10/graphql.json"
    assert read({"errors": "Frozen"}, 402, url).reason is Reason.INVOICE_UNPAID
    assert read({"errors": "Too many calls"}, 429, url).reason is None


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"message": "Upgrade to GitHub Pro for this."}, 403, UPGRADE),
        ({"message": "It is locked due to a billing issue."}, 403, Reason.INVOICE_UNPAID),
        ({"message": "This is over its data quota."}, 403, QUOTA),
        ({"message": "This exceeded its LFS budget."}, 403, SPEND),
        ({"error": {"code": "quota_exceeded"}}, 402, QUOTA),
        ({"message": "A secondary rate limit was met."}, 403, None),
        ({"message": "Moved.", "documentation_url": "https://gh.io/billing"}, 410, None),
    ],
)
def test_github_is_read_by_its_words(body, status, reason):
    said = read(body, status, "https://api.github.com/repos/acme/app")
    assert (said.reason, said.silent) == (reason, False)


def test_a_deployment_that_vercel_switched_off_is_its_owners_bill():
    page = b"Off.\n402: PAYMENT_REQUIRED\nCode: DEPLOYMENT_DISABLED\nID: iad1::abc"
    said = read(page, 402, "https://shop.example/")
    assert (said.provider, said.reason, said.payer) == ("vercel", Reason.UNKNOWN, "upstream")
    said = read(b"", 402, "https://shop.example/", x_vercel_error="DEPLOYMENT_DISABLED")
    assert (said.code, said.payer) == ("DEPLOYMENT_DISABLED", "upstream")


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("api-deployments-free-per-day", 402, QUOTA),
        ("missing_stripe_customer", 400, Reason.PAYMENT_METHOD_REQUIRED),
        ("rate_limited", 429, None),
    ],
)
def test_the_api_of_vercel_is_read_by_its_codes(code, status, reason):
    said = read({"error": {"code": code}}, status, "https://api.vercel.com/v13/deployments")
    assert (said.reason, said.silent) == (reason, False)


def test_a_402_of_asana_is_a_feature_of_a_larger_plan():
    url = "https://app.asana.com/api/1.0/workspaces/1/tasks/search"
    said = read({"errors": [{"message": "For payers only."}]}, 402, url)
    assert (said.reason, said.scope) == (UPGRADE, "feature")


def test_a_number_stays_exact():
    document = answer(b'{"balance": 0.1}')
    assert list(values_at(document, "/balance")) == [Decimal("0.1")]
