from __future__ import annotations

import pytest

from payreq import Feature
from payreq.telling.links import is_trusted, links, site, unverified
from payreq.telling.messages import Voice


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.example.com", "example.com"),
        ("example.com", "example.com"),
        ("a.b.c.example.com", "example.com"),
        ("api.example.co.uk", "example.co.uk"),
        ("example.com.au", "example.com.au"),
        ("co.uk", None),
        ("api.x.ai", "x.ai"),
        ("localhost", None),
        ("127.0.0.1", None),
        ("", None),
        ("shop.myshopify.com", None),
        ("app.vercel.app", None),
        ("abc.supabase.co", None),
        ("app.region.azurecontainerapps.io", None),
        ("app.ondigitalocean.app", None),
        ("api.example.uk.com", None),
    ],
)
def test_the_site_of_a_host_is_never_one_that_strangers_share(host, expected):
    assert site(host) == expected


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://api.example.com/billing", True),
        ("https://example.com/billing", True),
        ("https://console.EXAMPLE.com/billing", True),
        ("https://example.com:443/billing", True),
        ("https://console.examplecorp.test/billing", True),
        ("https://help.examplecorp.test/x", True),
        ("https://checkout.stripe.com/c/pay/1", True),
        ("https://shop.lemonsqueezy.com/checkout/1", True),
        ("https://pay.trusted.test/1", True),
        ("https://a.wild.test/1", True),
        ("https://trusted.test/1", False),
        ("https://wild.test/1", False),
        ("https://other.examplecorp.test/x", False),
        ("https://notexample.com/billing", False),
        ("https://example.com.evil.test/", False),
        ("https://stripe.com.evil.test/", False),
        ("https://example.com:8443/billing", False),
        ("http://example.com/billing", False),
        ("https://ex\u0430mple.com/", False),
        ("https://user:pw@example.com/", False),
        ("//example.com/", False),
        ("javascript:alert(1)", False),
        ("https://", False),
    ],
)
def test_a_link_is_trusted_by_its_host(about, url, trusted):
    voice = Voice(trusted_hosts=("pay.trusted.test", "*.wild.test"))
    found = is_trusted(url, origin="https://api.example.com", voice=voice, about=about)
    assert found is trusted


def test_on_a_shared_site_only_the_api_itself_is_trusted():
    def trusted(url):
        return is_trusted(url, origin="https://api-1.vercel.app", voice=Voice(), about=None)

    assert trusted("https://api-1.vercel.app/billing")
    assert not trusted("https://evil.vercel.app/billing")


def test_without_an_origin_a_server_has_no_site_of_its_own():
    assert not is_trusted("https://example.com/", origin=None, voice=Voice(), about=None)


def test_links_come_in_the_order_in_which_they_serve(refused):
    urls = {
        f"{kind}_url": f"https://example.com/{kind}"
        for kind in ("billing", "upgrade", "invoice", "docs")
    }

    def kinds(reason):
        features = {"export": Feature("GET /x", url="https://app.test/pay")}
        found = links(refused(reason, **urls), voice=Voice(features=features), about=None)
        return [link.kind for link in found]

    assert kinds("credits_exhausted") == ["feature", "billing", "upgrade", "invoice", "docs"]
    assert kinds("plan_upgrade_required") == ["feature", "upgrade", "billing", "invoice", "docs"]
    assert kinds("invoice_unpaid") == ["feature", "invoice", "billing", "upgrade", "docs"]


def test_a_providers_page_stands_in_for_a_link_that_is_not_trusted(refused, about):
    subject = refused(billing_url="https://evil.test/pay")
    assert [link.url for link in links(subject, voice=Voice(), about=about)] == [about.billing_url]
    assert unverified(subject, voice=Voice(), about=about) == ["evil.test"]


def test_a_link_is_offered_once(refused):
    subject = refused(billing_url="https://example.com/b", upgrade_url="https://example.com/b")
    assert [link.kind for link in links(subject, voice=Voice(), about=None)] == ["billing"]
