import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.backup import HALF_RESTORED, Deployment, NotPossible, back_up, restore
from storage.blobs import FolderBlobs
from storage.books import check_books
from storage.database import open_database
from storage.jobs import SqlJobs
from tests.unit.storage.conftest import House, sqlite_only

pytestmark = sqlite_only
VIDEO = b"frames" * 1000


def deployment(folder: Path) -> Deployment:
    return Deployment(
        data_dir=folder, databases={name: folder / name for name in ("threadreel.db", "conversations.db")}
    )


@pytest.fixture
async def live(house: House, tmp_path: Path) -> AsyncIterator[Deployment]:
    """A deployment in use, with a clip, its blobs, keys and a conversation."""
    clip = await house.make()
    blobs = FolderBlobs(tmp_path / "blobs")
    for name in ("video.mp4", "poster.webp"):
        blobs.put(f"{clip.id}/1/{name}", VIDEO)
    for key in ("api_key", "bot_key", "link_key"):
        (tmp_path / key).write_text(f"secret {key}")
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'conversations.db'}") as conversations:
        async with conversations.write() as connection:
            await connection.execute(text("INSERT INTO heard_kinds VALUES ('discord', 'message', 1.5)"))
        yield deployment(tmp_path)


async def put_back(backup: Path, folder: Path, *, replace: bool = False, despite_books: bool = False) -> Deployment:
    there = deployment(folder)
    await restore(there, backup, replace=replace, despite_books=despite_books)
    return there


async def test_what_was_backed_up_while_in_use_comes_back_whole(house: House, live: Deployment, tmp_path: Path) -> None:
    queued = await house.admit("bob")
    copied = back_up(live, tmp_path / "backup")
    assert (copied.databases, copied.blobs, copied.total_bytes, copied.keys) == (2, 2, 2 * len(VIDEO), 3)
    await house.jobs.request_cancel(queued.id)  # what comes later is not in it

    restored = await restore(deployment(tmp_path / "new"), copied.folder, replace=False, despite_books=False)
    assert (restored.replaced, restored.missing, restored.books) == (None, (), ())
    async with open_database(f"sqlite:///{tmp_path / 'new/threadreel.db'}") as database:
        jobs = SqlJobs(database)
        assert await check_books(database) == []
        assert [candidate.job for candidate in await jobs.waiting()] == [queued.id]
        done = await jobs.get((await house.jobs.events(0))[0].job.id)
        assert done is not None
        assert done.clip is not None
    assert (tmp_path / "new/blobs/job0/1/video.mp4").read_bytes() == VIDEO
    assert (tmp_path / "new/link_key").read_text() == "secret link_key"
    with sqlite3.connect(tmp_path / "new/conversations.db") as conversations:
        assert conversations.execute("SELECT * FROM heard_kinds").fetchall() == [("discord", "message", 1.5)]
    conversations.close()


async def test_one_state_of_the_books_is_copied_whoever_writes_meanwhile(
    house: House, live: Deployment, tmp_path: Path
) -> None:
    async def ask() -> None:
        for number in range(60):
            await house.admit(f"member{number % 3}")

    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(ask())
        number = 0
        while not asking.done():
            number += 1
            await asyncio.to_thread(back_up, live, tmp_path / f"backup{number}")
    counted = []
    for one in range(1, number + 1):
        there = await put_back(tmp_path / f"backup{one}", tmp_path / f"new{one}")  # which checks the books
        with sqlite3.connect(there.databases["threadreel.db"]) as connection:
            counted += connection.execute("SELECT count(*) FROM jobs").fetchone()
        connection.close()
    assert counted == sorted(counted)


async def test_a_backup_never_writes_over_anything(live: Deployment, tmp_path: Path) -> None:
    back_up(live, tmp_path / "backup")
    with pytest.raises(NotPossible, match="not empty"):
        back_up(live, tmp_path / "backup")
    with pytest.raises(NotPossible, match="no database"):
        back_up(deployment(tmp_path / "nothing"), tmp_path / "other")
    assert not list(tmp_path.glob(".*"))
    assert not (tmp_path / "other").exists()


