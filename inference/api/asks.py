"""What the Videos API can be asked, field by field, and which Operation that means."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from inference.errors import InvalidValue, UploadInvalid, UploadTooLarge
from inference.types import AspectRatio, Generate, JobId, JobQuery, Remix, Shape, Size, Upload, Variant

MAX_CURSOR = 2**63 - 1
"""What a database can compare with."""

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)
_RESOLUTION = re.compile(r"(\d{1,5})p?", re.ASCII)
_DATA_URL = re.compile(r"data:image/[a-z0-9.+-]{1,20};base64,", re.ASCII)


def _size(value: object) -> object:
    if value is None or isinstance(value, Size):
        return value
    found = _SIZE.fullmatch(str(value))
    if found is None:
        raise ValueError("width x height in pixels, such as 1280x720")
    return Size(width=int(found[1]), height=int(found[2]))


def _resolution(value: object) -> object:
    if value is None:
        return None
    found = _RESOLUTION.fullmatch(str(value))
    if found is None:
        raise ValueError("the short side in pixels, such as 480p")
    return int(found[1])


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, hide_input_in_errors=True)


class CreateAsk(_Ask):
    """`POST /v1/videos`: OpenAI's fields, then ours."""

    prompt: str = ""
    model: str | None = None
    seconds: float | None = None
    size: Annotated[Size | None, BeforeValidator(_size)] = None
    #: A data URL, or OpenAI's object holding one.
    input_reference: str | dict[str, str] | None = None
    seed: int | None = None
    negative_prompt: str = ""
    aspect_ratio: AspectRatio | None = None
    resolution: Annotated[int | None, BeforeValidator(_resolution)] = None
    private: bool = False

    def operation(self, upload: Upload | None, max_upload_bytes: int) -> Generate:
        if upload is not None and self.input_reference is not None:
            raise InvalidValue(name="input_reference", value="two", allowed="one image, as a file or as a data URL")
        if self.input_reference is not None:
            upload = _inline_image(self.input_reference, max_upload_bytes)
        return Generate(
            prompt=self.prompt,
            negative_prompt=self.negative_prompt,
            shape=Shape(
                seconds=self.seconds, resolution=self.resolution, aspect_ratio=self.aspect_ratio, size=self.size
            ),
            seed=self.seed,
            preset=self.model,
            image=upload,
            private=self.private,
        )


class RemixAsk(_Ask):
    """`POST /v1/videos/{id}/remix`: OpenAI's field, then ours."""

    prompt: str = ""
    strength: float | None = None
    seed: int | None = None
    private: bool = False

    def operation(self, parent: JobId) -> Remix:
        return Remix(
            parent=parent, instruction=self.prompt, strength=self.strength, seed=self.seed, private=self.private
        )


class ListAsk(_Ask):
    """`GET /v1/videos`."""

    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    order: Literal["asc", "desc"] = "desc"

    def query(self) -> JobQuery:
        after = JobId(self.after) if self.after else None
        return JobQuery(after=after, limit=self.limit, ascending=self.order == "asc")


class ContentAsk(_Ask):
    """`GET /v1/videos/{id}/content`; `preview` and `max_bytes` are ours."""

    variant: Variant = Variant.VIDEO
    max_bytes: Annotated[int | None, Field(ge=1)] = None


class EventsAsk(_Ask):
    """`GET /v1/events`: the cursor behind which to go on."""

    after: Annotated[int | None, Field(ge=0, le=MAX_CURSOR)] = None


def flattened(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Form fields with OpenAI's bracketed `input_reference[image_url]` as the object that JSON would hold."""
    plain = {name: value for name, value in fields.items() if not name.startswith("input_reference[")}
    nested = {name[16:-1]: value for name, value in fields.items() if name.startswith("input_reference[")}
    return plain | ({"input_reference": nested} if nested else {})


def _inline_image(reference: str | dict[str, str], max_bytes: int) -> Upload:
    """The image in a data URL. Nothing is ever fetched: a URL to elsewhere is refused. Raises RequestRejected."""
    url = reference if isinstance(reference, str) else reference.get("image_url", "")
    head = _DATA_URL.match(url)
    if head is None:
        raise InvalidValue(name="input_reference", value=url[:40], allowed="an image file, or a base64 data URL of one")
    encoded = url[head.end() :]
    if len(encoded) * 3 // 4 > max_bytes + 2:
        raise UploadTooLarge(size=len(encoded) * 3 // 4, limit=max_bytes)
    try:
        return Upload(data=base64.b64decode(encoded, validate=True))
    except binascii.Error as error:
        raise UploadInvalid(reason="damaged") from error
