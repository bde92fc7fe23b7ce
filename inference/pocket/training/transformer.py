"""The training of the transformer and its text encoder together: flow matching by the pipeline's own conventions."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, replace
from typing import Any

import torch
from diffusers import LTXVideoTransformer3DModel
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from inference.pocket.training import foreground as fg
from inference.pocket.training import run, warm
from inference.pocket.training.batches import Batch, make_batch, word_lesson
from inference.pocket.training.config import (
    LATENT_CHANNELS,
    PICTURE_CHANNELS,
    Training,
    TransformerTraining,
    text_sizes,
    transformer_sizes,
)
from inference.pocket.training.data import parts, rng_for
from inference.pocket.training.examples import Illustrator, examples
from inference.pocket.training.optim import Optimisers, schedule
from inference.pocket.training.team import Team
from inference.pocket.training.tokenizer import load_tokenizer
from inference.pocket.training.vae import load_vae

_STAGE = 2
#: Noise that the pipeline adds to given frames, times sigma squared (`image_cond_noise_scale`).
_GIVEN_NOISE = 0.15
#: What colour, place and way count against the subject's other channels: half of what a prompt is about, in a few.
_COLOUR, _WAY = 3.0, 4.0
#: What lessons in words count against whole clips.
_HEARD = 0.3
#: Parameters that AdamW learns better than Muon: the ends, and everything of the text encoder.
_NOT_MUON = ("text.", "proj_in", "proj_out", "time_embed", "caption_projection", "scale_shift_table")

#: T5's queries, small because it does not scale its scores. At the others' rate they grow within minutes until each
#: word attends to one other, whichever it was, and neither order nor context is ever learned.
SLOW_PARAMETERS = "SelfAttention.q."


class Model(nn.Module):
    """What is trained here: the transformer and the text encoder it listens through."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.text = T5EncoderModel(T5Config(vocab_size=vocabulary, pad_token_id=0, eos_token_id=1, **text_sizes()))
        self.transformer = LTXVideoTransformer3DModel(**transformer_sizes())


@torch.no_grad()
def _look_around(text: T5EncoderModel) -> None:
    """Let attention heads start with a sense of order: the words just before or after, all before or all after, near.

    Left near zero, as they are by default, these biases stay there for hours, and words are a bag: of "a red ball. make
    it blue" neither colour comes first.
    """
    attention = text.encoder.block[0].layer[0].SelfAttention
    # Each bucket's signed distance, key minus query: exact up to 8 words, then wider and wider.
    far = torch.arange(-128, 129)
    buckets = attention._relative_position_bucket(far, bidirectional=True)  # noqa: SLF001
    distance = torch.stack([far[buckets == bucket].float().mean() for bucket in range(int(buckets.max()) + 1)])
    before, after = distance < 0, distance > 0
    heads = torch.stack(
        [
            torch.where(before, 4.0 + distance, -3.0).clamp(min=-3.0),
            torch.where(after, 4.0 - distance, -3.0).clamp(min=-3.0),
            torch.where(before, 1.5, -1.5),
            torch.where(after, 1.5, -1.5),
            torch.where(distance.abs() < 4, 1.5, -1.5),
        ],
        dim=1,
    )
    attention.relative_attention_bias.weight[: len(heads), : heads.size(1)] += heads


def new_model(seed: int, vocabulary: int) -> Model:
    """An untrained model; the last projection starts at zero, so that the first prediction is calm."""
    torch.manual_seed(seed)
    model = Model(vocabulary)
    _look_around(model.text)
    nn.init.zeros_(model.transformer.proj_out.weight)
    nn.init.zeros_(model.transformer.proj_out.bias)
    return model


def channel_weights(subject: float, picture: float = 1.0) -> Tensor:
    """What each channel counts in the loss; the mean is 1."""
    weights = torch.full((LATENT_CHANNELS,), subject)
    weights[:PICTURE_CHANNELS] = picture
    weights[PICTURE_CHANNELS + fg.COLOUR : PICTURE_CHANNELS + fg.CENTRE] *= _COLOUR
    weights[PICTURE_CHANNELS + fg.CENTRE : PICTURE_CHANNELS + fg.SIZE] *= _WAY
    weights[PICTURE_CHANNELS + fg.CURVE_ASIDE] *= _WAY
    return weights / weights.mean()


