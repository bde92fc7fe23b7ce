"""Weights are looked for on this machine; a job whose weights are missing is refused with the way to get them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inference.__main__ import _require_weights
from inference.errors import ModelNotHere
from inference.presets import load_presets
from inference.settings import Settings
from inference.types import Generate
from inference.weights import DOCTOR, how_to_fetch
from tests.support.studio import member, open_studio

HUB = "someone/video"
FILE = "someone/single/small.safetensors"


def place(folder: Path, *parts: str) -> None:
    """A pipeline's files, but for what they hold."""
    folder.mkdir(parents=True)
    names = ("scheduler", "transformer", "vae")
    index = {"_class_name": "Pipeline", **{name: ["diffusers", name] for name in names}, "extra": [None, None]}
    (folder / "model_index.json").write_text(json.dumps(index))
    for part in parts:
        (folder / part).mkdir()
        (folder / part / ("scheduler_config.json" if part == "scheduler" else "config.json")).write_text("{}")
        if part != "scheduler":
            (folder / part / "model.safetensors").write_bytes(b"")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_the_built_in_model_is_here() -> None:
    assert how_to_fetch(load_presets().get("pocket").source) == ""


def test_a_folder_counts_where_it_holds_a_whole_pipeline(tmp_path: Path) -> None:
    place(tmp_path / "whole", "scheduler", "transformer", "vae")
    place(tmp_path / "part", "scheduler", "vae")
    assert how_to_fetch(str(tmp_path / "whole")) == ""
    assert how_to_fetch(str(tmp_path / "part")) == DOCTOR
    assert how_to_fetch(str(tmp_path / "none")) == DOCTOR


def test_a_hub_model_counts_where_the_cache_holds_all_of_it(cache: Path) -> None:
    assert how_to_fetch(HUB) == f"hf download {HUB}"
    snapshot = cache / "models--someone--video" / "snapshots" / "abc"
    place(snapshot, "scheduler", "transformer", "vae")
    assert how_to_fetch(HUB) == ""
    (snapshot / "vae" / "model.safetensors").unlink()  # a download that broke off
    assert how_to_fetch(HUB) == f"hf download {HUB}"


def test_a_transformer_of_its_own_is_fetched_in_place_of_the_pipelines(cache: Path) -> None:
    own = "hf download someone/single small.safetensors transformer/config.json"
    assert (
        how_to_fetch(HUB, transformer=FILE, config="someone/single")
        == f"hf download {HUB} --exclude 'transformer/*' && {own}"
    )
    place(cache / "models--someone--video" / "snapshots" / "abc", "scheduler", "vae")
    assert how_to_fetch(HUB, transformer=FILE, config="someone/single") == own
    single = cache / "models--someone--single" / "snapshots" / "abc"
    (single / "transformer").mkdir(parents=True)
    (single / "transformer" / "config.json").write_text("{}")
    (single / "small.safetensors").write_bytes(b"")
    assert how_to_fetch(HUB, transformer=FILE, config="someone/single") == ""


async def test_a_job_without_weights_is_refused_at_once_and_costs_nothing(tmp_path: Path, cache: Path) -> None:
    settings = Settings(data_dir=cache)
    async with open_studio(tmp_path / "data", require_weights=lambda one: _require_weights(settings, one)) as studio:
        ann = member("ann")
        with pytest.raises(ModelNotHere) as refused:
            await studio.face.submit(Generate(prompt="a", preset="ltx-2b"), ann)
        assert refused.value.preset == "ltx-2b"
        assert "hf download Lightricks/LTX-Video ltxv-2b-0.9.8-distilled.safetensors" in refused.value.mend
        assert await studio.untouched(ann)
        await studio.face.submit(Generate(prompt="a"), ann)


@pytest.mark.parametrize("settings", [{"download_models": True}, {"worker": {"count": 0}}])
def test_weights_that_may_be_fetched_or_lie_elsewhere_are_not_looked_for(
    cache: Path, settings: dict[str, object]
) -> None:
    _require_weights(Settings(data_dir=cache, **settings), load_presets().get("ltx-2b"))  # type: ignore[arg-type]
    with pytest.raises(ModelNotHere):
        _require_weights(Settings(data_dir=cache), load_presets().get("ltx-2b"))
