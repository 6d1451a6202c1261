from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import payreq.reading.phrases as lexicon
from payreq import Reason
from payreq.reading.document import read_document
from payreq.reading.phrases import SENTENCES, TEXT_LIMIT, read_sentences
from payreq.reading.wording import hear, is_heard, read_wording

READING = Path(lexicon.__file__).parent
LANGUAGES = sorted(READING.joinpath("phrases").glob("*.toml"))


def document(payload, status=403, headers=None):
    body = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    return read_document(status, headers or {}, body)


def reason(payload, status=403, headers=None):
    verdict = read_wording(document(payload, status, headers))
    return None if verdict is None else verdict.reason


# Refusals, on any status


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("There are no credits on this account.", "credits_exhausted"),
        ("Your wallet is empty, refill it to go on", "credits_exhausted"),
        ("The wallet is empty", "credits_exhausted"),
        ("WALLET_EMPTY", "credits_exhausted"),
        ("The team's credits ran out on Friday", "credits_exhausted"),
        ("Needs 8 credits, and you don't have enough credits", "credits_exhausted"),
        ("Insufficient funds: add funds to your account", "credits_exhausted"),
        ("Your monthly credits are used up", "quota_exceeded"),
        ("The monthly request quota was reached", "quota_exceeded"),
        ("You've used 50 of 50 API calls in your plan", "quota_exceeded"),
        ("Usage for this billing cycle is beyond the allowance", "quota_exceeded"),
        ("Free usage limit reached. Upgrade to go on.", "quota_exceeded"),
        ("You ran out of searches", "quota_exceeded"),
        ("The workspace hit its spending limit", "spend_limit_reached"),
        ("This month's budget has been exceeded", "spend_limit_reached"),
        ("Your trial ended last week", "trial_expired"),
        ("Your subscription was cancelled in May", "subscription_expired"),
        ("The license of this workspace has lapsed", "subscription_expired"),
        ("There is no active subscription here", "subscription_required"),
        ("This call requires a subscription", "subscription_required"),
        ("Subscribe to a plan to use maps", "subscription_required"),
        ("Access is off until the overdue invoice is settled", "invoice_unpaid"),
        ("Your account is past due", "invoice_unpaid"),
        ("Suspended for non-payment", "invoice_unpaid"),
        ("Billing is disabled for the project", "billing_inactive"),
        ("Add a payment method to start", "payment_method_required"),
        ("A credit card is required for this", "payment_method_required"),
        ("Exports aren't on the menu: not included in the Basic plan", "plan_upgrade_required"),
        ("Video is a premium feature", "plan_upgrade_required"),
        ("Upgrade to Pro to see the history", "plan_upgrade_required"),
        ("Upgrade your account for this", "plan_upgrade_required"),
        ("Limited to 2 seats. Upgrade for more.", "plan_upgrade_required"),
        ("The card was declined", "payment_failed"),
        ("Payment required before anything else", "unknown"),
        ("Out of quota", "quota_exceeded"),
        (
            "Free users are not allowed: charts are restricted for free users",
            "plan_upgrade_required",
        ),
        ("Only totals are allowed for free users", "plan_upgrade_required"),
        ("Not part of a free / unpaid account", "plan_upgrade_required"),
        ("The account is suspended, see the billing page", "invoice_unpaid"),
        ("Payment failed. Renew the card to restore access.", "invoice_unpaid"),
        ("5 sites reached. Add a credit card for more.", "payment_method_required"),
        ("Add credits to go on", "credits_exhausted"),
        ("The team went over its usage limit", "quota_exceeded"),
        ("Your quota of stars has been exhausted", "quota_exceeded"),
        ("Units limit reached", "quota_exceeded"),
        ("Searches left: 0. None remain of this free quota, it is exceeded", "quota_exceeded"),
        ("The trial reached its limit of recipients", "quota_exceeded"),
        ("A Gold tier or higher opens this", "plan_upgrade_required"),
        ("The Gold plan is required", "plan_upgrade_required"),
        ("Past the lifetime quota, it is exceeded", "quota_exceeded"),
        ("This export is for premium subscribers only", "plan_upgrade_required"),
        ("The subscription does not permit exports", "plan_upgrade_required"),
        (
            "Please upgrade the level of your key: upgrade your api key level",
            "plan_upgrade_required",
        ),
        ("The owner needs to increase the seats", "plan_upgrade_required"),
        ("You must be premium for this", "plan_upgrade_required"),
        ("Maximum daily cost exceeded", "spend_limit_reached"),
        ("FREE_PLAN_EXCEEDS_MONTHLY_EXPORTS", "quota_exceeded"),
        ("Your plan does not grant access to this", "plan_upgrade_required"),
        ("Declined credit card", "payment_failed"),
        ("Unsufficient balance", "credits_exhausted"),
        ("No money", "credits_exhausted"),
        ("No permission: this is for premium users only", "plan_upgrade_required"),
        ("You have used up your daily free allocation of 9 scores", "quota_exceeded"),
        ("This model doesn't have a free quota tier", "plan_upgrade_required"),
        ("Account not premium", "subscription_required"),
        ("The tenant is restricted: suspended-payment", "invoice_unpaid"),
        ("Reports are disabled for your plan", "plan_upgrade_required"),
        ("Free API access is not supported for this chain", "plan_upgrade_required"),
        ("You are out of credits. Please order more credits", "credits_exhausted"),
        ("Insufficient funds. Please deposit", "credits_exhausted"),
        ("The team ran out of operations", "quota_exceeded"),
        ("Blocked: data transfer quota exceeded", "quota_exceeded"),
        ("Your account is over its contact limit. Please upgrade", "quota_exceeded"),
        ("Your account has expired. Please upgrade", "subscription_expired"),
        ("Reports are not available in your edition", "plan_upgrade_required"),
        ("The user is locked. Why: TOP_UP", "credits_exhausted"),
        ("The team is out of credits. Refill in order to go on.", "credits_exhausted"),
        ("team-blocked:spending. The team ran out of credits: add credits", "credits_exhausted"),
        ("Insufficient balance for this withdrawal", "payment_failed"),
        ("Your plan is expired, upgrade your plan", "subscription_expired"),
        ("EXPIRED_PLAN", "subscription_expired"),
        ("The free tier of this model has been exhausted", "quota_exceeded"),
        ("The resource pack is depleted", "credits_exhausted"),
        ("The cloud is blocked due to payment failure", "invoice_unpaid"),
        ("Account over quota", "quota_exceeded"),
        ("Reports are only available in paid subscriptions", "plan_upgrade_required"),
        ("The payment met insufficient funds", "payment_failed"),
        ("CREATE_PAYMENT_INSUFFICIENT_FUNDS", "payment_failed"),
        ("InvalidMethod: your account has no payment method", "payment_method_required"),
        ("The organization is not entitled to this. Please upgrade.", "plan_upgrade_required"),
        ("Audit logs are not licensed here", "plan_upgrade_required"),
        ("UPGRADE_TO_UNLOCK: upgrade for more", "plan_upgrade_required"),
        ("Trial accounts cannot use exports", "plan_upgrade_required"),
        ("The range of your plan cannot be greater than 400 days", "plan_upgrade_required"),
        ("The day is outside of your plan", "plan_upgrade_required"),
        ("Credits needed: 20, available: 3", "credits_exhausted"),
        ("Out of credits: top up, or update your payment method", "credits_exhausted"),
        ("No searches are left for you", "quota_exceeded"),
        ("1,000 free queries exhausted", "quota_exceeded"),
        ("The free daily limit was reached", "quota_exceeded"),
        ("The free tier limit (10 hours) is reached. Upgrade your plan.", "quota_exceeded"),
        ("Overage request limit exceeded", "quota_exceeded"),
        ("We found none: no active annual subscription", "subscription_required"),
        ("Suspended for lack of payment", "invoice_unpaid"),
        ("Renew your subscription to go on", "subscription_expired"),
        ("Limit reached, see https://example.com/pricing", "quota_exceeded"),
    ],
)
@pytest.mark.parametrize("status", [403, 429])
def test_strong_words_tell_the_cause_on_any_status(status, words, cause):
    assert reason({"error": {"message": words}}, status) == cause
    assert reason(words, status) == cause


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("Ihr Guthaben ist leer", "credits_exhausted"),
        ("Das Monatskontingent ist ausgeschöpft, bitte Tarif wechseln", "quota_exceeded"),
        ("Il ne reste plus de crédits", "credits_exhausted"),
        ("L'abonnement est expiré pour votre compte", "subscription_expired"),
        ("Créditos agotados", "credits_exhausted"),
        ("La tarjeta fue rechazada: tarjeta rechazada", "payment_failed"),
        ("O limite mensal foi excedido", "quota_exceeded"),
        ("Недостаточно средств на балансе", "credits_exhausted"),  # Russian
        ("余额不足", "credits_exhausted"),
        ("当前套餐不支持此接口", "plan_upgrade_required"),
        ("餘額不足 請先儲值", "credits_exhausted"),
        ("本月額度已用完", "quota_exceeded"),
        ("您的試用已結束", "trial_expired"),
        ("您的訂閱已到期", "subscription_expired"),
        ("目前版本不支援匯出 請升級", "plan_upgrade_required"),
        ("此功能僅限付費用戶", "plan_upgrade_required"),
        ("帳戶欠費 服務已停用", "invoice_unpaid"),
        ("請新增付款方式", "payment_method_required"),
        ("已達消費上限", "spend_limit_reached"),
        ("卡片遭拒", "payment_failed"),
        ("クレジットが不足しています", "credits_exhausted"),
        ("無料体験は終了しました", "trial_expired"),
        ("잔액이 부족합니다", "credits_exhausted"),
        ("구독이 만료됨", "subscription_expired"),
        ("Saldo insuficiente", "credits_exhausted"),
        ("Solde insuffisant", "credits_exhausted"),
        ("Há saldo, mas não possui créditos", "credits_exhausted"),
        ("Вы израсходовали ваш лимит", "quota_exceeded"),
        ("接口调用次数已用尽", "quota_exceeded"),
        ("今日请求次数已达上限", "quota_exceeded"),
        ("免费额度已用尽", "quota_exceeded"),
        ("调用次数已用完 请登录控制台购买", "quota_exceeded"),
        ("今月の利用上限に達しました 来月再試行してください", "quota_exceeded"),
        ("Das Monatskontingent ist ausgeschöpft, versuche es nächsten Monat", "quota_exceeded"),
        ("크레딧이 모두 소진되었습니다", "credits_exhausted"),
    ],
)
def test_other_languages_are_read_by_the_same_rules(words, cause):
    assert reason({"message": words}) == cause


