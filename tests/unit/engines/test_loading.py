"""A transformer that is published as one file of its original format takes the place of the folder's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from inference.engines.loading import load_pipeline
from inference.errors import ModelMissing
from inference.presets import TransformerFile, load_presets
from tests.support.tiny_ltx import build_tiny_ltx, tiny_preset

ORIGINAL_NAMES = {"proj_in": "patchify_proj", "time_embed": "adaln_single", "norm_q": "q_norm", "norm_k": "k_norm"}
CPU = torch.device("cpu")


def _original_name(name: str) -> str:
    for ours, theirs in ORIGINAL_NAMES.items():
        name = name.replace(ours, theirs)
    return f"model.diffusion_model.{name}"


def test_a_transformer_in_one_file_is_loaded_in_place_of_the_folders_own(tmp_path: Path) -> None:
    folder = build_tiny_ltx(tmp_path / "tiny")
    preset = tiny_preset(folder)
    weights = load_pipeline(preset, CPU).transformer.state_dict()
    file = tmp_path / "tiny.safetensors"
    save_file({_original_name(name): weight + 0.5 for name, weight in weights.items()}, file)

    published = TransformerFile(file=str(file), config=str(folder))
    loaded = load_pipeline(replace(preset, transformer=published), CPU).transformer.state_dict()

    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[name], weight + 0.5) for name, weight in weights.items())


def test_a_file_that_is_nowhere_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    folder = build_tiny_ltx(tmp_path / "tiny")
    published = TransformerFile(file="nobody/nothing/none.safetensors", config=str(folder))
    with pytest.raises(ModelMissing, match="hub"):
        load_pipeline(replace(tiny_preset(folder), transformer=published), CPU)


def test_the_2b_preset_names_its_file() -> None:
    published = load_presets().get("ltx-2b").transformer
    assert published is not None
    assert published.file.endswith("ltxv-2b-0.9.8-distilled.safetensors")
