"""Cards that answer a question: info, queue, history, settings, help. Only the one who asked sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.card import Card, Field, Media, Tone
from bot.commands.table import ASPECT, COMMANDS, NEGATIVE, PRESET, PRIVATE, SECONDS, SEED, SIZE, STRENGTH
from bot.render.buttons import branch_button, cancel_button
from bot.render.flags import flag
from bot.render.words import duration, megabytes, number, rest, short, stage, title, waiting
from bot.texts import LANGUAGES, Texts
from inference.types import (
    Account,
    Clip,
    ClipPage,
    Family,
    Job,
    JobId,
    JobStatus,
    MemberSettings,
    MemberStatus,
    OperationKind,
    RenderPlan,
    Requester,
    Variant,
)

BRANCHES = 5
"""Buttons below a family: one row."""
THUMBNAILS = 10
"""What a gallery holds."""
TREE_LINES = 25
TAUGHT = (SECONDS, SIZE, ASPECT, SEED, NEGATIVE, STRENGTH, PRESET, PRIVATE)
"""Options that the help explains; the others stand in the completion."""


def info_card(family: Family, texts: Texts) -> Card:
    """Everything about a clip that helps to make it again or to understand it."""
    clip = family.clip
    rows = [
        ("info-id", clip.id),
        ("info-author", clip.author),
        ("info-prompt", clip.recipe.prompt),
        ("info-negative", clip.recipe.negative_prompt),
        ("info-seed", str(clip.seed)),
        *_plan_rows(clip),
        ("info-size", f"{clip.size.width}×{clip.size.height}"),
        ("info-native-size", f"{clip.native_size.width}×{clip.native_size.height}"),
        (
            "info-length",
            texts("info-length-value", seconds=number(clip.seconds), frames=clip.num_frames, fps=clip.fps),
        ),
        ("info-preset", clip.preset),
        ("info-parent", clip.parent or ""),
        ("info-relatives", texts("info-relatives-value", count=len(family.members))),
        ("info-took", duration(clip.seconds_taken, texts)),
        ("info-watermark", texts("info-yes" if clip.recipe.watermark else "info-no")),
        ("info-visibility", texts("info-private") if clip.private else ""),
    ]
    return Card(tone=Tone.QUIET, title=texts("info-title"), fields=_fields(rows, texts))


def job_info_card(job: Job, texts: Texts) -> Card:
    """The same for a job that has no clip."""
    rows = [
        ("info-id", job.id),
        ("info-status", texts(f"status-{job.status}")),
        ("info-author", job.requester.display_name),
        ("info-prompt", job.recipe.prompt),
        ("info-negative", job.recipe.negative_prompt),
        ("info-seed", str(job.recipe.seed)),
        ("info-size", f"{job.recipe.size.width}×{job.recipe.size.height}"),
        ("info-preset", job.recipe.preset),
    ]
    return Card(tone=Tone.QUIET, title=texts("info-title"), fields=_fields(rows, texts))


def queue_card(jobs: Sequence[Job], texts: Texts) -> Card:
    """The member's own jobs, each with its place in line."""
    if not jobs:
        return Card(tone=Tone.QUIET, title=texts("queue-title"), lines=(texts("queue-empty"),))
    return Card(
        tone=Tone.QUIET,
        title=texts("queue-title"),
        fields=tuple(Field(name=short(title(job)), value=_queue_line(job, texts)) for job in jobs),
        buttons=tuple(cancel_button(job.id, job.requester.identity, texts) for job in jobs) if len(jobs) == 1 else (),
    )


def history_card(page: ClipPage, search: str, texts: Texts) -> Card:
    heading = texts("history-found", search=short(search)) if search else texts("history-title")
    if not page.clips:
        empty = texts("history-nothing-found", search=short(search)) if search else texts("history-empty")
        return Card(tone=Tone.QUIET, title=heading, lines=(empty,))
    return Card(
        tone=Tone.QUIET,
        title=heading,
        fields=tuple(Field(name=clip.id, value=_history_line(clip, texts)) for clip in page.clips),
        lines=(texts("history-more"),) if page.has_more else (),
    )


def account_card(account: Account, texts: Texts) -> Card:
    """My tier, what is used and when it resets, and what is running."""
    running = tuple(Field(name=short(title(job)), value=_queue_line(job, texts)) for job in account.running)
    lines = () if running else (texts("queue-empty"),)
    rows = _month(account, texts)
    return Card(tone=Tone.QUIET, title=texts("account-title"), fields=(*_fields(rows, texts), *running), lines=lines)


def account_and_clip(account: Card, clip: Card, texts: Texts) -> Card:
    """In a thread both may be meant: one's month, and the thread's newest clip."""
    here = Field(name=texts("info-here"), value=clip.fields[0].value)
    return replace(account, fields=(*account.fields, here, *clip.fields[1:]))


def tree_card(family: Family, viewer: Requester, texts: Texts) -> Card:
    """The family of a clip, each below the one that it was made from; buttons branch from the newest ones."""
    numbers = {clip.id: number for number, clip in enumerate(family.members, start=1)}
    lines = tuple(_tree_lines(family, None, 0, numbers, texts))
    newest = family.members[-BRANCHES:]
    return Card(
        tone=Tone.QUIET,
        title=texts("tree-title", count=len(family.members)),
        lines=lines[:TREE_LINES],
        gallery=tuple(_thumbnail(clip, viewer) for clip in family.members[-THUMBNAILS:]),
        buttons=tuple(branch_button(clip, numbers[clip.id], texts) for clip in newest),
    )