# Look-alikes


@pytest.mark.parametrize(
    "words",
    [
        "Slow down: your plan allows 10 requests per minute. Upgrade for more.",
        "Rate limit hit. Upgrade your plan for a higher one.",
        "Too many requests, upgrade your plan",
        "The calls of this minute are used up",
        "You used up this hour's calls on the free plan",
        "All requests for the hour are used up",
        "The credits of these ten seconds are used up",
        "Your wallet needs more units per second than it has",
        "Rate limit: your wallet needs more units than it has",
        "Monthly quota fine, but over the limit of 5 calls per second",
        "Your plan's limit of 3 concurrent jobs is reached",
        "We are overloaded; those on a paid plan are served first, not available",
        "Try again in 20 seconds: quota of the plan exceeded",
        "You may not see billing, a role is missing",
        "The role must be allowed to enable billing",
        "You do not have permission to update the payment method",
        "A scope is missing to read the plan, which is not available",
        "Quota of CPU cores exceeded in this region",
        "The date range exceeds the limit of 6 months",
        "limit must be 100 or less",
        "This wallet query needs more than 5 filters",
        "請求過於頻繁 請稍後再試",
        "本月額度已用完 請於 5 分鐘後再試",
        "每分鐘請求次數已達上限 請升級方案",
        "權限不足 無法使用此方案",
        "Please upgrade your client to a newer version",
        "Upgrade your account to a business account",
        "Invalid subscription key; use that of an active subscription",
        "Your session expired, log in to see your subscription",
        "The balance transaction is empty",
        "Insufficient funds",
        "Insufficient balance for this order",
        "Billing address is missing",
        "Thinking budget exceeded",
        "Suspicious traffic: not allowed on the free plan",
        "User account suspended",
        "User account suspended, ask billing for the permission",
        "Too many requests, buy credits for more",
        "The complexity budget is exhausted",
        "Out of quota: too many requests",
        "More throughput than the usage limit of this node, exceeded",
        "The usage limit is exceeded, 3 jobs at once",
        "The file has 999 out of 999 pages, no more than 700 are allowed",
        "Limit reached for this second, see https://example.com/pricing",
        "You have no login attempts left",
        "该手机号今日发送次数已达上限",
        "保证金余额不足",
        "The customer has no payment method",
        "No transactions available",
        "There are no messages left for the guest",
        "Could not collect metrics",
        "Unable to find a valid plan for this route",
        "Please upgrade your app to use this",
        "This promotion was used, its credit has been used",
        "The contract has expired",
        "Your contract requires a payable function",
        "A product cannot be made without a plan",
        "Запрос выполняется слишком долго",
        "Вы не подписаны на канал",
        "Число подписчиков недоступно",
        "库存余量不足",
        "安全组配额不足",
        "订单未结算",
        "新增支付方式失败",
        "该用户未绑定银行卡",
        "服务未开通",
        "Die Bestellung wurde nicht bezahlt",
        "Bitte hinterlegen Sie eine Bankverbindung",
        "No hay notas de crédito",
        "Ya tiene una suscripción activa",
        "Debe ingresar una tarjeta de crédito",
        "O signatário não assinou",
        "Informe o cartão de crédito do cliente",
        "Vous n'êtes pas abonné à cette liste",
        "가입되어 있지 않은 사용자입니다",
        "주문이 미결제 상태입니다",
        "グループに加入していません",
        "お支払いが確認できない注文です",
        "Not found",
        "",
    ],
)
@pytest.mark.parametrize("status", [400, 403, 429, 503])
def test_rates_permissions_capacity_and_validation_are_no_refusals(status, words):
    assert reason({"error": {"message": words}}, status) is None


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
@pytest.mark.parametrize(
    "words",
    [
        "This subscription was cancelled and stays so",
        "The trial has ended already",
        "Invoice is overdue",
        "A credit card is required",
        "It requires a subscription",
        "The plan is required",
    ],
)
def test_the_callers_own_data_are_not_the_callers_debts(status, words):
    assert reason({"message": words}, status) is None
    assert reason({"message": words}, 403) is not None


