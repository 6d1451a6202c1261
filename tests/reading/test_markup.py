from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.reading.markup import is_html, parse_xml, read_page

ERROR = """<?xml version="1.0"?>
<!-- <Code>Commented</Code> -->
<Error xmlns:e="urn:e" severity='high &amp; dry'>
  <e:Code>NoCredit</e:Code>
  <Message><![CDATA[Nothing <left/>]]></Message>
  <Detail lang="en">more &lt;here&gt;</Detail>
  <Empty/><Link href="https://example.com/b"/>
</Error>"""


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("<!DOCTYPE html><x>", True),
        ("<HTML lang=en>", True),
        ("<p >x", True),
        ("<?xml version='1.0'?><Error/>", False),
        ("<problem xmlns='urn:ietf:rfc:7807'>", False),
        ("<pre>", False),
    ],
)
def test_a_page_is_told_from_xml(text, page):
    assert is_html(text) is page


def test_elements_become_members_and_attributes_stand_beside_them():
    assert parse_xml(ERROR) == {
        "severity": "high & dry",
        "Code": "NoCredit",
        "Message": {"#text": "Nothing", "left": ""},
        "Detail": {"lang": "en", "#text": "more <here>"},
        "Empty": "",
        "Link": {"href": "https://example.com/b"},
    }


def test_repeated_elements_are_a_list():
    assert parse_xml("<r><e>1</e><e>2</e><e>3</e><f>4</f></r>") == {"e": ["1", "2", "3"], "f": "4"}


def test_the_arrays_of_problem_xml_are_lists():
    text = "<problem><one><i>a</i></one><two><i>b</i> <i><c>d</c></i></two></problem>"
    assert parse_xml(text) == {"one": ["a"], "two": ["b", {"c": "d"}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<Error><Code>NoCredit</Code><Message>Noth", {"Code": "NoCredit", "Message": "Noth"}),
        ("<Error><Code>NoCredit</Code><Mess", {"Code": "NoCredit"}),
        ("<Error><Code>NoCredit</Wrong></Code></Error>", {"Code": "NoCredit"}),
        ("<Error><a><b>1</Error>", {"a": {"b": "1"}}),
        ("<a>1</a><b>2</b>", {"a": "1", "b": "2"}),
        ("</a>", {}),
        ("<x:><a>1</x:></y:>", {"a": "1"}),
        ("<", {}),
        ("<a>1</a><!-- open", "1"),
    ],
)
def test_damage_costs_no_more_than_what_is_damaged(text, value):
    assert parse_xml(text) == value


def test_elements_too_many_or_too_deep_are_left_out():
    many = parse_xml("<r>" + "<a>1</a>" * 5_000 + "</r>")
    assert 1_000 < len(many["a"]) < 5_000
    deep = parse_xml("<a>" * 5_000)
    depth = 0
    while isinstance(deep, dict):
        depth, deep = depth + 1, next(iter(deep.values()))
    assert depth < 40


def test_a_page_s_words_stand_a_line_a_block():
    text = """<!doctype html><html><head><title>Plan &amp; billing</title><style>p {}</style></head>
    <body><h1>Nothing
    left</h1><p>You have <b>no</b>&nbsp;credit<br/>left: <a href="/b">add some</a>.</p>
    <script>if (1 <b) say("<p>free</p>")</script><noscript>Turn it on</noscript><svg/> End"""
    assert read_page(text).text.split("\n") == [
        "Plan & billing",
        "Nothing left",
        "You have no credit",
        "left: add some.",
        "End",
    ]


def test_comments_are_no_words():
    text = (
        "<!--[if gt IE 8]><!--> <html> <!--<![endif]--><p>one<!-- two <p>three</p> --> four</p>"
        "<!-->five<!-- six"
    )
    assert read_page(text).text.split("\n") == ["one four", "five"]


def test_a_problem_inside_a_page_is_found():
    page = (
        '<html><script>x</script><script type="application/problem+json">{"status": 402}</script>'
        '<p>Hello</p><script type="application/problem+json">{"status": 403}</script>'
    )
    assert read_page(page)[:2] == ("Hello", '{"status": 402}')
    assert read_page('<script type="application/problem+json">{"status"')[:2] == ("", '{"status"')


def test_the_first_links_of_a_page_are_found_with_their_words():
    page = """<p><a class=x href="/billing?a=1&amp;b=2">Add <b>credits</b></a> or
    <a href='https://example.com/plans'>see plans</a> <a name="end">.</a></p>"""
    assert read_page(page).links == [
        ("/billing?a=1&b=2", "Add "),
        ("https://example.com/plans", "see plans"),
        ("", "."),
    ]
    assert len(read_page('<a href="/x">x</a>' * 500).links) == 20
    assert read_page('<script><a href="/x">x</a></script>').links == []


def test_the_number_of_a_character_may_be_absurd():
    long = "&#" + "9" * 5_000
    assert read_page(f"<p>a &#228; {long}</p>").text.startswith("a &#228; &#999")
    assert parse_xml(f"<e>{long}</e>") == long
    assert read_page("<p>&#228;</p>").text == "ä"


@given(st.text(alphabet="<>/!-[]&;#=\"' \nabip9CDATA", max_size=80))
def test_no_text_breaks_it(text):
    is_html(text)
    parse_xml(text)
    read_page(text)


@pytest.mark.parametrize(
    "text",
    [
        "<" + "a" * 80_000,
        "<a " * 30_000,
        "<a>" * 30_000,
        '<a b="' * 15_000,
        "<!--" * 20_000,
        "<![CDATA[" * 9_000,
        "<i><a/></i>" * 8_000,
        "<script>" * 10_000,
        "&#9" * 30_000,
    ],
    ids=range(9),
)
def test_no_text_takes_more_than_linear_time(text):
    begun = perf_counter()
    is_html(text)
    parse_xml(text)
    read_page(text)
    assert perf_counter() - begun < 3
