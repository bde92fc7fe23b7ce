"""The parts of the training, each tried small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from inference.pocket.training import linear, run
from inference.pocket.training.clips import Clip
from inference.pocket.training.config import FPS, LATENT_CHANNELS, TransformerTraining
from inference.pocket.training.data import snippets
from inference.pocket.training.optim import Optimisers, orthogonalise, schedule
from inference.pocket.training.team import Team
from inference.pocket.training.tokenizer import train_tokenizer
from inference.pocket.training.transformer import coordinates, make_batch, new_model, velocity_loss
from inference.pocket.training.vae import new_vae
from inference.pocket.world.scene import Canvas, sample_scene


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
    team.backward(lambda replica, part: replica(part).square().mean(), [data[:3], data[3:]])
    assert module.weight.grad is not None
    torch.testing.assert_close(module.weight.grad, alone)


def test_coordinates_are_seconds_and_pixels() -> None:
    where = coordinates(torch.zeros(1, LATENT_CHANNELS, 3, 4, 7))[0]
    assert sorted(set(where[0].tolist())) == pytest.approx([0.0, 1 / FPS, 5 / FPS])
    assert sorted(set(where[1].tolist())) == [0, 32, 64, 96]
    assert where[2].max() == 192


def test_the_fast_encoder_equals_the_encoder() -> None:
    vae = new_vae(0)
    linear.fit(vae, 1, batches=2)
    video = torch.rand(1, 3, 9, 64, 64) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(
            linear.encode(vae, video), vae.encode(video).latent_dist.mode(), atol=1e-3, rtol=1e-3
        )


def test_the_closed_form_start_is_already_an_autoencoder() -> None:
    vae = new_vae(0)
    linear.fit(vae, 1, batches=4)
    video = snippets(np.random.default_rng(0), 1, 5)
    with torch.no_grad():
        made = vae.decode(linear.encode(vae, video)).sample
    assert made.shape == video.shape
    assert (made - video).square().mean() < 0.15 * video.square().mean()


def test_a_few_steps_lower_the_velocity_loss() -> None:
    tokenizer = train_tokenizer(1, texts=500)
    model, rng = new_model(1, len(tokenizer)), np.random.default_rng(0)
    canvas = Canvas(width=64, height=64, frames=5)
    noise = torch.randn(4, LATENT_CHANNELS, 2, 2, 2).half() * 0.1
    clips = [Clip(scene=sample_scene(rng), canvas=canvas, latents=latents) for latents in noise]
    batch = make_batch(clips, tokenizer, rng, TransformerTraining())
    optimisers = Optimisers(model, muon_rate=0.01, adam_rate=1e-3, muon_skips=("text.", "proj_", "_embed", "_table"))
    seen = []
    for _ in range(6):
        loss = velocity_loss(model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        optimisers.step(1.0)
        seen.append(float(loss.detach()))
    assert seen[-1] < 0.9 * seen[0]


def test_a_killed_run_finds_its_last_checkpoint(tmp_path: Path) -> None:
    checkpoint = run.Checkpoint(tmp_path / "folder" / "state.pt")
    assert checkpoint.load() is None
    checkpoint.save({"step": 3})
    (tmp_path / "folder" / "state.part").write_bytes(b"half a file")
    assert run.Checkpoint(tmp_path / "folder" / "state.pt").load() == {"step": 3}
