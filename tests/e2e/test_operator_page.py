"""The operator's page in a real browser: let in by the key, looked at, brought up to date."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from inference import passes
from inference.protocols import Failed
from inference.types import Generate, Identity, JobFailure, Place, Requester, WorkerSeen, WorkerState
from inference.wire import LINK_PURPOSE
from tests.e2e.conftest import CHROMIUM, QUIETLY
from tests.support.api import Served, serve
from tests.support.clock import Clock
from tests.support.studio import Studio, open_studio

pytestmark = [pytest.mark.page, pytest.mark.timeout(600)]
expect.set_options(timeout=60_000)

PICTURES = Path("test-results")
DAY = 86400
CODES = ("render_failed", "render_failed", "out_of_memory", "attempts_exhausted")


@dataclass
class Desk:
    studio: Studio
    served: Served
    browser: Browser
    workers: list[WorkerSeen]
    clock: Clock
    troubles: list[str] = field(default_factory=list)

    async def context(self, **options: object) -> BrowserContext:
        options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}} | options
        return await self.browser.new_context(**options)  # type: ignore[arg-type]  # as Playwright names them

    async def page(self, context: BrowserContext) -> Page:
        """Logged in by a link. What its scripts and its content policy complain of is in `troubles`."""
        page = await context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda message: self.troubles.append(message.text) if message.type == "error" else None)
        link = passes.give(self.served.keys.operator, LINK_PURPOSE, timedelta(minutes=5))
        await page.goto(f"{self.served.url}/operator/enter?pass={link}")
        await expect(page.get_by_role("heading", name=re.compile("how it is doing|の様子"))).to_be_visible()
        return page


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    workers = [WorkerSeen(name="studio-0", state=WorkerState.READY, device="cpu")]
    clock = Clock(seconds=datetime.now(UTC).timestamp())
    async with AsyncExitStack() as stack:
        studio = await stack.enter_async_context(open_studio(tmp_path, clock=clock, workers=lambda: workers))
        served = await stack.enter_async_context(serve(studio))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIETLY))
        stack.push_async_callback(browser.close)
        desk = Desk(studio=studio, served=served, browser=browser, workers=workers, clock=clock)
        yield desk
        assert not desk.troubles


def someone(number: int, tier: str = "free") -> Requester:
    names = ("Mika", "Jonas", "はるか", "Ana", "Lê Minh", "Ruth", "<b>Bo</b>", "Sol")
    roles = () if tier == "free" else (f"playground:{tier}",)
    return Requester(
        identity=Identity(f"discord:{1000 + number}"),
        display_name=names[number % len(names)],
        place=Place(platform="discord", workspace=str(number % 3), channel="5"),
        roles=roles,
    )


async def live_a_month(desk: Desk) -> None:
    """Thirty days of clips and failures, then a full house today."""
    dice = random.Random(4)
    today = desk.clock.seconds
    studio = desk.studio
    for day in range(29, -1, -1):
        desk.clock.seconds = today - day * DAY
        for _ in range(dice.randint(0, 4 if day else 2)):
            who = someone(dice.randrange(8), dice.choice(("plus", "pro")))
            await studio.face.submit(Generate(prompt="a red ball"), who)
            claim = await studio.claim()
            if dice.random() < 0.2:
                await studio.jobs.settle(claim, Failed(failure=JobFailure(code=dice.choice(CODES))))
            else:
                await studio.succeed(claim, seconds_taken=dice.uniform(8, 40))
    desk.clock.seconds = today
    await studio.face.submit(Generate(prompt="a red ball"), someone(0, "pro"))
    under_way = await studio.jobs.claim("studio-0", lambda waiting, _: waiting[0].job, None, timedelta(minutes=5))
    assert under_way is not None
    await studio.show(under_way, 5, eta=9.0)
    for number in range(1, 6):
        await studio.face.submit(Generate(prompt="a red ball"), someone(number, "plus"))
    desk.workers.append(WorkerSeen(name="studio-1", state=WorkerState.STARTING, device=""))


async def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / f"operator-{name}.png", full_page=True)


async def fits(page: Page) -> bool:
    """Nothing hangs out of the window sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def test_the_key_lets_in_and_leaving_locks_again(desk: Desk) -> None:
    page = await (await desk.context()).new_page()
    await page.goto(f"{desk.served.url}/operator")
    await page.get_by_label("The operator's key").fill("wrong")
    await page.get_by_role("button", name="Look in").click()
    await expect(page.get_by_role("alert")).to_have_text("That is not the operator's key.")
    await picture(page, "login")
    await page.get_by_label("The operator's key").fill(desk.served.keys.operator)
    await page.get_by_role("button", name="Look in").click()
    await expect(page.get_by_role("heading", name="Workers")).to_be_visible()
    assert desk.served.keys.operator not in page.url
    assert await page.evaluate("document.cookie") == ""
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_label("The operator's key")).to_be_visible()
    await page.goto(f"{desk.served.url}/operator")
    await expect(page.get_by_role("heading", name="Workers")).to_have_count(0)


