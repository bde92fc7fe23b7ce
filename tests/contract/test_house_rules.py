"""What HouseRules and ClipLinks promise, whichever implementation serves them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from inference.errors import (
    InvalidValue,
    MemberBlocked,
    NotAllowed,
    NotFound,
    PlaceClosed,
    QuotaExceeded,
    ResolutionExceeded,
    ServerNotTrusted,
)
from inference.types import (
    AspectRatio,
    BlockMember,
    ChangePolicy,
    ChangeSettings,
    Decisions,
    Generate,
    GiveTier,
    GrantTier,
    Identity,
    JobId,
    MemberSettings,
    Place,
    Policy,
    PolicyWish,
    Requester,
    ResetMonth,
    ServerChange,
    Shape,
    Threads,
)
from tests.support.api import serve
from tests.support.studio import Studio, open_studio, operator

BALL = Generate(prompt="a red ball")
HOME = Place(platform="discord", workspace="7", channel="70")
AWAY = Place(platform="discord", workspace="8", channel="80")
OWN = Place(platform="discord")
ROLE = "discord:555"


def someone(name: str, place: Place = HOME, *, manages: bool = False, roles: tuple[str, ...] = ()) -> Requester:
    return Requester(identity=Identity(f"discord:{name}"), display_name=name, place=place, manages=manages, roles=roles)


ANN, BOSS = someone("1"), someone("2", manages=True)


@pytest.fixture(params=["service", "client"])
async def studio(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Studio]:
    """The managers of server 7 may give up to plus; those of server 8 nothing."""
    async with open_studio(tmp_path, tier_managers={"discord:7": "plus"}) as studio:
        if request.param == "service":
            yield studio
            return
        async with serve(studio) as served:
            yield served.studio


async def tier_of(studio: Studio, who: Requester) -> str:
    return (await studio.face.account(who)).tier.name


# --- Policies


async def test_a_channel_speaks_before_its_server(studio: Studio) -> None:
    assert await studio.face.policy(HOME) == Policy()
    await studio.face.govern(ChangePolicy(channel="", wish=PolicyWish(usable=False, spoiler=True)), BOSS)
    await studio.face.govern(ChangePolicy(channel="70", wish=PolicyWish(usable=True, threads=Threads.AT_ONCE)), BOSS)
    here = await studio.face.policy(HOME)
    assert (here.usable, here.spoiler, here.threads) == (True, True, Threads.AT_ONCE)
    beside = await studio.face.policy(replace(HOME, channel="71"))
    assert (beside.usable, beside.spoiler, beside.threads) == (False, True, Threads.ON_REMIX)
    assert await studio.face.policy(AWAY) == Policy()
    await studio.face.govern(ChangePolicy(channel="70", wish=PolicyWish()), BOSS)
    assert not (await studio.face.policy(HOME)).usable


async def test_where_the_bot_may_not_be_used_nothing_is_charged(studio: Studio) -> None:
    first = await studio.face.submit(BALL, ANN, "", "key")
    await studio.face.govern(ChangePolicy(channel="70", wish=PolicyWish(usable=False)), BOSS)
    with pytest.raises(PlaceClosed):
        await studio.face.submit(BALL, ANN)
    assert (await studio.face.submit(BALL, ANN, "", "key")).id == first.id  # was admitted before
    assert await studio.used(ANN) == 1
    await studio.face.cancel(first.id, ANN)
    await studio.face.submit(BALL, replace(ANN, place=replace(HOME, channel="71")))


async def test_a_servers_defaults_serve_who_chose_nothing(studio: Studio) -> None:
    wish = PolicyWish(
        defaults=MemberSettings(seconds=2, resolution=360, aspect_ratio=AspectRatio.LANDSCAPE, locale="ja")
    )
    await studio.face.govern(ChangePolicy(channel="", wish=wish), BOSS)
    clip = await studio.make(BALL, ANN)
    assert (clip.seconds, clip.size.short_side) == (2, 360)
    account = await studio.face.account(ANN)
    assert (account.settings.locale, account.defaults.locale) == (None, "ja")
    await studio.face.change_account(ChangeSettings(settings=MemberSettings(seconds=3)), ANN)
    clip = await studio.make(BALL, ANN)
    assert (clip.seconds, clip.size.short_side) == (3, 360)
    clip = await studio.make(replace(BALL, shape=Shape(seconds=4)), ANN)
    assert clip.seconds == 4
    assert (await studio.make(BALL, replace(ANN, place=AWAY))).size.short_side == 480


async def test_defaults_are_checked_like_a_members_own(studio: Studio) -> None:
    for defaults in (MemberSettings(seconds=99), MemberSettings(resolution=481), MemberSettings(locale="?")):
        with pytest.raises(InvalidValue):
            await studio.face.govern(ChangePolicy(channel="", wish=PolicyWish(defaults=defaults)), BOSS)
    wish = PolicyWish(defaults=MemberSettings(seconds=2))
    with pytest.raises(InvalidValue, match="whole server"):
        await studio.face.govern(ChangePolicy(channel="70", wish=wish), BOSS)


# --- Who may


@pytest.mark.parametrize(
    "change",
    [
        ChangePolicy(channel="70", wish=PolicyWish(usable=False)),
        GiveTier(to="member", subject="discord:1", tier="plus"),
        BlockMember(member=Identity("discord:1"), blocked=True),
        ResetMonth(member=Identity("discord:1")),
    ],
)
async def test_only_managers_govern_and_only_their_own_server(studio: Studio, change: ServerChange) -> None:
    with pytest.raises(NotAllowed):
        await studio.face.govern(change, ANN)
    with pytest.raises(NotAllowed):  # a direct message is no server
        await studio.face.govern(change, replace(BOSS, place=OWN))
    await studio.face.govern(change, BOSS)
    assert await studio.face.policy(AWAY) == Policy()
    await studio.operators.govern(change, replace(operator(), place=HOME))


async def test_a_members_figures_are_for_managers(studio: Studio) -> None:
    await studio.make(BALL, ANN)
    await studio.face.submit(BALL, ANN)
    with pytest.raises(NotAllowed):
        await studio.face.standing(BOSS, ANN)
    seen = await studio.face.standing(ANN, BOSS)
    assert (seen.tier, seen.given, seen.used, seen.limit, seen.under_way, seen.is_blocked) == (
        "free",
        None,
        2,
        10,
        1,
        False,
    )
    with pytest.raises(InvalidValue):
        await studio.face.standing(operator(), BOSS)


async def test_a_managers_word_counts_in_their_own_server_even_for_another_place(studio: Studio) -> None:
    """Whatever place a face claims for the member, the manager's is what is looked at."""
    await studio.face.govern(GiveTier(to="member", subject="discord:1", tier="plus"), BOSS)
    assert (await studio.face.standing(replace(ANN, place=AWAY), BOSS)).tier == "plus"


