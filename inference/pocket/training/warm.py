"""The shipped weights as a start, for a machine that has no checkpoints of its own."""

from __future__ import annotations

from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel
from torch import Tensor
from transformers import T5EncoderModel

from inference.pocket.training.config import Training

Weights = dict[str, Tensor]


def shipped(config: Training) -> bool:
    """Whether there are weights to start from, and they are wanted."""
    return config.warm and (config.model / "model_index.json").exists()


def vae_weights(config: Training) -> Weights:
    """The shipped autoencoder in fp32, statistics included."""
    weights: Weights = AutoencoderKLLTXVideo.from_pretrained(config.model / "vae").float().state_dict()
    return weights


def model_weights(config: Training) -> Weights:
    """The shipped transformer and text encoder in fp32, named as in `transformer.Model`."""
    parts = {
        "transformer": LTXVideoTransformer3DModel.from_pretrained(config.model / "transformer"),
        "text": T5EncoderModel.from_pretrained(config.model / "text_encoder"),
    }
    return {f"{part}.{name}": w.float() for part, module in parts.items() for name, w in module.state_dict().items()}
