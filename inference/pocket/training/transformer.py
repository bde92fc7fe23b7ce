"""The training of the transformer and its text encoder together: flow matching by the pipeline's own conventions."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKLLTXVideo, LTXConditionPipeline, LTXVideoTransformer3DModel
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from inference.pocket.training import run, warm
from inference.pocket.training.clips import Clip, Pool
from inference.pocket.training.config import FPS, Training, TransformerTraining, text_sizes, transformer_sizes
from inference.pocket.training.data import rng_for
from inference.pocket.training.optim import Optimisers, schedule
from inference.pocket.training.team import Team
from inference.pocket.training.tokenizer import train_tokenizer
from inference.pocket.training.vae import load_vae
from inference.pocket.world.captions import caption
from inference.pocket.world.motion import centre_track, reach

_STAGE = 2
#: Space and time compression of the autoencoder.
_SPACE, _TIME = 32, 4
#: Noise that the pipeline adds to given frames, times sigma squared (`image_cond_noise_scale`).
_GIVEN_NOISE = 0.15
#: Parameters that AdamW learns better than Muon: the ends, and everything of the text encoder.
_NOT_MUON = ("text.", "proj_in", "proj_out", "time_embed", "caption_projection", "scale_shift_table")


class Model(nn.Module):
    """What is trained here: the transformer and the text encoder it listens through."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.text = T5EncoderModel(T5Config(vocab_size=vocabulary, pad_token_id=0, eos_token_id=1, **text_sizes()))
        self.transformer = LTXVideoTransformer3DModel(**transformer_sizes())


def new_model(seed: int, vocabulary: int) -> Model:
    """An untrained model; the last projection starts at zero, so that the first prediction is calm."""
    torch.manual_seed(seed)
    model = Model(vocabulary)
    nn.init.zeros_(model.transformer.proj_out.weight)
    nn.init.zeros_(model.transformer.proj_out.bias)
    return model


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Clean latents and what is said of them."""

    #: [batch, tokens, channels], packed and normalised.
    clean: Tensor
    #: [batch, 3, tokens]: seconds, and pixels down and right.
    coordinates: Tensor
    #: Token ids and mask, [batch, words].
    words: Tensor
    mask: Tensor
    #: Noise level per clip, [batch, 1, 1].
    sigma: Tensor
    #: True where a token is given clean, [1, tokens].
    given: Tensor
    #: What a token counts in the loss, [batch, tokens].
    weight: Tensor
    #: Seed of the noise.
    seed: int


def coordinates(latents: Tensor) -> Tensor:
    """The pipeline's own token coordinates, private there, for latents [batch, channels, frames, height, width]."""
    batch, _, frames, height, width = latents.shape
    ids = LTXConditionPipeline._prepare_video_ids(batch, frames, height, width)  # noqa: SLF001
    scaled: Tensor = LTXConditionPipeline._scale_video_ids(  # noqa: SLF001
        ids, scale_factor=_SPACE, scale_factor_t=_TIME
    ).float()
    scaled[:, 0] = scaled[:, 0] / FPS
    return scaled


def token_weights(clip: Clip, heavy: float) -> Tensor:
    """`heavy` for tokens that show some of the subject, 1 for the rest: [frames, height, width] of the latents.

    The background is most of the picture and learned long before the thing that the prompt is about.
    """
    _, frames, height, width = clip.latents.shape
    centre, half = centre_track(clip.scene, clip.canvas), np.asarray(reach(clip.scene, clip.canvas))
    # The first latent frame is the first frame alone, every other one covers the next four.
    spans = [centre[max(0, _TIME * (i - 1) + 1) : _TIME * i + 1] for i in range(frames)]
    weights = torch.ones(frames, height, width)
    for i, span in enumerate(spans):
        left, top = (span.min(axis=0) - half) // _SPACE
        right, bottom = (span.max(axis=0) + half) // _SPACE
        weights[i, max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1] = heavy
    return weights


def make_batch(
    clips: list[Clip], tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator, config: TransformerTraining
) -> Batch:
    """Captions with fresh wordings, and noise levels leaning to high noise."""
    latents = torch.stack([clip.latents for clip in clips]).float()
    said = ["" if rng.uniform() < config.drop_caption else caption(clip.scene, rng) for clip in clips]
    words = tokenizer(said, padding="longest", return_tensors="pt")
    # Stratified noise levels: every batch sees the whole range, which steadies the loss.
    u = (rng.permutation(len(clips)) + rng.uniform(size=len(clips))) / len(clips)
    sigma = config.shift * u / (1 + (config.shift - 1) * u)
    tokens_a_frame = latents.shape[3] * latents.shape[4]
    given = torch.zeros(1, latents[0, 0].numel(), dtype=torch.bool)
    given[:, :tokens_a_frame] = latents.shape[2] > 1 and bool(rng.uniform() < config.first_frame)
    return Batch(
        clean=LTXConditionPipeline._pack_latents(latents),  # noqa: SLF001
        coordinates=coordinates(latents),
        words=words.input_ids,
        mask=words.attention_mask.bool(),
        sigma=torch.from_numpy(sigma).float().view(-1, 1, 1),
        given=given,
        weight=torch.stack([token_weights(clip, config.subject).flatten() for clip in clips]),
        seed=int(rng.integers(2**62)),
    )


