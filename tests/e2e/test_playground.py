"""The local chat page in a real browser: what a newcomer does, and what members may rely on."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import House

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
expect.set_options(timeout=180_000)  # a clip takes seconds; a busy machine takes its time

PICTURES = Path("test-results")
BALL = "a red ball rising over the sea"


def become(page: Page, name: str) -> None:
    page.locator(".members label", has_text=name).click()
    expect(page.get_by_role("radio", name=re.compile(name))).to_be_checked()


def say(page: Page, text: str, where: str = "#composer-text") -> None:
    page.fill(where, text)
    page.press(where, "Enter")


def clip_of(page: Page, title: str, where: str = "#channel") -> Locator:
    """The newest message of this title that bears a clip."""
    return page.locator(f"{where} .message", has=page.locator("video")).filter(has_text=title).last


def make(page: Page, title: str) -> Locator:
    say(page, f"/generate {title}")
    clip = clip_of(page, title)
    expect(clip).to_be_visible()
    return clip


def open_thread(clip: Locator) -> None:
    clip.hover()
    clip.get_by_role("button", name="Reply in thread").click()


def whispers(page: Page, text: str) -> Locator:
    return page.locator(".message.ephemeral", has_text=text)


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def test_a_newcomer_makes_a_clip_and_remixes_it(page: Page) -> None:
    expect(page.get_by_role("heading", name="Your own Sora, in your team's chat")).to_be_visible()
    picture(page, "welcome")
    page.get_by_role("button", name=BALL).click()
    expect(whispers(page, "Uses 1 of 10 this month")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    picture(page, "progress")
    clip = clip_of(page, BALL)
    expect(clip.locator("video")).to_have_js_property("readyState", 4)
    expect(whispers(page, "Uses 1 of 10")).to_have_count(0)
    expect(page.locator("#account")).to_contain_text("1 of 10 this month")
    open_thread(clip)
    expect(page.locator("#thread-text")).to_be_focused()
    page.keyboard.type("make it blue")
    page.keyboard.press("Enter")
    child = clip_of(page, "make it blue", "#thread")
    expect(child.locator("video")).to_be_visible()
    expect(child).to_contain_text(f"Remix of “{BALL}”")
    expect(clip.get_by_role("button", name="1 reply")).to_be_visible()
    picture(page, "thread")


def test_the_clip_is_previewed_while_it_is_made_and_can_be_cancelled(page: Page) -> None:
    become(page, "Noor")
    # Made until it is cancelled, however quick the machine.
    for words in ("a blue boat at rest preset:patient seconds:5", "a green boat behind it seconds:5"):
        say(page, f"/generate {words}")
    running, waiting = (
        page.locator("#channel .message:not(.ephemeral)", has_text=title)
        for title in ("a blue boat at rest", "a green boat behind it")
    )
    waiting.get_by_role("button", name="Cancel").click()
    expect(waiting).to_contain_text("Cancelled. Nothing was charged.")
    expect(running.locator("img.preview")).to_be_visible()
    running.get_by_role("button", name="Cancel").click()
    expect(running).to_contain_text("Cancelled. Nothing was charged.")


def test_limits_are_told_and_cost_nothing(page: Page) -> None:
    become(page, "Robin")
    before = page.locator("#account b").inner_text()
    say(page, "/generate a star seconds:6")
    expect(whispers(page, "to 5 seconds")).to_be_visible()
    say(page, "/generate a star --size 720p")
    expect(whispers(page, "at most 480p; 720p was asked for.")).to_contain_text("The tier plus allows it.")
    expect(page.locator("#account b")).to_have_text(before)
    say(page, "/generate a first star")
    say(page, "/generate a second star")
    expect(whispers(page, "The tier free allows one job at once")).to_be_visible()
    expect(clip_of(page, "a first star")).to_be_visible()
    expect(page.locator("#channel .message:not(.ephemeral)", has_text="a second star")).to_have_count(0)


def test_buttons_of_a_clip_work(page: Page) -> None:
    become(page, "Noor")
    clip = make(page, "a green car driving right")
    clip.get_by_role("button", name="Remix").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What should change?")).to_be_focused()
    page.keyboard.type("make it night")
    dialog.get_by_text("Subtle").click()
    picture(page, "remix")
    dialog.get_by_role("button", name="Remix").click()
    child = clip_of(page, "make it night", "#thread")
    expect(child.locator("video")).to_be_visible()
    page.locator("#thread").get_by_role("button", name="Info").last.click()
    info = page.locator("#thread .message.ephemeral", has_text="Whole prompt")
    expect(info).to_contain_text("a green car driving right")
    expect(info).to_contain_text(re.compile(r"0\.9(?!\d)"))
    info.get_by_role("button", name="Dismiss").click()
    expect(info).to_have_count(0)
    child.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete this clip for everyone?").get_by_role("button", name="Delete").click()
    expect(page.locator("#thread .message", has_text="This clip was deleted.")).to_be_visible()
    expect(clip.locator("video")).to_be_visible()


def test_replying_to_an_older_clip_branches_from_it(page: Page) -> None:
    become(page, "Noor")
    clip = make(page, "a white bird flying left")
    open_thread(clip)
    say(page, "make it pink", "#thread-text")
    expect(clip_of(page, "make it pink", "#thread")).to_be_visible()
    root = page.locator("#thread .message").first
    root.hover()
    root.get_by_role("button", name="Reply").click()
    expect(page.locator("#thread .chip")).to_have_text("↱ Replying to: a white bird flying left✕")
    say(page, "in the snow", "#thread-text")
    branch = clip_of(page, "in the snow", "#thread")
    expect(branch).to_be_visible()
    origin = page.locator("#thread .message", has=page.locator("video")).nth(1).locator(".line", has_text="Remix of")
    expect(branch.locator(".line", has_text="Remix of")).to_have_text(origin.inner_text())


def test_words_without_a_command_offer_to_make_a_clip(page: Page) -> None:
    become(page, "Noor")
    say(page, "an orange fish in the sea")
    hint = whispers(page, "Begin with /generate")
    hint.get_by_role("button", name="Make a clip from these words").click()
    expect(clip_of(page, "an orange fish in the sea")).to_be_visible()
    expect(hint).to_have_count(0)


def test_an_image_is_chosen_dropped_or_refused(page: Page) -> None:
    become(page, "Noor")
    file = io.BytesIO()
    Image.new("RGB", (320, 180), "crimson").save(file, "PNG")
    red = {"name": "red.png", "mimeType": "image/png", "buffer": file.getvalue()}
    picker = page.locator("#channel input[type=file]")
    picker.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no image"})
    expect(page.get_by_role("status")).to_have_text("Only PNG, JPEG or WebP images can be added.")
    picker.set_input_files(red)  # type: ignore[arg-type]  # its fields have the right types
    expect(page.locator("#channel .chip")).to_contain_text("red.png")
    page.get_by_role("button", name="Remove the image red.png").click()
    expect(page.locator("#channel .chip")).to_have_count(0)
    dropped = page.evaluate_handle(
        """(bytes) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
            return carried;
        }""",
        list(file.getvalue()),
    )
    page.dispatch_event("#channel .composer", "drop", {"dataTransfer": dropped})
    expect(page.locator("#channel .chip")).to_contain_text("dropped.png")
    say(page, "/generate a crimson field")
    expect(clip_of(page, "a crimson field")).to_be_visible()
    expect(page.locator("#channel .chip")).to_have_count(0)


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    become(page, "Noor")
    page.focus("#composer-text")
    page.keyboard.type("/ge")
    expect(page.get_by_role("option", name="/generate")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(page.locator("#composer-text")).to_have_value("/generate ")
    expect(page.get_by_role("option", name="--seconds")).to_be_visible()
    page.keyboard.type("a purple rocket rising asp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#composer-text")).to_have_value("/generate a purple rocket rising --ar 9:16 ")
    page.keyboard.press("Enter")
    clip = clip_of(page, "a purple rocket rising")
    expect(clip).to_contain_text(re.compile("· 240×4"))
    page.keyboard.press("ArrowUp")
    expect(page.locator("#composer-text")).to_have_value("/generate a purple rocket rising --ar 9:16")
    reply = clip.get_by_role("button", name="Reply in thread")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if reply.evaluate("(button) => button === document.activeElement"):
            break
    expect(reply).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("make it yellow")
    page.keyboard.press("Enter")
    expect(clip_of(page, "make it yellow", "#thread")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#thread")).to_be_hidden()
    expect(reply).to_be_focused()


def test_every_button_says_what_it_does_in_both_languages(page: Page) -> None:
    become(page, "Noor")
    make(page, "a red boat sailing left")
    for _ in range(2):
        for button in page.locator("button:visible").all():
            assert button.get_attribute("aria-label") or button.inner_text().strip(), button.evaluate(
                "(b) => b.outerHTML"
            )
        page.locator("[data-focus=language]").click()


def test_the_language_is_switched_and_kept(page: Page) -> None:
    page.get_by_role("button", name="日本語に切り替える").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("#composer-text")).to_have_attribute(
        "placeholder", "#reels へのメッセージ、または / でコマンド"
    )
    page.fill("#composer-text", "/")
    expect(page.get_by_role("option", name="ことばからクリップを作る")).to_be_visible()
    say(page, "こんにちは")
    expect(page.locator(".message.ephemeral").last).to_contain_text("あなただけに表示されています")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    picture(page, "japanese")


def test_it_is_dark_where_the_system_is_and_can_be_switched(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(25, 28, 38)")
    picture(page, "dark")
    page.get_by_role("button", name="Switch to Light").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 253, 248)")
    page.reload()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 253, 248)")


def test_history_outlives_a_reload_and_two_tabs_see_the_same(open_page: Callable[[], Page]) -> None:
    one, other = open_page(), open_page()
    become(one, "Mika")
    make(one, "a yellow balloon over the forest")
    expect(clip_of(other, "a yellow balloon over the forest")).to_be_visible()
    one.reload()
    expect(clip_of(one, "a yellow balloon over the forest")).to_be_visible()


def test_a_message_sent_while_the_bot_is_gone_arrives_when_it_is_back(
    page: Page, house: House, context: BrowserContext
) -> None:
    become(page, "Noor")
    clip = make(page, "a blue star in space")
    house.kill_bot()
    expect(page.get_by_role("status")).to_have_text("Connecting to the bot …")
    open_thread(clip)
    say(page, "make it green", "#thread-text")
    expect(page.locator("#thread .message.pending")).to_contain_text("make it green")
    expect(clip_of(page, "make it green", "#thread")).to_be_visible()
    expect(page.get_by_role("status")).to_be_empty()
    expect(page.locator("#thread .message", has_text="make it green")).to_have_count(2)  # what was said, and its clip


def test_on_a_phone_channel_and_thread_take_the_whole_width(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("#sidebar")).to_be_hidden()
    page.get_by_role("button", name="Open the menu").click()
    become(page, "Noor")
    page.keyboard.press("Escape")
    expect(page.locator("#sidebar")).to_be_hidden()
    clip = make(page, "a pink bird in the forest")
    picture(page, "phone")
    open_thread(clip)
    box = page.locator("#thread").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    picture(page, "phone-thread")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
