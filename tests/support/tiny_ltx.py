"""A real LTX pipeline with random weights, small enough for a test: a diffusers folder, a preset for it, and media.

Same structure as the models that are served (causal autoencoder 32x in space and 4x in time, transformer, T5, byte
tokenizer), about 200,000 parameters, 0.1 s a clip on a CPU.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLLTXVideo,
    FlowMatchEulerDiscreteScheduler,
    LTXConditionPipeline,
    LTXVideoTransformer3DModel,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from inference.presets import Preset, PresetTable, load_presets

CHANNELS = 8
PRESET_TOML = """
[tiny]
title = "Tiny"
family = "ltx"
source = "{source}"
license = "Apache-2.0"
fps = 12
frames = {{ step = 4, min = 5, max = 61 }}
native_sizes = {{ "16:9" = [64, 32], "9:16" = [32, 64], "1:1" = [32, 32] }}
size_multiple = 32
max_native_short_side = 32
operations = ["generate", "animate", "remix", "again"]
steps = 4
guidance = 2.0
remix_strength = 0.9
seconds_per_megapixel_step = 1.0
max_prompt_tokens = 64
sound = false
"""


def build_tiny_ltx(folder: Path, *, seed: int = 0) -> Path:
    """Save a random pipeline under `folder` in diffusers' format; the same seed gives the same weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        pipeline = LTXConditionPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(),
            vae=_autoencoder(),
            text_encoder=_text_encoder(),
            tokenizer=_tokenizer(),
            transformer=_transformer(),
        )
    pipeline.save_pretrained(folder)
    return folder


def tiny_presets(folder: Path) -> PresetTable:
    """A table with the one preset `tiny`, served from `folder`."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(PRESET_TOML.format(source=folder))
        file.flush()
        return load_presets(Path(file.name))


def tiny_preset(folder: Path) -> Preset:
    """The preset of the pipeline in `folder`."""
    return tiny_presets(folder).get("tiny")


def _autoencoder() -> AutoencoderKLLTXVideo:
    vae = AutoencoderKLLTXVideo(
        latent_channels=CHANNELS,
        patch_size=8,
        block_out_channels=(8, 16, 16),
        down_block_types=("LTXVideo095DownBlock3D", "LTXVideo095DownBlock3D"),
        downsample_type=("spatiotemporal", "spatiotemporal"),
        spatio_temporal_scaling=(True, True),
        layers_per_block=(1, 1, 1),
        decoder_block_out_channels=(8, 16),
        decoder_spatio_temporal_scaling=(True, True),
        decoder_layers_per_block=(1, 1, 1),
        decoder_inject_noise=(False, False, False),
        upsample_residual=(True, True),
        upsample_factor=(1, 2),
        timestep_conditioning=False,
        encoder_causal=True,
        decoder_causal=True,
    )
    vae.latents_mean = torch.linspace(-0.2, 0.2, CHANNELS)
    vae.latents_std = torch.linspace(0.5, 1.5, CHANNELS)
    return vae


def _transformer() -> LTXVideoTransformer3DModel:
    return LTXVideoTransformer3DModel(
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        patch_size=1,
        patch_size_t=1,
        num_attention_heads=2,
        attention_head_dim=16,
        cross_attention_dim=32,
        num_layers=2,
        caption_channels=32,
    )


def _text_encoder() -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=258,
            d_model=32,
            d_kv=8,
            d_ff=32,
            num_layers=2,
            num_heads=4,
            feed_forward_proj="gated-gelu",
            dropout_rate=0.0,
            pad_token_id=0,
            eos_token_id=1,
        )
    )


def _tokenizer() -> PreTrainedTokenizerFast:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate(["<pad>", "</s>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", model_max_length=128
    )
