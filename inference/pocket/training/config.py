"""Sizes, shares and budgets of the training, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

#: Width, height and share of the clips; all divisible by the autoencoder's 32.
SHAPES: tuple[tuple[int, int, float], ...] = ((224, 128, 0.80), (128, 224, 0.10), (160, 160, 0.10))
#: Frames and share of the clips: stills, which teach words seven times as cheaply, and 1, 2, 3 and 5 seconds.
LENGTHS: tuple[tuple[int, float], ...] = ((1, 0.2), (25, 0.3), (49, 0.4), (73, 0.05), (121, 0.05))
#: Frames per second of every drawn clip.
FPS = 24
#: Channels of a latent: principal components of the picture, then what `foreground` writes of subject, look and air.
PICTURE_CHANNELS, FOREGROUND_CHANNELS = 40, 30
LATENT_CHANNELS = PICTURE_CHANNELS + FOREGROUND_CHANNELS
#: Pixels and frames that a latent covers.
SPACE, TIME = 32, 8
#: Halvings between the autoencoder's patches and its latents, in time and space.
STAGES = 3
PATCH = SPACE // 2**STAGES


def vae_sizes() -> dict[str, Any]:
    """AutoencoderKLLTXVideo's configuration: 32x in space and 8x in time, as LTX-Video's own.

    Patches of 4x4, and three stages that halve time and space. Most of the drawing is done on the grid of 8x8 pixels
    and two frames, where layers are cheap. Both halves are causal, so a still image is an ordinary first latent frame
    and decoding can be streamed exactly. The encoder's principal components are solved by `linear.fit`; its residual
    blocks learn to recognise the subject.
    """
    return {
        "latent_channels": LATENT_CHANNELS,
        "patch_size": PATCH,
        "block_out_channels": (76,) * STAGES,
        "down_block_types": ("LTXVideoDownBlock3D",) * STAGES,
        "spatio_temporal_scaling": (True,) * STAGES,
        "layers_per_block": (0, 0, 1, 1),
        "decoder_block_out_channels": (72,) * STAGES,
        "decoder_spatio_temporal_scaling": (True,) * STAGES,
        "decoder_layers_per_block": (1, 3, 0, 1),
        "decoder_inject_noise": (False,) * (STAGES + 1),
        "upsample_residual": (False,) * STAGES,
        "upsample_factor": (1,) * STAGES,
        "timestep_conditioning": False,
        "encoder_causal": True,
        "decoder_causal": True,
    }


def transformer_sizes() -> dict[str, Any]:
    """LTXVideoTransformer3DModel's configuration, about 4.7 million parameters."""
    return {
        "in_channels": LATENT_CHANNELS,
        "out_channels": LATENT_CHANNELS,
        "patch_size": 1,
        "patch_size_t": 1,
        "num_attention_heads": 6,
        "attention_head_dim": 32,
        "cross_attention_dim": 192,
        "num_layers": 7,
        "caption_channels": 192,
    }


def text_sizes() -> dict[str, Any]:
    """T5Config's sizes (vocabulary and special tokens come from the tokenizer)."""
    return {
        "d_model": 192,
        "d_kv": 32,
        "d_ff": 384,
        "num_layers": 2,
        "num_heads": 6,
        "feed_forward_proj": "gated-gelu",
        "dropout_rate": 0.0,
        "tie_word_embeddings": False,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class VaeTraining:
    """The autoencoder's training."""

    #: Minutes of wall time that the learning-rate schedule is laid over.
    minutes: float = 50.0
    learning_rate: float = 1e-3
    #: Of Muon, for the convolution kernels.
    muon_rate: float = 0.008
    #: Weight of the edge loss against L1.
    edges: float = 0.5
    #: What the subject's pixels count, against 1.
    subject: float = 4.0
    #: Share of the batches of stills that are close-ups.
    close: float = 0.7
    #: Stills a batch, and twice as many close-ups; one batch in `every` is of snippets: how many, and their frames.
    stills: int = 14
    every: int = 3
    snippets: tuple[tuple[int, int], ...] = ((2, 9), (1, 17))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerTraining:
    """The transformer's and text encoder's training."""

    minutes: float = 120.0
    learning_rate: float = 1e-3
    muon_rate: float = 0.01
    #: Tokens a batch: 16 clips of two seconds, 7 latent frames of 28.
    tokens: int = 16 * 196
    #: Examples a batch has at most: of stills, a batch of as many tokens would be slow to draw.
    most: int = 48
    #: Captions of a step's lesson in words.
    captions: int = 160
    #: Share of empty captions, so that guidance works.
    drop_caption: float = 0.1
    #: Share of batches whose clips have some frames given: the first, the last, both, or pieces at both ends.
    given: float = 0.2
    #: Shift of the noise level towards high noise: s·u/(1+(s-1)·u).
    shift: float = 6.0
    #: What the subject's channels count in the loss, against 1.
    subject: float = 3.0
    #: Share of captions with instructions that are learned as remixes, and the least strength of those.
    remixed: float = 0.9
    least_strength: float = 0.8
    ema: float = 0.99
    #: Share of the time over which the learning rates fall at the end.
    cool: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Everything one run needs to know."""

    #: Where checkpoints, logs, sheets and the finished model go; never committed.
    folder: Path = Path(".training")
    #: The shipped model: what a run starts from where it has no checkpoint.
    model: Path = Path(__file__).parents[1] / "model"
    seed: int = 1
    threads: int = 2
    #: Start from the model folder's weights where there is no checkpoint.
    warm: bool = True
    #: Processes that draw ahead; none on a CPU, where the replicas draw for themselves.
    workers: int = 0
    vae: VaeTraining = field(default_factory=VaeTraining)
    transformer: TransformerTraining = field(default_factory=TransformerTraining)

    def on_gpu(self, workers: int) -> Training:
        """For one large GPU: batches that fill it, drawn by `workers` processes, and half an hour in all."""
        return replace(
            self,
            threads=1,
            workers=workers,
            vae=replace(self.vae, minutes=10.0, stills=192, snippets=((24, 9), (12, 17))),
            transformer=replace(self.transformer, minutes=18.0, tokens=320 * 196, most=768, captions=2048, ema=0.998),
        )
