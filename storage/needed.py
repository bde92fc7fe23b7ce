"""Which stored blobs jobs will still read."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select
from sqlmodel import col

from inference.codec import from_json
from inference.types import Recipe, RenderPlan
from storage.share import ACTIVE
from storage.tables import JobRow


def needed(connection: Connection) -> set[str]:
    """Blobs that queued and running jobs will read."""
    recipes = connection.scalars(select(col(JobRow.recipe)).where(col(JobRow.status).in_(ACTIVE)))
    return {blob for recipe in recipes for blob in read_by(from_json(Recipe, recipe))}


def read_by(recipe: Recipe) -> Iterator[str]:
    """Blobs that rendering the recipe reads."""
    for piece in recipe.pieces:
        if not isinstance(piece, RenderPlan):
            yield piece.media.blob
            continue
        yield from (condition.media.blob for condition in piece.conditions)
        if piece.start is not None:
            yield piece.start.media.blob
