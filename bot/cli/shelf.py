"""The command line's own clips: listed, shown, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cli.studio import ME, studio
from bot.render.words import short
from bot.settings import Settings
from inference.types import Clip, ClipQuery, JobId

SHOWN = 50
"""Clips of one listing."""


async def clips(settings: Settings, search: str) -> list[dict[str, Any]]:
    async with studio(settings) as client:
        page = await client.clips(ClipQuery(text=search, limit=SHOWN), ME)
    return [_as_json(clip) for clip in page.clips]


async def clip(settings: Settings, id: JobId) -> dict[str, Any]:  # noqa: A002  # a clip's
    """Raises NotFound."""
    async with studio(settings) as client:
        return _as_json((await client.clip(id, ME)).clip)


async def delete(settings: Settings, id: JobId) -> dict[str, Any]:  # noqa: A002  # a clip's
    """Raises NotFound, NotAllowed."""
    async with studio(settings) as client:
        await client.delete(id, ME)
    return {"id": id, "status": "deleted"}


def show_clips(known: Sequence[Mapping[str, Any]]) -> None:
    for row in known:
        print(f"{row['id']}  {row['created_at'][:16].replace('T', ' ')}  {short(row['text'] or row['prompt'], 60)}")
    if not known:
        print("No clips.")


def show_clip(known: Mapping[str, Any]) -> None:
    for name, value in known.items():
        if value not in (None, ""):
            print(f"{name:12} {value}")


def _as_json(clip: Clip) -> dict[str, Any]:
    return {
        "id": clip.id,
        "text": clip.text,
        "prompt": clip.recipe.prompt,
        "parent": clip.parent,
        "seed": clip.seed,
        "width": clip.size.width,
        "height": clip.size.height,
        "frames": clip.num_frames,
        "fps": clip.fps,
        "seconds": round(clip.seconds, 3),
        "native_size": str(clip.native_size),
        "preset": clip.preset,
        "created_at": clip.created_at.isoformat(),
    }
