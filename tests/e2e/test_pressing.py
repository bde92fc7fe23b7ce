"""What a member holds in their hand stays while clips are rendered around it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import House
from tests.e2e.test_playground import become, make, say

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]


def order_a_long_one(page: Page, title: str) -> Locator:
    """A clip that is rendered until it is cancelled."""
    say(page, f"/generate {title} preset:patient")
    return page.locator("#channel .message:not(.ephemeral)", has_text=title)


def hear_of_progress(page: Page) -> None:
    """Until the page has drawn a clip anew that is being rendered: a further step, or its end."""
    page.evaluate(
        """() => new Promise((heard) => {
             const bars = () => [...document.querySelectorAll('[role=progressbar]')].map(
               (bar) => bar.getAttribute('aria-valuenow') + bar.getAttribute('aria-valuetext')).join();
             const before = bars();
             const watch = new MutationObserver(() => {
               if (bars() !== before) { watch.disconnect(); heard(); }
             });
             watch.observe(document.body, { subtree: true, childList: true, attributes: true });
           })"""
    )


def press_slowly(page: Page, button: Locator) -> None:
    """As a finger does: down, and up only after the page has heard of progress."""
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    hear_of_progress(page)
    page.mouse.up()


def test_a_press_and_a_selection_outlive_the_progress_of_a_clip(page: Page) -> None:
    become(page, "Noor")
    clip = make(page, "a teal boat at rest")
    rendered, queued = (order_a_long_one(page, name) for name in ("a slow boat", "a slower boat"))
    expect(rendered.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
    expect(queued).to_be_visible()

    press_slowly(page, queued.get_by_role("button", name="Cancel"))
    expect(queued).to_contain_text("Cancelled. Nothing was charged.")

    press_slowly(page, clip.get_by_role("button", name="Remix"))
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    clip.locator(".prompt").evaluate("(p) => getSelection().selectAllChildren(p)")
    hear_of_progress(page)
    assert page.evaluate("() => getSelection().toString()") == "a teal boat at rest"

    press_slowly(page, rendered.get_by_role("button", name="Cancel"))
    expect(rendered).to_contain_text("Cancelled. Nothing was charged.")


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
