"""What the service costs over the bare pipeline: claim to finish, against `pipeline()` and diffusers' `export_to_video`.

Same weights, prompt, seed, steps, frames and native size, 32 bits, on this machine, in turns, so that both meet the same
weather. The service does more in its time: a delivered mp4, a master, poster, spritesheet, latents, progress, previews,
and all of it durable. Measured at the native size, as the pipeline exports it, and at 480p as a member gets it.
Budget: ratio 1.0 at the native size.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers import LTXConditionPipeline
from diffusers.utils import export_to_video

from inference.api.keys import load_keys
from inference.client import Client
from inference.engines.devices import resolve_device
from inference.engines.loading import load_pipeline
from inference.presets import PRESETS_FILE, Preset, load_presets
from inference.types import Generate, Identity, Job, Place, Requester, Shape, Size
from tests.support.tiny_ltx import PRESET_TOML, build_tiny_ltx

OPERATOR = Requester(identity=Identity("api:operator"), place=Place(platform="api"))
SECONDS = 2.0
SUBJECTS = ("red ball", "blue kite", "green boat", "yellow star", "white bird", "orange fish", "pink balloon")
"""A prompt each round: neither side may gain from having met it before."""


def main() -> int:
    """Print seconds and ratios; non-zero where nothing could be measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        print("export_to_video needs imageio and imageio-ffmpeg: pip install -e '.[dev]'")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), rounds))
    return 0


def _model(folder: Path) -> tuple[Path, Preset]:
    """The built-in model; where it is not there yet, a tiny one with random weights, for which packaging is all."""
    pocket = load_presets(PRESETS_FILE).get("pocket")
    if (PRESETS_FILE.parents[1] / pocket.source / "model_index.json").exists():
        return PRESETS_FILE, pocket
    presets = folder / "presets.toml"
    presets.write_text(PRESET_TOML.format(source=build_tiny_ltx(folder / "tiny")))
    print("The built-in model is not there: a tiny random one stands in, so that nearly all time is packaging.")
    return presets, load_presets(presets).get("tiny")


async def _measure(folder: Path, rounds: int) -> None:
    presets, preset = _model(folder)
    native = next(iter(preset.native_sizes.values()))
    delivered = {"native": _deliverable(native), "480p": Size(width=854, height=480)}
    device = torch.device(resolve_device("auto"))
    pipeline = load_pipeline(preset, device)
    seconds: dict[str, list[float]] = {"bare": [], **{name: [] for name in delivered}}
    async with _service(folder / "data", presets) as client:
        for number in range(rounds + 1):  # the first round warms up
            prompt = f"a {SUBJECTS[number % len(SUBJECTS)]} over the sea, take {number}"
            jobs = {name: await _serve(client, prompt, number, size) for name, size in delivered.items()}
            plan = jobs["native"].recipe.pieces[0]
            bare = await asyncio.to_thread(_bare, pipeline, plan, folder / "bare.mp4")
            if number:
                seconds["bare"].append(bare)
                for name, job in jobs.items():
                    seconds[name].append(_taken(job))
    _tell(seconds, preset, device, plan)


def _deliverable(native: Size) -> Size:
    """The native size itself; twice that where the API would refuse something so small."""
    factor = 1 if native.short_side >= 64 else 2
    return Size(width=native.width * factor, height=native.height * factor)


@asynccontextmanager
async def _service(data: Path, presets: Path) -> AsyncIterator[Client]:
    command = [sys.executable, "-m", "inference", "serve", "--data-dir", str(data), "--port", "0", "--workers", "1"]
    environment = os.environ | {"THREADREEL_PRESETS_FILE": str(presets)}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.DEVNULL)
    try:
        while not (data / "server.json").exists():
            await asyncio.sleep(0.1)
        url = json.loads((data / "server.json").read_text())["url"]
        async with Client(url, load_keys(data).operator) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def _serve(client: Client, prompt: str, seed: int, size: Size) -> Job:
    wish = Generate(prompt=prompt, seed=seed, shape=Shape(seconds=SECONDS, size=size))
    job = await client.submit(wish, OPERATOR)
    while not job.status.is_final:
        await asyncio.sleep(0.05)
        job = await client.get(job.id, OPERATOR)
    assert job.clip is not None, job.failure
    return job


def _taken(job: Job) -> float:
    """Claim to finish, by the database's clock."""
    assert job.started_at is not None
    assert job.finished_at is not None
    return (job.finished_at - job.started_at).total_seconds()


def _bare(pipeline: LTXConditionPipeline, plan: Any, path: Path) -> float:
    began = time.perf_counter()
    frames = pipeline(
        prompt=plan.prompt,
        negative_prompt=plan.negative_prompt,
        width=plan.size.width,
        height=plan.size.height,
        num_frames=plan.num_frames,
        frame_rate=plan.fps,
        num_inference_steps=plan.steps,
        guidance_scale=plan.guidance,
        generator=torch.Generator("cpu").manual_seed(plan.seed),
    ).frames[0]
    export_to_video(frames, str(path), fps=plan.fps)
    return time.perf_counter() - began


def _tell(seconds: dict[str, list[float]], preset: Preset, device: torch.device, plan: Any) -> None:
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(
        f"{preset.name} on {device}: {plan.size}, {plan.num_frames} frames, {plan.steps} steps; medians of {len(seconds['bare'])}"
    )
    print(f"  bare pipeline() + export_to_video  {medians['bare']:7.3f} s")
    for name in list(seconds)[1:]:
        print(
            f"  service, delivered at {name:<12} {medians[name]:7.3f} s   ratio {medians[name] / medians['bare']:.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
