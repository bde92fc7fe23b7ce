"""A job, from waiting to its clip, as one card that changes."""

from __future__ import annotations

from dataclasses import replace

from bot.card import Card, Link, Media, ProgressBar, Tone
from bot.render.buttons import cancel_button, clip_buttons, delete_button
from bot.render.errors import failure_text
from bot.render.words import number, rest, short, stage, title, waiting
from bot.texts import Texts
from inference.types import Again, Clip, ClipLink, Job, JobId, JobStatus, Recipe, Remix, Requester, Variant


def job_card(job: Job, texts: Texts) -> Card:
    """What the job's message shows now."""
    return _of_job(_card(job, texts), job, texts)


def _of_job(card: Card, job: Job, texts: Texts) -> Card:
    """The card says whose it is."""
    owner = job.requester.identity
    only_for = owner if job.operation.private else None
    return replace(card, job=job.id, asked_by=owner, only_for=only_for, language=texts.language)


def _card(job: Job, texts: Texts) -> Card:
    if job.removed:
        return deleted_card(texts)
    match job.status:
        case JobStatus.QUEUED:
            return _queued(job, texts)
        case JobStatus.RUNNING:
            return _running(job, texts)
        case JobStatus.SUCCEEDED:
            return deleted_card(texts) if job.clip is None else clip_card(job.clip, job.requester, texts)
        case JobStatus.FAILED:
            assert job.failure is not None
            lines = (failure_text(job.failure, texts), texts("job-failed-refund"))
            return Card(
                tone=Tone.PROBLEM,
                author=_author(job),
                title=title(job),
                lines=lines,
                buttons=(delete_button(job.id, job.requester.identity, texts),),
            )
        case JobStatus.CANCELLED:
            return Card(
                tone=Tone.QUIET,
                author=_author(job),
                title=title(job),
                lines=(texts("job-cancelled"),),
                buttons=(delete_button(job.id, job.requester.identity, texts),),
            )


def clip_card(clip: Clip, viewer: Requester, texts: Texts, *, is_owner: bool = True) -> Card:
    """A finished clip; `viewer` is as whom its bytes are opened, and who may delete it where they are its owner."""
    line = texts("clip-line", seconds=number(clip.seconds), size=_size(clip), seed=str(clip.seed), preset=clip.preset)
    again = not clip.text
    origin = "clip-again-of" if again else "clip-remix-of"
    lines = (line,) if clip.parent is None else (line, texts(origin, parent=_parent(clip.recipe, clip.parent)))
    if clip.recipe.unknown_words:
        lines = (*lines, texts("clip-unknown-words", words=", ".join(clip.recipe.unknown_words)))
    media = Media(
        job=clip.id,
        variant=Variant.VIDEO,
        size=clip.size,
        alt=texts("clip-alt", text=short(clip.recipe.prompt)),
        requester=viewer,
    )
    return Card(
        tone=Tone.DONE,
        language=texts.language,
        author=clip.author,
        title=clip.text or clip.recipe.prompt,
        lines=lines,
        media=media,
        buttons=clip_buttons(clip, viewer.identity if is_owner else None, texts),
    )


def deleted_card(texts: Texts) -> Card:
    return Card(tone=Tone.QUIET, lines=(texts("job-deleted"),))


def unpostable_card(job: Job, link: ClipLink | None, texts: Texts) -> Card:
    """The clip is there, and the platform would not take it."""
    line = texts("job-unavailable", id=job.id) if link is None else texts("job-linked", until=link.expires_at)
    card = Card(tone=Tone.PROBLEM, author=_author(job), title=title(job), lines=(line,), link=watch_link(link, texts))
    return _of_job(card, job, texts)


def linked_card(card: Card, link: ClipLink | None, texts: Texts) -> Card:
    """A clip's card without the clip, which fits no limit."""
    line = texts("clip-too-large") if link is None else texts("job-linked", until=link.expires_at)
    return replace(card, media=None, lines=(*card.lines, line), link=watch_link(link, texts))


def watch_link(link: ClipLink | None, texts: Texts) -> Link | None:
    return None if link is None else Link(label=texts("link-watch"), url=link.url)


def _queued(job: Job, texts: Texts) -> Card:
    label, eta = (texts("status-queued"), "") if job.estimate is None else waiting(job.estimate, texts)
    return Card(
        tone=Tone.WORKING,
        author=_author(job),
        title=title(job),
        lines=_origin(job, texts),
        progress=ProgressBar(fraction=0.0, label=label, eta=eta),
        buttons=(cancel_button(job.id, job.requester.identity, texts),),
    )


def _running(job: Job, texts: Texts) -> Card:
    progress = job.progress
    eta = "" if progress is None or job.cancel_requested else rest(progress.eta_seconds, texts)
    return Card(
        tone=Tone.WORKING,
        author=_author(job),
        title=title(job),
        lines=_origin(job, texts),
        progress=ProgressBar(fraction=progress.fraction if progress else 0.0, label=stage(job, texts), eta=eta),
        media=_preview(job, texts),
        buttons=() if job.cancel_requested else (cancel_button(job.id, job.requester.identity, texts),),
    )


def _preview(job: Job, texts: Texts) -> Media | None:
    if job.progress is None or job.progress.preview == 0:
        return None
    return Media(
        job=job.id,
        variant=Variant.PREVIEW,
        revision=job.progress.preview,
        size=job.recipe.size,
        alt=texts("preview-alt", text=short(job.recipe.prompt)),
        requester=job.requester,
    )


def _origin(job: Job, texts: Texts) -> tuple[str, ...]:
    match job.operation:
        case Remix():
            return (texts("clip-remix-of", parent=_parent(job.recipe, job.operation.parent)),)
        case Again():
            return (texts("clip-again-of", parent=_parent(job.recipe, job.operation.parent)),)
        case _:
            return ()


def _parent(recipe: Recipe, id: JobId) -> str:  # noqa: A002  # a clip's
    """The parent in its own words; by its id where it was made before they were kept."""
    return short(recipe.origin) or id


def _author(job: Job) -> str:
    return job.requester.display_name


def _size(clip: Clip) -> str:
    return f"{clip.size.width}×{clip.size.height}"
