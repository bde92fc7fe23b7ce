from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from inference.errors import RenderFailed
from inference.media.decode import read_frames
from inference.media.encode import MASTER_CRF, ClipEncoder
from inference.media.measure import measure
from inference.media.poster import Stills
from inference.media.scale import cover
from inference.media.shrink import shrink_to
from inference.types import Made, Size
from tests.support.pictures import Frames, image_bytes, moving_ball, picture

NATIVE = Size(width=64, height=32)
DELIVERED = Size(width=214, height=120)


def write(path: Path, frames: Frames, **options: object) -> Path:
    settings = {"size": DELIVERED, "fps": 12} | options
    with ClipEncoder(path, **settings) as encoder:  # type: ignore[arg-type]
        for first in range(0, len(frames), 8):
            encoder.add(frames[first : first + 8])
    return path


def read(path: Path) -> Frames:
    with path.open("rb") as stream:
        return read_frames(stream)


def test_a_clip_plays_everywhere(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", moving_ball(25))

    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(path) as file:
        (stream,) = file.streams
        assert isinstance(stream, av.VideoStream)
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.frames) == (214, 120, 25)
        assert stream.average_rate == 12
        assert file.duration == pytest.approx(25 / 12 * av.time_base, abs=10)
        assert (stream.codec_context.colorspace, stream.codec_context.color_range) == (1, 1)


GROUNDS = {
    "black": np.zeros((5, 32, 64, 3), np.uint8),
    "white": np.full((5, 32, 64, 3), 255, np.uint8),
    "grey": np.full((5, 32, 64, 3), 128, np.uint8),
    "noise": np.random.default_rng(3).integers(0, 256, (5, 32, 64, 3), np.uint8),
    "ball": moving_ball(5),
}


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("size", [DELIVERED, NATIVE, Size(width=854, height=480), Size(width=1080, height=1920)])
def test_a_finished_clip_is_measured_with_its_mark_on_every_ground(
    tmp_path: Path, size: Size, ground: str, marked: bool
) -> None:
    frames = GROUNDS[ground]
    path = write(tmp_path / "clip.mp4", frames, size=size, fps=24, watermark=marked)
    assert measure(path, frames[:1]) == Made(size=size, num_frames=5, fps=24, watermark=marked)


def test_a_single_frame_is_measured_too(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", moving_ball(1))
    assert measure(path, moving_ball(1)) == Made(size=DELIVERED, num_frames=1, fps=12, watermark=False)


def test_a_long_clip_keeps_its_time(tmp_path: Path) -> None:
    with av.open(write(tmp_path / "clip.mp4", moving_ball(150), size=NATIVE, fps=24)) as file:
        times = [frame.time for frame in file.decode(video=0)]

    assert times == pytest.approx([index / 24 for index in range(150)], abs=1e-4)


def test_the_same_frames_give_the_same_file(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, moving_ball(), watermark=True) for name in ("a.mp4", "b.mp4"))

    assert first.read_bytes() == second.read_bytes()


def test_a_file_tells_nothing_of_what_was_in_memory_before(tmp_path: Path) -> None:
    """glibc fills what is allocated with a pattern: in a new process memory is zero, in an old one it is anything."""
    script = (
        "import sys; from pathlib import Path; from tests.unit.media.test_clips import write, moving_ball;"
        "write(Path(sys.argv[1]), moving_ball(), watermark=True)"
    )
    files = [tmp_path / "zero.mp4", tmp_path / "dirty.mp4"]
    for file, pattern in zip(files, ("0", "165"), strict=True):
        command = [sys.executable, "-c", script, str(file)]
        subprocess.run(command, env=os.environ | {"MALLOC_PERTURB_": pattern}, check=True)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_master_gives_its_frames_back(tmp_path: Path) -> None:
    frames = moving_ball(13)
    path = write(tmp_path / "master.mp4", frames, size=NATIVE, crf=MASTER_CRF)

    with path.open("rb") as stream:
        tail = read_frames(stream, first_frame=8, count=5)

    assert tail.shape == (5, 32, 64, 3)
    # Colour at half resolution blurs the disc's rim; elsewhere the frames are the same.
    assert np.median(np.abs(tail.astype(int) - frames[8:])) <= 2


def test_a_failed_render_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> None:
        with ClipEncoder(tmp_path / "clip.mp4", size=DELIVERED, fps=12) as encoder:
            encoder.add(moving_ball())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()

    assert not list(tmp_path.iterdir())


def test_an_encoder_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "no such folder" / "clip.mp4", moving_ball(150))


def test_odd_sides_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even sides"):
        ClipEncoder(tmp_path / "clip.mp4", size=Size(width=213, height=120), fps=12)