def test_a_window_beside_the_words_outranks_them():
    sentence = "The quota is exceeded, check plan and billing"
    assert reason({"error": {"message": sentence}}, 429) is Reason.QUOTA_EXCEEDED
    for beside in (
        {"details": [{"violations": [{"quotaId": "TokensPerMinutePerKey"}]}]},
        {"details": [{"retryDelay": "17s"}]},
        {"policy": "per second"},
    ):
        assert reason({"error": {"message": sentence, **beside}}, 429) is None
    assert reason({"error": {"message": sentence}, "took": "17s"}, 429) is not None
    assert reason({"message": sentence, "policy": "per second"}, 429) is None
    assert reason({"message": sentence, "motto": "per second"}, 429) is not None


def test_what_stands_beside_an_error_speaks_against_a_refusal_alone():
    assert hear(document({"limit": "credits per second"})).ideas == {"window"}


def test_what_a_429_says_anyway_speaks_against_nothing():
    words = "Your free daily limit is reached"
    assert reason({"code": "TooManyRequests", "message": words}, 429) is Reason.QUOTA_EXCEEDED
    assert reason({"code": "TooManyRequests", "message": words}, 403) is None
    assert reason({"message": f"Too many requests: {words.lower()}"}, 429) is None


@pytest.mark.parametrize("status", [401, 432, 456, 466])
def test_a_bare_limit_is_a_quota_where_no_rate_limit_stands(status):
    assert reason({"message": "Limit exceeded"}, status) is Reason.QUOTA_EXCEEDED
    assert reason({"message": "Limit exceeded: 5 per second"}, status) is None
    assert reason({"message": "Limit exceeded"}, 429) is None
    assert reason({"message": "Limit exceeded"}, 403) is None


