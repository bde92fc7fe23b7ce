"""Events to pages: in order, to whom they are for, and again to those who were away."""

from __future__ import annotations

from bot.playground.hub import QUEUED, REMEMBERED, Hub


async def test_events_reach_every_page_in_order() -> None:
    hub = Hub()
    with hub.listening() as one, hub.listening() as other:
        hub.tell("message", "1")
        hub.tell("message", "2")
        hub.close()
        assert [event.data async for event in one] == ["1", "2"]
        assert [event.data async for event in other] == ["1", "2"]


async def test_a_page_that_takes_nothing_is_cut_off_and_the_others_hear_on() -> None:
    hub = Hub()
    with hub.listening() as slow, hub.listening() as quick:
        heard = []
        for number in range(QUEUED + 5):
            hub.tell("message", str(number))
            heard.append((await anext(quick)).data)
        assert len([event async for event in slow]) == QUEUED
        assert heard == [str(number) for number in range(QUEUED + 5)]


def test_a_page_resumes_behind_what_it_has_seen() -> None:
    hub = Hub()
    for number in range(5):
        hub.tell("message", str(number))
    missed = hub.missed(hub.id_of(3))
    assert missed is not None
    assert [event.data for event in missed] == ["3", "4"]
    assert hub.missed(hub.id_of(5)) == []


def test_what_cannot_be_known_any_more_is_said_so() -> None:
    hub = Hub()
    for number in range(REMEMBERED + 2):
        hub.tell("message", str(number))
    assert hub.missed(hub.id_of(1)) is None
    assert hub.missed(hub.id_of(2)) is not None
    for stranger in ("", "nonsense", f"{hub.run}:x", f"{hub.run}:99999", "00000000:3"):
        assert hub.missed(stranger) is None


def test_a_whisper_is_for_one_member() -> None:
    hub = Hub()
    hub.tell("message", "secret", only_for="free")
    (event,) = hub.missed(hub.id_of(0)) or []
    assert event.is_for("free")
    assert not event.is_for("pro")