# --- Tiers


async def test_managers_give_tiers_to_members_and_roles_in_their_server(studio: Studio) -> None:
    fan = someone("3", roles=(ROLE,))
    await studio.face.govern(GiveTier(to="role", subject=ROLE, tier="plus"), BOSS)
    assert await tier_of(studio, fan) == "plus"
    assert await tier_of(studio, ANN) == "free"
    assert await tier_of(studio, replace(fan, place=AWAY)) == "free"
    await studio.face.govern(GiveTier(to="member", subject="discord:3", tier="free"), BOSS)
    assert await tier_of(studio, fan) == "free"  # what was said of the member goes before their roles
    await studio.face.govern(GiveTier(to="member", subject="discord:3", tier=None), BOSS)
    assert await tier_of(studio, fan) == "plus"
    await studio.face.govern(GiveTier(to="role", subject=ROLE, tier=None), BOSS)
    assert await tier_of(studio, fan) == "free"


async def test_a_given_tier_opens_what_it_allows(studio: Studio) -> None:
    large = replace(BALL, shape=Shape(resolution=720))
    with pytest.raises(ResolutionExceeded):
        await studio.face.submit(large, ANN)
    await studio.face.govern(GiveTier(to="member", subject=ANN.identity, tier="plus"), BOSS)
    assert (await studio.face.submit(large, ANN)).tier == "plus"