def test_the_debts_of_others_are_told_apart_from_service_that_was_not_paid():
    stopped = "Nothing is sent, due to lack of payment. It can resume once that is settled."
    assert reason({"message": stopped}, 400) is Reason.INVOICE_UNPAID
    for words in ("The order was cancelled for lack of payment", "The invoice is overdue"):
        assert reason({"message": words}, 400) is None


def test_a_short_retry_after_outranks_a_quota_without_a_month():
    weak = {"message": "Quota exceeded", "plan": "free"}
    assert reason(weak, 429) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "30"}) is None
    assert reason(weak, 429, {"retry-after": "90000"}) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "9000"}) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "3601"}) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "3600"}) is None
    assert reason(weak, 429, {"retry-after": "1"}) is None
    assert reason(weak, 429, {"retry-after": "9" * 5_000}) is Reason.QUOTA_EXCEEDED
    month = {"message": "Monthly quota exceeded"}
    assert reason(month, 429, {"retry-after": "30"}) is Reason.QUOTA_EXCEEDED


# 402


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("credits", "credits_exhausted"),
        ("Look at your balance", "credits_exhausted"),
        ("Mind the credit card", "payment_method_required"),
        ("Pay the bill", "invoice_unpaid"),
        ("About your trial", "trial_expired"),
        ("Think of the budget", "spend_limit_reached"),
        ("3 seats allowed", "plan_upgrade_required"),
        ("limit reached, 20 requests per minute", "quota_exceeded"),
        ("Use is limited", "quota_exceeded"),
        ("quota", "quota_exceeded"),
        ("upgrade", "plan_upgrade_required"),
        ("please subscribe", "subscription_required"),
        ("Payment required", "unknown"),
        ("The free plan is used up", "quota_exceeded"),
        ("Requests in flight hold the balance", "credits_exhausted"),
        ("The budget is reserved for now", "spend_limit_reached"),
        ("Payment failed, choose another card", "payment_failed"),
        ("Not enough stars", "credits_exhausted"),
    ],
)
def test_on_a_402_a_hint_names_the_cause(words, cause):
    assert reason({"message": words}, 402) == cause