async def test_a_new_house_is_shown_as_empty(desk: Desk) -> None:
    page = await desk.page(await desk.context())
    for sentence in ("Nobody waits.", "Nothing failed in the last 30 days.", "Nobody used anything this month."):
        await expect(page.get_by_text(sentence)).to_be_visible()
    await expect(page.get_by_text("No clip was made in the last 30 days.")).to_have_count(2)
    await expect(page.get_by_role("row", name="studio-0")).to_contain_text("ready")
    await picture(page, "empty")


async def test_a_full_house_is_shown_and_brought_up_to_date(desk: Desk) -> None:
    await live_a_month(desk)
    page = await desk.page(await desk.context(color_scheme="light"))
    await expect(page.get_by_role("row", name="studio-0")).to_contain_text("Mika")
    await expect(page.get_by_role("row", name="studio-0")).to_contain_text("denoising · 62 %")
    await expect(page.get_by_role("row", name="studio-1")).to_contain_text("starting")
    queue = page.locator("section", has=page.get_by_role("heading", name="Queue"))
    await expect(queue.locator("tbody tr")).to_have_count(5)
    await expect(queue).to_contain_text("Jonas")
    await expect(page.get_by_role("img", name=re.compile("Clips a day, by model"))).to_be_visible()
    assert await page.locator("svg.columns rect:not(.hit)").count() > 15
    assert await fits(page)
    await picture(page, "light")
    await page.locator("summary").first.click()
    await desk.studio.face.submit(Generate(prompt="a red ball"), someone(6, "plus"))
    await expect(queue.locator("tbody tr")).to_have_count(6)  # by itself
    await expect(queue).to_contain_text("<b>Bo</b>")
    await expect(page.locator("details").first).to_have_attribute("open", "")


async def test_dark_narrow_and_in_japanese(desk: Desk) -> None:
    await live_a_month(desk)
    page = await desk.page(await desk.context(color_scheme="dark"))
    await picture(page, "dark")
    narrow = await desk.page(await desk.context(viewport={"width": 360, "height": 740}, locale="ja-JP"))
    await expect(narrow.get_by_role("heading", name="待ち行列")).to_be_visible()
    assert await fits(narrow)
    await picture(narrow, "narrow")
    await narrow.get_by_role("link", name="English").click()
    await expect(narrow.get_by_role("heading", name="Queue")).to_be_visible()


async def test_it_says_so_where_the_service_is_gone_and_asks_for_the_key_again(desk: Desk) -> None:
    context = await desk.context()
    page = await desk.page(context)
    await context.set_offline(True)
    await expect(page.locator("#lost")).to_be_visible()
    await context.set_offline(False)
    await expect(page.locator("#lost")).to_be_hidden()
    await context.clear_cookies()
    await expect(page.get_by_label("The operator's key")).to_be_visible()
    desk.troubles.clear()  # the browser itself complained of the line and of the refusal


async def test_it_loads_nothing_from_elsewhere(desk: Desk) -> None:
    asked: list[str] = []
    context = await desk.context()
    context.on("request", lambda request: asked.append(request.url))
    page = await desk.page(context)
    await asyncio.gather(page.reload(), page.wait_for_load_state("networkidle"))
    assert asked
    assert all(url.startswith(f"{desk.served.url}/operator") for url in asked)
