"""What Linking promises, whichever implementation serves it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inference.errors import (
    CannotLink,
    CannotUnlink,
    LinkCodeInvalid,
    MemberBanned,
    NotFound,
    QuotaExceeded,
    TooManyJobs,
    TooManyTries,
)
from inference.types import (
    OPERATORS,
    AspectRatio,
    ChangeSettings,
    ClipQuery,
    Generate,
    GrantTier,
    Identity,
    JobStatus,
    MemberSettings,
    MemberState,
    MemberStatus,
    Place,
    Remix,
    Requester,
    SetStatus,
)
from tests.support.studio import Studio, operator

BALL = Generate(prompt="a red ball rising over the sea")
ANN = Requester(identity=Identity("discord:1"), display_name="Ann", place=Place(platform="discord", workspace="7"))
ANN_AT_WORK = Requester(identity=Identity("slack:T:U1"), display_name="Ann", place=Place(platform="slack"))
BOB = Requester(identity=Identity("discord:2"), display_name="Bob", place=Place(platform="discord"))


async def link(studio: Studio, host: Requester = ANN, guest: Requester = ANN_AT_WORK) -> None:
    await studio.face.finish_link((await studio.face.begin_link(host)).code, guest)


async def use(studio: Studio, requester: Requester, clips: int) -> None:
    for _ in range(clips):
        await studio.make(BALL, requester)


async def test_two_chats_become_one_account_with_one_quota_and_one_history(studio: Studio) -> None:
    here, there = await studio.make(BALL, ANN), await studio.make(BALL, ANN_AT_WORK)
    await link(studio)
    one, other = await studio.face.account(ANN), await studio.face.account(ANN_AT_WORK)
    assert one.member == other.member
    assert set(one.identities) == {ANN.identity, ANN_AT_WORK.identity}
    assert one.used == other.used == 2
    for who in (ANN, ANN_AT_WORK):
        listed = await studio.face.clips(ClipQuery(), who)
        assert {clip.id for clip in listed.clips} == {here.id, there.id}
    await use(studio, ANN_AT_WORK, 8)
    for who in (ANN, ANN_AT_WORK):
        with pytest.raises(QuotaExceeded):
            await studio.face.submit(BALL, who)


async def test_a_clip_of_one_chat_is_remixed_in_the_other_by_its_id_though_private(studio: Studio) -> None:
    secret = await studio.make(replace(BALL, private=True), ANN)
    with pytest.raises(NotFound):
        await studio.face.submit(Remix(parent=secret.id, instruction="at dusk"), ANN_AT_WORK)
    await link(studio)
    remix = await studio.make(Remix(parent=secret.id, instruction="at dusk"), ANN_AT_WORK)
    assert (remix.parent, remix.private) == (secret.id, True)
    assert (await studio.face.clip(remix.id, ANN)).members[0].id == secret.id


async def test_what_waits_and_runs_goes_on_and_is_charged_to_the_one_account(studio: Studio) -> None:
    running = await studio.face.submit(BALL, ANN_AT_WORK)
    claim = await studio.claim()
    queued = await studio.face.submit(BALL, ANN)
    await link(studio)
    assert [job.id for job in (await studio.face.account(ANN)).running] == [running.id, queued.id]
    clip = await studio.succeed(claim)
    assert (await studio.face.clip(clip.id, ANN)).clip.member == (await studio.face.account(ANN)).member
    assert (await studio.face.cancel(queued.id, ANN_AT_WORK)).status is JobStatus.CANCELLED
    assert await studio.used(ANN) == await studio.used(ANN_AT_WORK) == 1


async def test_jobs_at_once_are_those_of_both(studio: Studio) -> None:
    await link(studio)
    await studio.face.submit(BALL, ANN)
    with pytest.raises(TooManyJobs):
        await studio.face.submit(BALL, ANN_AT_WORK)


async def test_use_beyond_the_limit_is_neither_forgiven_nor_negative(studio: Studio) -> None:
    await use(studio, ANN, 9)
    await use(studio, ANN_AT_WORK, 8)
    await link(studio)
    account = await studio.face.account(ANN)
    assert (account.used, account.limit) == (17, 10)
    with pytest.raises(QuotaExceeded) as refusal:
        await studio.face.submit(BALL, ANN)
    assert (refusal.value.used, refusal.value.lifted_by) == (17, "plus")


async def test_apart_again_both_share_the_rest_of_the_month(studio: Studio) -> None:
    await use(studio, ANN, 3)
    await link(studio)
    await use(studio, ANN_AT_WORK, 3)
    alone = await studio.face.unlink(ANN_AT_WORK)
    assert alone.identities == (ANN_AT_WORK.identity,)
    assert (await studio.face.account(ANN)).member != alone.member
    await use(studio, ANN_AT_WORK, 2)
    await use(studio, ANN, 2)
    assert await studio.used(ANN) == await studio.used(ANN_AT_WORK) == 10
    for who in (ANN, ANN_AT_WORK):
        with pytest.raises(QuotaExceeded):
            await studio.face.submit(BALL, who)
    await link(studio)
    assert await studio.used(ANN) == 10
    await studio.face.unlink(ANN_AT_WORK)
    assert await studio.used(ANN_AT_WORK) == 10


async def test_what_one_asked_for_goes_with_them_when_they_are_taken_out(studio: Studio) -> None:
    before = await studio.make(replace(BALL, private=True), ANN_AT_WORK)
    await link(studio)
    mine, theirs = await studio.make(BALL, ANN), await studio.make(BALL, ANN_AT_WORK)
    running = await studio.face.submit(BALL, ANN_AT_WORK)
    await studio.face.unlink(ANN, ANN_AT_WORK.identity)
    for who, made in ((ANN, {mine.id}), (ANN_AT_WORK, {before.id, theirs.id})):
        assert {found.id for found in (await studio.face.clips(ClipQuery(), who)).clips} == made
    with pytest.raises(NotFound):
        await studio.face.clip(before.id, ANN)
    assert [job.id for job in (await studio.face.account(ANN_AT_WORK)).running] == [running.id]
    assert (await studio.face.account(ANN)).running == ()
    assert (await studio.face.cancel(running.id, ANN_AT_WORK)).status is JobStatus.CANCELLED
    assert await studio.used(ANN) == await studio.used(ANN_AT_WORK) == 3


async def test_nobody_who_is_blocked_can_be_linked(studio: Studio) -> None:
    """A code is easily typed by somebody who does not know whose it is."""
    mine, theirs = await studio.face.begin_link(ANN), await studio.face.begin_link(ANN_AT_WORK)
    banned = MemberStatus(state=MemberState.BANNED, reason="spam")
    await studio.operators.change_account(SetStatus(status=banned), operator(), ANN.identity)
    for code, who in ((mine.code, ANN_AT_WORK), (theirs.code, ANN)):
        with pytest.raises(CannotLink, match="blocked"):
            await studio.face.finish_link(code, who)
    with pytest.raises(CannotLink, match="blocked"):
        await studio.face.begin_link(ANN)
    await studio.face.submit(BALL, ANN_AT_WORK)
    await studio.operators.change_account(SetStatus(status=MemberStatus()), operator(), ANN.identity)
    await studio.face.finish_link(theirs.code, ANN)


@pytest.mark.parametrize("taken_out", [ANN, ANN_AT_WORK])
async def test_a_grant_is_again_whose_it_was(studio: Studio, taken_out: Requester) -> None:
    await studio.operators.change_account(GrantTier(tier="pro"), operator(), ANN_AT_WORK.identity)
    await link(studio)
    assert (await studio.face.account(ANN)).tier.name == "pro"
    await studio.face.unlink(taken_out)
    assert (await studio.face.account(ANN)).tier.name == "free"
    assert (await studio.face.account(ANN_AT_WORK)).tier.name == "pro"


async def test_forgotten_together_and_linked_again_the_month_counts_once(studio: Studio) -> None:
    await link(studio)
    await use(studio, ANN, 4)
    await use(studio, ANN_AT_WORK, 3)
    await studio.face.forget(ANN)
    assert await studio.used(ANN_AT_WORK) == await studio.used(ANN) == 7
    await use(studio, ANN, 1)
    assert await studio.used(ANN_AT_WORK) == 8
    await link(studio)
    assert await studio.used(ANN) == 8


@pytest.mark.parametrize("first", [ANN, ANN_AT_WORK])
async def test_who_is_forgotten_shares_the_month_still_when_they_come_again(studio: Studio, first: Requester) -> None:
    await link(studio)
    await use(studio, ANN, 2)
    await studio.face.unlink(ANN_AT_WORK)
    await studio.face.forget(first)
    await use(studio, ANN, 1)
    await use(studio, ANN_AT_WORK, 1)
    assert await studio.used(ANN) == await studio.used(ANN_AT_WORK) == 4
    # Both forgotten, whoever comes again first.
    await studio.face.forget(ANN)
    await studio.face.forget(ANN_AT_WORK)
    await use(studio, first, 1)
    assert await studio.used(ANN) == await studio.used(ANN_AT_WORK) == 5


async def test_the_better_grant_and_the_hosts_settings_stay_and_a_ban_is_of_all(studio: Studio) -> None:
    await studio.operators.change_account(GrantTier(tier="plus"), operator(), ANN.identity)
    await studio.operators.change_account(GrantTier(tier="pro"), operator(), ANN_AT_WORK.identity)
    mine = MemberSettings(seconds=2)
    theirs = MemberSettings(seconds=3, aspect_ratio=AspectRatio.SQUARE)
    await studio.face.change_account(ChangeSettings(settings=mine), ANN)
    await studio.face.change_account(ChangeSettings(settings=theirs), ANN_AT_WORK)
    await link(studio)
    banned = MemberStatus(state=MemberState.BANNED, reason="spam")
    await studio.operators.change_account(SetStatus(status=banned), operator(), ANN_AT_WORK.identity)
    account = await studio.face.account(ANN)
    assert account.tier.name == "pro"
    assert account.status == banned
    assert account.settings == MemberSettings(seconds=2, aspect_ratio=AspectRatio.SQUARE)
    # Taking it out again gets rid of nothing, and gains nothing.
    await studio.face.unlink(ANN)
    assert (await studio.face.account(ANN)).tier.name == "free"
    for who in (ANN, ANN_AT_WORK):
        with pytest.raises(MemberBanned):
            await studio.face.submit(BALL, who)


async def test_the_same_key_of_both_is_two_requests_before_and_one_after(studio: Studio) -> None:
    plus = replace(ANN, roles=("playground:plus",))
    first = await studio.face.submit(BALL, plus, idempotency_key="k")
    second = await studio.face.submit(BALL, ANN_AT_WORK, idempotency_key="k")
    await link(studio)
    for who in (plus, ANN_AT_WORK):
        assert (await studio.face.submit(BALL, who, idempotency_key="k")).id == first.id
    assert {job.id for job in (await studio.face.account(ANN)).running} == {first.id, second.id}


async def test_a_code_works_once_and_the_newest_alone(studio: Studio) -> None:
    old = await studio.face.begin_link(ANN)
    code = await studio.face.begin_link(ANN)
    assert timedelta(minutes=9) < code.expires_at - datetime.now(UTC) <= timedelta(minutes=10)
    assert code.code not in repr(code)
    with pytest.raises(LinkCodeInvalid):
        await studio.face.finish_link(old.code, ANN_AT_WORK)
    await studio.face.finish_link(code.code, ANN_AT_WORK)
    with pytest.raises(LinkCodeInvalid):
        await studio.face.finish_link(code.code, BOB)


async def test_two_who_type_the_same_code_at_once_are_not_both_linked(studio: Studio) -> None:
    code = (await studio.face.begin_link(ANN)).code
    ends = await asyncio.gather(
        *(studio.face.finish_link(code, who) for who in (ANN_AT_WORK, BOB)), return_exceptions=True
    )
    assert [type(end) for end in ends].count(LinkCodeInvalid) == 1
    assert len((await studio.face.account(ANN)).identities) == 2


@pytest.mark.parametrize("typed", ["{0} ", "{0}".lower(), "`{0}`", "{1}", "{2}"])
async def test_a_code_is_understood_however_it_is_typed(studio: Studio, typed: str) -> None:
    code = (await studio.face.begin_link(ANN)).code
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter != "-" else "－" for letter in code)
    given = typed.format(code, code.replace("-", "").lower(), wide)
    assert len((await studio.face.finish_link(given, ANN_AT_WORK)).identities) == 2


@pytest.mark.parametrize("typed", ["", "hello", "2222-222", "2222-22222", "OOOO-1111", "'; DROP TABLE members"])
async def test_what_can_be_no_code_is_none(studio: Studio, typed: str) -> None:
    with pytest.raises(LinkCodeInvalid):
        await studio.face.finish_link(typed, ANN)


async def test_nobody_guesses(studio: Studio) -> None:
    code = (await studio.face.begin_link(ANN)).code
    wrong = "2222-2222" if code != "2222-2222" else "3333-3333"
    for _ in range(5):
        with pytest.raises(LinkCodeInvalid):
            await studio.face.finish_link(wrong, BOB)
    for guess in (wrong, code):  # nor learns that they were right
        with pytest.raises(TooManyTries) as refusal:
            await studio.face.finish_link(guess, BOB)
        assert datetime.fromisoformat(refusal.value.until) > datetime.now(UTC)
    await studio.face.finish_link(code, ANN_AT_WORK)


async def test_many_who_guess_together_do_not_either(studio: Studio) -> None:
    for number in range(100):
        with pytest.raises(LinkCodeInvalid):
            await studio.face.finish_link("2222-2222", replace(BOB, identity=Identity(f"discord:9{number}")))
    with pytest.raises(TooManyTries):
        await studio.face.finish_link("2222-2222", BOB)


async def test_nobody_is_linked_to_themselves(studio: Studio) -> None:
    with pytest.raises(CannotLink, match="already one"):
        await link(studio, ANN, ANN)
    await link(studio)
    with pytest.raises(CannotLink, match="already one"):
        await link(studio, ANN_AT_WORK, ANN)


async def test_accounts_of_one_platform_and_of_many_can_be_linked(studio: Studio) -> None:
    await link(studio, ANN, BOB)
    third, fourth = (replace(ANN_AT_WORK, identity=Identity(f"slack:T{n}:U1")) for n in range(2))
    await link(studio, third, fourth)
    await link(studio, BOB, fourth)
    assert len((await studio.face.account(third)).identities) == 4


async def test_operators_are_nobody_to_link(studio: Studio) -> None:
    code = (await studio.face.begin_link(ANN)).code
    for identity in OPERATORS:
        who = replace(operator(), identity=identity)
        with pytest.raises(CannotLink, match="operators"):
            await studio.operators.begin_link(who)
        with pytest.raises(CannotLink, match="operators"):
            await studio.operators.finish_link(code, who)


async def test_only_ones_own_is_unlinked_and_not_the_last(studio: Studio) -> None:
    with pytest.raises(CannotUnlink, match="only one"):
        await studio.face.unlink(ANN)
    await studio.face.account(BOB)
    for identity in (BOB.identity, Identity("discord:404"), Identity("nonsense")):
        with pytest.raises(CannotUnlink, match="not yours"):
            await studio.face.unlink(ANN, identity)