def test_a_402_about_concurrency_or_memory_is_no_billing_matter():
    for words in (
        "Too many runs in parallel",
        "Too many requests in flight",
        "Not so much memory, 4096 MB at once",
    ):
        verdict = read_wording(document({"message": words}, 402))
        assert verdict is not None
        assert verdict.reason is None
        assert reason({"message": words}, 429) is None


def test_a_402_that_asks_for_a_second_factor_is_no_billing_matter():
    verdict = read_wording(document({"message": "Send the verification code for the payment"}, 402))
    assert verdict is not None
    assert verdict.reason is None


@pytest.mark.parametrize("status", [408, 413, 424])
def test_a_status_about_something_else_is_not_heard(status):
    assert not is_heard(document({"message": "Out of credits, upgrade your plan"}, status))


def test_a_short_wait_may_stand_in_a_member():
    weak = {"message": "Quota exceeded", "plan": "free"}
    assert reason(weak | {"retry_after": "30s"}, 429) is None
    assert reason(weak | {"resetInSeconds": 90_000}, 429) is Reason.QUOTA_EXCEEDED
    for wait in (1, 30, 3_600):
        assert reason(weak | {"retry_after": wait}, 429) is None
    for wait in (0, 3_601, "later"):
        assert reason(weak | {"retry_after": wait}, 429) is Reason.QUOTA_EXCEEDED
    assert reason(weak | {"took": 30}, 429) is Reason.QUOTA_EXCEEDED


def test_what_grpc_says_in_its_trailers_is_heard_though_http_says_200():
    said = {"grpc-status": "7", "grpc-message": "The%20wallet%20is%20empty"}
    heard = read_document(200, said, b"")
    assert is_heard(heard)
    verdict = read_wording(heard)
    assert verdict is not None
    assert verdict.reason is Reason.CREDITS_EXHAUSTED
    assert not is_heard(read_document(200, said | {"grpc-status": "0"}, b""))


def test_links_are_no_codes():
    heard = hear(document({"error": {"topup_url": "https://example.com/top-up", "code": "no_way"}}))
    assert [code for code, _ in heard.codes] == ["no_way"]


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        ("no", False),
        ("new", True),
        ("x" * 200, True),
        ("x" * 201, False),
        ("PAST_MAX", True),
        ("10012", False),
        ("ab\x7fcd", False),
        ("größe", False),
    ],
)
def test_a_code_is_a_word_of_some_length_in_plain_letters(text, is_code):
    assert [code for code, _ in hear(document({"code": text})).codes] == [text] * is_code


