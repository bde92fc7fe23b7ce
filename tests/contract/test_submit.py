"""What submitting promises, whichever implementation serves it: charged and queued, or refused at no cost."""

import pytest

from inference.errors import (
    InvalidValue,
    NotFound,
    OperationNotInTier,
    PromptEmpty,
    PromptTooLong,
    QuotaExceeded,
    RequestRejected,
    ResolutionExceeded,
    SecondsExceeded,
    TooManyJobs,
    UnknownPreset,
    UploadInvalid,
    UploadTooLarge,
)
from inference.types import (
    Generate,
    JobId,
    JobStatus,
    Operation,
    Remix,
    Requester,
    Shape,
    Size,
    Upload,
)
from tests.support.studio import Studio, member, picture

ANN, BOB, PAT = member("ann"), member("bob", "plus"), member("pat", "pro")
BALL = Generate(prompt="a red ball rising over the sea")


# --- Submit


async def test_a_submitted_job_is_queued_charged_and_told_what_to_expect(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN, reply_to="thread-1")
    assert job.status is JobStatus.QUEUED
    assert (job.charge.clips, job.charge.used, job.charge.limit) == (1, 1, 10)
    assert (job.tier, job.reply_to, job.operation) == ("free", "thread-1", BALL)
    assert job.estimate is not None
    assert job.estimate.ahead == 0
    assert job.estimate.wait_seconds == 0
    assert job.estimate.render_seconds > 0
    assert await studio.face.get(job.id, BOB) == job


async def test_a_free_clip_gets_the_tiers_best(studio: Studio) -> None:
    recipe = (await studio.face.submit(BALL, ANN)).recipe
    assert (recipe.size, recipe.seconds, recipe.watermark) == (Size(width=854, height=480), 5.0, True)


async def test_the_job_behind_others_knows_how_many_are_ahead(studio: Studio) -> None:
    await studio.face.submit(BALL, ANN)
    second = await studio.face.submit(BALL, BOB)
    assert second.estimate is not None
    assert second.estimate.ahead == 1
    assert second.estimate.wait_seconds > 0


async def test_the_same_key_by_the_same_member_is_the_same_job(studio: Studio) -> None:
    once = await studio.face.submit(BALL, ANN, idempotency_key="click-1")
    again = await studio.face.submit(BALL, ANN, idempotency_key="click-1")
    other = await studio.face.submit(BALL, BOB, idempotency_key="click-1")
    assert again.id == once.id != other.id
    assert await studio.used(ANN) == 1


async def test_a_key_is_honoured_even_where_the_same_would_be_refused_by_now(studio: Studio) -> None:
    clip = await studio.make(BALL, BOB)
    remix = Remix(parent=clip.id, instruction="make it blue")
    once = await studio.face.submit(remix, BOB, idempotency_key="reply-1")
    await studio.face.delete(clip.id, BOB)
    again = await studio.face.submit(remix, BOB, idempotency_key="reply-1")
    assert again.id == once.id
    with pytest.raises(NotFound):
        await studio.face.submit(remix, BOB, idempotency_key="reply-2")


REFUSED: list[tuple[str, Operation, Requester, type[RequestRejected], dict[str, object]]] = [
    ("empty prompt", Generate(prompt="  \n "), ANN, PromptEmpty, {}),
    ("prompt of nothing visible", Generate(prompt="\u200b\x00"), ANN, PromptEmpty, {}),
    ("endless prompt", Generate(prompt="x" * 10_000), ANN, PromptTooLong, {"length": 10_000, "limit": 2000}),
    (
        "seconds beyond the tier",
        Generate(prompt="a", preset="ltx-2b", shape=Shape(seconds=6)),
        ANN,
        SecondsExceeded,
        {"tier": "free", "limit": 5.0, "asked": 6.0, "lifted_by": "plus"},
    ),
    ("seconds beyond the model", Generate(prompt="a", shape=Shape(seconds=6)), PAT, InvalidValue, {"name": "seconds"}),
    (
        "seconds beyond tier and model",
        Generate(prompt="a", shape=Shape(seconds=6)),
        ANN,
        InvalidValue,
        {"value": "6", "allowed": "the preset pocket makes 1 to 5 seconds"},
    ),
    (
        "seconds beneath the model",
        Generate(prompt="a", shape=Shape(seconds=0.1)),
        PAT,
        InvalidValue,
        {"name": "seconds"},
    ),
    ("no seconds", Generate(prompt="a", shape=Shape(seconds=0)), PAT, InvalidValue, {"name": "seconds"}),
    (
        "resolution beyond the tier",
        Generate(prompt="a", shape=Shape(resolution=720)),
        ANN,
        ResolutionExceeded,
        {"tier": "free", "limit": 480, "asked": 720, "lifted_by": "plus"},
    ),
    (
        "size beyond every tier",
        Generate(prompt="a", shape=Shape(size=Size(width=3840, height=2160))),
        PAT,
        ResolutionExceeded,
        {"limit": 1080, "asked": 2160, "lifted_by": ""},
    ),
    (
        "odd size",
        Generate(prompt="a", shape=Shape(size=Size(width=853, height=480))),
        ANN,
        InvalidValue,
        {"name": "size"},
    ),
    ("no size", Generate(prompt="a", shape=Shape(size=Size(width=0, height=0))), ANN, InvalidValue, {"name": "size"}),
    (
        "impossible shape",
        Generate(prompt="a", shape=Shape(size=Size(width=640, height=480))),
        ANN,
        InvalidValue,
        {"name": "size", "value": "640x480"},
    ),
    ("unknown preset", Generate(prompt="a", preset="sora-9"), ANN, UnknownPreset, {"preset": "sora-9"}),
    ("negative seed", Generate(prompt="a", seed=-1), ANN, InvalidValue, {"name": "seed", "value": "-1"}),
    ("endless seed", Generate(prompt="a", seed=2**31), ANN, InvalidValue, {"name": "seed"}),
    ("unknown parent", Remix(parent=JobId("clip_none"), instruction="b"), ANN, NotFound, {"what": "clip"}),
    (
        "image in the free tier",
        Generate(prompt="a", image=picture()),
        ANN,
        OperationNotInTier,
        {"operation": "animate", "tier": "free", "lifted_by": "plus"},
    ),
    (
        "text as image",
        Generate(prompt="a", image=Upload(data=b"hello, world")),
        PAT,
        UploadInvalid,
        {"reason": "not_an_image"},
    ),
    (
        "truncated image",
        Generate(prompt="a", image=Upload(data=picture(Size(width=512, height=512)).data[:400])),
        PAT,
        UploadInvalid,
        {"reason": "damaged"},
    ),
]


