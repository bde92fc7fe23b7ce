"""Accounts are joined while both are asking, and while a worker finishes: every clip is counted once, for whoever it is."""

import asyncio
from datetime import timedelta

from inference.errors import MemberChanged, QuotaExceeded
from inference.protocols import AdmissionLimits
from inference.types import Identity, Place, Requester
from storage.linking import SqlLinks
from tests.unit.storage.conftest import House

ONE, OTHER = Identity("discord:1"), Identity("slack:T:U1")
LIMITS = AdmissionLimits(clips_per_month=10, max_jobs=1000)


async def ask(house: House, identity: Identity) -> int:
    """As the service does: whose account changed meanwhile is looked at again."""
    while True:
        member = (await house.accounts.member(identity)).id
        asks = Requester(identity=identity, place=Place(platform="discord"))
        try:
            await house.jobs.admit(await house.draft(requester=asks, member=member), LIMITS)
        except MemberChanged:
            continue
        except QuotaExceeded:
            return 0
        return 1


async def link(house: House) -> int:
    links = SqlLinks(house.database)
    await links.keep_code(ONE, "digest", timedelta(minutes=10))
    await links.redeem(OTHER, "digest", ["free"])
    return 0


async def test_requests_that_race_with_a_link_are_each_counted_once(house: House) -> None:
    for identity in (ONE, OTHER):
        await house.accounts.member(identity)
    granted = await asyncio.gather(
        *(ask(house, identity) for identity in (ONE, OTHER) for _ in range(3)),
        link(house),
        *(ask(house, identity) for identity in (ONE, OTHER) for _ in range(20)),
    )
    one, other = await house.accounts.member(ONE), await house.accounts.member(OTHER)
    assert one.id == other.id
    # Before the link each had a limit of their own, and from then on both have one: never more than that.
    assert (await house.accounts.month(one.id)).used == sum(granted)
    assert 10 <= sum(granted) <= 20
    assert [await ask(house, identity) for identity in (ONE, OTHER)] == [0, 0]


async def test_a_finish_that_races_with_a_link_is_settled_for_the_one_account(house: House) -> None:
    await asyncio.gather(ask(house, ONE), ask(house, OTHER))
    claims = [await house.claim(), await house.claim()]
    await asyncio.gather(*(house.jobs.settle(claim, house.success(claim)) for claim in claims), link(house))
    member = (await house.accounts.member(ONE)).id
    found = [await house.clips.get(claim.job.id) for claim in claims]
    assert [clip.member for clip in found if clip is not None] == [member, member]
    assert (await house.accounts.month(member)).used == 2
