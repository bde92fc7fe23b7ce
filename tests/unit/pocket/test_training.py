"""The parts of the training, each tried small."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKLLTXVideo, FlowMatchEulerDiscreteScheduler, LTXConditionPipeline
from torch import nn

from inference.pocket.training import foreground as fg
from inference.pocket.training import linear, run
from inference.pocket.training.batches import coordinates, make_batch, word_lesson
from inference.pocket.training.config import (
    FPS,
    LATENT_CHANNELS,
    PATCH,
    PICTURE_CHANNELS,
    TransformerTraining,
    VaeTraining,
)
from inference.pocket.training.data import draw_snippets, parts, rng_for, snippets, to_tensor
from inference.pocket.training.examples import Example, Illustrator, example
from inference.pocket.training.optim import Optimisers, orthogonalise, schedule
from inference.pocket.training.team import Team
from inference.pocket.training.tokenizer import train_tokenizer
from inference.pocket.training.transformer import (
    SLOW_PARAMETERS,
    Drawing,
    channel_weights,
    new_model,
    velocity_loss,
)
from inference.pocket.training.vae import lesson, losses, new_vae
from inference.pocket.world.draw import draw_clip
from inference.pocket.world.motion import centre_track, reach
from inference.pocket.world.sampling import sample_scene
from inference.pocket.world.scene import (
    Camera,
    Canvas,
    Colour,
    Companion,
    Motion,
    Scene,
    Speed,
    Subject,
    second,
)


def test_orthogonalised_matrices_have_even_singular_values() -> None:
    values = torch.linalg.svdvals(orthogonalise(torch.randn(3, 16, 40)))
    assert values.min() > 0.5
    assert values.max() < 1.5


def test_the_schedule_warms_up_holds_and_cools() -> None:
    assert schedule(0.0) < schedule(0.02) == 1.0 == schedule(0.5) > schedule(0.9) > schedule(1.0) > 0


def test_replicas_together_find_the_gradient_of_the_mean() -> None:
    torch.manual_seed(0)
    module, data = nn.Linear(4, 1), torch.randn(6, 4)
    module(data).square().mean().backward()
    alone = module.weight.grad
    assert alone is not None
    module.weight.grad = module.bias.grad = None
    team: Team[torch.Tensor] = Team(module, 2)
    team.backward(lambda replica, part: replica(part).square().mean(), [lambda: data[:3], lambda: data[3:]])
    assert module.weight.grad is not None
    torch.testing.assert_close(module.weight.grad, alone)


def test_coordinates_are_seconds_and_pixels() -> None:
    where = coordinates(torch.zeros(1, LATENT_CHANNELS, 3, 4, 7))[0]
    assert sorted(set(where[0].tolist())) == pytest.approx([0.0, 1 / FPS, 9 / FPS])
    assert sorted(set(where[1].tolist())) == [0, 32, 64, 96]
    assert where[2].max() == 192


@pytest.fixture(scope="module")
def vae() -> AutoencoderKLLTXVideo:
    vae = new_vae(0)
    linear.fit(vae, 1, batches=4)
    return vae.requires_grad_(False)


def stirred(vae: AutoencoderKLLTXVideo) -> AutoencoderKLLTXVideo:
    """A copy, changed by a few steps of training."""
    pupil, rng = copy.deepcopy(vae).requires_grad_(True), np.random.default_rng(3)
    fixed = linear.frozen(pupil)
    optimisers = Optimisers(pupil, muon_rate=0.01, adam_rate=1e-3, muon_skips=("conv_in", "conv_out"))
    for frames in (1, 9):
        batch = lesson([s.close_up(rng) for s in draw_snippets(rng, 2, frames)], rng, 4.0)
        losses(pupil, batch, VaeTraining())[0].backward()  # type: ignore[no-untyped-call]
        for parameter, mask in fixed:
            if parameter.grad is not None:
                parameter.grad.mul_(mask)
        optimisers.step(1.0)
    return pupil.requires_grad_(False)


def test_training_keeps_the_fast_paths_exact_and_the_picture_channels_as_they_are(vae: AutoencoderKLLTXVideo) -> None:
    trained, video = stirred(vae), torch.rand(1, 3, 17, 64, 96) * 2 - 1
    latents = torch.randn(1, LATENT_CHANNELS, 3, 2, 3)
    seen = linear.encode(trained, video)
    torch.testing.assert_close(seen, trained.encode(video).latent_dist.mode(), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(linear.decode(trained, latents), trained.decode(latents).sample, atol=1e-3, rtol=1e-3)
    before = linear.encode(vae, video)
    torch.testing.assert_close(seen[:, :PICTURE_CHANNELS], before[:, :PICTURE_CHANNELS], atol=0.02, rtol=0.02)
    assert (seen - before)[:, PICTURE_CHANNELS:].abs().max() > 0.02
    fast = linear.encode_picture(trained, video)
    torch.testing.assert_close(seen[:, :PICTURE_CHANNELS], fast, atol=0.03, rtol=0.03)


def test_the_closed_form_start_already_shows_the_place(vae: AutoencoderKLLTXVideo) -> None:
    video = snippets(np.random.default_rng(0), 1, 9, empty=1.0)
    latents = linear.encode(vae, video)
    latents[:, PICTURE_CHANNELS:] = 0
    made = linear.decode(vae, latents)
    assert made.shape == video.shape
    assert (made - video).square().mean() < 0.35 * video.square().mean()


def alone(motion: Motion) -> Scene:
    scene = sample_scene(np.random.default_rng(2))
    return dataclasses.replace(scene, motion=motion, camera=Camera.STATIC, companion=None, speed=Speed.NORMAL)


@pytest.mark.parametrize("motion", Motion)
def test_the_decoder_is_told_the_subjects_place_for_every_patch_and_frame(
    vae: AutoencoderKLLTXVideo, motion: Motion
) -> None:
    scene, canvas = alone(motion), Canvas(width=96, height=64, frames=25)
    subject = fg.foreground(scene, canvas)[None]
    x = vae.decoder.conv_in(torch.cat([torch.zeros(1, PICTURE_CHANNELS, *subject.shape[2:]), subject], dim=1))
    for block in vae.decoder.up_blocks:
        x = block.upsamplers[0](x)
    right, below = x[0, PICTURE_CHANNELS + fg.CENTRE], x[0, PICTURE_CHANNELS + fg.CENTRE + 1]
    columns = torch.arange(PATCH / 2, 96, PATCH)[None, None, :]
    rows = torch.arange(PATCH / 2, 64, PATCH)[None, :, None]
    track = torch.from_numpy(centre_track(scene, canvas))[:, None, None, :]
    # A parabola fits a latent's frames exactly, and turns well; but not where the subject hits the ground between them.
    exact = {Motion.LEFT, Motion.RIGHT, Motion.RISE, Motion.FALL, Motion.STILL, Motion.TOSS}
    near = 0.01 if motion in exact else 3.0 if motion is Motion.BOUNCE else 1.5
    torch.testing.assert_close(right * fg.PLACE + columns, track[..., 0].expand_as(right), atol=near, rtol=0)
    torch.testing.assert_close(below * fg.PLACE + rows, track[..., 1].expand_as(below), atol=near, rtol=0)


def test_each_token_tells_of_the_subject_that_it_shows() -> None:
    canvas = Canvas(width=224, height=128, frames=9)
    first = dataclasses.replace(alone(Motion.STILL), lane=0.1, size=0.34, subject=Subject.BALL)
    both = dataclasses.replace(
        first, companion=Companion(subject=Subject.CUBE, colour=Colour.BLUE, motion=Motion.STILL)
    )
    named = (torch.from_numpy(fg.WORDS) @ fg.foreground(both, canvas)[: fg.COLOUR].flatten(1)).argmax(dim=0)
    named = named.view(2, 4, 7)
    other = second(both)
    assert other is not None
    # The first is on the left of the second; it is told of wherever it reaches.
    for scene, aside, subject in ((both, 0, Subject.BALL), (other, reach(other, canvas)[0] - 1, Subject.CUBE)):
        x, y = centre_track(scene, canvas)[0]
        assert list(Subject)[int(named[0, int(y) // 32, int(x + aside) // 32])] is subject
    assert set(named.flatten().tolist()) == {list(Subject).index(s) for s in (Subject.BALL, Subject.CUBE)}


def test_look_and_weather_are_told_in_places_without_subjects_too() -> None:
    rng = np.random.default_rng(3)
    for snippet in draw_snippets(rng, 20, 9):
        assert (snippet.mood[: fg.MOOD] == 0).all()
        assert (snippet.mood[fg.MOOD :] == snippet.foreground[fg.MOOD :]).all()
        assert snippet.veiled == bool(snippet.foreground[fg.MOOD + 3 :].any())


def test_an_example_shows_the_place_in_one_part_and_the_subject_in_the_other(vae: AutoencoderKLLTXVideo) -> None:
    canvas, illustrator = Canvas(width=224, height=128, frames=9), Illustrator(vae)
    rng = np.random.default_rng(0)
    still = illustrator.latents(alone(Motion.LEFT), canvas)[:PICTURE_CHANNELS]
    torch.testing.assert_close(still, still[:, :1].expand_as(still))
    moving = dataclasses.replace(alone(Motion.LEFT), camera=Camera.ZOOM_IN)
    seen = illustrator.latents(moving, canvas)[:PICTURE_CHANNELS]
    assert (seen[:, 0] - seen[:, -1]).abs().mean() > 0.02
    remixes = [e for e in (example(canvas, (), illustrator, rng, 1.0) for _ in range(30)) if e.parent is not None]
    assert remixes
    for e in remixes:
        assert ". " in e.text
        assert e.parent is not None
        assert (e.parent != e.latents).any(), e.text


@pytest.mark.parametrize(
    "given",
    [((0, 1),), ((24, 1),), ((0, 1), (24, 1)), ((0, 9),), ((0, 9), (16, 9)), ((8, 17),)],
    ids=["first", "last", "loop", "extension", "blend", "long piece inside"],
)
def test_frames_are_given_as_the_pipeline_gives_them(
    vae: AutoencoderKLLTXVideo, given: tuple[tuple[int, int], ...]
) -> None:
    """Same tokens, in the same order, at the same places, the same of them given."""
    canvas, tokenizer = Canvas(width=96, height=64, frames=25), train_tokenizer(1, texts=500)
    rng, scene = np.random.default_rng(0), alone(Motion.RIGHT)
    illustrator = Illustrator(vae)
    pieces = tuple(illustrator.given(scene, canvas, at, count) for at, count in given)
    one = Example(text="a red ball", latents=illustrator.latents(scene, canvas), parent=None, given=pieces)
    batch = make_batch([one], tokenizer, rng, TransformerTraining())
    pipeline = LTXConditionPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=new_model(1, len(tokenizer)).text,
        tokenizer=tokenizer,
        transformer=new_model(1, len(tokenizer)).transformer,
    )
    videos = [to_tensor(draw_clip(scene, canvas, at, count))[None] for at, count in given]
    tokens, mask, where, beside = pipeline.prepare_latents(
        videos,
        [1.0] * len(given),
        [at for at, _ in given],
        num_channels_latents=LATENT_CHANNELS,
        height=64,
        width=96,
        num_frames=25,
        generator=torch.Generator().manual_seed(0),
        device=torch.device("cpu"),
        dtype=torch.float32,
    )
    seconds = where.float()
    seconds[:, 0] /= FPS
    torch.testing.assert_close(batch.coordinates, seconds)
    assert (batch.given == mask.bool()).all()
    assert batch.clean.shape == tokens.shape
    assert int(batch.given.sum()) >= beside
    # The picture's channels are the encoder's own; those of the subject it has yet to learn.
    picture = batch.clean[batch.given][:, :PICTURE_CHANNELS]
    torch.testing.assert_close(picture, tokens[batch.given][:, :PICTURE_CHANNELS], atol=0.25, rtol=0.05)


def test_processes_draw_ahead_what_would_be_drawn_here() -> None:
    here, there = (parts(_numbers, 3, 1, workers) for workers in (0, 1))
    for _ in range(3):
        assert next(here)[0]() == next(there)[0]()


def test_another_process_can_draw_what_the_transformer_learns(vae: AutoencoderKLLTXVideo) -> None:
    config = dataclasses.replace(TransformerTraining(), tokens=60, captions=6)
    tokenizer = train_tokenizer(1, texts=500)
    drawing = Drawing(illustrator=Illustrator(vae), tokenizer=tokenizer, config=config, seed=1)
    (clips, lesson), (clips_there, lesson_there) = (
        draw(3, 0) for draw in (drawing, pickle.loads(pickle.dumps(drawing)))
    )
    for here, there in ((clips, clips_there), (lesson, lesson_there)):
        assert torch.equal(here.clean, there.clean)
        assert torch.equal(here.words, there.words)
        assert here.seed == there.seed


def _numbers(step: int, replica: int) -> list[float]:
    return [float(x) for x in rng_for(1, 2, step, replica).uniform(size=3)]


def test_a_few_steps_lower_the_velocity_loss() -> None:
    tokenizer = train_tokenizer(1, texts=500)
    model, rng = new_model(1, len(tokenizer)), np.random.default_rng(0)
    noise = torch.randn(4, LATENT_CHANNELS, 2, 2, 2) * 0.1
    drawn = [Example(text="a red ball", latents=latents, parent=None) for latents in noise]
    batch = make_batch(drawn, tokenizer, rng, TransformerTraining())
    optimisers = Optimisers(model, muon_rate=0.01, adam_rate=1e-3, muon_skips=("text.", "proj_", "_embed", "_table"))
    seen = []
    for _ in range(6):
        loss = velocity_loss(model, batch, channel_weights(2.0))
        loss.backward()  # type: ignore[no-untyped-call]
        optimisers.step(1.0)
        seen.append(float(loss.detach()))
    assert seen[-1] < 0.9 * seen[0]


def test_a_remix_is_learned_on_the_straight_way_from_its_parent_to_the_new_clip() -> None:
    """At the starting strength the state is the parent under noise, and the velocity leads to the new clip."""
    tokenizer, rng = train_tokenizer(1, texts=500), np.random.default_rng(0)
    clip, parent = torch.randn(2, LATENT_CHANNELS, 1, 2, 2)
    remix = Example(text="a red ball. make it blue", latents=clip, parent=parent, given=())
    batch = make_batch([remix] * 64, tokenizer, rng, TransformerTraining())
    difference = (parent - clip).flatten(1).T
    for sigma, remains, clean in zip(batch.sigma, batch.remains, batch.clean, strict=True):
        share = (remains / difference).mean()
        torch.testing.assert_close(remains, share * difference, atol=1e-4, rtol=1e-3)
        strength = 1 / (share + 1)
        assert sigma.item() <= strength + 1e-5
        start = strength * remains + (1 - strength) * clean
        torch.testing.assert_close(start, (1 - strength) * parent.flatten(1).T, atol=1e-4, rtol=1e-3)


def test_close_ups_show_most_of_a_subject() -> None:
    rng = np.random.default_rng(1)
    for snippet in draw_snippets(rng, 16, 1):
        close = snippet.close_up(rng)
        assert close.video.shape[-2:] == (96, 96)
        assert close.foreground.shape[-2:] == (3, 3)
        assert close.box.sum() > 0.6 * snippet.box.sum() or (len(snippet.spots) == 2 and close.box.sum() > 800)


def test_a_killed_run_finds_its_last_checkpoint(tmp_path: Path) -> None:
    checkpoint = run.Checkpoint(tmp_path / "folder" / "state.pt")
    assert checkpoint.load() is None
    checkpoint.save({"step": 3})
    (tmp_path / "folder" / "state.part").write_bytes(b"half a file")
    assert run.Checkpoint(tmp_path / "folder" / "state.pt").load() == {"step": 3}


def test_a_lesson_in_words_asks_for_the_new_colour_where_the_start_shows_the_old() -> None:
    tokenizer, rng = train_tokenizer(1, texts=500), np.random.default_rng(0)
    batch = word_lesson(tokenizer, rng, dataclasses.replace(TransformerTraining(), captions=800))
    colour = slice(PICTURE_CHANNELS + fg.COLOUR, PICTURE_CHANNELS + fg.CENTRE)
    signs = torch.from_numpy(fg.WORDS)[: len(Colour)]
    meant = (batch.clean[:, 0, colour] @ signs.T).argmax(dim=1)
    # What the start shows of the parent: at strength s it is (1 - s) of the parent's own channels.
    strength = batch.sigma[:, 0]
    shown = strength * batch.remains[:, 0, colour] + (1 - strength) * batch.clean[:, 0, colour]
    before = (shown @ signs.T).argmax(dim=1)
    ends = [
        [i for i, colour in enumerate(Colour) if text.endswith(f"make it {colour.value}")]
        for text in tokenizer.batch_decode(batch.words, skip_special_tokens=True)
    ]
    told = [i for i, end in enumerate(ends) if end]
    assert len(told) > 5
    assert [int(meant[i]) for i in told] == [ends[i][0] for i in told]
    assert all(int(before[i]) != int(meant[i]) for i in told)
    # Nothing is drawn, so nothing of the picture is asked.
    assert (channel_weights(3.0, picture=0.0)[:PICTURE_CHANNELS] == 0).all()


def test_the_text_encoder_begins_with_a_sense_of_order_and_keeps_its_queries_small() -> None:
    """Where T5's attention has saturated, swapping the colours changes nothing, however long the training."""
    torch.manual_seed(0)
    tokenizer = train_tokenizer(1, texts=500)
    model = new_model(1, len(tokenizer))
    pair = tokenizer(["a red ball. make it blue", "a blue ball. make it red"], return_tensors="pt")
    end = model.text(pair.input_ids, attention_mask=pair.attention_mask.bool())[0][:, -1]
    assert torch.cosine_similarity(end[0], end[1], dim=0) < 0.98
    # A new model's last projection is zero and would let no gradient through.
    nn.init.normal_(model.transformer.proj_out.weight, std=0.02)
    slow = next(name for name, _ in model.named_parameters() if SLOW_PARAMETERS in name)
    before = {name: p.detach().clone() for name, p in model.named_parameters() if "SelfAttention" in name}
    optimisers = Optimisers(model, muon_rate=0.01, adam_rate=1e-3, muon_skips=("text.",), slow=SLOW_PARAMETERS)
    lesson = word_lesson(tokenizer, np.random.default_rng(0), dataclasses.replace(TransformerTraining(), captions=8))
    velocity_loss(model, lesson, channel_weights(3.0, picture=0.0)).backward()  # type: ignore[no-untyped-call]
    optimisers.step(1.0)
    after = {name: p.detach() for name, p in model.named_parameters()}
    moved = {name: float((after[name] - p).abs().max()) for name, p in before.items()}
    assert moved[slow] < 0.2 * max(moved.values())
