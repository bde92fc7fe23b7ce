"""Settings of the service: `threadreel.toml`, then `THREADREEL_…` in the environment (nested by `__`)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

_OPERATOR = re.compile(r"discord:\d{1,20}|slack:[A-Z0-9]{1,20}:[A-Z0-9]{1,20}")


class ApiSettings(BaseModel):
    """Where the HTTP face listens."""

    host: str = "127.0.0.1"
    #: 0 takes a free one.
    port: int = Field(default=8081, ge=0, le=65535)
    #: Host names, besides loopback, under which browsers may reach it.
    allowed_hosts: list[str] = []
    max_upload_bytes: int = 20 * 1024 * 1024
    #: Where members' browsers reach it, such as https://clips.example.org; empty: links to clips are not given out.
    public_url: str = ""
    #: How long a link to a clip lives.
    link_hours: float = Field(default=72, gt=0, le=24 * 365)

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        """Without the slash at its end."""
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("an address such as https://clips.example.org is wanted")
        return url.rstrip("/")


class WorkerSettings(BaseModel):
    """Processes that render. One per device."""

    #: Workers that `serve` starts itself; 0 where they run on other machines.
    count: int = Field(default=1, ge=0)
    #: `auto`, `cpu`, `cuda`, `cuda:1` …
    device: str = "auto"
    lease_seconds: float = Field(default=30, gt=0)
    #: Longest time between two extensions of a lease; a busy worker also extends it whenever it writes its progress.
    heartbeat_seconds: float = Field(default=10, gt=0)
    #: How often an idle worker looks for work, and a busy one for a cancel.
    poll_seconds: float = Field(default=0.2, gt=0)
    max_attempts: int = Field(default=3, ge=1)
    #: How long a running job may go on after the worker was told to stop; then it is given back to the queue.
    drain_seconds: float = Field(default=5, ge=0)


class Settings(BaseSettings):
    """All of the service. Built once in `__main__`, passed down."""

    model_config = SettingsConfigDict(
        env_prefix="THREADREEL_", env_nested_delimiter="__", toml_file="threadreel.toml", extra="ignore"
    )

    data_dir: Path = Path("data")
    #: SQLAlchemy URL; empty means SQLite in the data dir.
    database_url: str = ""
    default_preset: str | None = None
    presets_file: Path | None = None
    tiers_file: Path | None = None
    #: Tier by role or group id, as `PLATFORM:ID`.
    tier_roles: dict[str, str] = {}
    #: Tier by bought thing, as `PLATFORM:ID`.
    tier_entitlements: dict[str, str] = {}
    #: The most that the managers of a server may give there, by `PLATFORM:SERVER`; `PLATFORM:*` for all of them.
    tier_managers: dict[str, str] = {}
    #: What is lower in a server than the tiers have it, by `PLATFORM:SERVER`; `PLATFORM:*` for all of them.
    tier_ceilings: dict[str, dict[str, Any]] = {}
    #: Who administers from their chat, as `discord:USER` or `slack:TEAM:USER`, besides the holder of the API key.
    operators: list[str] = []
    max_prompt_characters: int = 2000
    #: Whether the first job of a preset may fetch its weights from the hub; else a job without weights is refused.
    download_models: bool = False
    api: ApiSettings = ApiSettings()
    worker: WorkerSettings = WorkerSettings()

    @field_validator("operators")
    @classmethod
    def _are_people_of_a_chat(cls, operators: list[str]) -> list[str]:
        """Nobody else can be told from others: whoever opens the playground is whom they say."""
        for identity in operators:
            if not _OPERATOR.fullmatch(identity):
                raise ValueError(f"{identity!r} is no person of a chat, such as discord:1234 or slack:T1234:U1234")
        return operators

    @property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'threadreel.db'}"

    @property
    def blobs_dir(self) -> Path:
        return self.data_dir / "blobs"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic passes all sources
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