async def test_managers_give_no_more_than_the_operator_lets_them(studio: Studio) -> None:
    with pytest.raises(InvalidValue, match="one of free, plus"):
        await studio.face.govern(GiveTier(to="member", subject=ANN.identity, tier="pro"), BOSS)
    elsewhere = replace(BOSS, place=AWAY)
    for change in (GiveTier(to="role", subject=ROLE, tier="plus"), ResetMonth(member=ANN.identity)):
        with pytest.raises(ServerNotTrusted) as refused:
            await studio.face.govern(change, elsewhere)
        assert refused.value.server == "discord:8"
    with pytest.raises(InvalidValue):
        await studio.face.govern(GiveTier(to="member", subject="slack:T:1", tier="plus"), BOSS)
    assert await tier_of(studio, ANN) == "free"


async def test_an_operators_grant_goes_before_what_managers_give(studio: Studio) -> None:
    await studio.operators.change_account(GrantTier(tier="pro"), operator(), ANN.identity)
    await studio.face.govern(GiveTier(to="member", subject=ANN.identity, tier="free"), BOSS)
    assert await tier_of(studio, ANN) == "pro"


async def test_what_the_operator_takes_back_from_managers_counts_at_once(tmp_path: Path) -> None:
    async with open_studio(tmp_path, tier_managers={"discord:*": "pro"}) as studio:
        assert (await studio.face.offer()).managers_give_tiers
        await studio.face.govern(GiveTier(to="member", subject=ANN.identity, tier="pro"), BOSS)
        assert await tier_of(studio, ANN) == "pro"
    async with open_studio(tmp_path, tier_managers={"discord:7": "plus"}) as studio:
        assert await tier_of(studio, ANN) == "plus"
    async with open_studio(tmp_path) as studio:
        assert not (await studio.face.offer()).managers_give_tiers
        assert await tier_of(studio, ANN) == "free"


async def test_what_an_operator_gives_in_a_server_holds_whatever_managers_may_give(tmp_path: Path) -> None:
    chief = replace(operator(), place=HOME)
    async with open_studio(tmp_path) as studio:
        await studio.operators.govern(GiveTier(to="member", subject=ANN.identity, tier="pro"), chief)
        assert await tier_of(studio, ANN) == "pro"
        assert (await studio.operators.standing(ANN, chief)).given == "pro"
        assert await tier_of(studio, replace(ANN, place=AWAY)) == "free"
        await studio.operators.govern(GiveTier(to="member", subject=ANN.identity, tier=None), chief)
        await studio.operators.govern(GiveTier(to="role", subject=ROLE, tier="plus"), chief)
        assert await tier_of(studio, ANN) == "free"
        assert await tier_of(studio, replace(ANN, roles=(ROLE,))) == "plus"
    async with open_studio(tmp_path, tier_managers={"discord:7": "free"}) as studio:
        assert await tier_of(studio, replace(ANN, roles=(ROLE,))) == "plus"
        await studio.face.govern(GiveTier(to="role", subject=ROLE, tier="free"), BOSS)  # the last word
        assert await tier_of(studio, replace(ANN, roles=(ROLE,))) == "free"


async def test_a_setting_that_names_no_tier_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="tier_managers: discord:7: there is no tier 'gold'"):
        async with open_studio(tmp_path, tier_managers={"discord:7": "gold"}):
            pass


# --- Blocks and months


