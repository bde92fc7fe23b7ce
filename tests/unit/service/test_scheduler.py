from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inference.protocols import Candidate
from inference.scheduler import AFFINITY_VIRTUAL_SECONDS, AFFINITY_WAIT, Forecast, choose
from inference.types import JobId, MemberId

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def waiting(
    job: str,
    member: str = "ann",
    *,
    after: float = 0,
    virtual_time: float = 0,
    weight: float = 1,
    preset: str = "pocket",
    seconds: float = 10,
) -> Candidate:
    """A job queued `after` seconds past noon."""
    return Candidate(
        job=JobId(job),
        member=MemberId(member),
        preset=preset,
        weight=weight,
        device_seconds=seconds,
        virtual_time=virtual_time,
        queued_at=NOON + timedelta(seconds=after),
    )


def played(candidates: list[Candidate]) -> list[JobId]:
    """The order in which a store that charges virtual time at each claim serves them, by `choose` alone."""
    queues: dict[MemberId, list[Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=lambda c: (c.queued_at, c.job)):
        queues[candidate.member].append(candidate)
    times = {member: queue[0].virtual_time for member, queue in queues.items()}
    served = []
    while queues:
        heads = [
            waiting(
                q[0].job,
                m,
                after=(q[0].queued_at - NOON).total_seconds(),
                virtual_time=times[m],
                weight=q[0].weight,
                seconds=q[0].device_seconds,
            )
            for m, q in queues.items()
        ]
        chosen = choose(heads, None)
        head = next(head for head in heads if head.job == chosen)
        times[head.member] += head.device_seconds / head.weight
        served.append(head.job)
        queues[head.member].pop(0)
        if not queues[head.member]:
            del queues[head.member]
    return served


def test_nobody_is_chosen_where_nobody_waits() -> None:
    assert choose([], "pocket") is None


def test_who_was_given_least_is_next_and_the_older_among_equals() -> None:
    assert choose([waiting("a", virtual_time=5), waiting("b", "bob", virtual_time=1)], None) == "b"
    assert choose([waiting("late", after=1), waiting("early", "bob")], None) == "early"


def test_a_member_with_many_jobs_does_not_hog_the_queue() -> None:
    many = [waiting(f"ann{n:02}", after=n) for n in range(20)]
    served = played([*many, waiting("bob", "bob", after=100)])
    assert served.index(JobId("bob")) == 1


def test_weight_decides_the_share() -> None:
    heavy = [waiting(f"pro{n:02}", "pat", after=n, weight=4) for n in range(20)]
    light = [waiting(f"free{n:02}", "ann", after=n, weight=1) for n in range(20)]
    first_ten = Counter(job[:3] for job in played([*heavy, *light])[:10])
    assert first_ten == {"pro": 8, "fre": 2}


def test_the_loaded_preset_goes_first_within_bounds() -> None:
    head = waiting("head", virtual_time=0)
    liked = waiting(
        "liked", "bob", virtual_time=AFFINITY_VIRTUAL_SECONDS, after=AFFINITY_WAIT.total_seconds(), preset="ltx"
    )
    assert choose([head, liked], "ltx") == "liked"
    assert choose([head, liked], "pocket") == "head"
    assert choose([head, liked], None) == "head"


def test_affinity_cannot_starve() -> None:
    head = waiting("head")
    too_far = waiting("far", "bob", virtual_time=AFFINITY_VIRTUAL_SECONDS + 1, preset="ltx")
    too_late = waiting("late", "cy", after=AFFINITY_WAIT.total_seconds() + 1, preset="ltx")
    assert choose([head, too_far, too_late], "ltx") == "head"


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.floats(0.5, 50), st.sampled_from([1.0, 2.0, 4.0]), st.integers(0, 100)),
        max_size=25,
    ),
    st.fixed_dictionaries({member: st.floats(0, 100) for member in "abcd"}),
)
def test_all_run_in_the_order_of_their_member(
    jobs: list[tuple[str, float, float, int]], times: dict[str, float]
) -> None:
    candidates = [
        waiting(f"{n:03}", member, after=after, virtual_time=times[member], weight=weight, seconds=seconds)
        for n, (member, seconds, weight, after) in enumerate(jobs)
    ]
    told = Forecast(candidates).order()
    assert sorted(told) == sorted(candidate.job for candidate in candidates)
    for member in "abcd":
        own = sorted((c for c in candidates if c.member == member), key=lambda c: (c.queued_at, c.job))
        assert [job for job in told if job in {c.job for c in own}] == [c.job for c in own]


def test_the_forecast_is_what_choosing_one_by_one_does() -> None:
    candidates = [
        *(waiting(f"ann{n}", "ann", after=n, virtual_time=40) for n in range(4)),
        *(waiting(f"bob{n}", "bob", after=n, virtual_time=45, weight=2, seconds=7) for n in range(4)),
        *(waiting(f"cy{n}", "cy", after=10 + n, weight=4, seconds=13) for n in range(4)),
    ]
    assert Forecast(candidates).order() == played(candidates)


def test_a_newcomer_finds_its_place() -> None:
    forecast = Forecast([waiting("a1", after=1), waiting("a2", after=2), waiting("a3", after=3)])
    assert forecast.ahead_of(JobId("a3")) == (2, 20)
    forecast.add(waiting("b1", "bob", after=9))
    assert forecast.ahead_of(JobId("b1")) == (1, 10)
    assert forecast.ahead_of(JobId("a3")) == (3, 30)
    assert len(forecast) == 4
