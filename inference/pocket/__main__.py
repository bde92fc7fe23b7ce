"""`python -m inference.pocket train`: the pocket model, trained, exported, judged and described; stages can run alone.

It goes on from the last checkpoint in `.training/`, else from the shipped weights as far as they fit, else (or with
`--from-nothing`) from nothing. The finished model is written to `.training/model`; `ship` puts it in the shipped one's
place. The budget is half an hour on one large GPU. Two CPU cores need days: give them what minutes there are, again and
again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace

import torch

from inference.pocket.training.card import load_scores, write_card
from inference.pocket.training.config import Training
from inference.pocket.training.export import assemble, export, folder_of, ship
from inference.pocket.training.sheet import LOOK_AT, contact_sheet
from inference.pocket.training.transformer import train_transformer
from inference.pocket.training.vae import train_vae

#: What `train` runs, in order; and what is only run by name.
TRAIN = ("vae", "transformer", "export", "sheet", "judge", "card")
STAGES = ("train", *TRAIN, "ship")


def main() -> None:
    """Run one stage, or all of them in order."""
    parser = argparse.ArgumentParser(prog="python -m inference.pocket", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--vae-minutes", type=float, help="wall time for the autoencoder, over all runs")
    parser.add_argument("--transformer-minutes", type=float, help="wall time for the transformer, over all runs")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that draw, beside a GPU")
    parser.add_argument("--from-nothing", action="store_true", help="do not start from the shipped weights")
    args = parser.parse_args()
    config = Training(threads=args.threads, warm=not args.from_nothing)
    if torch.cuda.is_available():
        config = config.on_gpu(args.workers)
    if args.vae_minutes:
        config = replace(config, vae=replace(config.vae, minutes=args.vae_minutes))
    if args.transformer_minutes:
        config = replace(config, transformer=replace(config.transformer, minutes=args.transformer_minutes))
    torch.set_num_threads(config.threads)
    for stage in TRAIN if args.stage == "train" else (args.stage,):
        run_stage(stage, config)


def run_stage(stage: str, config: Training) -> None:
    """Run one of `STAGES` but the first."""
    scores = config.folder / "scores.json"
    if stage == "vae":
        train_vae(config)
    elif stage == "transformer":
        train_transformer(config)
    elif stage == "export":
        print(export(config))
    elif stage == "sheet":
        contact_sheet(assemble(config), LOOK_AT, config.folder / "sheet.png")
    elif stage == "judge":
        # A process of its own: it judges the folder as members get it, through the engine.
        command = [sys.executable, "-m", "inference.pocket.judge", "--json", "--model", str(folder_of(config))]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        scores.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    elif stage == "card":
        print(write_card(config, load_scores(scores)))
    elif stage == "ship":
        print(ship(config))


if __name__ == "__main__":
    main()