def test_the_words_of_a_page_that_came_with_a_success_are_not_heard():
    page = (
        '<html><script type="application/problem+json">{"success": false}</script><p>%s</p></html>'
    )
    assert is_heard(document(page % "No credits left", 200))
    assert reason(page % "No credits left", 200) is None
    assert hear(document(page % "0", 200)).ideas == set()
    assert reason(page % "No credits left", 403) is Reason.CREDITS_EXHAUSTED


def test_where_money_is_known_to_be_the_matter_a_hint_is_enough_too():
    hint = document({"message": "Mind your balance"}, 400)
    assert read_wording(hint) is None
    verdict = read_wording(hint, about_money=True)
    assert verdict is not None
    assert verdict.reason is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize("code", [{"code": 402}, {"status": {"code": 402}}, {"statusCode": 402}])
def test_a_payload_that_calls_itself_a_402_is_read_as_one(code):
    assert reason(code | {"message": "Quota exceeded"}, 403) is Reason.QUOTA_EXCEEDED
    assert reason({"count": 402, "message": "Quota exceeded"}, 403) is None


def test_what_can_be_afforded_concerns_the_request_alone():
    verdict = read_wording(document({"message": "You can only afford 90 tokens"}, 402))
    assert verdict is not None
    assert (verdict.reason, verdict.scope) == (Reason.CREDITS_EXHAUSTED, "request")
    other = read_wording(document({"message": "No credits"}, 402))
    assert other is not None
    assert other.scope is None


# Where words count


def test_the_phrases_that_matched_are_the_evidence():
    verdict = read_wording(document({"message": "Your credits have run out"}))
    assert verdict is not None
    assert verdict.evidence == ("credits", "run out")
    assert verdict.certainty == "wording"
    assert verdict.code is None


def test_a_code_is_read_as_words_and_named():
    verdict = read_wording(document({"error": {"code": "teamCreditsDepleted"}}))
    assert verdict is not None
    assert (verdict.reason, verdict.code) == (Reason.CREDITS_EXHAUSTED, "teamCreditsDepleted")


def test_the_end_of_a_problems_uri_is_read_as_words():
    verdict = read_wording(document({"type": "https://example.com/problems/team-credits-depleted"}))
    assert verdict is not None
    assert (verdict.reason, verdict.code) == (Reason.CREDITS_EXHAUSTED, "team-credits-depleted")


@pytest.mark.parametrize(
    "payload",
    [
        {"choices": [{"message": {"content": "You have no credits left"}}]},
        {"document": {"title": "Your subscription has expired"}},
        {"prompt": {"text": "no credits"}},
        {"body": "You have no credits left"},
        {"message": 7},
    ],
)
def test_what_others_wrote_is_not_the_servers_word(payload):
    assert reason(payload) is None


def test_a_sentence_without_spaces_is_no_code():
    verdict = read_wording(document({"message": "餘額不足"}))
    assert verdict is not None
    assert verdict.code is None


def test_a_bare_string_and_a_header_count_as_words():
    assert reason(["Keep calm", "No credits left"]) is Reason.CREDITS_EXHAUSTED
    assert reason('"No credits left"') is Reason.CREDITS_EXHAUSTED
    assert reason("", 403, {"x-error-detail": "No credits left"}) is Reason.CREDITS_EXHAUSTED
    assert reason("", 403, {"x-reject-reason": "No credits left"}) is Reason.CREDITS_EXHAUSTED
    assert reason("", 403, {"x-motto": "No credits left"}) is None
    assert reason("", 403, {"x-error-detail": "No credits left " + "-" * 3_000}) is None


def test_pages_count_while_they_are_short():
    page = "<html><body><h1>Sorry</h1><p>Your credits are used up.</p>{}</body></html>"
    menu = "<p>" + "All about our company. " * 60 + "</p>"
    assert reason(page.format(""), 403) is Reason.CREDITS_EXHAUSTED
    assert reason(page.format(menu), 403) is None
    assert reason(page.format(menu), 402) is Reason.CREDITS_EXHAUSTED
    assert reason(page.format(menu * 9), 402) is None
    assert reason("Your credits are used up. " + "And so on. " * 300, 403) is None
    assert reason("Your credits are used up.", 200) is None


