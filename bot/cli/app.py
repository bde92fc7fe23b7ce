"""The commands of `threadreel` and their options. What they do stands in the modules beside this one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import backup, operator, own, shelf
from bot.cli import doctor as doctor_
from bot.cli.admin import admin
from bot.cli.common import DataDir, Json, run, settings_for
from bot.cli.make import Errand, make, upload
from bot.cli.outcome import print_json, told
from bot.cli.progress import shown
from bot.cli.studio import require_inference
from bot.cli.up import up as up_
from bot.commands import build
from bot.commands import values as read
from inference.logs import configure_logs
from inference.types import Generate, JobId, Operation, Remix

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models = typer.Typer(no_args_is_help=True, help="The models that clips are made with.")
app.add_typer(admin, name="admin")
backup.register(admin)
app.add_typer(models, name="models")

Output = Annotated[Path, typer.Option("--output", "-o", help="The mp4 to write.")]
Seed = Annotated[str | None, typer.Option(help="The same seed gives the same clip again.")]

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def _say_version(asked: bool) -> None:  # as typer calls it
    if asked:
        print(f"threadreel {metadata.version('threadreel')}")
        raise typer.Exit


@app.callback()
def threadreel(
    *,
    version: Annotated[  # its callback answers
        bool, typer.Option("--version", help="Print the version.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Your own Sora in your team's chat: make clips, remix them, and run the bot."""