def velocity_loss(model: Any, batch: Batch, weights: Tensor) -> Tensor:
    """Mean squared error of the velocity over the tokens that are not given, its channels weighed by `weights`.

    A remix starts from its parent's latents under noise, and the steps lead straight from there to the new clip. So on
    its way the parent's difference fades as the noise does, and is learned as if it were part of the noise.
    """
    generator = torch.Generator().manual_seed(batch.seed)
    noise = torch.randn(batch.clean.shape, generator=generator) + batch.remains
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
    error = (velocity - (noise - batch.clean).to(device))[:, ~batch.given[0].to(device)].square()
    total: Tensor = (error * weights.to(device)).mean()
    return total


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


class Trainer:
    """Model, average and optimisers, and what of them a checkpoint keeps."""

    def __init__(self, config: Training, tokenizer: PreTrainedTokenizerFast) -> None:
        settings = config.transformer
        self.model = new_model(config.seed, len(tokenizer))
        if warm.shipped(config):
            warm.adopt(config, self.model, tokenizer)
        self.model.to(run.device())
        self.average = Average(self.model, settings.ema)
        self.optimisers = Optimisers(
            self.model,
            muon_rate=settings.muon_rate,
            adam_rate=settings.learning_rate,
            muon_skips=_NOT_MUON,
            slow=SLOW_PARAMETERS,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Draws what a replica learns in a step: whole clips, and a lesson in words. Other processes may do it."""

    illustrator: Illustrator
    tokenizer: PreTrainedTokenizerFast
    config: TransformerTraining
    seed: int

    def __call__(self, step: int, replica: int) -> tuple[Batch, Batch]:
        rng = rng_for(self.seed, _STAGE, step, replica)
        clips = make_batch(examples(self.illustrator, rng, self.config), self.tokenizer, rng, self.config)
        return clips, word_lesson(self.tokenizer, rng, self.config)


def train_transformer(config: Training) -> None:
    """Train until the budget is used, resuming where a killed run stopped."""
    # One thread an operation: what runs side by side are replicas (see `team`).
    torch.set_num_threads(1)
    settings, tokenizer = config.transformer, load_tokenizer(config)
    trainer = Trainer(config, tokenizer)
    checkpoint, report = run.Checkpoint(config.folder / "transformer.pt"), run.Report("transformer")
    saved = checkpoint.load()
    if saved is not None:
        trainer.restore(saved)
    team: Team[tuple[Batch, Batch]] = Team(trainer.model, config.threads if run.device().type == "cpu" else 1)
    share = replace(
        settings,
        tokens=settings.tokens // team.size,
        most=settings.most // team.size,
        captions=settings.captions // team.size,
    )
    drawing = Drawing(illustrator=Illustrator(load_vae(config)), tokenizer=tokenizer, config=share, seed=config.seed)

    def loss_of(model: Any, part: tuple[Batch, Batch]) -> Tensor:
        clips, lesson = part
        with run.autocast():
            heard = velocity_loss(model, lesson, channel_weights(settings.subject, picture=0.0))
            return velocity_loss(model, clips, channel_weights(settings.subject)) + _HEARD * heard

    clock = run.Clock(settings.minutes, trainer.spent)
    drawn = parts(drawing, trainer.step, team.size, config.workers)
    for step in run.steps_until_done(clock, trainer.step):
        start = time.monotonic()
        loss = team.backward(loss_of, next(drawn))
        norm = trainer.optimisers.step(schedule(clock.progress, cool=settings.cool))
        trainer.average.update(trainer.model, step)
        trainer.step = step + 1
        report.add(step, clock.progress, {"loss": loss, "norm": norm, "seconds": time.monotonic() - start})
        if checkpoint.due:
            checkpoint.save(trainer.state(clock.spent))
    checkpoint.save(trainer.state(clock.spent))
