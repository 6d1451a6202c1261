"""Makes the pictures for the docs, in Chromium: `python -m examples.soft_block.screenshots`."""

from __future__ import annotations

import argparse
import io
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright

from examples.soft_block.running import running

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Literal

    from playwright.sync_api import Browser, Page

IMAGES = Path(__file__).parents[2] / "docs" / "images"
COLOURS = 256
"""How many a picture keeps: a page like this one loses nothing by it."""

ZONES = {"en": "UTC", "de": "Europe/Berlin", "ar": "Africa/Cairo", "ja": "Asia/Tokyo"}
"""Where those who read the pictures are."""


class Picture(NamedTuple):
    """One picture: which moment, on which screen, in which colours and language."""

    moment: Literal["works", "rests", "back"]
    screen: Literal["wide", "narrow"]
    scheme: Literal["light", "dark"]
    language: str

    @property
    def name(self) -> str:
        """The file: "soft-block-rests-wide-light-en.png"."""
        return f"soft-block-{'-'.join(self)}.png"


SCREENS = {"wide": (1120, 800, 1.5), "narrow": (390, 844, 2)}
"""Width and height of each, in CSS pixels, and how many pixels of a picture one of them is."""

PICTURES = (
    Picture("works", "wide", "light", "en"),
    Picture("rests", "wide", "light", "en"),
    Picture("rests", "wide", "dark", "de"),
    Picture("rests", "wide", "light", "ar"),
    Picture("rests", "narrow", "light", "ja"),
    Picture("rests", "narrow", "dark", "en"),
    Picture("back", "narrow", "light", "de"),
)


@contextmanager
def chromium() -> Generator[Browser]:
    """Run the machine's Chromium; that of a `playwright install` will do, too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            chromium_sandbox=os.geteuid() != 0,  # root has none
        )
        yield browser
        browser.close()


def take(browser: Browser, picture: Picture) -> bytes:
    """Play the story up to a picture's moment, and return it as a PNG."""
    width, height, scale = SCREENS[picture.screen]
    with (
        running() as address,
        browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=picture.scheme,
            device_scale_factor=scale,
            timezone_id=ZONES[picture.language],
            reduced_motion="reduce",
        ) as context,
    ):
        page = context.new_page()
        page.goto(f"{address}/{picture.language}/orders")
        if picture.moment != "works":
            _use_up(page)
        if picture.moment == "back":
            _pay(page)
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur()")
        if picture.screen == "narrow":  # the export stands last
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
        return _small(page.screenshot())


def _use_up(page: Page) -> None:
    while page.locator("#export").get_attribute("data-state") == "on":
        with page.expect_response("**/export"):
            page.locator("#export button").click()
        page.wait_for_selector("#export:not([aria-busy])")


def _pay(page: Page) -> None:
    with page.expect_popup() as opened:
        page.locator("#export button.main").click()
    opened.value.locator("button").click()
    opened.value.wait_for_url("**was=off**")
    page.wait_for_selector("#export[data-state=on]")


def _small(png: bytes) -> bytes:
    small = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Write the pictures, and say how large each is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=IMAGES)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for picture in PICTURES:
            file = folder / picture.name
            file.write_bytes(take(browser, picture))
            print(f"{file.name}: {file.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