def test_the_page_of_what_is_not_found_is_not_heard_whatever_it_offers():
    offer = "Upgrade to Pro to see the history"
    assert reason({"message": offer}, 404) is Reason.PLAN_UPGRADE_REQUIRED
    assert reason(offer, 404) is Reason.PLAN_UPGRADE_REQUIRED
    assert reason(f"<html><body><p>{offer}</p></body></html>", 404) is None
    assert hear(document("<html><body><p>0</p></body></html>", 404)).ideas == set()


@pytest.mark.parametrize(
    ("status", "form", "longest"),
    [
        (402, "{}", 2_500),
        (403, "{}", 1_250),
        (400, "{}", 1_250),
        (403, "<html><body><p>{}</p></body></html>", 600),
    ],
)
def test_a_text_is_heard_up_to_a_length(status, form, longest):
    words = "No credits left. "
    assert reason(form.format(words + "x" * (longest - len(words))), status) is not None
    assert reason(form.format(words + "x" * (longest + 1 - len(words))), status) is None


@pytest.mark.parametrize(
    "payload",
    [
        {"success": False, "message": "No credits left"},
        {"ok": 0, "message": "No credits left"},
        {"status": "error", "message": "No credits left"},
        {"code": 402, "message": "No credits left"},
        {"code": "401", "message": "No credits left"},
        {"error_code": 10012, "message": "No credits left"},
        {"Response": {"Error": {"Message": "No credits left"}}},
        {"status": 0, "request": "ERROR_NO_CREDITS", "message": "No credits left"},
        "NO_CREDITS",
        "auth error: no credits left",
        "Error: No credits left",
        {"error": "No credits left"},
        {"errors": [{"message": "No credits left"}]},
        {"results": [{"error": {"message": "No credits left"}}]},
        {"status": False, "message": "No credits left"},
        {"success": "false", "message": "No credits left"},
        {"result_code": "FAIL", "err_code_des": "No credits left"},
        {"code": 10001, "msg": "No credits left"},
        {"code": -1, "msg": "No credits left"},
        {"code": "102", "msg": "No credits left"},
        {"base_resp": {"status_code": 1008, "status_msg": "No credits left"}},
        {"message": "NOTOK", "result": "No credits left"},
        {"status": 0, "request": "ERROR_NO_CREDITS"},
        {"event": "api:error", "data": {"message": "No credits left"}},
        {"sent": [{"to": "1", "status": "NotEnoughCredits"}]},
        {"code": 7, "desc": "", "resultDesc": "No credits left"},
        {"Code": "isv.NO_AMOUNT", "Message": "No credits left"},
        {"isSuccess": False, "message": "No credits left"},
        {"succeeded": False, "message": "No credits left"},
        {"status": "general_failure", "message": "No credits left"},
        {"api_res_error": "No credits left"},
        {"sent": [{"status": {"name": "REJECTED_NOT_ENOUGH_CREDITS"}}]},
        "ERR: 301, no credits left",
    ],
)
def test_a_success_that_says_it_failed_is_read_like_an_error(payload):
    assert is_heard(document(payload, 200))
    assert reason(payload, 200) is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize(
    "payload",
    [
        {"message": "No credits left"},
        {"success": True, "error": "", "message": "No credits left"},
        {"status": "done", "message": "No credits left"},
        {"code": "200", "message": "No credits left"},
        {"code": 0, "message": "No credits left"},
        {"code": 1, "message": "No credits left"},
        {"code": 10000, "message": "No credits left"},
        {"code": "Success", "message": "No credits left"},
        {"code": "no code", "message": "No credits left"},
        {"code": 10001, "text": "No credits left"},
        {"success": "true", "message": "No credits left"},
        {"status": True, "message": "No credits left"},
        {"error_code": 0, "message": "No credits left"},
        {"code": "1" * 5_000, "message": "No credits left"},
        {"data": {"code": 401}, "message": "No credits left"},
        "No credits left",
        "CREDITS",
        "The error is that no credits are left",
        "Error: no credits are left. " + "And so on. " * 20,
        {"error": "", "message": "No credits left"},
        {"error": None, "message": "No credits left"},
        {"data": {"items": {"error": "x"}}, "message": "No credits left"},
        {"standard_error": 0.2, "message": "No credits left"},
        {"sent": [{"name": "REJECTED_NOT_ENOUGH_CREDITS"}]},
    ],
)
def test_a_success_without_a_sign_of_failure_is_not(payload):
    assert not is_heard(document(payload, 200))
    assert reason(payload, 200) is None


