from __future__ import annotations

import json

import pytest

from payreq.reading.document import read_document
from payreq.reading.links import read_links

HOST = "https://app.example.com"


@pytest.fixture
def links():
    def read(body, url="https://api.example.com/v1/things"):
        text = body if isinstance(body, str) else json.dumps(body)
        return read_links(read_document(402, {}, text.encode(), url=url))

    return read


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"billing_url": f"{HOST}/x"}, {"billing_url": f"{HOST}/x"}),
        ({"error": {"upgradeUrl": f"{HOST}/x"}}, {"upgrade_url": f"{HOST}/x"}),
        ({"payment_request_url": f"{HOST}/x"}, {"billing_url": f"{HOST}/x"}),
        ({"invoice_url": "/i/7"}, {"invoice_url": "https://api.example.com/i/7"}),
        ({"help": f"All of it is told at {HOST}/x."}, {"docs_url": f"{HOST}/x"}),
        ({"details_url": f"{HOST}/x"}, {"docs_url": f"{HOST}/x"}),
        ({"links": {"Upgrade yourself": f"{HOST}/x"}}, {"upgrade_url": f"{HOST}/x"}),
        ({"help_url": f"{HOST}/billing"}, {"billing_url": f"{HOST}/billing"}),
        ({"help_url": f"{HOST}/docs/billing"}, {"docs_url": f"{HOST}/docs/billing"}),
        ({"help_url": f"{HOST}/x#plans"}, {"docs_url": f"{HOST}/x#plans"}),
        (
            {"help_url": "https://docs.example.com/x/plans"},
            {"docs_url": "https://docs.example.com/x/plans"},
        ),
        ({"documentation_url": f"{HOST}/plans"}, {"docs_url": f"{HOST}/plans"}),
        ({"message": f"Upgrade to go on. Visit {HOST}/app"}, {"upgrade_url": f"{HOST}/app"}),
        ({"type": f"{HOST}/problems/credits"}, {"docs_url": f"{HOST}/problems/credits"}),
    ],
)
def test_a_member_named_for_a_link_says_what_it_is(links, body, found):
    assert links(body) == found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/pricing", "upgrade_url"),
        ("/account#plans", "upgrade_url"),
        ("/premium/", "upgrade_url"),
        ("/docs/errors", "docs_url"),
        ("/invoices/7", "invoice_url"),
        ("/settings/billing", "billing_url"),
        ("/topup", "billing_url"),
    ],
)
def test_a_path_tells_what_a_link_is_for(links, path, kind):
    assert links({"message": f"Go there: {HOST}{path}."}) == {kind: f"{HOST}{path}"}


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Buy credits at {}", "billing_url"),
        ("Your plan is small. Go to {} to add funds.", "billing_url"),
        ("Upgrade here: {}", "upgrade_url"),
        ("View your invoice ({})", "invoice_url"),
        ("Settle it at {}", "billing_url"),
        ("More information: {}", "docs_url"),
        ("Billing has to be enabled. Learn more at {}", "docs_url"),
        ("Add a card; a plan needs one, learn more: {}", "docs_url"),
        ("Buy more at {}", "billing_url"),
        ("请充值 {}。", "billing_url"),
    ],
)
def test_the_words_around_tell_what_a_link_is_for(links, sentence, kind):
    assert links(sentence.format(f"{HOST}/x")) == {kind: f"{HOST}/x"}


def test_the_text_of_a_page_holds_links_too(links):
    page = f"<html><p>Empty. Buy credits at {HOST}/x or look at {HOST}/y</p></html>"
    assert links(page) == {"billing_url": f"{HOST}/x"}
    assert links(f"Look at {HOST}/y") == {}


def test_what_a_page_links_to_counts_by_the_words_of_the_link(links):
    page = f"""<html><p>Empty. <a href="{HOST}/x">Buy credits</a>, <a href="/pricing">more</a>,
    <a href="javascript:pay()">pay</a> or <a href="{HOST}/y">go home</a>.</p></html>"""
    assert links(page) == {
        "billing_url": f"{HOST}/x",
        "upgrade_url": "https://api.example.com/pricing",
    }


def test_pages_of_documentation_are_known_by_their_host(links):
    assert links("Pay: https://docs.example.com/billing") == {
        "docs_url": "https://docs.example.com/billing"
    }


def test_a_member_goes_before_a_sentence(links):
    body = {"message": f"Upgrade at {HOST}/pricing", "upgrade_url": f"{HOST}/mine"}
    assert links(body) == {"upgrade_url": f"{HOST}/mine"}


@pytest.mark.parametrize(
    "body",
    [
        {"message": f"Something happened {HOST}/x somewhere"},
        {"message": f"For an upgrade write to {HOST}/support"},
        {"message": f"Billing: {HOST}/team/{{id}}/billing"},
        {"message": f"Billing: {HOST}/team/<id>/billing"},
        {"message": "Billing: https://user:pass@example.com/billing"},
        {"callback_url": "/hook", "n": 3},
        {"invoice_url": "/i/{id}"},
    ],
)
def test_links_without_a_purpose_a_host_or_an_end_are_left_out(links, body):
    assert links(body) == {}
