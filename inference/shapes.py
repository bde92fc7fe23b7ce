"""Sizes and lengths: from what was asked, through tier and preset, to delivered and native pixels and frames."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from inference.errors import InvalidValue
from inference.limits import check_resolution, check_seconds
from inference.presets import Preset
from inference.tier_file import MAX_SIDE, MIN_SHORT_SIDE
from inference.tiers import TierTable
from inference.times import zone_named
from inference.types import AspectRatio, MemberSettings, Shape, Size, Tier, most_frames

DEFAULT_SECONDS = 5.0
SHAPE_TOLERANCE = 1.1
"""An exact size may differ from a preset's fixed shape by this ratio; the difference is cropped."""

WIDEST = 2.4
"""Longest side to shortest, for models that make any shape."""

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_RATIOS = {AspectRatio.LANDSCAPE: 16 / 9, AspectRatio.PORTRAIT: 9 / 16, AspectRatio.SQUARE: 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """How large and how long a clip is delivered, and how it is rendered.

    `num_frames` is what is delivered: seconds x fps, to the nearest frame. Models make step·k + 1 frames, so
    `native_frames` is the next such count from above (2 s at 12 fps: 24 delivered, 25 rendered); the worker drops the
    frames too many, and the native size is scaled and cropped to the delivered one.
    """

    size: Size
    num_frames: int
    native_size: Size
    native_frames: int


def dimensions(
    shape: Shape, *, preset: Preset, tier: Tier, tiers: TierTable, wishes: MemberSettings, source: Size | None = None
) -> Dimensions:
    """What `shape` comes to. `wishes` are the member's defaults; `source` is the size of an image to be animated.

    Raises InvalidValue, SecondsExceeded and ResolutionExceeded.
    """
    size = delivered_size(shape, preset=preset, tier=tier, tiers=tiers, wishes=wishes, source=source)
    seconds = clip_seconds(shape.seconds, preset=preset, tier=tier, tiers=tiers, wish=wishes.seconds)
    num_frames = most_frames(seconds, preset.fps)
    return Dimensions(
        size=size,
        num_frames=num_frames,
        native_size=native_size(size, preset),
        native_frames=preset.frames.nearest(num_frames),
    )


def check_wishes(wishes: MemberSettings, tiers: TierTable) -> None:
    """A member's defaults must be possible in some tier; what exceeds their own is cut when it is used.

    Raises InvalidValue.
    """
    most_seconds = max(tier.max_seconds for tier in tiers.tiers.values())
    most_pixels = max(tier.max_resolution for tier in tiers.tiers.values())
    if wishes.seconds is not None and not 0 < wishes.seconds <= most_seconds:
        raise InvalidValue(name="seconds", value=f"{wishes.seconds:g}", allowed=f"up to {most_seconds:g} seconds")
    if wishes.resolution is not None:
        _check_resolution_number(wishes.resolution)
        if wishes.resolution > most_pixels:
            raise InvalidValue(name="resolution", value=str(wishes.resolution), allowed=f"up to {most_pixels}")
    if wishes.timezone is not None:
        zone_named(wishes.timezone)
    if wishes.locale is not None and not _LANGUAGE_TAG.fullmatch(wishes.locale):
        raise InvalidValue(name="locale", value=wishes.locale, allowed="a language tag such as en or ja")


# --- Length --------------------------------------------------------------------------------------


def clip_seconds(asked: float | None, *, preset: Preset, tier: Tier, tiers: TierTable, wish: float | None) -> float:
    """Seconds of the clip: as asked, else the member's own default or 5, cut to what tier and preset allow."""
    if asked is None:
        usual = max(preset.min_seconds, min(wish or DEFAULT_SECONDS, tier.max_seconds, preset.max_seconds))
        check_seconds(usual, tier=tier, tiers=tiers)
        return usual
    if not preset.min_seconds <= asked <= preset.max_seconds:
        # Before the tier's limit: nobody is sent to a tier that could not do it either.
        raise _seconds_invalid(asked, preset)
    check_seconds(asked, tier=tier, tiers=tiers)
    return asked


def _seconds_invalid(asked: float, preset: Preset) -> InvalidValue:
    allowed = f"the preset {preset.name} makes {preset.min_seconds:g} to {preset.max_seconds:g} seconds"
    return InvalidValue(name="seconds", value=f"{asked:g}", allowed=allowed)


# --- Size ----------------------------------------------------------------------------------------


def delivered_size(
    shape: Shape, *, preset: Preset, tier: Tier, tiers: TierTable, wishes: MemberSettings, source: Size | None
) -> Size:
    """The exact size asked for, or the shape (asked, else the image's, the member's, 16:9) at a resolution (asked, else
    the member's, the model's usual one), unsaid ones cut to the tier's best.
    """
    if shape.size is not None:
        if shape.resolution is not None or shape.aspect_ratio is not None:
            raise InvalidValue(
                name="size", value=str(shape.size), allowed="a size, or a resolution and a shape, not both"
            )
        _check_exact(shape.size, preset)
        check_resolution(shape.size.short_side, tier=tier, tiers=tiers)
        return shape.size
    if shape.resolution is not None:
        _check_resolution_number(shape.resolution)
        check_resolution(shape.resolution, tier=tier, tiers=tiers)
    resolution = shape.resolution or min(wishes.resolution or preset.usual_short_side, tier.max_resolution)
    if shape.aspect_ratio is not None and shape.aspect_ratio not in possible_shapes(preset):
        allowed = f"the preset {preset.name} makes {', '.join(possible_shapes(preset))}"
        raise InvalidValue(name="aspect_ratio", value=shape.aspect_ratio, allowed=allowed)
    return sized(shape.aspect_ratio or _usual_shape(preset, wishes, source), resolution)


def sized(aspect_ratio: AspectRatio, short_side: int) -> Size:
    """480 at 16:9 is 854x480: the long side goes to the nearest even number, as H.264's yuv420p needs."""
    ratio = _RATIOS[aspect_ratio]
    long_side = 2 * round(short_side * max(ratio, 1 / ratio) / 2)
    if ratio >= 1:
        return Size(width=long_side, height=short_side)
    return Size(width=short_side, height=long_side)


def possible_shapes(preset: Preset) -> tuple[AspectRatio, ...]:
    """A model with fixed native sizes makes their shapes; any other makes all."""
    return tuple(preset.native_sizes) or tuple(AspectRatio)


def _usual_shape(preset: Preset, wishes: MemberSettings, source: Size | None) -> AspectRatio:
    shapes = possible_shapes(preset)
    if source is not None:
        return _nearest_shape(source, shapes)
    if wishes.aspect_ratio in shapes:
        return wishes.aspect_ratio
    return shapes[0]


def _nearest_shape(size: Size, shapes: Iterable[AspectRatio]) -> AspectRatio:
    return min(shapes, key=lambda shape: _difference(size, _RATIOS[shape]))


def _difference(size: Size, ratio: float) -> float:
    """By which factor, at least 1, the size's shape differs from `ratio`."""
    return math.exp(abs(math.log(size.width / size.height / ratio)))


def _check_resolution_number(resolution: int) -> None:
    if resolution % 2 or not MIN_SHORT_SIDE <= resolution <= MAX_SIDE:
        allowed = f"an even number of pixels from {MIN_SHORT_SIDE}, such as 480, 720 or 1080"
        raise InvalidValue(name="resolution", value=str(resolution), allowed=allowed)


def _check_exact(size: Size, preset: Preset) -> None:
    """Even, neither tiny nor absurd, and of a shape that the preset can make."""
    sides = (size.width, size.height)
    if any(side % 2 for side in sides) or not (size.short_side >= MIN_SHORT_SIDE and max(sides) <= MAX_SIDE):
        allowed = f"even sides from {MIN_SHORT_SIDE} to {MAX_SIDE} pixels"
        raise InvalidValue(name="size", value=str(size), allowed=allowed)
    if preset.native_sizes:
        nearest = _nearest_shape(size, preset.native_sizes)
        if _difference(size, _RATIOS[nearest]) > SHAPE_TOLERANCE:
            allowed = f"a shape near {' or '.join(possible_shapes(preset))}, which the preset {preset.name} makes"
            raise InvalidValue(name="size", value=str(size), allowed=allowed)
    elif _difference(size, 1.0) > WIDEST:
        raise InvalidValue(name="size", value=str(size), allowed=f"sides of at most {WIDEST:g} to 1")


def native_size(delivered: Size, preset: Preset) -> Size:
    """What the model renders: its fixed size nearest in shape, else the delivered size on the model's grid.

    On the grid both sides are multiples of `size_multiple` and the short one is at most `max_native_short_side`.
    """
    if preset.native_sizes:
        return preset.native_sizes[_nearest_shape(delivered, preset.native_sizes)]
    multiple = preset.size_multiple
    largest = preset.max_native_short_side // multiple * multiple
    short = min(_on_grid(delivered.short_side, multiple), largest)
    long = _on_grid(max(delivered.width, delivered.height) * short / delivered.short_side, multiple)
    return Size(width=long, height=short) if delivered.width >= delivered.height else Size(width=short, height=long)


def _on_grid(side: float, multiple: int) -> int:
    return max(multiple, multiple * round(side / multiple))
