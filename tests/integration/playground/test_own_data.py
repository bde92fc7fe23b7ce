"""What is stored of a demo member, downloaded from the page and deleted by a button of it."""

from __future__ import annotations

import io
import json
import zipfile

from tests.integration.playground.conftest import House

BALL = "a balloon over Kamakura"


async def test_ones_data_are_downloaded_by_their_member_alone(house: House) -> None:
    async with house.page("pro") as noor, house.page("free") as robin:
        await noor.say(f"/generate {BALL}")
        await noor.until(lambda m: bool(m.get("card")) and m["card"]["title"] == BALL)
        await noor.say("/mydata")
        told = await noor.whisper("All that is stored of you")
        got = await noor.get(told["file"]["url"])
        assert got.status == 200
        with zipfile.ZipFile(io.BytesIO(got.body)) as pack:
            assert json.loads(pack.read("rows/jobs.json"))[0]["operation"]["prompt"] == BALL
        assert (await robin.get(told["file"]["url"].replace("as=pro", "as=free"))).status == 404
        assert (await robin.get("/files/nothing?as=free")).status == 404


async def test_forgetting_asks_once_more_and_takes_everything_off_the_page(house: House) -> None:
    async with house.page("pro") as noor:
        await noor.say(f"/generate {BALL}")
        working = await noor.until(lambda m: bool(m.get("card")) and m["card"]["title"] == BALL)
        await house.studio.succeed(await house.studio.claim())
        await noor.clip(BALL)
        await noor.say("make it blue", thread=working["id"])
        await noor.say("/forgetme")
        asked = await noor.until(lambda m: bool(m.get("card")) and m["card"]["title"] == "Delete everything?")
        await noor.press(asked, "forget")
        await noor.whisper("being deleted")
        await noor.until(lambda m: m["id"] == working["id"] and m["card"]["lines"] == ["This clip was deleted."])
        # The remix under way is taken down by an event of its own, just before or after the clip's.
        await noor.until_none(lambda m: "Kamakura" in json.dumps(m) or m.get("text") == "make it blue")