# The data


def test_a_longer_phrase_hides_the_shorter_one_in_it():
    assert "credits" not in read_sentences("Give a credit card")[0]
    assert read_sentences("Nothing of the kind") == []


def test_numbers_signs_apostrophes_and_humps_do_not_matter():
    for text in ("DON'T_HAVE_ANY", "Don\u2019t have any", "dontHaveAny", "dont-have (any)"):
        assert read_sentences(text)[0]["lack"] == "dont have any"
    assert read_sentences("in 1,200 seconds")[0]["window"] == "0 seconds"
    assert read_sentences("0.00 remaining")[0]["over"] == "zero remaining"


def test_links_are_not_words():
    assert read_sentences("See https://example.com/no-credits/upgrade-your-plan") == []


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_every_phrase_of_a_language_is_found_in_its_own_words(path):
    ideas_of = tomllib.loads(path.read_text("utf-8"))
    english = tomllib.loads(READING.joinpath("phrases", "en.toml").read_text("utf-8"))
    assert ideas_of.keys() <= english.keys()
    for idea, phrases in ideas_of.items():
        for phrase in phrases:
            assert re.search(r"[^\w #*]|_|\s\s|\*.|[A-Z]", phrase) is None, phrase
            said = phrase.replace("#", "12").replace("zero", "0").replace("*", "x")
            heard = read_sentences(f"{said}.")
            assert heard, (idea, phrase)
            assert idea in heard[0], (idea, phrase)


def test_every_idea_of_a_rule_is_carried_by_a_phrase_or_a_sign():
    rules = tomllib.loads(READING.joinpath("rules.toml").read_text("utf-8"))
    carried = tomllib.loads(READING.joinpath("phrases", "en.toml").read_text("utf-8"))
    known = {*carried, "soon"}  # the Retry-After header carries it
    assert rules["keys"].keys() <= known
    for rule in rules["rules"]:
        assert rule.keys() <= {
            "means", "words", "beside", "unless", "weak", "never_on", "only_on", "scope",
        }  # fmt: skip
        for ideas in (*rule["words"], *rule.get("beside", ()), *rule.get("unless", ())):
            assert set(ideas.split("|")) <= known, rule


# Any input


@given(st.integers(100, 599), st.text(max_size=300), st.booleans())
def test_no_text_makes_it_raise(status, text, about_money):
    for payload in (text, {"error": text}, {"message": [text], "retry": text}):
        read_wording(document(payload, status), about_money=about_money)


def test_only_so_much_of_a_text_is_heard():
    late = "x " * TEXT_LIMIT + "no credits"
    assert reason({"message": late}) is None
    assert len(read_sentences("No credits! " * 5_000)) <= SENTENCES
    many = {"errors": [{"message": "Rate " * 400} for _ in range(500)]}
    assert len(hear(document(many)).sentences) == 24
    headers = {f"x-error-{number}": "No credits" for number in range(40)}
    assert len(hear(document("", 403, headers)).sentences) == 24
    late = {f"n{number}": number for number in range(120)}
    assert hear(document(late | {"plan": 1})).ideas == set()
    late.popitem()
    assert hear(document(late | {"plan": 1})).ideas == {"plan"}


@pytest.mark.parametrize(
    "unit", ["billing ", "no ", "exceed", "rate limit ", "0 ", "0.", "https:", "!? ", "不足", "aB"]
)
def test_repetition_costs_no_more_than_its_length(unit):
    # A quadratic reader would take minutes for these, and the test's time-out would end it.
    text = unit * (60_000 // len(unit))
    for payload in (text, {"message": text}, {"errors": [{"message": text[:2_000]}] * 30}):
        for status in (402, 429):
            read_wording(document(payload, status))
