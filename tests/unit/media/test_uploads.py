from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import UploadInvalid, UploadTooLarge
from inference.media import image_cage
from inference.media.uploads import sanitize_image
from tests.support.pictures import claimed_png, image_bytes, picture

LIMIT = 1_000_000


def cleaned(data: bytes) -> Image.Image:
    png = sanitize_image(data, LIMIT)
    assert png.startswith(b"\x89PNG")
    image = Image.open(io.BytesIO(png), formats=["PNG"])
    assert image.mode == "RGB"
    assert not image.info
    return image


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats_come_out_as_they_look(form: str) -> None:
    difference = np.asarray(cleaned(image_bytes(picture(), form))).astype(int) - np.asarray(picture())

    assert np.abs(difference).mean() < 4


def test_a_turned_photo_is_set_upright_and_tells_nothing_of_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010E] = "at home"
    data = image_bytes(picture(), "JPEG", exif=exif)

    image = cleaned(data)

    assert b"at home" in data
    assert b"at home" not in sanitize_image(data, LIMIT)
    assert image.size == (60, 80)
    red, _, blue = image.getpixel((30, 5))  # type: ignore[misc]
    assert red > 200 > 60 > blue


def test_of_an_animation_the_first_frame_is_taken() -> None:
    blue = Image.new("RGB", (80, 60), (0, 0, 255))

    image = cleaned(image_bytes(picture(), "WEBP", save_all=True, append_images=[blue, blue]))

    assert image.getpixel((5, 5))[0] > 200  # type: ignore[index]


def test_print_colours_become_screen_colours() -> None:
    image = cleaned(image_bytes(picture().convert("CMYK"), "JPEG"))

    assert np.abs(np.asarray(image).astype(int) - np.asarray(picture())).mean() < 12


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(8, 0)

    image = np.asarray(cleaned(image_bytes(Image.fromarray(ramp), "PNG")))

    assert np.abs(image[0, :, 0].astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_turns_white(mode: str) -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    options = {"transparency": 0} if mode == "P" else {}

    image = cleaned(image_bytes(clear.convert(mode), "PNG", **options))

    assert image.getpixel((4, 4)) == (255, 255, 255)


def test_a_large_photo_is_scaled_down() -> None:
    assert cleaned(image_bytes(Image.new("RGB", (3000, 1500), "green"), "PNG")).size == (2048, 1024)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "not_an_image", id="nothing"),
        pytest.param(b"hello, I am a text", "not_an_image", id="text"),
        pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", "not_an_image", id="a playlist of local files"),
        pytest.param(image_bytes(picture(), "GIF"), "not_an_image", id="gif"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image", id="svg"),
        pytest.param(claimed_png(30_000, 30_000), "too_many_pixels", id="30,000 x 30,000"),
        pytest.param(claimed_png(5001, 5000), "too_many_pixels", id="just over 25 megapixels"),
        pytest.param(claimed_png(4000, 4000), "damaged", id="less data than claimed"),
        pytest.param(image_bytes(picture(), "JPEG")[:400], "damaged", id="truncated JPEG"),
        pytest.param(b"\xff\xd8\xff", "damaged", id="only a beginning"),
        pytest.param(b"RIFF\x24\0\0\0WEBPVP8 nonsense", "damaged", id="nonsense after the magic"),
    ],
)
def test_what_is_no_usable_image_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UploadInvalid) as refused:
        sanitize_image(data, LIMIT)

    assert refused.value.reason == reason


def test_more_bytes_than_the_limit_are_refused_unread() -> None:
    with pytest.raises(UploadTooLarge) as refused:
        sanitize_image(b"\x89PNG\r\n\x1a\n" + bytes(LIMIT), LIMIT)

    assert (refused.value.size, refused.value.limit) == (LIMIT + 8, LIMIT)


def test_the_locked_cage_opens_neither_files_nor_sockets() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(Path(image_cage.__file__).parents[2])!r})\n"
        "from inference.media.image_cage import lock_down\n"
        "import socket\n"
        "lock_down()\n"
        "for attempt in (lambda: open('/etc/passwd'), socket.socket):\n"
        "    try: attempt()\n"
        "    except OSError as error: print(error.strerror)\n"
        "    else: print('opened')\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["Too many open files"] * 2