# --- Clips -----------------------------------------------------------------------------------------


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What the clip should show.")],
    *,
    output: Output,
    seconds: Annotated[str | None, typer.Option(help="How long.")] = None,
    size: Annotated[str | None, typer.Option(help="480p, 720p, 1080p, or exactly as 854x480.")] = None,
    ar: Annotated[str | None, typer.Option("--ar", help="16:9, 9:16 or 1:1.")] = None,
    seed: Seed = None,
    no: Annotated[str, typer.Option("--no", help="What the clip should not show.")] = "",
    preset: Annotated[str | None, typer.Option(help="Which model; see `models list`.")] = None,
    image: Annotated[Path | None, typer.Option(help="An image to begin with.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a clip from words. Starts what it needs, or uses the service that runs."""
    with told(as_json=as_json):
        shape = build.shape(
            read.seconds("--seconds", seconds) if seconds is not None else None,
            read.size("--size", size) if size is not None else None,
            read.aspect("--ar", ar) if ar is not None else None,
        )
        operation = Generate(
            prompt=prompt,
            negative_prompt=no,
            shape=shape,
            seed=_seed(seed),
            preset=preset,
            image=upload(image) if image is not None else None,
        )
        _make(operation, output, data_dir, as_json=as_json)


@app.command()
def remix(
    clip: Annotated[str, typer.Argument(help="Id of the clip, as `generate` and `list` print it.")],
    text: Annotated[str, typer.Argument(help="What should be different.")],
    *,
    output: Output,
    strength: Annotated[str | None, typer.Option(help="subtle, mild, strong, or 0 to 1.")] = None,
    seed: Seed = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Change a clip: say what should be different."""
    with told(as_json=as_json):
        operation = Remix(
            parent=JobId(read.clip("CLIP", clip)),
            instruction=text,
            strength=read.strength("--strength", strength) if strength is not None else None,
            seed=_seed(seed),
        )
        _make(operation, output, data_dir, as_json=as_json)


def _seed(text: str | None) -> int | None:
    return None if text is None else read.seed("--seed", text)


def _make(operation: Operation, output: Path, data_dir: Path | None, *, as_json: bool) -> None:
    configure_logs(process="cli")
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # both cancel the job
    with shown() as watch:
        made = asyncio.run(
            make(Errand(settings=settings_for(data_dir), operation=operation, output=output, watch=watch))
        )
    if as_json:
        print_json(made.as_json())
    else:
        clip = made.clip
        print(f"{made.path}  {clip.size}  {clip.seconds:.1f} s  seed {clip.seed}  {clip.id}")


@app.command("list")
def list_clips(
    search: Annotated[str, typer.Argument(help="Words to look for.")] = "",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Your clips, newest first, with the ids that `remix`, `show` and `delete` take."""
    with told(as_json=as_json):
        clips = run(shelf.clips(settings_for(data_dir), search))
        if as_json:
            print_json({"clips": clips})
        else:
            shelf.show_clips(clips)


@app.command()
def show(
    clip: Annotated[str, typer.Argument(help="Id of the clip.")], data_dir: DataDir = None, as_json: Json = False
) -> None:
    """What is known about a clip: its prompt, seed, sizes and parent."""
    with told(as_json=as_json):
        known = run(shelf.clip(settings_for(data_dir), read.clip("CLIP", clip)))
        if as_json:
            print_json(known)
        else:
            shelf.show_clip(known)


@app.command()
def delete(
    clip: Annotated[str, typer.Argument(help="Id of the clip.")], data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Delete a clip, for everyone and for good."""
    with told(as_json=as_json):
        deleted = run(shelf.delete(settings_for(data_dir), read.clip("CLIP", clip)))
        if as_json:
            print_json(deleted)
        else:
            print(f"{deleted['id']} is deleted.")


@app.command()
def mydata(
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")],
    *,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """All that is stored of you, as a zip: account, ledger, jobs and clips."""
    with told(as_json=as_json):
        written = run(own.mydata(settings_for(data_dir), output))
        if as_json:
            print_json(written)
        else:
            print(f"{written['path']}  {written['bytes']} bytes")


@app.command()
def forgetme(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask once more.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Delete all that is stored of you: clips, prompts, settings. What stays are figures without a name."""
    with told(as_json=as_json):
        if not yes:
            typer.confirm("Delete all of your clips, prompts and settings for good?", abort=True, err=True)
        forgotten = run(own.forgetme(settings_for(data_dir)))
        if as_json:
            print_json(forgotten)
        else:
            print("Everything of you is deleted.")


# --- Processes -------------------------------------------------------------------------------------


@app.command()
def up(
    api_port: Annotated[int | None, typer.Option(help="The API's port (8081).", min=0, max=65535)] = None,
    page_port: Annotated[int | None, typer.Option(help="The page's port (8080).", min=0, max=65535)] = None,
    data_dir: DataDir = None,
) -> None:
    """Start everything on this machine: the service, a worker, the bot and the playground's page."""
    with told():
        require_inference()
        configure_logs(process="up")
        asyncio.run(up_(settings_for(data_dir), api_port, page_port))


@app.command(context_settings=PASS_ON)
def serve(context: typer.Context) -> None:
    """The service alone: API, queue and this machine's workers."""
    with told():
        require_inference()
        _become("inference", "serve", *context.args)


@app.command(context_settings=PASS_ON)
def worker(context: typer.Context) -> None:
    """Workers alone, for a queue that is served elsewhere."""
    with told():
        require_inference()
        _become("inference", "worker", *context.args)


@app.command(context_settings=PASS_ON)
def bot(context: typer.Context) -> None:
    """The chats and the playground's page, for a service that runs elsewhere."""
    _become("bot", *context.args)


def _become(module: str, *arguments: str) -> None:
    """Replace this process, so that signals reach the right one."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606  # our own modules


# --- Looking after it ------------------------------------------------------------------------------


@app.command()
def doctor(data_dir: DataDir = None, as_json: Json = False) -> None:
    """What is there, what is missing, and how to get it. Exit 0 where the playground and all that is set up works."""
    with told(as_json=as_json):
        examined = doctor_.examine(settings_for(data_dir))
        if as_json:
            findings = tuple(examined)
            print_json(doctor_.as_json(findings))
        else:
            findings = doctor_.show(examined)
    raise typer.Exit(0 if doctor_.is_well(findings) else 1)


@models.command("list")
def list_models(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Every model that can be chosen, and whether it is on this machine."""
    with told(as_json=as_json):
        known = operator.models(settings_for(data_dir))
        if as_json:
            print_json({"models": known})
        else:
            operator.show_models(known)
