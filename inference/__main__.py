"""Composition root: `python -m inference serve` and `python -m inference worker`.

The only place that knows storage, service, API, workers and engines together. A worker's own process is the only one
that imports torch.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

import structlog

from inference.api.app import create_app
from inference.api.context import Ready
from inference.api.keys import load_keys, load_link_key, load_member_key
from inference.clock import ticking
from inference.errors import EngineError, ModelNotHere, ServiceUnavailable
from inference.lifeline import end_with_parent
from inference.logs import configure_logs
from inference.presets import PRESETS_FILE, Preset, PresetTable, load_presets
from inference.process import CannotStart, announced, listening, settings_of
from inference.service import Service
from inference.service.links import LinkSigner
from inference.service.upkeep import Upkeep
from inference.settings import Settings
from inference.tier_file import read_ceilings
from inference.tiers import TierSources, TierTable, load_tiers
from inference.tokens import CountTokens, token_counter
from inference.weights import how_to_fetch
from inference.worker.child import die_with_parent, stop_on_signals
from inference.worker.slot import Slot, take_slot
from inference.worker.supervisor import DEVICE_LOST, Supervisor
from storage.accounts import SqlAccounts
from storage.backup import HALF_RESTORED
from storage.bell import open_bell
from storage.blobs import FolderBlobs
from storage.clips import SqlClips
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from storage.linking import SqlLinks
from storage.operations import SqlOperations
from storage.privacy import SqlPrivacy
from storage.retention import SqlRetention
from storage.schedules import SqlSchedules
from storage.servers import SqlServers

SHUTDOWN_SECONDS = 3.0
"""What open requests get to end."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The process's exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        if options.child:
            configure_logs(process="worker")
            return asyncio.run(_child(settings, Slot(name=options.slot, folder=options.folder)))
        _check_folder(settings.data_dir)
        if options.tended:
            end_with_parent(sys.stdin.fileno())
        configure_logs(process=options.command)
        if not settings.download_models:
            # For the workers, which inherit it: a gap in what is at hand ends a job at once, and not after long tries.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        asyncio.run(_serve(settings) if options.command == "serve" else _supervise(settings))
    except (CannotStart, ServiceUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


# --- Arguments and settings ------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference", description="The service, and its workers.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="API, queue and this machine's workers")
    serve.add_argument("--host", help="where to listen (127.0.0.1)")
    serve.add_argument("--port", type=int, help="0 takes a free one and writes it to DATA_DIR/server.json")
    worker = commands.add_parser("worker", help="only workers, for a queue that is served elsewhere")
    worker.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    worker.add_argument("--slot", help=argparse.SUPPRESS)
    worker.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    worker.add_argument("--device", help=argparse.SUPPRESS)
    for command in (serve, worker):
        command.add_argument("--data-dir", type=Path, help="database, clips and keys (./data)")
        command.add_argument("--workers", type=int, help="how many workers, one per device")
        command.add_argument("--tended", action="store_true", help=argparse.SUPPRESS)
        command.set_defaults(child=False, host=None, port=None, device=None)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    flags = {
        "data_dir": options.data_dir,
        "api": _given(host=options.host, port=options.port),
        "worker": _given(count=options.workers, device=options.device),
    }
    return settings_of(Settings, flags)


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _presets(settings: Settings) -> PresetTable:
    try:
        return load_presets(settings.presets_file or PRESETS_FILE, settings.default_preset)
    except (OSError, ValueError) as error:
        raise CannotStart(f"The presets cannot be read: {error}") from error


def _tiers(settings: Settings) -> TierTable:
    try:
        table = load_tiers(settings.tiers_file)
        # Checks itself: a mapping to a tier that there is not stops the start, rather than every request.
        TierSources(
            table=table,
            entitlements=settings.tier_entitlements,
            roles=settings.tier_roles,
            managers=settings.tier_managers,
            ceilings=read_ceilings("tier_ceilings", settings.tier_ceilings),
        )
    except (OSError, ValueError) as error:
        raise CannotStart(f"The tiers cannot be read: {error}") from error
    return table


def _token_counter(presets: PresetTable) -> CountTokens:
    try:
        return token_counter(presets)
    except (OSError, ValueError) as error:
        raise CannotStart(f"A tokenizer cannot be read: {error}") from error


def _require_weights(settings: Settings, preset: Preset) -> None:
    """Raises ModelNotHere. Weights of workers on other machines, and those that may be fetched, are not looked for."""
    if settings.worker.count == 0 or settings.download_models:
        return
    own = preset.transformer
    mend = how_to_fetch(preset.source, transformer=own.file if own else "", config=own.config if own else "")
    if mend:
        raise ModelNotHere(preset=preset.name, mend=mend)


def _check_folder(folder: Path) -> None:
    if (folder / HALF_RESTORED).exists():
        raise CannotStart(f"A restore of {folder} was cut off: run `threadreel admin restore --replace` again.")
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise CannotStart(f"The data folder {folder} cannot be written: {error.strerror}.") from error


# --- Workers ---------------------------------------------------------------------------------------


async def _child(settings: Settings, slot: Slot) -> int:
    """A worker's own process; its exit code."""
    die_with_parent(sys.stdin.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the supervisor decides
    # Only here: the engine brings torch into the process.
    from inference.engines.devices import device_title, resolve_device  # noqa: PLC0415
    from inference.engines.ltx import LtxEngine  # noqa: PLC0415
    from inference.scheduler import choose  # noqa: PLC0415
    from inference.worker.attempt import LoadedEngine, Tools  # noqa: PLC0415
    from inference.worker.loop import Worker  # noqa: PLC0415

    # Not earlier: until here nothing is held, and a SIGTERM may end the process in the middle of its imports.
    stop = stop_on_signals(signal.SIGTERM)
    device = resolve_device(settings.worker.device)
    slot.tell_device(device_title(device))
    url = settings.resolved_database_url
    async with open_database(url) as database, open_bell(url) as bell:
        tools = Tools(
            slot=slot,
            engine=LoadedEngine(LtxEngine(device)),
            queue=SqlJobs(database, settings.worker.max_attempts),
            shelf=SqlClips(database),
            blobs=FolderBlobs(settings.blobs_dir),
            presets=_presets(settings),
            settings=settings.worker,
            bell=bell,
        )
        try:
            await Worker(tools=tools, choose=choose).run(stop)
        except EngineError as error:
            structlog.get_logger().error("device lost", error=str(error))
            return DEVICE_LOST
    return 0


@asynccontextmanager
async def _supervisors(settings: Settings, database: Database) -> AsyncIterator[list[Supervisor]]:
    """One per device of this machine, each with a slot of its own."""
    with ExitStack() as slots:
        held = [slots.enter_context(take_slot(settings.data_dir / "workers")) for _ in range(settings.worker.count)]
        yield [
            Supervisor(
                held=one,
                command=_child_command(settings, one.slot, device),
                queue=SqlJobs(database, settings.worker.max_attempts),
                shelf=SqlClips(database),
                blobs=FolderBlobs(settings.blobs_dir),
                drain_seconds=settings.worker.drain_seconds,
            )
            for one, device in zip(held, _devices(settings), strict=True)
        ]


def _devices(settings: Settings) -> list[str]:
    """The configured device for each worker; several workers on `cuda` or `auto` take one card each."""
    device, count = settings.worker.device, settings.worker.count
    return [f"{device}:{index}" if count > 1 and device in {"auto", "cuda"} else device for index in range(count)]


def _child_command(settings: Settings, slot: Slot, device: str) -> list[str]:
    here = [sys.executable, "-m", "inference", "worker", "--child"]
    return [
        *here,
        *("--slot", slot.name),
        *("--folder", str(slot.folder)),
        *("--device", device),
        *("--data-dir", str(settings.data_dir)),
    ]


async def _supervise(settings: Settings) -> None:
    """Workers alone, until told to stop."""
    _presets(settings)
    stop = stop_on_signals(signal.SIGTERM, signal.SIGINT)
    async with (
        open_database(settings.resolved_database_url) as database,
        _supervisors(settings, database) as supervisors,
        asyncio.TaskGroup() as tasks,
    ):
        for supervisor in supervisors:
            tasks.create_task(supervisor.run(stop))


# --- Service ---------------------------------------------------------------------------------------


async def _serve(settings: Settings) -> None:
    """Everything but the faces, until told to stop."""
    presets, tiers = _presets(settings), _tiers(settings)
    stop = stop_on_signals(signal.SIGTERM, signal.SIGINT)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings.resolved_database_url))
        supervisors = await stack.enter_async_context(_supervisors(settings, database))
        jobs, blobs = SqlJobs(database, settings.worker.max_attempts), FolderBlobs(settings.blobs_dir)
        member_key = load_member_key(settings.data_dir)
        service = Service(
            jobs=jobs,
            accounts=SqlAccounts(database, member_key),
            servers=SqlServers(database),
            linking=SqlLinks(database),
            privacy=SqlPrivacy(database, member_key),
            schedules=SqlSchedules(database),
            clips=SqlClips(database),
            blobs=blobs,
            operations=SqlOperations(database),
            presets=presets,
            tiers=tiers,
            settings=settings,
            member_key=member_key,
            links=_links(settings),
            count_tokens=_token_counter(presets),
            require_weights=partial(_require_weights, settings),
            bell=await stack.enter_async_context(open_bell(settings.resolved_database_url)),
            is_worker_ready=lambda: not supervisors or any(supervisor.is_ready for supervisor in supervisors),
            workers=lambda: [supervisor.seen() for supervisor in supervisors],
        )
        await stack.enter_async_context(service)
        app = create_app(
            service,
            service,
            load_keys(settings.data_dir),
            settings,
            shared=service,
            watch=jobs,
            ready=_readiness(supervisors),
        )
        url = await stack.enter_async_context(listening(app, settings.api.host, settings.api.port, SHUTDOWN_SECONDS))
        stack.enter_context(announced(settings.data_dir / "server.json", url))
        structlog.get_logger().info("serving", url=url, workers=len(supervisors))
        upkeep = Upkeep(
            queue=jobs,
            service=service,
            retention=SqlRetention(database),
            shelf=SqlClips(database),
            blobs=blobs,
            tiers=tiers,
        )
        await stack.enter_async_context(ticking(upkeep.chores()))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        for supervisor in supervisors:
            tasks.create_task(supervisor.run(stop))
        await stop.wait()


def _links(settings: Settings) -> LinkSigner | None:
    """None where nobody outside could follow a link. The key is made all the same, with the others."""
    key = load_link_key(settings.data_dir)
    if not settings.api.public_url:
        return None
    return LinkSigner(public_url=settings.api.public_url, key=key, lives=timedelta(hours=settings.api.link_hours))


def _readiness(supervisors: Sequence[Supervisor]) -> Ready:
    """One check for each worker of this machine."""

    async def ready() -> Mapping[str, bool]:
        return {f"worker {supervisor.name}": supervisor.is_alive for supervisor in supervisors}

    return ready


def _leave(code: int) -> NoReturn:
    """End at once: everything is closed, and taking torch or the modules apart would only hold up a restart."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
