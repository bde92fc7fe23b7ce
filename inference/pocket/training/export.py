"""From checkpoints to the folder that any diffusers loads."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTXConditionPipeline

from inference.pocket.training.config import Training
from inference.pocket.training.tokenizer import load_tokenizer
from inference.pocket.training.transformer import trained_model
from inference.pocket.training.vae import load_vae

#: What the shipped folder may weigh.
MOST_BYTES = 24_000_000


def assemble(config: Training) -> LTXConditionPipeline:
    """The pipeline of this run's last checkpoints, in fp32."""
    tokenizer = load_tokenizer(config)
    model = trained_model(config, tokenizer)
    return LTXConditionPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=load_vae(config),
        text_encoder=model.text,
        tokenizer=tokenizer,
        transformer=model.transformer,
    )


def export(config: Training) -> Path:
    """Write the model folder in bf16; its README.md stays as it is."""
    pipeline = assemble(config).to(torch.bfloat16)
    for part in ("vae", "transformer", "text_encoder", "tokenizer", "scheduler"):
        shutil.rmtree(config.model / part, ignore_errors=True)
    pipeline.save_pretrained(config.model, safe_serialization=True)
    size = sum(file.stat().st_size for file in config.model.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise ValueError(f"{config.model} holds {size} bytes, more than {MOST_BYTES}")
    return config.model