def _tree_lines(
    family: Family, parent: JobId | None, depth: int, numbers: dict[JobId, int], texts: Texts
) -> Iterator[str]:
    for clip in family.members:
        is_root = clip.parent is None or clip.parent not in numbers
        if (parent is None and not is_root) or (parent is not None and clip.parent != parent):
            continue
        here = "👉 " if clip.id == family.clip.id else ""
        branch = "　" * (depth - 1) + "└ " if depth else ""
        text = short(clip.text or clip.recipe.prompt, 60)
        yield f"{branch}{here}{numbers[clip.id]}. {text} · {clip.author} · {clip.id}"
        yield from _tree_lines(family, clip.id, depth + 1, numbers, texts)


def _thumbnail(clip: Clip, viewer: Requester) -> Media:
    alt = short(clip.text or clip.recipe.prompt)
    return Media(job=clip.id, variant=Variant.THUMBNAIL, size=clip.size, alt=alt, requester=viewer)


def settings_card(account: Account, texts: Texts) -> Card:
    rows = [*_month(account, texts), *_chosen(account, texts)]
    return Card(
        tone=Tone.QUIET,
        title=texts("settings-title"),
        fields=_fields(rows, texts),
        lines=(texts("settings-hint"),),
    )


def _chosen(account: Account, texts: Texts) -> list[tuple[str, str]]:
    """The member's own choices, and what the server chose for who chose nothing."""
    own = dict(own_choices(account.settings, "", texts))
    servers = dict(own_choices(account.defaults, "", texts))
    usual = dict(own_choices(MemberSettings(), texts("settings-default"), texts))
    said = {key: texts("settings-of-server", value=value) for key, value in servers.items() if value}
    return [(key, own[key] or said.get(key, usual[key])) for key in own]


def _month(account: Account, texts: Texts) -> list[tuple[str, str]]:
    tier = account.tier
    used = texts("settings-used-value", used=account.used, limit=account.limit, resets=account.resets_at)
    limits = texts(
        "settings-limits-value",
        seconds=number(account.max_seconds),
        whose="model" if account.max_seconds < tier.max_seconds else "tier",
        most=number(tier.max_seconds),
        resolution=str(tier.max_resolution),
        jobs=tier.max_jobs,
    )
    if tier.max_upload_bytes is not None and OperationKind.ANIMATE in tier.operations:
        limits += " · " + texts("settings-limits-files", most=megabytes(tier.max_upload_bytes))
    if tier.requests_per_minute is not None:
        limits += " · " + texts("settings-limits-rate", requests=tier.requests_per_minute)
    if account.is_lowered:
        limits = texts("settings-lowered", limits=limits)
    held = texts("settings-tier-until", tier=tier.name, until=account.tier_until) if account.tier_until else tier.name
    rows = [("settings-tier", held), ("settings-used", used), ("settings-limits", limits)]
    return [*rows, ("settings-status", _status(account.status, texts))]


def _status(status: MemberStatus, texts: Texts) -> str:
    """Empty where all is well."""
    if status.is_active:
        return ""
    return texts(f"standing-{status.state}", until=status.until, reason=status.reason)


def help_card(texts: Texts) -> Card:
    return Card(
        tone=Tone.QUIET,
        title=texts("help-title"),
        lines=(texts("help-thread"), texts("help-options")),
        fields=(
            *(Field(name=f"/{command.name}", value=texts(f"command-{command.name}")) for command in COMMANDS),
            *(Field(name=flag(option, texts), value=texts(f"option-{option.name}")) for option in TAUGHT),
        ),
    )


def own_choices(own: MemberSettings, usual: str, texts: Texts) -> list[tuple[str, str]]:
    """What is chosen, and `usual` where nothing is."""
    known = own.locale in LANGUAGES
    return [
        ("settings-seconds", usual if own.seconds is None else texts("duration-seconds", seconds=number(own.seconds))),
        ("settings-size", usual if own.resolution is None else f"{own.resolution}p"),
        ("settings-aspect", usual if own.aspect_ratio is None else own.aspect_ratio),
        (
            "settings-language",
            texts(f"language-{own.locale}") if known else usual and texts("settings-language-default"),
        ),
        ("settings-timezone", own.timezone or (usual and "UTC")),
    ]


def _plan_rows(clip: Clip) -> list[tuple[str, str]]:
    plan = next((piece for piece in clip.recipe.pieces if isinstance(piece, RenderPlan)), None)
    if plan is None:
        return []
    strength = f"{plan.start.strength:g}" if plan.start else ""
    return [("info-steps", str(plan.steps)), ("info-strength", strength)]


def _fields(rows: Sequence[tuple[str, str]], texts: Texts) -> tuple[Field, ...]:
    return tuple(Field(name=texts(key), value=value) for key, value in rows if value)


def _queue_line(job: Job, texts: Texts) -> str:
    if job.status == JobStatus.RUNNING:
        percent = round(100 * (job.progress.fraction if job.progress else 0))
        line = texts("queue-running", stage=stage(job, texts), percent=percent)
        if job.progress is None or job.cancel_requested:
            return line
        return f"{line} · {rest(job.progress.eta_seconds, texts)}"
    if job.estimate is None:
        return texts("status-queued")
    return " · ".join((texts("status-queued"), *waiting(job.estimate, texts)))


def _history_line(clip: Clip, texts: Texts) -> str:
    text = short(clip.text or clip.recipe.prompt)
    return texts("history-line", text=text, seconds=number(clip.seconds), seed=str(clip.seed))