async def test_what_stands_in_the_place_is_put_aside_only_when_told(live: Deployment, tmp_path: Path) -> None:
    back_up(live, tmp_path / "backup")
    place = await put_back(tmp_path / "backup", tmp_path / "place")
    FolderBlobs(place.blobs_dir).put("later/1/video.mp4", b"later")
    (place.data_dir / "api_key").write_text("later")
    with pytest.raises(NotPossible, match="--replace"):
        await put_back(tmp_path / "backup", place.data_dir)
    assert (place.data_dir / "api_key").read_text() == "later"
    restored = await restore(place, tmp_path / "backup", replace=True, despite_books=False)
    assert restored.replaced is not None
    assert (place.data_dir / "api_key").read_text() == "secret api_key"
    assert (restored.replaced / "api_key").read_text() == "later"
    assert FolderBlobs(restored.replaced / "blobs").names("later") == ["later/1/video.mp4"]
    assert FolderBlobs(place.blobs_dir).names("") == ["job0/1/poster.webp", "job0/1/video.mp4"]


async def test_a_damaged_backup_is_refused_and_changes_nothing(live: Deployment, tmp_path: Path) -> None:
    back_up(live, tmp_path / "backup")
    file = tmp_path / "backup/threadreel.db"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(NotPossible, match="damaged"):
        await put_back(tmp_path / "backup", tmp_path / "place")
    with pytest.raises(NotPossible, match="no backup"):
        await put_back(tmp_path, tmp_path / "place")
    assert not list((tmp_path / "place").glob("*"))


async def test_books_that_err_are_named_and_taken_only_when_told(
    house: House, live: Deployment, tmp_path: Path
) -> None:
    async with house.database.write() as connection:
        await connection.execute(text("UPDATE quota_months SET used = used + 1"))
    back_up(live, tmp_path / "backup")
    async with house.database.write() as connection:
        await connection.execute(text("UPDATE quota_months SET used = used - 1"))
    with pytest.raises(NotPossible, match="the month's total is 2 and its entries add up to 1"):
        await put_back(tmp_path / "backup", tmp_path / "place")
    assert not list((tmp_path / "place").glob("*"))
    done = await restore(deployment(tmp_path / "place"), tmp_path / "backup", replace=False, despite_books=True)
    assert len(done.books) == 1


async def test_blobs_that_were_deleted_meanwhile_are_named(live: Deployment, tmp_path: Path) -> None:
    FolderBlobs(live.blobs_dir).delete("job0/1/poster.webp")
    back_up(live, tmp_path / "backup")
    done = await restore(deployment(tmp_path / "place"), tmp_path / "backup", replace=False, despite_books=False)
    assert done.missing == ("job0/1/poster.webp",)


async def test_a_restore_that_was_cut_off_is_seen_and_done_again(live: Deployment, tmp_path: Path) -> None:
    back_up(live, tmp_path / "backup")
    place = deployment(tmp_path / "place")
    place.data_dir.mkdir()
    (place.data_dir / "conversations.db").mkdir()  # in whose place no file can be moved
    (place.data_dir / "conversations.db" / "something").touch()
    place = Deployment(
        data_dir=place.data_dir,
        databases={"threadreel.db": place.databases["threadreel.db"]}
        | {"conversations.db": place.data_dir / "conversations.db" / "something" / "else"},
    )
    with pytest.raises(OSError, match="something"):
        await restore(place, tmp_path / "backup", replace=True, despite_books=False)
    assert (place.data_dir / HALF_RESTORED).exists()
    assert not place.databases["threadreel.db"].exists(), "the books come last"
    done = await restore(deployment(tmp_path / "place"), tmp_path / "backup", replace=True, despite_books=False)
    assert done.replaced is not None
    assert not (place.data_dir / HALF_RESTORED).exists()