@pytest.mark.parametrize(
    ("operation", "requester", "error", "values"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
async def test_a_bad_request_is_refused_by_name_and_costs_nothing(
    studio: Studio, operation: Operation, requester: Requester, error: type[RequestRejected], values: dict[str, object]
) -> None:
    with pytest.raises(error) as refused:
        await studio.face.submit(operation, requester)
    assert type(refused.value) is error
    said = refused.value.values()
    assert {name: said[name] for name in values} == values
    assert await studio.untouched(requester)


async def test_an_upload_beyond_the_limit_is_refused(studio: Studio) -> None:
    limit = studio.settings.api.max_upload_bytes
    with pytest.raises(UploadTooLarge) as refused:
        await studio.face.submit(Generate(prompt="a", image=Upload(data=b"\x89PNG\r\n\x1a\n" + b"\0" * limit)), PAT)
    assert (refused.value.limit, refused.value.unit) == (limit, "bytes")
    assert await studio.untouched(PAT)


async def test_the_eleventh_clip_of_a_free_month_is_refused_and_names_what_lifts_it(studio: Studio) -> None:
    for _ in range(10):
        await studio.make(BALL, ANN)
    with pytest.raises(QuotaExceeded) as refused:
        await studio.face.submit(BALL, ANN)
    error = refused.value
    assert (error.tier, error.limit, error.used, error.asked, error.lifted_by) == ("free", 10, 10, 1, "plus")
    assert error.resets_at > "2026"
    assert await studio.used(ANN) == 10


async def test_a_second_job_at_once_is_refused_in_the_free_tier(studio: Studio) -> None:
    await studio.face.submit(BALL, ANN)
    with pytest.raises(TooManyJobs) as refused:
        await studio.face.submit(BALL, ANN)
    assert (refused.value.limit, refused.value.running, refused.value.lifted_by) == (1, 1, "plus")
    assert await studio.used(ANN) == 1


async def test_an_image_is_stored_clean_and_becomes_the_first_frame(studio: Studio) -> None:
    job = await studio.face.submit(Generate(prompt="it waves", image=picture(Size(width=120, height=200))), BOB)
    assert isinstance(job.operation, Generate)
    assert not isinstance(job.operation.image, Upload)
    assert studio.stored(job.id) == ["upload.png"]
    (plan,) = job.recipe.pieces
    assert plan.kind == "render"
    assert [(c.media, c.at_frame) for c in plan.conditions] == [(job.operation.image, 0)]
    assert job.recipe.size == Size(width=480, height=854)


async def test_an_image_of_a_refused_request_is_not_kept(studio: Studio) -> None:
    for _ in range(2):
        await studio.face.submit(BALL, BOB)
    with pytest.raises(TooManyJobs):
        await studio.face.submit(Generate(prompt="it waves", image=picture()), BOB)
    assert not list(studio.blobs.names(""))


async def test_a_repeated_request_keeps_one_image(studio: Studio) -> None:
    waving = Generate(prompt="it waves", image=picture())
    once = await studio.face.submit(waving, BOB, idempotency_key="k")
    await studio.face.submit(waving, BOB, idempotency_key="k")
    assert list(studio.blobs.names("")) == [f"{once.id}/upload.png"]
