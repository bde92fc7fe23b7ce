"""The shipped weights as a start, for a machine that has no checkpoints of its own.

They may be of an earlier world: with fewer words, and fewer channels, in which case the new ones come last.
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, T5EncoderModel

from inference.pocket.training.config import PICTURE_CHANNELS, Training, vae_sizes

Weights = dict[str, Tensor]

#: Weights with a row a token, and those with a column or a row a latent channel.
_WORDS = ("text.shared.weight", "text.encoder.embed_tokens.weight")
_INTO, _OUT_OF = "transformer.proj_in.weight", ("transformer.proj_out.weight", "transformer.proj_out.bias")


def shipped(config: Training) -> bool:
    """Whether there are weights to start from, and they are wanted."""
    return config.warm and (config.model / "model_index.json").exists()


def vae_weights(config: Training) -> Weights | None:
    """The shipped autoencoder in fp32, statistics included; None where none is wanted, or it is of other sizes."""
    if not shipped(config):
        return None
    vae = AutoencoderKLLTXVideo.from_pretrained(config.model / "vae")
    same = all(_plain(vae.config[name]) == _plain(size) for name, size in vae_sizes().items())
    weights: Weights | None = vae.float().state_dict() if same else None
    return weights


def _plain(size: object) -> object:
    return tuple(size) if isinstance(size, list) else size


def model_weights(config: Training) -> Weights:
    """The shipped transformer and text encoder in fp32, named as in `transformer.Model`."""
    parts = {
        "transformer": LTXVideoTransformer3DModel.from_pretrained(config.model / "transformer"),
        "text": T5EncoderModel.from_pretrained(config.model / "text_encoder"),
    }
    return {f"{part}.{name}": w.float() for part, module in parts.items() for name, w in module.state_dict().items()}


@torch.no_grad()
def adopt(config: Training, model: nn.Module, tokenizer: PreTrainedTokenizerFast) -> None:
    """Set `model` to the shipped weights as far as they reach; what they do not know starts as it is, or at zero."""
    found, mine = model_weights(config), model.state_dict()
    spoken = PreTrainedTokenizerFast.from_pretrained(config.model / "tokenizer").get_vocab()
    both = [(spoken[token], number) for token, number in tokenizer.get_vocab().items() if token in spoken]
    theirs, ours = (torch.tensor(numbers) for numbers in zip(*both, strict=True))
    for name, weight in mine.items():
        if name in _WORDS:
            weight[ours] = found[name][theirs]
        elif name == _INTO:
            weight.zero_()
            weight[:, : found[name].size(1)] = found[name]
        elif name in _OUT_OF:
            weight.zero_()
            weight[: len(found[name])] = found[name]
        else:
            weight.copy_(found[name])
    if vae_weights(config) is None:
        _forget_pictures(mine, model)


def _forget_pictures(weights: Weights, model: nn.Module) -> None:
    """With another autoencoder the picture's channels mean something else, and are learned anew."""
    fresh = nn.Linear(weights[_INTO].size(1), len(weights[_INTO]), bias=False).to(next(model.parameters()).device)
    weights[_INTO][:, :PICTURE_CHANNELS] = fresh.weight[:, :PICTURE_CHANNELS]
    for name in _OUT_OF:
        weights[name][:PICTURE_CHANNELS] = 0
