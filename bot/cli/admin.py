"""`threadreel admin`: for who runs this deployment. What the commands do stands in `operator` and `usage`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import audit as audit_
from bot.cli import operator
from bot.cli import usage as usage_
from bot.cli.common import DataDir, Json, counted, ending, run, settings_for
from bot.cli.outcome import print_json, told
from inference.codec import to_plain
from inference.types import AuditEntry, AuditQuery, GrantTier, MemberState, MemberStatus

admin = typer.Typer(no_args_is_help=True, help="For who runs this deployment.")

Whom = Annotated[
    str, typer.Argument(help="Such as discord:123456789012345678, slack:T024BE7LD:U024BE7LH, playground:mika.")
]
Until = Annotated[str | None, typer.Option(help="Last day, 2028-02-29 (UTC), or a time with its zone.")]
Days = Annotated[float | None, typer.Option(help="For so many days from now.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the audit log.")]


@admin.command("set-tier", hidden=True)
@admin.command()
def grant(
    identity: Whom,
    tier: Annotated[str, typer.Argument(help="free, plus, pro …, or none to take a grant back.")],
    *,
    until: Until = None,
    days: Days = None,
    reason: Reason = "",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Grant a member a tier, for good or for a time, whatever their roles and purchases say."""
    with told(as_json=as_json):
        given = None if tier == "none" else tier
        change = GrantTier(tier=given, until=operator.end_of(until, days), reason=reason)
        _granted(identity, change, data_dir, as_json=as_json)


@admin.command()
def revoke(identity: Whom, *, reason: Reason = "", data_dir: DataDir = None, as_json: Json = False) -> None:
    """Take a granted tier back: purchases, roles and groups decide again."""
    with told(as_json=as_json):
        _granted(identity, GrantTier(tier=None, reason=reason), data_dir, as_json=as_json)


def _granted(identity: str, change: GrantTier, data_dir: Path | None, *, as_json: bool) -> None:
    result = run(operator.grant(settings_for(data_dir), identity, change))
    if as_json:
        print_json(result)
        return
    used = f"{result['used']} of {result['limit']} used this month"
    print(f"{result['identity']}: {result['tier']}{ending(result['until'])}, {used}")


@admin.command()
def block(
    identity: Whom,
    *,
    reason: Annotated[str, typer.Option(help="Why; the member is told, and it stands in the audit log.")],
    until: Until = None,
    days: Days = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Take no requests of a member, everywhere, for a time or until `unblock`; what is under way is refunded."""
    with told(as_json=as_json):
        end = operator.end_of(until, days)
        state = MemberState.BANNED if end is None else MemberState.SUSPENDED
        _status(identity, MemberStatus(state=state, until=end, reason=reason), data_dir, as_json=as_json)


@admin.command()
def unblock(identity: Whom, *, reason: Reason = "", data_dir: DataDir = None, as_json: Json = False) -> None:
    """Take a member's requests again."""
    with told(as_json=as_json):
        _status(identity, MemberStatus(reason=reason), data_dir, as_json=as_json)


def _status(identity: str, status: MemberStatus, data_dir: Path | None, *, as_json: bool) -> None:
    result = run(operator.set_status(settings_for(data_dir), identity, status))
    if as_json:
        print_json(result)
        return
    print(f"{result['identity']}: {result['status']}{ending(result['until'])}")


@admin.command()
def refund(
    what: Annotated[list[str], typer.Argument(help="Ids of clips; or members, for all that they spent this month.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Give back what was spent, each clip once and to its own month. All of it, or nothing where one cannot be."""
    with told(as_json=as_json):
        result = run(operator.refund(settings_for(data_dir), what, reason))
        if as_json:
            print_json(result)
        else:
            clips, jobs = counted(result["clips"], "clip"), counted(len(result["jobs"]), "job")
            print(f"Given back: {clips}, for {jobs}.")


@admin.command()
def usage(
    *,
    by: Annotated[str, typer.Option(help="member, server, month or tier.")] = "member",
    month: Annotated[str | None, typer.Option(help="YYYY-MM; the current one, and by month the last 24.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Also write it to this file.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Also draw it, as this PNG.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Who used what."""
    with told(as_json=as_json):
        asked = usage_.query(by, month)
        usage_.check_file("--csv", csv, ".csv")
        usage_.check_file("--plot", plot, ".png")
        report = run(usage_.usage(settings_for(data_dir), asked, plot))
        if csv is not None:
            usage_.write_csv(report, csv)
        if as_json:
            print_json(usage_.as_json(report, {"csv": csv, "plot": plot}))
        else:
            usage_.show(report)


@admin.command()
def audit(
    *,
    member: Annotated[str | None, typer.Option(help="Only what they did, or what was done to them.")] = None,
    after: Annotated[
        str | None, typer.Option(help="From this day, 2028-02-29 (UTC), or time with its zone, on.")
    ] = None,
    limit: Annotated[int, typer.Option(help="The newest so many.", min=1, max=10_000)] = 50,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """What operators and managers did: who, what, to whom, when, why, and what was so before and after."""
    with told(as_json=as_json):
        query = AuditQuery(
            member=None if member is None else operator.identity_of(member, "--member"),
            after=operator.beginning_of(after),
            limit=limit,
        )
        entries = run(audit_.audit(settings_for(data_dir), query))
        if as_json:
            print_json({"entries": [to_plain(AuditEntry, entry) for entry in entries]})
        else:
            audit_.show(entries)


@admin.command()
def page(data_dir: DataDir = None, as_json: Json = False) -> None:
    """A link to the operator's page: it works once, and for five minutes."""
    with told(as_json=as_json):
        link = operator.page_link(settings_for(data_dir))
        if as_json:
            print_json(link)
        else:
            print(link["url"])