def test_another_shape_is_cropped_around_the_middle_never_stretched() -> None:
    y, x = np.mgrid[0:80, 0:160]
    disc = np.where(((x - 80) ** 2 + (y - 40) ** 2 < 30**2)[:, :, None], 255, 0).astype(np.uint8).repeat(3, 2)

    square: Frames = cover(disc[None], Size(width=160, height=160))[0, :, :, 0] // 128

    rows, columns = (np.flatnonzero(square.any(axis)) for axis in (1, 0))
    assert len(rows) == pytest.approx(120, abs=3)
    assert len(columns) == pytest.approx(120, abs=3)
    assert rows.mean() == pytest.approx(79.5, abs=1.5)
    assert columns.mean() == pytest.approx(79.5, abs=1.5)


def test_the_mark_is_in_the_corner_of_the_delivered_clip_only(tmp_path: Path) -> None:
    grey = np.full((3, 128, 224, 3), 120, np.uint8)
    size = Size(width=854, height=480)

    marked = read(write(tmp_path / "marked.mp4", grey, size=size, watermark=True)).astype(int)
    plain = read(write(tmp_path / "plain.mp4", grey, size=size)).astype(int)

    difference = np.abs(marked - plain).max((0, 3)) > 12
    assert not difference[:440].any()
    assert not difference[:, :650].any()
    assert difference[440:, 650:].sum() > 300
    assert marked.max() > 190  # light text
    assert plain.max() - plain.min() <= 3


def test_stills_show_the_clip_at_the_delivered_shape() -> None:
    stills = Stills(num_frames=25, size=DELIVERED, watermark=False)
    frames = moving_ball(25)
    stills.add(frames[:8])
    stills.add(frames[8:])

    poster, sheet = (Image.open(io.BytesIO(data)) for data in (stills.poster_webp(), stills.spritesheet_jpeg()))

    assert (poster.format, poster.size) == ("WEBP", (214, 120))
    assert (sheet.format, sheet.size) == ("JPEG", (4 * 214, 4 * 120))
    red = np.asarray(sheet)[:, :, 0] > 150
    first, last = red[:120, :214].nonzero()[1].mean(), red[360:, 642:].nonzero()[1].mean()
    assert first < 0.3 * 214 < 0.7 * 214 < last


def test_stills_are_marked_like_the_clip() -> None:
    def poster(*, watermark: bool) -> Frames:
        stills = Stills(num_frames=13, size=DELIVERED, watermark=watermark)
        stills.add(moving_ball())
        return np.asarray(Image.open(io.BytesIO(stills.poster_webp()))).astype(np.uint8)

    changed = np.abs(poster(watermark=True).astype(int) - poster(watermark=False)).max(2) > 40

    assert changed[100:, 100:].sum() > 20
    assert not changed[:90].any()


@pytest.mark.parametrize("kilobytes", [60, 20])
def test_a_clip_is_made_to_fit_an_upload_limit(tmp_path: Path, kilobytes: int) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (24, 32, 64, 3), dtype=np.uint8)
    source = write(tmp_path / "large.mp4", noise, fps=24)
    assert source.stat().st_size > 200_000

    shrink_to(source, kilobytes * 1000, tmp_path / "small.mp4")

    size = (tmp_path / "small.mp4").stat().st_size
    assert kilobytes * 1000 * 0.5 < size <= kilobytes * 1000
    with av.open(tmp_path / "small.mp4") as file:
        stream = file.streams.video[0]
        assert stream.frames == 24
        assert stream.average_rate == 24
        assert stream.width / stream.height == pytest.approx(214 / 120, rel=0.03)


def test_a_limit_that_no_size_meets_is_an_error(tmp_path: Path) -> None:
    source = write(tmp_path / "clip.mp4", moving_ball(25))

    with pytest.raises(RenderFailed, match="25 frames do not fit into 900 bytes"):
        shrink_to(source, 900, tmp_path / "small.mp4")

    assert not (tmp_path / "small.mp4").exists()


def test_a_stored_image_is_one_frame() -> None:
    frames = read_frames(io.BytesIO(image_bytes(picture(), "PNG")))

    assert np.array_equal(frames, np.asarray(picture())[None])


@pytest.mark.parametrize(
    "data", [b"ffconcat version 1.0\nfile /etc/passwd\n", b"#EXTM3U\nfile:///etc/passwd\n", b"\0\0\0\x18ftypisom"]
)
def test_a_source_that_is_none_of_ours_is_an_error(data: bytes) -> None:
    with pytest.raises(RenderFailed):
        read_frames(io.BytesIO(data))


def test_more_frames_than_stored_are_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", moving_ball(13))

    with path.open("rb") as stream, pytest.raises(RenderFailed, match="no 5 frames from frame 10 on"):
        read_frames(stream, first_frame=10, count=5)
