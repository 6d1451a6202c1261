from __future__ import annotations

import json

import pytest

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
        "- **Plan**: free &lt;b&gt;\n- **Limit**: 1,000 requests\n\n"
        "[Add credits (example\\.com)](<https://example.com/b?a=1&amp;b=2>)\n\n"
        "[The plans (example\\.com)](<https://example.com/plans>)\n\n"
        "It works again at once."
    )


def test_html_is_escaped_and_its_links_tell_nothing_of_their_page():
    assert MESSAGE.as_html() == (
        '<section class="payreq" lang="en" dir="ltr">\n'
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


def test_in_arabic_the_page_runs_from_right_to_left_and_values_stand_apart():
    message = UserMessage(
        "توقف «\u2068Export\u2069»",
        "نفد الرصيد.",
        action=Action("إضافة رصيد", "https://example.com/b"),
        facts=(("الباقة", "free"),),
        locale="ar",
    )
    assert message.as_html() == (
        '<section class="payreq" lang="ar" dir="rtl">\n'
        "<p><strong>توقف «<bdi>Export</bdi>»</strong></p>\n"
        "<p>نفد الرصيد.</p>\n"
        "<dl><dt>الباقة</dt><dd><bdi>free</bdi></dd></dl>\n"
        '<p><a href="https://example.com/b" rel="noopener noreferrer nofollow">'
        "إضافة رصيد (<bdi>example.com</bdi>)</a></p>\n"
        "</section>"
    )
    assert "الباقة: \u2068free\u2069\n" in message.as_text()
    assert "**الباقة**: \u2068free\u2069\n" in message.as_markdown()
    assert message.as_text().endswith("إضافة رصيد: https://example.com/b")


@pytest.mark.parametrize(
    ("locale", "fact", "link"),
    [
        ("fr", "Plan\u00a0: free", "Go (example.com)"),
        ("ja", "Plan：free", "Go（example.com）"),  # noqa: RUF001  # full width, as Japanese has it
        ("zh-Hans", "Plan：free", "Go（example.com）"),  # noqa: RUF001  # and Chinese
        ("nl", "Plan: free", "Go (example.com)"),
    ],
)
def test_lists_are_punctuated_as_the_language_does(locale, fact, link):
    action = Action("Go", "https://example.com/b")
    message = UserMessage("T", "B", action=action, facts=(("Plan", "free"),), locale=locale)
    assert fact in message.as_text()
    assert f">{link}</a>" in message.as_html()


def test_isolates_that_are_not_closed_are_taken_out():
    message = UserMessage("a\u2069b\u2068", "c\u2068d\u00a0e\u202ef", locale="ar")
    assert message.as_text() == "ab\ncd\u00a0e f"
