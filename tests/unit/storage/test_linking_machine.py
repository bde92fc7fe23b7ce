"""Accounts joined, taken apart and forgotten in any order, while jobs come and end: nobody gains or loses a clip by it."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from hypothesis.strategies import integers, sampled_from

from inference.errors import CannotLink, CannotUnlink, QuotaExceeded
from inference.protocols import AdmissionLimits, Cancelled, Claim, Failed, Outcome
from inference.types import Identity, JobFailure, JobId, Place, Requester
from storage.books import check_books
from storage.linking import SqlLinks
from storage.privacy import SqlPrivacy
from tests.unit.storage.conftest import LEASE, House, oldest
from tests.unit.storage.test_machine import MONTH, empty, opened

T = TypeVar("T")
PEOPLE = tuple(Identity(name) for name in ("discord:1", "slack:T:U1", "discord:2", "playground:x"))
CLIPS = dict(zip(PEOPLE, (4, 6, 4, 2), strict=True))
"""What each may make in a month by the tier that they act with: it comes from the platform."""


class LinkMachine(RuleBasedStateMachine):
    """The model knows nothing of members: who was ever one with whom in this month counts the same clips."""

    jobs: Bundle[JobId] = Bundle("jobs")
    #: Set by the test: one house for all examples, emptied after each.
    runner: asyncio.Runner
    house: House

    def __init__(self) -> None:
        super().__init__()
        self.links = SqlLinks(self.house.database)
        self.privacy = SqlPrivacy(self.house.database, b"")
        #: Who is linked now, and who was in this month.
        self.linked = [{person} for person in PEOPLE]
        self.counted = [{person} for person in PEOPLE]
        #: What counts this month: who asked, and how many clips.
        self.charged: dict[JobId, tuple[Identity, int]] = {}
        self.seen: set[JobId] = set()
        self.running: list[Claim] = []

    def run(self, action: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(action)

    def teardown(self) -> None:
        self.run(empty(self.house))

    # --- What can happen

    @rule(target=jobs, person=sampled_from(PEOPLE), clips=integers(0, 2), key=sampled_from([None, "a"]))
    def submit(self, person: Identity, clips: int, key: str | None) -> Any:
        """Admitted exactly where the limit has room for what all who count together have used."""
        asked = self.submitted(person, clips, key)
        if asked in self.seen:
            assert key is not None  # the job of before, by its key: nothing new is charged
            return multiple()
        room = self.used(person) + clips <= CLIPS[person] or clips == 0
        assert (asked is not None) is room
        if asked is None:
            return multiple()
        self.seen.add(asked)
        self.charged[asked] = (person, clips)
        return asked

    @rule()
    def claim(self) -> None:
        found = self.run(self.house.jobs.claim("w1", oldest, None, LEASE))
        if found is not None:
            self.running.append(found)

    @rule(how=sampled_from(["done", "broken", "cancelled"]))
    def finish(self, how: str) -> None:
        if not self.running:
            return
        claim = self.running.pop()
        outcomes: dict[str, Outcome] = {
            "done": self.house.success(claim),
            "broken": Failed(failure=JobFailure(code="render_failed")),
            "cancelled": Cancelled(),
        }
        ended = self.run(self.house.get(claim.job.id))
        self.run(self.house.jobs.settle(claim, outcomes[how]))
        if how != "done" or ended.cancel_requested:
            self.charged.pop(claim.job.id, None)

    @rule(job=jobs)
    def cancel(self, job: JobId) -> None:
        if self.run(self.house.jobs.request_cancel(job)).status == "cancelled":
            self.charged.pop(job, None)

    @rule(host=sampled_from(PEOPLE), guest=sampled_from(PEOPLE))
    def link(self, host: Identity, guest: Identity) -> None:
        for person in (host, guest):
            self.come(person)
        digest = uuid4().hex
        self.run(self.links.keep_code(host, digest, timedelta(minutes=10)))
        redeemed = self.links.redeem(guest, digest, ["free", "plus", "pro"])
        if group(self.linked, host) is group(self.linked, guest):
            with pytest.raises(CannotLink):
                self.run(redeemed)
            return
        self.run(redeemed)
        self.linked = joined(self.linked, host, guest)
        self.counted = joined(self.counted, host, guest)

    @rule(person=sampled_from(PEOPLE))
    def come(self, person: Identity) -> None:
        self.run(self.house.accounts.member(person))

    @rule(person=sampled_from(PEOPLE))
    def unlink(self, person: Identity) -> None:
        self.come(person)
        parted = self.links.part(person, person)
        if group(self.linked, person) == {person}:
            with pytest.raises(CannotUnlink):
                self.run(parted)
            return
        self.run(parted)
        group(self.linked, person).remove(person)
        self.linked.append({person})

    @rule(person=sampled_from(PEOPLE))
    def forget(self, person: Identity) -> None:
        """All who are linked are nobody any more. Whoever of them comes again counts what they counted before."""
        member = self.run(self.house.accounts.find(person))
        if member is None or self.running:
            return
        for job in self.run(self.house.accounts.active_jobs(member.id)):
            self.charged.pop(job.id, None)
        self.run(self.privacy.begin_forgetting(person))
        alone = group(self.linked, person)
        self.linked = [*(people for people in self.linked if people is not alone), *({one} for one in alone)]

    @rule()
    def month_turns(self) -> None:
        """What was reserved before is settled in its own month, and counts no more."""
        self.house.clock.pass_(MONTH)
        self.counted = [set(people) for people in self.linked]
        self.charged.clear()

    # --- What always holds

    @invariant()
    def the_books_balance(self) -> None:
        assert self.run(check_books(self.house.database)) == []

    @invariant()
    def everyone_sees_what_counts_for_them(self) -> None:
        for person in PEOPLE:
            member = self.run(self.house.accounts.find(person))
            if member is not None:
                assert self.run(self.house.accounts.month(member.id)).used == self.used(person)
                assert set(member.identities) == group(self.linked, person)

    # --- The model

    def used(self, person: Identity) -> int:
        return sum(clips for asker, clips in self.charged.values() if asker in group(self.counted, person))

    def submitted(self, person: Identity, clips: int, key: str | None) -> JobId | None:
        asks = Requester(identity=person, place=Place(platform="discord"))
        member = self.run(self.house.accounts.member(person)).id
        limits = AdmissionLimits(clips_per_month=CLIPS[person], max_jobs=1000)
        draft = self.run(self.house.draft(requester=asks, member=member, clips=clips, idempotency_key=key))
        self.house.clock.pass_(0.001)
        try:
            return self.run(self.house.jobs.admit(draft, limits)).id
        except QuotaExceeded:
            return None


def group(groups: list[set[Identity]], person: Identity) -> set[Identity]:
    return next(people for people in groups if person in people)


def joined(groups: list[set[Identity]], one: Identity, other: Identity) -> list[set[Identity]]:
    both = group(groups, one), group(groups, other)
    return [*(people for people in groups if people not in both), both[0] | both[1]]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("examples", [5, pytest.param(40, marks=pytest.mark.slow)])
def test_no_order_of_things_gains_or_loses_a_clip(url: str, examples: int) -> None:
    with asyncio.Runner() as runner:
        house = opened(url)
        LinkMachine.runner, LinkMachine.house = runner, runner.run(house.__aenter__())
        try:
            limits = settings(max_examples=examples, stateful_step_count=40, deadline=None, database=None)
            run_state_machine_as_test(LinkMachine, settings=limits)
        finally:
            runner.run(house.__aexit__(None, None, None))
