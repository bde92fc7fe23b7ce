import asyncio
from datetime import UTC, datetime

import pytest

from inference.errors import InvalidValue, MemberChanged
from inference.types import (
    AspectRatio,
    ChangeSettings,
    Grant,
    GrantTier,
    Identity,
    JobQuery,
    MemberId,
    MemberSettings,
    MemberState,
    MemberStatus,
    SetStatus,
)
from tests.unit.storage.conftest import House


async def test_a_member_is_made_at_first_sight_and_known_after(house: House) -> None:
    ann = Identity("discord:ann")
    assert await house.accounts.find(ann) is None
    member = await house.accounts.member(ann)
    assert (member.identities, member.grant, member.settings) == ((ann,), None, MemberSettings())
    assert await house.accounts.member(ann) == await house.accounts.find(ann) == member
    assert (await house.accounts.member(Identity("discord:bob"))).id != member.id


async def test_first_sights_at_once_make_one_member(house: House) -> None:
    members = await asyncio.gather(*(house.accounts.member(Identity("slack:T:U")) for _ in range(20)))
    assert len({member.id for member in members}) == 1


async def test_settings_and_grants_are_kept(house: House) -> None:
    member = await house.member()
    settings = MemberSettings(locale="ja", seconds=3.5, resolution=720, aspect_ratio=AspectRatio.PORTRAIT)
    await house.accounts.change(member, ChangeSettings(settings=settings))
    await house.accounts.change(member, GrantTier(tier="pro"))
    changed = await house.accounts.member(Identity("discord:ann"))
    assert (changed.settings, changed.grant) == (settings, Grant(tier="pro"))
    await house.accounts.change(member, GrantTier(tier=None))
    assert (await house.accounts.member(Identity("discord:ann"))).grant is None


async def test_a_suspension_ends_by_itself_by_the_databases_clock(house: House) -> None:
    member = await house.member()
    until = datetime.fromtimestamp(house.clock.seconds + 60, UTC)
    status = MemberStatus(state=MemberState.SUSPENDED, until=until, reason="a quarrel")
    await house.accounts.change(member, SetStatus(status=status))
    assert (await house.accounts.member(Identity("discord:ann"))).status == status
    with pytest.raises(MemberChanged):  # whoever asked had not seen it
        await house.admit("ann")
    house.clock.pass_(60)
    assert (await house.accounts.member(Identity("discord:ann"))).status == MemberStatus()
    await house.admit("ann")


async def test_what_is_changed_of_nobody_is_no_change(house: House) -> None:
    with pytest.raises(MemberChanged):
        await house.accounts.change(MemberId("nobody"), GrantTier(tier="pro"))


async def test_a_grant_ends_to_the_moment_by_the_databases_clock(house: House) -> None:
    member = await house.member()
    until = datetime.fromtimestamp(house.clock.seconds + 60, UTC)
    await house.accounts.change(member, GrantTier(tier="pro", until=until))
    house.clock.pass_(59.999)
    assert (await house.accounts.member(Identity("discord:ann"))).grant == Grant(tier="pro", until=until)
    house.clock.pass_(0.001)
    assert (await house.accounts.member(Identity("discord:ann"))).grant is None


async def test_a_grant_that_would_have_ended_already_is_refused(house: House) -> None:
    member = await house.member()
    ended = datetime.fromtimestamp(house.clock.seconds, UTC)
    with pytest.raises(InvalidValue, match="still to come"):
        await house.accounts.change(member, GrantTier(tier="pro", until=ended))
    assert (await house.accounts.member(Identity("discord:ann"))).grant is None


async def test_active_jobs_are_the_members_queued_and_running_ones_oldest_first(house: House) -> None:
    await house.make("ann")
    running, queued = await house.admit("ann"), await house.admit("ann")
    await house.claim()
    await house.admit("bob")
    assert [job.id for job in await house.accounts.active_jobs(running.member)] == [running.id, queued.id]


async def test_jobs_are_listed_page_by_page_from_either_end(house: House) -> None:
    jobs = [(await house.admit()).id for _ in range(5)]
    await house.admit("bob")
    member = await house.member()
    for ascending, order in ((False, jobs[::-1]), (True, jobs)):
        first = await house.accounts.jobs(member, JobQuery(limit=3, ascending=ascending))
        rest = await house.accounts.jobs(member, JobQuery(limit=3, ascending=ascending, after=first.jobs[-1].id))
        assert (first.has_more, rest.has_more) == (True, False)
        assert [job.id for job in (*first.jobs, *rest.jobs)] == order


async def test_jobs_whose_clip_was_removed_are_not_listed(house: House) -> None:
    gone, kept = await house.make(), await house.make()
    await house.clips.remove(gone.id)
    page = await house.accounts.jobs(gone.member, JobQuery())
    assert [job.id for job in page.jobs] == [kept.id]
    after_gone = await house.accounts.jobs(gone.member, JobQuery(after=gone.id, ascending=True))
    assert [job.id for job in after_gone.jobs] == [kept.id]


async def test_a_page_after_anothers_job_is_empty(house: House) -> None:
    await house.admit("ann")
    bobs = await house.admit("bob")
    page = await house.accounts.jobs(await house.member("ann"), JobQuery(after=bobs.id))
    assert (page.jobs, page.has_more) == ((), False)
