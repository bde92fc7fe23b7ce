"""A script that `uploads` runs in a process of its own: a stranger's image on standard input, a clean PNG out of it.

    python -I -S image_cage.py FOLDER_OF_PILLOW MAX_PIXELS MAX_SIDE

Exit 0, or 3 with the reason on standard error. Imports Pillow and nothing of ours. Before it looks at a byte it gives
up the right to open another file or socket and bounds its memory, processor time and output.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

if __name__ == "__main__":
    sys.path.append(sys.argv[1])

from PIL import Image, ImageOps, TiffImagePlugin, WebPImagePlugin  # noqa: F401  # nothing can be imported once the cage is locked

REFUSED = 3
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 8
OUTPUT_BYTES = 64 << 20


def main(max_pixels: int, max_side: int) -> int:
    Image.preinit()
    lock_down()
    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = max_pixels
    try:
        png = clean(sys.stdin.buffer.read(), max_pixels, max_side)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError):
        return refuse("too_many_pixels")
    except Exception as error:  # noqa: BLE001  # whatever a decoder trips over, the image is at fault
        return refuse("damaged", error)
    sys.stdout.buffer.write(png)
    return 0


def lock_down() -> None:
    """Nothing opens after this: a descriptor limit below the next free number refuses files and sockets alike."""
    for limit, value in (
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def clean(data: bytes, max_pixels: int, max_side: int) -> bytes:
    """The first frame, the right way up, RGB over white, at most `max_side` long, as a PNG without metadata."""
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as opened:
        if opened.width * opened.height > max_pixels:
            raise Image.DecompressionBombError
        opened.load()
        image: Image.Image = ImageOps.exif_transpose(opened)
    if image.mode.startswith("I"):
        # 16 bits a pixel: converting them to 8 would clip, not scale.
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    buffer = io.BytesIO()
    bare.save(buffer, format="PNG", compress_level=3)
    return buffer.getvalue()


def refuse(reason: str, error: Exception | None = None) -> int:
    print(reason, repr(error) if error else "", file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[2]), int(sys.argv[3])))
