"""`python -m inference.pocket train`: the pocket model, trained on and written to its folder; stages can be run alone.

It goes on from the last checkpoint, else from the shipped weights, else (or with `--from-nothing`) from nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import torch

from inference.pocket.training.config import Training
from inference.pocket.training.export import assemble, export
from inference.pocket.training.sheet import LOOK_AT, contact_sheet
from inference.pocket.training.transformer import train_transformer
from inference.pocket.training.vae import train_vae

STAGES = ("train", "vae", "transformer", "sheet", "export")


def main() -> None:
    """Run one stage, or all of them in order."""
    parser = argparse.ArgumentParser(prog="python -m inference.pocket", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--vae-minutes", type=float, help="wall time for the autoencoder")
    parser.add_argument("--transformer-minutes", type=float, help="wall time for the transformer")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--from-nothing", action="store_true", help="do not start from the shipped weights")
    args = parser.parse_args()
    config = Training(threads=args.threads, warm=not args.from_nothing)
    if args.vae_minutes:
        config = replace(config, vae=replace(config.vae, minutes=args.vae_minutes))
    if args.transformer_minutes:
        config = replace(config, transformer=replace(config.transformer, minutes=args.transformer_minutes))
    torch.set_num_threads(config.threads)
    for stage in ("vae", "transformer", "export", "sheet") if args.stage == "train" else (args.stage,):
        run_stage(stage, config)


def run_stage(stage: str, config: Training) -> None:
    """Run one of `STAGES` but the first."""
    if stage == "vae":
        train_vae(config)
    elif stage == "transformer":
        train_transformer(config)
    elif stage == "export":
        print(export(config))
    elif stage == "sheet":
        contact_sheet(assemble(config), LOOK_AT, config.folder / "sheet.png")


if __name__ == "__main__":
    main()
