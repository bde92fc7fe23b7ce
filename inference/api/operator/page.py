"""The page as HTML. Whatever comes from members or workers goes through `_e`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from inference.api.operator import charts
from inference.api.operator.words import LANGUAGES, Words
from inference.types import DayTally, JobStatus, Overview, QueuedJob, RunningJob, WorkerNow, WorkerState
from inference.wire import PAGE

NAMES: Final = {"en": "English", "ja": "日本語"}


def _e(value: object) -> str:
    return escape(str(value), quote=True)


# --- The page around the board


def login(words: Words, *, refused: bool = False) -> str:
    """The form that asks for the key."""
    problem = f'<p class="problem" role="alert">{_e(words("key-refused"))}</p>' if refused else ""
    form = (
        f'<form class="login" method="post" action="{PAGE}/login?lang={words.language}">'
        f"<h1>{_e(words('title'))}</h1>{problem}"
        f'<label for="key">{_e(words("key"))}</label>'
        '<input id="key" name="key" type="password" autocomplete="off" spellcheck="false" required autofocus>'
        f'<p class="hint">{_e(words("key-hint"))}</p>'
        f'<button type="submit">{_e(words("enter"))}</button></form>'
    )
    return _document(words, form, script=False)


def page(words: Words, board: str) -> str:
    """The page with a first board, which it then brings up to date by itself."""
    leave = (
        f'<form method="post" action="{PAGE}/logout?lang={words.language}">'
        f'<button type="submit">{_e(words("leave"))}</button></form>'
    )
    head = f'<header><img src="{PAGE}/static/mark.svg" alt="" width="30" height="30"><h1>{_e(words("title"))}</h1>'
    head += f"<nav>{_languages(words)}{leave}</nav></header>"
    lost = f'<p id="lost" class="problem" role="status" hidden>{_e(words("lost"))}</p>'
    return _document(words, f'{head}{lost}<main id="board">{board}</main>', script=True)


def _languages(words: Words) -> str:
    others = (language for language in LANGUAGES if language != words.language)
    return "".join(f'<a href="{PAGE}?lang={one}" hreflang="{one}" lang="{one}">{NAMES[one]}</a>' for one in others)


def _document(words: Words, body: str, *, script: bool) -> str:
    tag = f'<script src="{PAGE}/static/operator.js" defer></script>' if script else ""
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{_e(words("title"))}</title>'
        f'<link rel="icon" href="{PAGE}/static/mark.svg"><link rel="stylesheet" href="{PAGE}/static/operator.css">'
        f"{tag}</head><body>{body}</body></html>"
    )


# --- The board


def board(seen: Overview, words: Words) -> str:
    """All that changes."""
    parts = (
        _tiles(seen, words),
        _workers(seen.workers, words),
        _queue(seen, words),
        _days("clips", seen.clips, words),
        _days("failures", seen.failures, words),
        _presets(seen, words),
        _tiers(seen, words),
    )
    return f'{"".join(parts)}<p class="asof">{_e(words("as-of", time=f"{seen.at:%Y-%m-%d %H:%M:%S}"))}</p>'


def away(words: Words) -> str:
    """Instead of the board, where the service cannot look."""
    return f'<p class="problem" role="alert">{_e(words("lost"))}</p>'


def _section(name: str, words: Words, body: str, *, wide: bool = False) -> str:
    shape = ' class="wide"' if wide else ""
    return (
        f'<section{shape} aria-labelledby="{name}-title"><h2 id="{name}-title">{_e(words(name))}</h2>{body}</section>'
    )


def _tiles(seen: Overview, words: Words) -> str:
    busy = sum(worker.state is WorkerState.BUSY for worker in seen.workers)
    able = sum(worker.state in {WorkerState.BUSY, WorkerState.READY} for worker in seen.workers)
    tiles = (
        ("tile-waiting", seen.waiting),
        ("tile-busy", words("of", part=busy, whole=len(seen.workers))),
        ("tile-ready", words("of", part=able, whole=len(seen.workers))),
        ("tile-clips", seen.clips[-1].total if seen.clips else 0),
        ("tile-failures", seen.failures[-1].total if seen.failures else 0),
        ("tile-used", sum(tier.clips for tier in seen.tiers)),
    )
    rows = "".join(f"<div><dt>{_e(words(key))}</dt><dd>{_e(value)}</dd></div>" for key, value in tiles)
    return f'<dl class="tiles">{rows}</dl>'


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """`rows` are HTML already; each cell bears its head's words, for screens too narrow for columns."""
    head = "".join(f'<th scope="col">{_e(name)}</th>' for name in heads)
    body = "".join(f"<tr>{_cells(heads, row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cells(heads: Sequence[str], row: Sequence[str]) -> str:
    return "".join(f'<td data-head="{_e(name)}">{cell}</td>' for name, cell in zip(heads, row, strict=True))


def _workers(workers: Sequence[WorkerNow], words: Words) -> str:
    if not workers:
        return _section("workers", words, f'<p class="empty">{_e(words("no-workers"))}</p>', wide=True)
    heads = [words(key) for key in ("worker", "state", "device", "doing")]
    rows = (
        (
            f"<b>{_e(worker.name)}</b>",
            f'<span class="state" data-state="{worker.state}">{_e(words(f"state-{worker.state}"))}</span>',
            _e(worker.device or words("unknown")),
            _doing(worker.job, words) if worker.job else "–",
        )
        for worker in workers
    )
    return _section("workers", words, _table(heads, rows), wide=True)


def _doing(job: RunningJob, words: Words) -> str:
    stage = words(f"stage-{job.stage}") if job.stage else words("stage-none")
    parts = [stage, f"{100 * job.fraction:.0f} %", words("for-so-long", time=words.duration(job.running_seconds))]
    if job.eta_seconds is not None:
        parts.append(words("still", time=words.duration(job.eta_seconds)))
    if job.attempt > 1:
        parts.append(words("attempt", number=job.attempt))
    return f"{_who(job)} {charts.bar(job.fraction)}<small>{_e(' · '.join(parts))}</small>"


def _who(job: QueuedJob | RunningJob) -> str:
    name = job.name or job.identity
    return (
        f'<span class="who" title="{_e(job.identity)}">{_e(name)}</span> '
        f"<small>{_e(job.preset)} · {_e(job.tier)} · <code>{_e(job.job)}</code></small>"
    )


def _queue(seen: Overview, words: Words) -> str:
    if not seen.queue:
        return _section("queue", words, f'<p class="empty">{_e(words("nobody-waits"))}</p>', wide=True)
    heads = [words(key) for key in ("place", "job", "waited", "starts")]
    rows = (
        (str(job.ahead + 1), _who(job), _e(words.duration(job.waited_seconds)), _e(words.duration(job.wait_seconds)))
        for job in seen.queue
    )
    more = seen.waiting - len(seen.queue)
    rest = f'<p class="more">{_e(words("more", count=more))}</p>' if more > 0 else ""
    return _section("queue", words, _table(heads, rows) + rest, wide=True)


def _days(name: str, days: Sequence[DayTally], words: Words) -> str:
    total = sum(day.total for day in days)
    if not total:
        return _section(name, words, f'<p class="empty">{_e(words(f"no-{name}"))}</p>')
    names = charts.series(days)
    most = max(day.total for day in days)
    legend = "".join(
        f'<li><i class="dot s{colour}"></i><span>{_e(one or words("others"))}</span>'
        f" <b>{sum(charts.count(day, one, names) for day in days)}</b></li>"
        for colour, one in enumerate(names)
    )
    said = words("most-a-day", count=most)
    figure = (
        f'<figure><p class="most">{_e(said)}</p>{charts.columns(days, f"{words(name)}: {total}")}'
        f'<p class="ends"><span>{days[0].day}</span><span>{days[-1].day}</span></p>'
        f'<figcaption><ul class="legend">{legend}</ul></figcaption></figure>'
    )
    rows = ((str(day.day), str(day.total), _e(_parts(day))) for day in reversed(days) if day.total)
    table = _table([words("day"), words("count"), words("of-which")], rows)
    details = f'<details id="{name}-table"><summary>{_e(words("as-table"))}</summary>{table}</details>'
    return _section(name, words, figure + details)


def _parts(day: DayTally) -> str:
    return ", ".join(f"{name or '?'} {number}" for name, number in sorted(day.counts.items(), key=lambda one: -one[1]))


def _presets(seen: Overview, words: Words) -> str:
    if not seen.presets:
        return _section("presets", words, f'<p class="empty">{_e(words("no-clips"))}</p>')
    longest = max(preset.ninth_decile for preset in seen.presets) or 1.0
    rows = "".join(
        f'<li><span class="label">{_e(preset.preset)}</span>'
        f"{charts.bar(preset.median / longest, preset.ninth_decile / longest)}"
        f'<span class="figures">{_e(_took(words, preset.median, preset.ninth_decile, preset.clips))}</span></li>'
        for preset in seen.presets
    )
    return _section("presets", words, f'<ul class="bars">{rows}</ul><p class="hint">{_e(words("presets-hint"))}</p>')


def _took(words: Words, median: float, ninth_decile: float, clips: int) -> str:
    return words(
        "took", median=words.duration(median), most=words.duration(ninth_decile), clips=words.counted("clips", clips)
    )


def _tiers(seen: Overview, words: Words) -> str:
    if not seen.tiers:
        return _section("tiers", words, f'<p class="empty">{_e(words("nothing-used"))}</p>')
    most = max(tier.clips for tier in seen.tiers) or 1
    rows = "".join(
        f'<li><span class="label">{_e(tier.key)}</span>{charts.bar(tier.clips / most, colour=1)}'
        f'<span class="figures">{_e(_used(words, tier.clips, tier.members, tier.jobs))}</span></li>'
        for tier in seen.tiers
    )
    hint = words("tiers-hint", month=seen.month)
    return _section("tiers", words, f'<ul class="bars">{rows}</ul><p class="hint">{_e(hint)}</p>')


def _used(words: Words, clips: int, members: int, jobs: dict[JobStatus, int]) -> str:
    counts = {"clips": words.counted("clips", clips), "members": words.counted("members", members)}
    return words("tier-used", **counts, failed=jobs.get(JobStatus.FAILED, 0))
