"""From checkpoints to the folder that any diffusers loads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTXConditionPipeline

from inference.pocket.training.config import Training
from inference.pocket.training.tokenizer import load_tokenizer
from inference.pocket.training.transformer import trained_model
from inference.pocket.training.vae import load_vae
from inference.pocket.world.vocabulary import vocabulary

#: What the shipped folder may weigh.
MOST_BYTES = 24_000_000
#: Beside the weights: what they know, in words and as the world's kinds.
VOCABULARY = "vocabulary.json"


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


def folder_of(config: Training) -> Path:
    """Where a run's finished model goes; `ship` takes it from there."""
    return config.folder / "model"


def export(config: Training) -> Path:
    """Write the run's model folder in bf16, with its vocabulary."""
    folder = folder_of(config)
    shutil.rmtree(folder, ignore_errors=True)
    assemble(config).to(torch.bfloat16).save_pretrained(folder, safe_serialization=True)
    words = json.dumps(vocabulary().to_json(), ensure_ascii=False, indent=1)
    (folder / VOCABULARY).write_text(f"{words}\n", encoding="utf-8")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise ValueError(f"{folder} holds {size} bytes, more than {MOST_BYTES}")
    return folder


def ship(config: Training) -> Path:
    """Put the run's finished model in the place of the shipped one."""
    made = folder_of(config)
    if not (made / "README.md").exists():
        raise FileNotFoundError(f"{made} has no model card: export it, judge it, and write its card first")
    shutil.rmtree(config.model)
    shutil.copytree(made, config.model)
    return config.model
