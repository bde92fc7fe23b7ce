"""Settings of the bot: `threadreel.toml`, then `THREADREEL_…` in the environment (nested by `__`)."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


class PageSettings(BaseModel):
    """The playground's page."""

    host: str = "127.0.0.1"
    port: int = 8080
    #: Host names, besides loopback, under which browsers may reach it.
    allowed_hosts: list[str] = []


class ApiSettings(BaseModel):
    """Of the service's own settings what a face needs to know."""

    port: int = 8081


class ServiceSettings(BaseModel):
    """The service that makes the clips."""

    #: Empty: the one that runs on this data dir, else the usual port of this machine.
    url: str = ""
    #: A bot's key; None: the one that the service wrote into the data dir.
    key: SecretStr | None = None


class DiscordSettings(BaseModel):
    token: SecretStr | None = None
    #: Read every message of a clip's thread. None: where the Message Content intent is switched on in the portal.
    message_content: bool | None = None
    #: None: one connection, enough below 2,500 servers. 0: as many as Discord advises.
    shards: int | None = None
    #: Stand-ins on loopback, for trying things without Discord.
    api_url: str = ""
    gateway_url: str = ""


class SlackMode(StrEnum):
    """How Slack reaches the bot."""

    #: The bot calls Slack: no public address is needed.
    SOCKET = "socket"
    #: Slack calls the bot.
    HTTP = "http"


class SlackSettings(BaseModel):
    mode: SlackMode = SlackMode.SOCKET
    bot_token: SecretStr | None = None
    #: Opens the socket.
    app_token: SecretStr | None = None
    #: Proves that a call over HTTP is Slack's.
    signing_secret: SecretStr | None = None
    #: For `threadreel doctor` alone: opens what the app is at Slack. Lives twelve hours, and the bot never needs it.
    config_token: SecretStr | None = None
    #: The app's id at Slack; empty: found by the tokens.
    app_id: str = ""
    #: Where calls over HTTP are heard, behind a proxy with a public address.
    host: str = "127.0.0.1"
    port: int = 8082
    #: For several workspaces, each of which installs the app by its own consent; then no bot token is set.
    client_id: str = ""
    client_secret: SecretStr | None = None
    #: Where browsers reach the bot for that, such as https://bot.example.org.
    public_url: str = ""
    #: A stand-in on loopback, for trying things without Slack.
    api_url: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether several workspaces install the app."""
        return bool(self.client_id and self.client_secret)

    @property
    def is_set(self) -> bool:
        """Whether anybody wants to be on Slack."""
        return self.bot_token is not None or self.is_shared


class Settings(BaseSettings):
    """All of the bot. Built once in `__main__` or the command line, passed down."""

    model_config = SettingsConfigDict(
        env_prefix="THREADREEL_", env_nested_delimiter="__", toml_file="threadreel.toml", extra="ignore"
    )

    data_dir: Path = Path("data")
    #: SQLAlchemy URL; empty means SQLite in the data dir.
    database_url: str = ""
    #: The service's; here only to say what models there are.
    default_preset: str | None = None
    presets_file: Path | None = None
    api: ApiSettings = ApiSettings()
    page: PageSettings = PageSettings()
    service: ServiceSettings = ServiceSettings()
    discord: DiscordSettings = DiscordSettings()
    slack: SlackSettings = SlackSettings()

    @property
    def resolved_database_url(self) -> str:
        """A SQLite file of its own: a file has one writer at a time, and posting must not hold up admission."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'conversations.db'}"

    @property
    def is_installed(self) -> bool:
        """Whether the service has ever been at home here: its SQLite file is there, or its key where it has none."""
        url = urlsplit(self.database_url)
        if not url.scheme:
            return (self.data_dir / "threadreel.db").is_file()
        if url.scheme.startswith("sqlite"):
            return Path(url.path[1:]).is_file()
        return self.operator_key() is not None

    @property
    def server_file(self) -> Path:
        """Written by a service that runs on this data dir."""
        return self.data_dir / "server.json"

    @property
    def page_file(self) -> Path:
        """Written by a bot that runs on this data dir, for its page."""
        return self.data_dir / "page.json"

    @property
    def announced_url(self) -> str | None:
        """Where the service of this data dir says that it listens."""
        try:
            return str(json.loads(self.server_file.read_text())["url"])
        except (OSError, ValueError, KeyError):
            return None

    @property
    def service_url(self) -> str:
        return self.service.url or self.announced_url or f"http://127.0.0.1:{self.api.port}"

    def bot_key(self) -> str | None:
        """None while nobody has written one."""
        return self.service.key.get_secret_value() if self.service.key else _read(self.data_dir / "bot_key")

    def operator_key(self) -> str | None:
        """The key of this data dir's operator; None while nobody has written one."""
        return _read(self.data_dir / "api_key")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip() or None
    except OSError:
        return None
