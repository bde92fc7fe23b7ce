"""A preset's model to a pipeline on the device: hub ids and local folders through the same code."""

from __future__ import annotations

from pathlib import Path

import diffusers
import torch
import transformers
from diffusers import LTXConditionPipeline, LTXVideoTransformer3DModel
from huggingface_hub import hf_hub_download

from inference.engines.faults import engine_errors
from inference.errors import ModelMissing
from inference.presets import Preset, TransformerFile

ROOT = Path(__file__).parents[2]
"""What relative sources are relative to."""


def load_pipeline(preset: Preset, device: torch.device) -> LTXConditionPipeline:
    """Raises ModelMissing, saying what to do, and OutOfMemory."""
    if preset.family != "ltx":
        raise ModelMissing(detail=f"preset {preset.name}: this engine loads the family ltx, not {preset.family}")
    _quiet()
    source = resolve_source(preset.source)
    # bfloat16 is emulated on most CPUs, hundreds of times slower than 32 bits.
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    try:
        # What is passed is neither fetched nor read from the source.
        own = {} if preset.transformer is None else {"transformer": load_transformer(preset.transformer, dtype)}
        pipeline = LTXConditionPipeline.from_pretrained(source, dtype=dtype, **own)
    except (OSError, ValueError) as error:
        raise ModelMissing(
            detail=f"preset {preset.name}: {source} cannot be read ({error}). Name a folder in diffusers' format or a"
            " hub id as its source, and let the first load reach the hub (HF_HUB_OFFLINE unset)."
        ) from error
    _check(pipeline, preset)
    # This pipeline gives its noise levels as they are and cannot say by how much to shift them (it would raise).
    pipeline.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config, use_dynamic_shifting=False)
    with engine_errors():
        pipeline.to(device)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def load_transformer(published: TransformerFile, dtype: torch.dtype) -> LTXVideoTransformer3DModel:
    """A transformer from a file in its original format. Raises OSError, ValueError or ModelMissing."""
    path = ROOT / published.file
    if not path.is_file():
        owner, repository, name = published.file.split("/", 2)
        path = Path(hf_hub_download(f"{owner}/{repository}", name))
    return LTXVideoTransformer3DModel.from_single_file(
        str(path), config=resolve_source(published.config), subfolder="transformer", dtype=dtype
    )


def resolve_source(source: str) -> str:
    """A folder as an absolute path where there is one; a hub id as it is. Raises ModelMissing for a missing folder."""
    folder = ROOT / source
    if folder.is_dir():
        if not (folder / "model_index.json").is_file():
            raise ModelMissing(detail=f"{folder} holds no model_index.json: it is no folder in diffusers' format")
        return str(folder)
    if source.count("/") == 1 and not source.startswith((".", "/", "~")):
        return source
    raise ModelMissing(detail=f"there is no folder {folder}: put the model there, or change the preset's source")


def _check(pipeline: LTXConditionPipeline, preset: Preset) -> None:
    """The preset's rules must be the model's."""
    temporal, spatial = pipeline.vae_temporal_compression_ratio, pipeline.vae_spatial_compression_ratio
    for fits, problem in (
        (preset.frames.step % temporal == 0, f"frames.step must be a multiple of {temporal}"),
        (preset.size_multiple % max(spatial, 32) == 0, f"size_multiple must be a multiple of {max(spatial, 32)}"),
    ):
        if not fits:
            raise ModelMissing(detail=f"preset {preset.name} does not fit its model: {problem}")


def _quiet() -> None:
    """The worker reports progress itself; what the libraries print would only repeat it."""
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
