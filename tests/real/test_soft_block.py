"""The example app in a real browser: what a person sees, hears and can do when export is off."""

from __future__ import annotations

import os
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from examples.soft_block.running import running
from examples.soft_block.screenshots import IMAGES, PICTURES, chromium, take
from examples.soft_block.words import WORDS

expect.set_options(timeout=20_000)  # milliseconds; of several workers, each has a browser

EN = WORDS["en"]
NARROWEST = {"width": 320, "height": 640}
"""What WCAG 2.2, 1.4.10 asks a page to fit into."""


@pytest.fixture(scope="module")
def browser():
    if shutil.which("chromium") is None:
        missing = "Chromium is not installed: apt-get install chromium"
        if "chromium" in os.environ.get("PAYREQ_REQUIRE", "").split(","):
            pytest.fail(missing)
        pytest.skip(missing)
    with chromium() as started:
        yield started


@pytest.fixture
def address():
    with running() as started:
        yield started


@pytest.fixture
def visit(browser, address):
    """Open a page in a browser of the test's own; whatever the console calls an error fails."""
    contexts, errors = {}, []

    def note(message):
        if message.type == "error":
            errors.append(message.text)

    def open_page(path="/en/orders", **options):
        key = repr(options)
        if key not in contexts:
            contexts[key] = browser.new_context(**options)
            contexts[key].on("console", note)
        page = contexts[key].new_page()
        page.goto(address + path)
        return page

    open_page.errors = errors
    yield open_page
    for context in contexts.values():
        context.close()
    assert errors == []


def export_of(page):
    return page.locator("#export")


def export(page, words=EN):
    page.bring_to_front()
    with page.expect_response("**/export"):
        export_of(page).get_by_role("button", name=words["export_button"]).click()
    expect(export_of(page)).not_to_have_attribute("aria-busy", "true")


def use_up(page, words=EN):
    for _ in range(4):
        export(page, words)
    expect(export_of(page)).to_have_attribute("data-state", "off")


def pay(page, words=EN):
    """Pay in the tab that the button opens, and return that tab once it is back in the app."""
    page.bring_to_front()
    with page.expect_popup() as opened:
        page.get_by_role("button", name=words["checkout"]).click()
    checkout = opened.value
    checkout.get_by_role("button", name=words["pay_button"]).click()
    expect(checkout.locator("#export")).to_be_visible()
    return checkout


def test_only_the_export_goes_off_and_comes_back_without_a_reload(visit):
    first, second = visit(), visit("/en/returns")
    for page in (first, second):
        page.evaluate("window.marker = 'kept'")
        page.evaluate("document.getElementById('report').marker = 'kept'")
    asked = []
    first.on("request", lambda request: asked.append(re.sub(r"^\w+://[^/]+", "", request.url)))

    export(first)
    with first.expect_download() as started:
        export_of(first).get_by_role("link", name="orders-1.csv").click()
    assert started.value.path().read_text().splitlines()[:2] == ["month,orders", "2026-05,1184"]
    export(first)
    export(first)
    expect(export_of(second)).to_have_attribute("data-state", "on")

    export(first)
    for page in (first, second):
        notice = page.get_by_role("region", name="Data export is paused")
        expect(notice).to_contain_text("Fernhill Data")
        expect(notice).to_contain_text("works again at once")
        expect(notice.locator("dd").first).to_have_text("Free")
        expect(page.get_by_role("article")).to_be_visible()
        expect(page.locator("article, header, nav").filter(has_text="paused")).to_have_count(0)
    third = visit("/en/customers")  # browsing goes on
    expect(third.get_by_role("heading", level=1)).to_have_text("New customers")

    back = pay(first)
    for page in (first, second, third, back):
        expect(export_of(page)).to_have_attribute("data-state", "on")
        expect(export_of(page)).to_contain_text(EN["back"])
    export(first)
    expect(export_of(first).get_by_role("link", name="orders-4.csv")).to_be_visible()

    for page in (first, second):
        assert page.evaluate("window.marker") == "kept"
        assert page.evaluate("document.getElementById('report').marker") == "kept"
    parts = ("/en/orders/export", "/en/orders?was=off", "/en/orders/checkout", "/files/")
    assert [path for path in asked if not path.startswith(parts)] == []


def test_who_comes_back_unpaid_finds_it_off_and_can_look_again(visit):
    page = visit()
    use_up(page)
    with page.expect_popup() as opened:
        page.get_by_role("button", name=EN["checkout"]).click()
    opened.value.get_by_role("link", name=EN["pay_not"]).click()
    expect(opened.value.locator("#export")).to_have_attribute("data-state", "off")

    page.get_by_role("button", name=EN["check"]).click()
    expect(export_of(page)).to_contain_text(EN["still"])
    heading = page.get_by_role("heading", level=2)
    expect(heading).to_be_focused()
    expect(heading).to_have_accessible_description(re.compile(f"^{EN['still']}"))


def test_the_keyboard_alone_will_do(visit):
    page = visit()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=EN["skip"])).to_be_focused()
    expect(page.get_by_role("link", name=EN["skip"])).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#report")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
        button = page.get_by_role("button", name=EN["export_button"])
        while not button.evaluate("button => button === document.activeElement"):
            page.keyboard.press("Tab")  # past the link to a file
        assert button.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
        with page.expect_response("**/export"):
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=2)).to_be_focused()

    heading = page.get_by_role("heading", level=2)
    expect(heading).to_have_text("Data export is paused")
    expect(heading).to_have_accessible_description(re.compile("Only this is off"))
    page.keyboard.press("Tab")
    checkout = page.get_by_role("button", name=EN["checkout"])
    expect(checkout).to_be_focused()
    expect(checkout).to_have_accessible_description(EN["new_tab"])
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    opened.value.wait_for_load_state()
    opened.value.keyboard.press("Tab")
    expect(opened.value.get_by_role("button", name=EN["pay_button"])).to_be_focused()
    opened.value.keyboard.press("Enter")
    expect(opened.value.locator("#export")).to_have_attribute("data-state", "on")
    expect(heading).to_have_text("Data export")
    expect(heading).to_be_focused()


