import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.books import check_books
from storage.database import open_database
from tests.unit.storage.conftest import House, sqlite_only

TAMPERINGS = {
    "UPDATE quota_months SET used = used + 1": "the month's total is 2 and its entries add up to 1",
    "DELETE FROM quota_months": "the month's total is 0 and its entries add up to 1",
    "DELETE FROM ledger_entries WHERE kind = 'reserve' AND job_id = 'job0'": "job job0: 0 reservations",
    "UPDATE ledger_entries SET kind = 'refund' WHERE kind = 'commit'": "job job0: succeeded and yet settled by refund",
    "DELETE FROM ledger_entries WHERE kind = 'commit'": "job job0: succeeded and settled 0 times",
    "UPDATE ledger_entries SET clips = 5": "job job0: an entry differs from it in clips, member or month",
    "UPDATE quota_months SET credit = 1": "the limit was raised by 1, and the entries say 0",
    "INSERT INTO ledger_entries (job_id, member_id, month, kind, clips, created_at)"
    " SELECT job_id, member_id, month, 'return', clips, 0 FROM ledger_entries WHERE kind = 'refund'": (
        "job job1: given back by return, and it cost nothing"
    ),
    "INSERT INTO ledger_entries (job_id, member_id, month, kind, clips, created_at)"
    " SELECT job_id, member_id, month, 'credit', clips, 0 FROM ledger_entries WHERE kind = 'commit'": (
        "the limit was raised by 0, and the entries say 1"
    ),
    "UPDATE jobs SET month = '2020-01'": "job job0: an entry differs from it in clips, member or month",
    "DELETE FROM clips": "job job0: succeeded, with clip None",
    "UPDATE jobs SET status = 'failed' WHERE id = 'job0'": "job job0: failed, with clip job0",
    "DELETE FROM clip_blobs": "clip job0: no rendition is stored",
    "DELETE FROM outbox WHERE status = 'succeeded'": "job job0: succeeded, and its newest event says running",
    "INSERT INTO outbox (job_id, status, created_at) VALUES ('job0', 'succeeded', 0)": "job job0: ended 2 times",
    "UPDATE jobs SET worker = 'w' WHERE id = 'job0'": "job job0: succeeded, held by w",
    "UPDATE jobs SET finished_at = NULL WHERE id = 'job0'": "job job0: succeeded, and its finish is None",
}


@sqlite_only
@pytest.mark.parametrize(("tampering", "sentence"), TAMPERINGS.items())
async def test_each_kind_of_disorder_is_named(house: House, tmp_path: Path, tampering: str, sentence: str) -> None:
    await house.make()
    await house.jobs.request_cancel((await house.admit()).id)
    async with house.database.read() as connection:
        await connection.execute(text("SELECT 1"))
        for suffix in ("", "-wal"):
            shutil.copy(tmp_path / f"threadreel.db{suffix}", tmp_path / f"tampered.db{suffix}")
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'tampered.db'}") as database:
        assert await check_books(database) == []
        async with database.write() as connection:
            await connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            await connection.execute(text(tampering))
            if tampering == "DELETE FROM clips":
                await connection.execute(text("DELETE FROM clip_blobs"))
        assert any(line.endswith(sentence) for line in await check_books(database))
