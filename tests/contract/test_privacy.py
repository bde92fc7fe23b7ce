"""What Privacy promises, whichever implementation serves it."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from sqlmodel import col

from inference.errors import CannotUnlink, LinkCodeInvalid, MemberBanned, NotFound, QuotaExceeded, TooManyTries
from inference.types import (
    ChangePolicy,
    ChangeSettings,
    ClipQuery,
    Generate,
    GrantTier,
    JobQuery,
    JobStatus,
    MemberSettings,
    MemberState,
    MemberStatus,
    PolicyWish,
    Remix,
    Repeated,
    Requester,
    SetStatus,
)
from storage.tables import QuotaMonthRow, Row
from tests.support.studio import Studio, member, operator, picture

ANN, BOB = member("annabella"), member("bob", "plus")
BALL = Generate(prompt="a balloon over Kamakura")
SECRETS = ("Kamakura", "annabella", "Annabella", "at dusk")


async def unpacked(studio: Studio, who: Requester = ANN, max_bytes: int | None = None) -> dict[str, Any]:
    async with studio.face.own_data(who, max_bytes) as opened:
        data = opened.stream.read()
        assert (opened.media_type, opened.filename) == ("application/zip", "threadreel-my-data.zip")
        assert opened.length == len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        files = {name: pack.read(name) for name in pack.namelist()}
    return {name: json.loads(held) if name.endswith(".json") else held for name, held in files.items()}


async def rows(studio: Studio) -> str:
    """Everything that the database says."""

    def look(connection: Connection) -> list[str]:
        tables = Row.metadata.sorted_tables
        return [str(tuple(row)) for table in tables for row in connection.execute(select(table))]

    return "\n".join(await studio.database.reading(look))


async def test_all_that_is_stored_is_handed_out_and_nothing_of_others(studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    begun = await studio.make(replace(BALL, image=picture()), BOB)
    await studio.face.change_account(ChangeSettings(settings=MemberSettings(seconds=2)), ANN)
    failed = await studio.face.submit(replace(BALL, prompt="a ball that fails"), ANN)
    await studio.fail(await studio.claim())
    mine = await unpacked(studio)
    assert mine["account.json"]["identities"] == [ANN.identity]
    assert mine["rows/members.json"][0]["settings"]["seconds"] == 2
    assert {row["operation"]["prompt"] for row in mine["rows/jobs.json"]} == {BALL.prompt, "a ball that fails"}
    assert {row["id"] for row in mine["rows/jobs.json"]} == {clip.id, failed.id}
    assert [row["prompt"] for row in mine["rows/clips.json"]] == [BALL.prompt]
    assert [row["kind"] for row in mine["rows/ledger_entries.json"]] == ["reserve", "commit", "reserve", "refund"]
    assert len(mine[f"clips/{clip.id}.mp4"]) == clip.video_bytes
    assert begun.id not in str(mine)
    assert f"uploads/{begun.id}.png" in await unpacked(studio, BOB)


async def test_a_limit_leaves_the_oldest_out_and_says_so(studio: Studio) -> None:
    old, new = await studio.make(BALL, BOB), await studio.make(BALL, BOB)
    mine = await unpacked(studio, BOB, new.video_bytes + 30_000)
    assert f"clips/{new.id}.mp4" in mine
    assert [left["id"] for left in mine["left_out.json"]] == [old.id]


async def test_codes_are_not_handed_out(studio: Studio) -> None:
    await studio.face.begin_link(ANN)
    assert not any("code" in name for name in await unpacked(studio))


async def test_who_is_forgotten_leaves_no_word_and_no_name_and_no_file(studio: Studio) -> None:
    clip = await studio.make(replace(BALL, image=picture()), member("annabella", "plus"))
    await studio.make(Remix(parent=clip.id, instruction="at dusk"), ANN)
    await studio.face.change_account(ChangeSettings(settings=MemberSettings(locale="ja")), ANN)
    await studio.face.begin_link(ANN)
    before = await rows(studio)
    assert all(secret in before for secret in SECRETS)
    await studio.face.forget(ANN)
    after = await rows(studio)
    assert [secret for secret in SECRETS if secret in after] == []
    assert list(studio.blobs.names("")) == []
    with pytest.raises(NotFound):
        await studio.face.clip(clip.id, BOB)
    used = select(func.sum(col(QuotaMonthRow.used)))
    assert await studio.database.reading(lambda connection: connection.scalar(used)) == 2


async def test_what_was_asked_for_in_advance_goes_too(studio: Studio) -> None:
    plus = member("annabella", "plus")
    when = Repeated(cron="0 9 * * 1")
    await studio.face.schedule(BALL, when, plus, '["playground","reels",""]')
    assert (await unpacked(studio))["rows/schedules.json"][0]["operation"]["prompt"] == BALL.prompt
    await studio.face.forget(plus)
    assert "Kamakura" not in await rows(studio)
    assert list(await studio.face.schedules(plus)) == []


async def test_whoever_comes_again_is_somebody_new_with_the_month_as_it_was(studio: Studio) -> None:
    before = (await studio.face.account(ANN)).member
    await studio.operators.change_account(GrantTier(tier="pro"), operator(), ANN.identity)
    for _ in range(4):
        await studio.make(BALL, ANN)
    await studio.face.forget(ANN)
    account = await studio.face.account(ANN)
    assert account.member != before
    assert (account.tier.name, account.used, account.settings) == ("free", 4, MemberSettings())
    assert (await studio.face.clips(ClipQuery(), ANN)).clips == ()
    assert (await studio.face.jobs(JobQuery(), ANN)).jobs == ()
    for _ in range(6):
        await studio.make(BALL, ANN)
    await studio.face.forget(ANN)
    with pytest.raises(QuotaExceeded):
        await studio.face.submit(BALL, ANN)


async def test_what_waits_and_runs_is_cancelled_and_not_carried_over(studio: Studio) -> None:
    plus = member("annabella", "plus")
    await studio.face.submit(BALL, plus)
    claim = await studio.claim()
    queued = await studio.face.submit(BALL, plus)
    await studio.face.forget(plus)
    assert await studio.used(plus) == 0
    with pytest.raises(NotFound):
        await studio.face.get(queued.id, plus)
    assert "Kamakura" in await rows(studio)  # the running one is still being told to stop
    await studio.stop(claim)
    await studio.service.forget_more()
    assert "Kamakura" not in await rows(studio)
    assert (await studio.jobs.counts())[JobStatus.CANCELLED] == 2


async def test_a_ban_outlives_being_forgotten_and_can_still_be_taken_back(studio: Studio) -> None:
    banned = MemberStatus(state=MemberState.BANNED, reason="spam")
    await studio.operators.change_account(SetStatus(status=banned), operator(), ANN.identity)
    await studio.face.forget(ANN)
    assert ANN.identity not in await rows(studio)
    with pytest.raises(MemberBanned):
        await studio.face.submit(BALL, ANN)
    await studio.operators.change_account(SetStatus(status=MemberStatus()), operator(), ANN.identity)
    await studio.face.submit(BALL, ANN)


async def test_what_is_remembered_outlives_a_second_forgetting_by_whoever_only_acted_in_between(studio: Studio) -> None:
    """Managers get a member when they decide something: that one takes along what the identity left behind."""
    server = replace(ANN.place, workspace="home", channel="")
    manager = replace(ANN, manages=True, place=server)
    await studio.make(BALL, ANN)
    banned = SetStatus(status=MemberStatus(state=MemberState.BANNED, reason="spam"))
    await studio.operators.change_account(banned, operator(), ANN.identity)
    for _ in range(2):
        await studio.face.forget(ANN)
        await studio.service.forget_more()
        await studio.face.govern(ChangePolicy(channel="", wish=PolicyWish(spoiler=True)), manager)
    account = await studio.face.account(ANN)
    assert (account.used, account.status.state) == (1, MemberState.BANNED)


async def test_all_linked_identities_are_forgotten_together(studio: Studio) -> None:
    await studio.face.finish_link((await studio.face.begin_link(ANN)).code, BOB)
    stale = (await studio.face.begin_link(ANN)).code
    await studio.face.forget(BOB)
    for who in (ANN, BOB):
        assert (await studio.face.account(who)).identities == (who.identity,)
        with pytest.raises(CannotUnlink):
            await studio.face.unlink(who)
    with pytest.raises(LinkCodeInvalid):
        await studio.face.finish_link(stale, BOB)


async def test_wrong_codes_count_on(studio: Studio) -> None:
    for _ in range(5):
        with pytest.raises(LinkCodeInvalid):
            await studio.face.finish_link("2222-2222", ANN)
    await studio.face.forget(ANN)
    with pytest.raises(TooManyTries):
        await studio.face.finish_link("2222-2222", ANN)


async def test_what_others_made_of_it_stays_theirs(studio: Studio) -> None:
    mine = await studio.make(BALL, ANN)
    theirs = await studio.make(Remix(parent=mine.id, instruction="make it blue"), BOB)
    await studio.face.forget(ANN)
    family = await studio.face.clip(theirs.id, BOB)
    assert [clip.id for clip in family.members] == [theirs.id]
    assert family.clip.recipe.origin == ""


async def test_what_others_are_having_made_of_it_does_not_say_what_it_was_called(studio: Studio) -> None:
    mine = await studio.make(BALL, ANN)
    blue = Remix(parent=mine.id, instruction="make it blue")
    failed = await studio.face.submit(blue, BOB)
    await studio.fail(await studio.claim())
    rendered = await studio.face.submit(blue, BOB)
    claim = await studio.claim()
    assert "Kamakura" in claim.job.recipe.origin
    await studio.face.forget(ANN)
    for job in (failed, rendered):
        assert (await studio.face.get(job.id, BOB)).recipe.origin == ""
    clip = await studio.succeed(claim)
    assert (await studio.face.clip(clip.id, BOB)).clip.recipe.origin == ""


async def test_who_was_never_here_and_who_asks_twice_are_forgotten_alike(studio: Studio) -> None:
    await studio.face.forget(ANN)
    await studio.make(BALL, ANN)
    await studio.face.forget(ANN)
    await studio.face.forget(ANN)
    assert "annabella" not in await rows(studio)


async def test_where_it_was_posted_is_known_until_the_chat_has_said_that_it_is_gone(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN, reply_to='["playground","reels",""]')
    await studio.succeed(await studio.claim())
    await studio.face.mark_delivered(job.id)
    await studio.face.forget(ANN)
    (event,) = await studio.jobs.events(None)
    assert (event.job.removed, event.job.reply_to, event.job.requester.identity) == (True, job.reply_to, ANN.identity)
    assert "Kamakura" not in await rows(studio)
    await studio.face.mark_delivered(job.id)
    await studio.service.forget_more()
    assert "annabella" not in await rows(studio)
    assert "reels" not in await rows(studio)


async def test_who_was_taken_out_is_handed_and_forgotten_all_they_asked_for(studio: Studio) -> None:
    await studio.face.finish_link((await studio.face.begin_link(BOB)).code, ANN)
    his, hers = await studio.make(BALL, BOB), await studio.make(BALL, ANN)
    await studio.face.unlink(ANN)
    for who, clip in ((BOB, his), (ANN, hers)):
        assert [job["id"] for job in (await unpacked(studio, who))["rows/jobs.json"]] == [clip.id]
    await studio.face.forget(ANN)
    assert [found.id for found in (await studio.face.clips(ClipQuery(), BOB)).clips] == [his.id]
    with pytest.raises(NotFound):
        await studio.face.clip(hers.id, BOB)
