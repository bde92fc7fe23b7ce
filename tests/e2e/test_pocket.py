"""A newcomer's first minutes, with the built-in model: what was asked for is what is seen."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import openai
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from inference.pocket.judge.reading import Reading, Video, read
from inference.pocket.world.scene import Colour, Motion, Setting
from tests.e2e.conftest import House
from tests.e2e.test_playground import BALL, become, clip_of, open_thread, picture, say

pytestmark = [
    pytest.mark.page,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning"),
]


def frames(mp4: bytes) -> Video:
    """The model's own 224x128 again, from 854x480: scaled, and with the rows that the crop took repeated."""
    with av.open(io.BytesIO(mp4), "r") as container:
        small = [
            frame.reformat(224, 126, "rgb24", interpolation="AREA").to_ndarray() for frame in container.decode(video=0)
        ]
    return np.pad(np.stack(small), ((0, 0), (1, 1), (0, 0), (0, 0)), mode="edge")


def watch(page: Page, clip: Locator) -> Reading:
    source = clip.locator("video").get_attribute("src")
    assert source is not None
    answer = page.request.get(f"{page.url.rstrip('/')}{source}")
    assert answer.ok
    return read(frames(answer.body()), fps=12)


def test_a_red_ball_over_the_sea_is_made_and_its_remix_keeps_its_way(
    pocket_house: House, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(pocket_house.url)
    page.locator("#account b").wait_for()
    become(page, "Noor")  # whose clips bear no watermark
    say(page, f"/generate {BALL} --seconds 2 --size 480p --seed 7")
    clip = clip_of(page, BALL)
    expect(clip).to_be_visible()
    seen = watch(page, clip)
    assert (seen.colour, seen.setting, seen.motion) == (Colour.RED, Setting.SEA, Motion.RISE)
    open_thread(clip)
    page.keyboard.type("make it blue")
    page.keyboard.press("Enter")
    child = clip_of(page, "make it blue", "#thread")
    expect(child.locator("video")).to_have_js_property("readyState", 4)
    remixed = watch(page, child)
    assert (remixed.colour, remixed.setting, remixed.motion) == (Colour.BLUE, Setting.SEA, Motion.RISE)
    assert np.nanmax(np.linalg.norm(seen.track - remixed.track, axis=1)) < 0.1 * 224
    picture(page, "pocket")
    page.get_by_role("button", name="Dark").click()
    picture(page, "pocket-dark")


def test_what_the_model_has_never_seen_gives_a_clip_all_the_same_and_its_card_says_so_once(
    pocket_house: House, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(pocket_house.url)
    page.locator("#account b").wait_for()
    become(page, "Noor")
    say(page, "/generate a dragon in Kyoto --seconds 1 --size 480p --seed 3")
    clip = clip_of(page, "a dragon in Kyoto")
    expect(clip.locator("video")).to_have_js_property("readyState", 4)
    expect(clip).to_contain_text("small built-in model")
    expect(clip).to_contain_text("dragon, Kyoto")
    expect(clip).to_contain_text("threadreel models list")
    open_thread(clip)
    page.keyboard.type("make it blue")
    page.keyboard.press("Enter")
    child = clip_of(page, "make it blue", "#thread")
    expect(child.locator("video")).to_have_js_property("readyState", 4)
    expect(child).not_to_contain_text("small built-in model")
    picture(page, "pocket-unknown-words")


def test_openais_client_makes_remixes_and_downloads_clips(pocket_house: House) -> None:
    server = json.loads((pocket_house.folder / "server.json").read_text())["url"]
    key = (pocket_house.folder / "api_key").read_text().strip()
    with openai.OpenAI(base_url=f"{server}/v1", api_key=key, max_retries=0) as client:
        made = client.videos.create_and_poll(prompt=BALL, seconds="4", size="854x480", poll_interval_ms=500)  # type: ignore[arg-type]
        assert made.status == "completed", made.error
        remix = client.videos.remix(made.id, prompt="make it green")
        remix = client.videos.poll(remix.id, poll_interval_ms=500)
        assert remix.status == "completed", remix.error
        mp4 = client.videos.download_content(remix.id, variant="video").read()
        for variant in ("thumbnail", "spritesheet"):
            assert len(client.videos.download_content(remix.id, variant=variant).read()) > 1000
        seen = read(frames(mp4), fps=12)
        assert (seen.colour, seen.setting) == (Colour.GREEN, Setting.SEA)
        assert client.videos.delete(made.id).deleted
        assert [video.id for video in client.videos.list()] == [remix.id]


def test_the_command_line_writes_the_clip_that_was_asked_for(pocket_house: House, tmp_path: Path) -> None:
    file = tmp_path / "out.mp4"
    options = ["--seconds", "2", "--size", "480p", "--seed", "7", "-o", str(file), "--json"]
    command = [sys.executable, "-m", "bot.cli", "generate", BALL, *options]
    environment = os.environ | {"THREADREEL_DATA_DIR": str(pocket_house.folder)}
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    told = json.loads(printed)
    assert (told["width"], told["height"], told["frames"], told["fps"]) == (854, 480, 24, 12)
    seen = read(frames(file.read_bytes()), fps=12)
    assert (seen.colour, seen.setting) == (Colour.RED, Setting.SEA)