def test_a_tab_that_only_follows_is_told_and_keeps_its_focus(visit):
    first, second = visit(), visit()
    link = second.get_by_role("link", name="Returns")
    link.focus()
    use_up(first)
    expect(second.get_by_role("status")).to_have_text("Data export is paused")
    expect(link).to_be_focused()
    pay(first)
    expect(second.get_by_role("status")).to_have_text(EN["back"])
    expect(link).to_be_focused()


def test_what_is_announced_is_not_read_from_the_tab_that_has_the_focus(visit):
    page = visit()
    use_up(page)
    expect(page.get_by_role("heading", level=2)).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("")


@pytest.mark.parametrize("language", WORDS)
def test_it_speaks_each_language_in_its_direction(visit, language):
    words = WORDS[language]
    page = visit()
    use_up(page)
    page.get_by_role("link", name=words["name"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words["orders"])
    html = page.locator("html")
    expect(html).to_have_attribute("lang", language)
    expect(html).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    notice = page.get_by_role("region", name=words["export"])  # in the feature's own name
    expect(notice).to_have_attribute("data-state", "off")
    expect(notice.locator(f"[lang={language}] h2")).to_be_visible()
    expect(notice.get_by_role("button", name=words["check"])).to_be_visible()
    back = pay(page, words)
    for tab in (page, back):
        expect(export_of(tab)).to_contain_text(words["back"])


def test_the_browser_chooses_the_language(visit):
    expect(visit("/", locale="ja-JP").locator("html")).to_have_attribute("lang", "ja")
    expect(visit("/", locale="fr-FR").locator("html")).to_have_attribute("lang", "en")


def test_moments_are_told_in_the_time_zone_of_the_reader(visit):
    page = visit("/de/orders", timezone_id="Asia/Kolkata")
    use_up(page, WORDS["de"])
    expect(export_of(page).locator(".facts")).to_contain_text("05:30")


@pytest.mark.parametrize("language", WORDS)
def test_nothing_is_cut_off_on_the_narrowest_screen(visit, language):
    page = visit(f"/{language}/orders", viewport=NARROWEST)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(fits)
    use_up(page, WORDS[language])
    assert page.evaluate(fits)
    for button in export_of(page).get_by_role("button").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROWEST["width"]
        assert box["height"] >= 24  # WCAG 2.2, 2.5.8


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", WORDS)
def test_axe_finds_no_barrier_at_any_moment_of_the_story(visit, scheme, language):
    words = WORDS[language]
    page = visit(f"/{language}/orders", color_scheme=scheme, reduced_motion="reduce")
    report_at(page)
    export(page, words)
    report_at(page)
    use_up_rest(page, words)
    report_at(page)
    with page.expect_popup() as opened:
        page.get_by_role("button", name=words["checkout"]).click()
    opened.value.wait_for_load_state()
    report_at(opened.value)
    opened.value.get_by_role("button").click()
    expect(export_of(page)).to_have_attribute("data-state", "on")
    report_at(page)


def use_up_rest(page, words):
    for _ in range(3):
        export(page, words)
    expect(export_of(page)).to_have_attribute("data-state", "off")


def report_at(page):
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_it_is_dark_where_the_reader_wants_it_dark(visit, scheme, dark):
    page = visit(color_scheme=scheme)
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 64) is dark


def test_without_scripts_the_same_story_loads_whole_pages(visit):
    page = visit(java_script_enabled=False)
    for _ in range(4):
        page.get_by_role("button", name=EN["export_button"]).click()
    expect(page.get_by_role("region", name="Data export is paused")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
    with page.expect_popup() as opened:
        page.get_by_role("button", name=EN["checkout"]).click()
    opened.value.get_by_role("button").click()
    expect(opened.value.locator("#export")).to_contain_text(EN["back"])
    page.get_by_role("button", name=EN["check"]).click()
    expect(page.locator("#export")).to_contain_text(EN["back"])


def test_a_request_that_fails_is_told_where_it_was_made(visit):
    page = visit()
    page.route("**/export", lambda route: route.abort())
    page.get_by_role("button", name=EN["export_button"]).click()
    expect(export_of(page)).to_contain_text(EN["trouble"])
    expect(page.get_by_role("status")).to_have_text(EN["trouble"])
    page.unroute("**/export")
    export(page)
    expect(export_of(page).get_by_role("link", name="orders-1.csv")).to_be_visible()
    assert visit.errors
    visit.errors.clear()  # that of the request that was broken off


def test_each_picture_of_the_docs_is_there_and_light():
    kept = {file.name: file.stat().st_size for file in IMAGES.glob("soft-block-*.png")}
    assert kept.keys() == {picture.name for picture in PICTURES}
    assert max(kept.values()) < 80 * 1024


@pytest.mark.parametrize("picture", [PICTURES[0], PICTURES[-1]], ids=lambda each: each.name)
def test_a_picture_can_be_taken_again(browser, picture):
    kept, taken = (IMAGES / picture.name).read_bytes(), take(browser, picture)
    assert taken[:24] == kept[:24]  # a PNG, of the same width and height
