"""Checks the books: what must hold between jobs, ledger, clips and outbox, at any moment, as SQL."""

from __future__ import annotations

from sqlalchemy import Connection, text

from storage.database import Database

CHECKS = {
    "member {} in {}: the month's total is {} and its entries add up to {}": """
        SELECT totals.member_id, totals.month, sum(totals.used), sum(totals.entered) FROM (
            SELECT member_id, month, used - carried AS used, 0 AS entered FROM quota_months
            UNION ALL
            SELECT coalesce(month_purses.purse, ledger_entries.member_id), ledger_entries.month, 0,
                   CASE kind WHEN 'reserve' THEN clips WHEN 'refund' THEN -clips WHEN 'return' THEN -clips ELSE 0 END
            FROM ledger_entries
            LEFT JOIN month_purses ON month_purses.member_id = ledger_entries.member_id
                                  AND month_purses.month = ledger_entries.month
        ) AS totals GROUP BY totals.member_id, totals.month HAVING sum(totals.used) <> sum(totals.entered)""",
    "member {} in {}: {} carried over of {}": """
        SELECT member_id, month, carried, used FROM quota_months WHERE carried < 0 OR carried > used""",
    "member {} in {}: counted under {}, who is counted under another": """
        SELECT month_purses.member_id, month_purses.month, month_purses.purse FROM month_purses
        JOIN month_purses AS others ON others.member_id = month_purses.purse AND others.month = month_purses.month""",
    "member {} in {}: counted under another, and for themselves": """
        SELECT quota_months.member_id, quota_months.month FROM quota_months
        JOIN month_purses ON month_purses.member_id = quota_months.member_id
                         AND month_purses.month = quota_months.month""",
    "member {} in {}: the limit was raised by {}, and the entries say {}": """
        SELECT totals.member_id, totals.month, sum(totals.credit), sum(totals.entered) FROM (
            SELECT member_id, month, credit, 0 AS entered FROM quota_months
            UNION ALL
            SELECT coalesce(month_purses.purse, ledger_entries.member_id), ledger_entries.month, 0, clips
            FROM ledger_entries
            LEFT JOIN month_purses ON month_purses.member_id = ledger_entries.member_id
                                  AND month_purses.month = ledger_entries.month
            WHERE kind = 'credit'
        ) AS totals GROUP BY totals.member_id, totals.month HAVING sum(totals.credit) <> sum(totals.entered)""",
    "job {}: given back {} times": """
        SELECT job_id, count(*) FROM ledger_entries WHERE kind IN ('credit', 'return')
        GROUP BY job_id HAVING count(*) > 1""",
    "job {}: given back by {}, and it cost nothing": """
        SELECT given.job_id, given.kind FROM ledger_entries AS given
        LEFT JOIN ledger_entries AS spent ON spent.job_id = given.job_id AND spent.kind = 'commit'
        WHERE given.kind IN ('credit', 'return') AND (spent.id IS NULL OR spent.clips = 0)""",
    "job {}: {} reservations": """
        SELECT jobs.id, count(ledger_entries.id) FROM jobs
        LEFT JOIN ledger_entries ON ledger_entries.job_id = jobs.id AND ledger_entries.kind = 'reserve'
        GROUP BY jobs.id HAVING count(ledger_entries.id) <> 1""",
    "job {}: {} and yet settled by {}": """
        SELECT jobs.id, jobs.status, ledger_entries.kind FROM jobs
        JOIN ledger_entries ON ledger_entries.job_id = jobs.id AND ledger_entries.kind IN ('commit', 'refund')
        WHERE ledger_entries.kind <> CASE jobs.status
            WHEN 'succeeded' THEN 'commit' WHEN 'failed' THEN 'refund' WHEN 'cancelled' THEN 'refund' ELSE '' END""",
    "job {}: {} and settled {} times": """
        SELECT jobs.id, jobs.status, count(ledger_entries.id) FROM jobs
        LEFT JOIN ledger_entries ON ledger_entries.job_id = jobs.id AND ledger_entries.kind IN ('commit', 'refund')
        GROUP BY jobs.id, jobs.status
        HAVING count(ledger_entries.id) <> CASE WHEN jobs.status IN ('queued', 'running') THEN 0 ELSE 1 END""",
    "job {}: an entry differs from it in clips, member or month": """
        SELECT jobs.id FROM jobs JOIN ledger_entries ON ledger_entries.job_id = jobs.id
        WHERE ledger_entries.clips <> jobs.clips OR ledger_entries.month <> jobs.month
           OR ledger_entries.member_id <> jobs.member_id""",
    "job {}: {}, with clip {}": """
        SELECT jobs.id, jobs.status, clips.id FROM jobs LEFT JOIN clips ON clips.id = jobs.id
        WHERE (jobs.status = 'succeeded') <> (clips.id IS NOT NULL)""",
    "clip {}: no rendition is stored": """
        SELECT clips.id FROM clips LEFT JOIN clip_blobs ON clip_blobs.clip_id = clips.id
        GROUP BY clips.id HAVING count(clip_blobs.name) = 0""",
    "job {}: {}, and its newest event says {}": """
        SELECT jobs.id, jobs.status, outbox.status FROM jobs
        LEFT JOIN outbox ON outbox.id = (SELECT max(id) FROM outbox WHERE outbox.job_id = jobs.id)
        WHERE outbox.status IS NULL
           OR outbox.status NOT IN (jobs.status, CASE WHEN jobs.removed_at IS NULL THEN '' ELSE 'removed' END)""",
    "job {}: ended {} times": """
        SELECT job_id, count(*) FROM outbox WHERE status IN ('succeeded', 'failed', 'cancelled')
        GROUP BY job_id HAVING count(*) > 1""",
    "job {}: {}, held by {}": """
        SELECT id, status, worker FROM jobs WHERE (status = 'running') <> (worker IS NOT NULL)""",
    "job {}: {}, and its finish is {}": """
        SELECT id, status, finished_at FROM jobs
        WHERE (status IN ('succeeded', 'failed', 'cancelled')) <> (finished_at IS NOT NULL)""",
}
"""Sentence, and the query whose every row breaks it."""


async def check_books(database: Database) -> list[str]:
    """Sentences about what is wrong; empty where all is well. Reads one state of the whole database."""
    return await database.reading(broken)


def broken(connection: Connection) -> list[str]:
    """The same, as the transaction of `connection` sees it."""
    return [sentence.format(*row) for sentence, query in CHECKS.items() for row in connection.execute(text(query))]