async def test_who_is_blocked_asks_for_nothing_there(studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    await studio.face.govern(BlockMember(member=ANN.identity, blocked=True), BOSS)
    with pytest.raises(MemberBlocked):
        await studio.face.submit(BALL, ANN)
    assert await studio.used(ANN) == 1
    assert (await studio.face.standing(ANN, BOSS)).is_blocked
    assert (await studio.face.clip(clip.id, ANN)).clip.id == clip.id
    await studio.make(BALL, replace(ANN, place=AWAY))
    await studio.make(BALL, replace(ANN, place=OWN))
    await studio.face.govern(BlockMember(member=ANN.identity, blocked=False), BOSS)
    await studio.make(BALL, ANN)


async def test_a_reset_gives_back_what_was_spent(studio: Studio) -> None:
    for _ in range(10):
        await studio.make(BALL, ANN)
    with pytest.raises(QuotaExceeded):
        await studio.face.submit(BALL, ANN)
    await studio.face.govern(ResetMonth(member=ANN.identity), BOSS)
    await studio.face.govern(ResetMonth(member=ANN.identity), BOSS)  # twice is once
    account = await studio.face.account(ANN)
    assert (account.used, account.limit, account.credit) == (10, 20, 10)
    job = await studio.face.submit(BALL, ANN)
    assert (job.charge.used, job.charge.limit) == (11, 20)
    await studio.succeed(await studio.claim())
    for _ in range(9):
        await studio.make(BALL, ANN)
    with pytest.raises(QuotaExceeded) as refused:
        await studio.face.submit(BALL, ANN)
    assert (refused.value.limit, refused.value.used, refused.value.lifted_by) == (20, 20, "plus")


async def test_what_is_under_way_at_a_reset_still_counts(studio: Studio) -> None:
    for _ in range(9):
        await studio.make(BALL, ANN)
    await studio.face.submit(BALL, ANN)
    await studio.face.govern(ResetMonth(member=ANN.identity), BOSS)
    account = await studio.face.account(ANN)
    assert account.limit - account.used == 9
    await studio.fail(await studio.claim())
    account = await studio.face.account(ANN)
    assert account.limit - account.used == 10  # as many as a month has, and not one more


async def test_a_month_of_someone_unknown_is_nothing_to_reset(studio: Studio) -> None:
    await studio.face.govern(ResetMonth(member=Identity("discord:99")), BOSS)
    assert (await studio.face.account(someone("99"))).limit == 10


# --- What holds


async def test_managers_see_all_that_holds_in_their_server_and_nobody_else_does(studio: Studio) -> None:
    closed = PolicyWish(usable=False)
    gifts = (
        GiveTier(to="member", subject=ANN.identity, tier="plus"),
        GiveTier(to="role", subject=ROLE, tier="plus"),
    )
    server = PolicyWish(defaults=MemberSettings(resolution=480))
    changes: tuple[ServerChange, ...] = (
        *gifts,
        ChangePolicy(channel="70", wish=closed),
        ChangePolicy(channel="71", wish=closed),
        ChangePolicy(channel="71", wish=PolicyWish()),
        ChangePolicy(channel="", wish=server),
        BlockMember(member=Identity("discord:5"), blocked=True),
        BlockMember(member=Identity("discord:6"), blocked=True),
        BlockMember(member=Identity("discord:6"), blocked=False),
    )
    for change in changes:
        await studio.face.govern(change, BOSS)
    held = Decisions(wish=server, channels={"70": closed}, tiers=gifts, blocked=(Identity("discord:5"),))
    assert await studio.face.decisions(BOSS) == held
    assert await studio.operators.decisions(replace(operator(), place=HOME)) == held
    elsewhere = await studio.face.decisions(someone("2", AWAY, manages=True))
    assert elsewhere == Decisions(wish=PolicyWish(), channels={}, tiers=(), blocked=())
    for who in (ANN, someone("2", OWN, manages=True)):
        with pytest.raises(NotAllowed):
            await studio.face.decisions(who)


# --- Links


async def test_without_a_public_address_no_link_is_given_out(studio: Studio) -> None:
    clip = await studio.make(replace(BALL, private=True), ANN)
    assert await studio.face.link(clip.id, ANN) is None
    for who in (BOSS, someone("3")):
        with pytest.raises(NotFound):
            await studio.face.link(clip.id, who)
    with pytest.raises(NotFound):
        await studio.face.link(JobId("clip_none"), ANN)


async def test_links_are_alike_over_http(tmp_path: Path) -> None:
    async with open_studio(tmp_path, api={"public_url": "https://c.example"}) as studio, serve(studio) as served:
        clip = await studio.make(BALL, ANN)
        for face in (studio.face, served.studio.face):
            link = await face.link(clip.id, ANN)
            assert link is not None
            assert link.url.startswith(
                f"https://c.example/clips/{clip.id}.mp4?expires={int(link.expires_at.timestamp())}&"
            )
