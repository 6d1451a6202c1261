from __future__ import annotations

import json

from payreq import Action, UserMessage
from payreq.telling.rendering import escaped

MESSAGE = UserMessage(
    title="Export is paused",
    body="The credits are used up.",
    action=Action("Add credits", "https://example.com/b?a=1&b=2"),
    more=(Action("The plans", "https://example.com/plans"),),
    facts=(("Plan", "free <b>"), ("Limit", "1,000 requests")),
    after_payment="It works again at once.",
)


def test_text_is_read_from_top_to_bottom():
    assert MESSAGE.as_text() == (
        "Export is paused\nThe credits are used up.\n\n"
        "Plan: free <b>\nLimit: 1,000 requests\n\n"
        "Add credits: https://example.com/b?a=1&b=2\nThe plans: https://example.com/plans\n\n"
        "It works again at once."
    )


def test_markdown_is_escaped_and_shows_where_links_lead():
    assert MESSAGE.as_markdown() == (
        "**Export is paused**\n\nThe credits are used up.\n\n"
        "- **Plan:** free &lt;b&gt;\n- **Limit:** 1,000 requests\n\n"
        "[Add credits (example\\.com)](<https://example.com/b?a=1&amp;b=2>)\n\n"
        "[The plans (example\\.com)](<https://example.com/plans>)\n\n"
        "It works again at once."
    )


def test_html_is_escaped_and_its_links_tell_nothing_of_their_page():
    assert MESSAGE.as_html() == (
        '<section class="payreq" lang="en">\n'
        "<p><strong>Export is paused</strong></p>\n"
        "<p>The credits are used up.</p>\n"
        "<dl><dt>Plan</dt><dd><bdi>free &lt;b&gt;</bdi></dd>"
        "<dt>Limit</dt><dd><bdi>1,000 requests</bdi></dd></dl>\n"
        '<p><a href="https://example.com/b?a=1&amp;b=2" rel="noopener noreferrer nofollow">'
        "Add credits (example.com)</a></p>\n"
        '<p><a href="https://example.com/plans" rel="noopener noreferrer nofollow">'
        "The plans (example.com)</a></p>\n"
        "<p>It works again at once.</p>\n"
        "</section>"
    )


def test_data_is_ready_for_json():
    assert json.loads(json.dumps(MESSAGE.to_dict())) == {
        "title": "Export is paused",
        "body": "The credits are used up.",
        "action": {
            "label": "Add credits",
            "url": "https://example.com/b?a=1&b=2",
            "host": "example.com",
        },
        "more": [{"label": "The plans", "url": "https://example.com/plans", "host": "example.com"}],
        "facts": [
            {"label": "Plan", "value": "free <b>"},
            {"label": "Limit", "value": "1,000 requests"},
        ],
        "after_payment": "It works again at once.",
        "locale": "en",
        "audience": "owner",
    }


def test_a_message_may_be_title_and_body_alone():
    bare = UserMessage("Title", "Body")
    assert bare.as_text() == "Title\nBody"
    assert bare.as_markdown() == "**Title**\n\nBody"
    assert bare.as_html().count("<p>") == 2
    assert bare.to_dict()["action"] is None
    assert bare.to_dict()["after_payment"] is None


def test_a_link_that_must_not_be_followed_is_only_named():
    message = UserMessage("Title", "Body", action=Action("Pay", "http://pay.example.com/x"))
    assert message.as_text().endswith("Pay: pay.example.com")
    assert message.as_markdown().endswith("Pay (pay\\.example\\.com)")
    assert "<a" not in message.as_html()
    assert "Pay (pay.example.com)" in message.as_html()
    assert message.to_dict()["action"] == {"label": "Pay", "url": None, "host": "pay.example.com"}


def test_markdown_shows_what_looks_like_markup_as_it_is():
    assert escaped("1. one") == "1\\. one"
    assert escaped("12) twelve") == "12\\) twelve"
    assert escaped("- item") == "\\- item"
    assert escaped("pre-paid") == "pre-paid"
    assert escaped("www.evil.test a@b.test x://y") == "www\\.evil\\.test a\\@b\\.test x\\://y"
    assert escaped("a\nb\x1b[0m") == "a b \\[0m"
    assert escaped("It ends.") == "It ends."