def velocity_loss(model: Any, batch: Batch) -> Tensor:
    """Mean squared error of the velocity (noise minus clean) over the tokens that are not given."""
    generator = torch.Generator().manual_seed(batch.seed)
    noise = torch.randn(batch.clean.shape, generator=generator)
    noisy = batch.sigma * noise + (1 - batch.sigma) * batch.clean
    timestep = batch.sigma[:, :, 0] * 1000.0
    if batch.given.any():
        fuzz = torch.randn(batch.clean.shape, generator=generator) * _GIVEN_NOISE * batch.sigma**2
        noisy = torch.where(batch.given[..., None], batch.clean + fuzz, noisy)
        timestep = torch.where(batch.given, 0.0, timestep)
    device = next(model.parameters()).device
    mask = batch.mask.to(device)
    embedding = model.text(batch.words.to(device), attention_mask=mask)[0]
    velocity = model.transformer(
        hidden_states=noisy.to(device),
        encoder_hidden_states=embedding,
        timestep=timestep.to(device),
        encoder_attention_mask=mask,
        video_coords=batch.coordinates.to(device),
        return_dict=False,
    )[0]
    wanted = ~batch.given[0]
    error: Tensor = (velocity - (noise - batch.clean).to(device))[:, wanted.to(device)]
    weight = batch.weight[:, wanted].to(device)
    return (error.square().mean(dim=-1) * weight).sum() / weight.sum()


class Average:
    """An exponential moving average of the weights: what is exported."""

    def __init__(self, model: Model, decay: float) -> None:
        self.model = copy.deepcopy(model)
        self._decay = decay

    @torch.no_grad()
    def update(self, model: Model, step: int) -> None:
        """Follow the trained weights; quickly at first."""
        decay = min(self._decay, (1 + step) / (20 + step))
        torch._foreach_lerp_(list(self.model.parameters()), list(model.parameters()), 1 - decay)


def trained_model(config: Training, tokenizer: PreTrainedTokenizerFast) -> Model:
    """The averaged weights of this run's last checkpoint."""
    saved = run.Checkpoint(config.folder / "transformer.pt").load()
    if saved is None:
        raise FileNotFoundError(f"no transformer has been trained in {config.folder}")
    model = new_model(config.seed, len(tokenizer))
    model.load_state_dict(saved["average"])
    return model.eval().requires_grad_(False)


class Gatherer:
    """Spends a share of the time on new clips: half of it while there are few."""

    def __init__(self, pool: Pool, vae: AutoencoderKLLTXVideo, config: TransformerTraining) -> None:
        self._pool, self._vae, self._config = pool, vae, config
        self._gathering, self._training = 0.0, 1.0
        while len(pool) < 64:
            pool.grow(vae)

    def after(self, seconds: float) -> None:
        """Called after each step with the seconds it took."""
        self._training += seconds
        share = self._config.fresh if len(self._pool) >= self._config.clips_first else 0.5
        while self._gathering < share * (self._gathering + self._training):
            start = time.monotonic()
            self._pool.grow(self._vae)
            self._gathering += time.monotonic() - start
        # A short memory, so that a change of share does not have to make up for the past.
        self._gathering, self._training = self._gathering * 0.99, self._training * 0.99


class Trainer:
    """Model, average and optimisers, and what of them a checkpoint keeps."""

    def __init__(self, config: Training, vocabulary: int) -> None:
        settings = config.transformer
        self.model = new_model(config.seed, vocabulary).to(run.device())
        if warm.shipped(config):
            self.model.load_state_dict(warm.model_weights(config))
        self.average = Average(self.model, settings.ema)
        self.optimisers = Optimisers(
            self.model,
            muon_rate=settings.muon_rate,
            adam_rate=settings.learning_rate,
            muon_skips=_NOT_MUON,
            threads=config.threads,
        )
        self.step, self.spent = 0, 0.0

    def state(self, spent: float) -> dict[str, Any]:
        """For a checkpoint, after `spent` seconds."""
        weights = {"model": self.model.state_dict(), "average": self.average.model.state_dict()}
        return {**weights, "optimisers": self.optimisers.state(), "step": self.step, "spent": spent}

    def restore(self, saved: dict[str, Any]) -> None:
        """Undo `state`."""
        self.model.load_state_dict(saved["model"])
        self.average.model.load_state_dict(saved["average"])
        self.optimisers.restore(saved["optimisers"])
        self.step, self.spent = saved["step"], saved["spent"]


def train_transformer(config: Training) -> None:
    """Train until the budget is used, resuming where a killed run stopped."""
    # One thread an operation: what runs side by side are replicas (see `team`).
    torch.set_num_threads(1)
    settings, tokenizer = config.transformer, train_tokenizer(config.seed)
    vae, trainer = load_vae(config).to(run.device()), Trainer(config, len(tokenizer))
    checkpoint, report = run.Checkpoint(config.folder / "transformer.pt"), run.Report("transformer")
    saved = checkpoint.load()
    if saved is not None:
        trainer.restore(saved)
    team: Team[Batch] = Team(trainer.model, config.threads if run.device().type == "cpu" else 1)
    pool = Pool(config.folder / "clips.pt", settings.clips_most, config.seed)
    gatherer, amp = Gatherer(pool, vae, settings), run.autocast()
    clock = run.Clock(settings.minutes, trainer.spent)
    for step in run.steps_until_done(clock, trainer.step):
        start, rng = time.monotonic(), rng_for(config.seed, _STAGE, step)
        shares = [pool.pick(rng, settings.tokens // team.size) for _ in range(team.size)]
        with amp:
            loss = team.backward(velocity_loss, [make_batch(clips, tokenizer, rng, settings) for clips in shares])
        norm = trainer.optimisers.step(schedule(clock.progress, cool=0.15))
        trainer.average.update(trainer.model, step)
        trainer.step = step + 1
        seconds = time.monotonic() - start
        report.add(step, clock.progress, {"loss": loss, "norm": norm, "clips": float(len(pool)), "seconds": seconds})
        gatherer.after(seconds)
        if checkpoint.due:
            pool.save()
            checkpoint.save(trainer.state(clock.spent))
    checkpoint.save(trainer.state(clock.spent))
