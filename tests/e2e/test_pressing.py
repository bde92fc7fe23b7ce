"""What a member holds in their hand stays while clips are rendered around it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import House
from tests.e2e.test_playground import become, make, say

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]


def rendering(page: Page) -> Locator:
    """The bar of a clip that is rendered now."""
    bar = page.get_by_role("progressbar").first
    expect(bar).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
    return bar


def press_slowly(page: Page, button: Locator) -> None:
    """As a finger does: down, and up only after the page has heard of progress."""
    bar = rendering(page)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    before = bar.get_attribute("aria-valuenow")
    page.mouse.down()
    page.wait_for_timeout(300)
    expect(bar).not_to_have_attribute("aria-valuenow", str(before))
    page.mouse.up()


def test_a_press_and_a_selection_outlive_the_progress_of_a_clip(page: Page) -> None:
    become(page, "Noor")
    clip = make(page, "a teal boat at rest")
    for number in range(4):
        say(page, f"/generate a slow boat number {number} seconds:5")
    last = page.locator("#channel .message:not(.ephemeral)", has_text="a slow boat number 3")
    expect(last).to_be_visible()

    press_slowly(page, last.get_by_role("button", name="Cancel"))
    expect(last).to_contain_text("Cancelled. Nothing was charged.")

    press_slowly(page, clip.get_by_role("button", name="Remix"))
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    bar = rendering(page)
    before = bar.get_attribute("aria-valuenow")
    clip.locator(".prompt").evaluate("(p) => getSelection().selectAllChildren(p)")
    expect(bar).not_to_have_attribute("aria-valuenow", str(before))
    assert page.evaluate("() => getSelection().toString()") == "a teal boat at rest"


def test_it_works_where_the_browser_keeps_random_names_from_plain_http(house: House, context: BrowserContext) -> None:
    context.add_init_script("delete Crypto.prototype.randomUUID")
    page = context.new_page()
    page.goto(house.url)
    page.locator("#account b").wait_for()
    say(page, "/help")
    help_ = page.locator(".message.ephemeral", has_text="/remix").last
    expect(help_).to_be_visible()
    say(page, "an amber fish")
    page.get_by_role("button", name="Make a clip from these words").last.click()
    expect(page.locator("#channel .message:not(.ephemeral)", has_text="an amber fish").last).to_be_visible()
