"""Owns every setting of the server: name, type, default, bounds and unit, read once from the environment and `.env`.

It may not know what its values are used for: a setting is read here and handed on by constructors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DOTENV = ".env"


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the text names each variable and says what it should hold."""


def _lowered(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _split(value: object) -> object:
    """`"http://a, http://b/"` -> `("http://a", "http://b")`: browsers send origins without a trailing slash."""
    parts = value.split(",") if isinstance(value, str) else value
    if isinstance(parts, list | tuple):
        return tuple(part.strip().rstrip("/") for part in parts if part.strip())
    return parts


Origins = Annotated[
    tuple[Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9+.-]*://[^/\s]+)$")], ...], NoDecode, BeforeValidator(_split)
]
HttpBase = Annotated[str, Field(pattern=r"^https?://[^\s/]+\S*$")]
Level = Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lowered)]
LogFormat = Annotated[Literal["auto", "json", "console"], BeforeValidator(_lowered)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Settings(BaseSettings):
    """All settings, frozen. The environment variable of a field is its name in capitals, without a prefix.

    The environment wins over `.env`, `.env` over the default; an empty value counts as not set. `Settings.load()` is
    the way in for programs; tests and embedders may pass values by keyword.
    """

    model_config = SettingsConfigDict(
        env_file=DOTENV,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # an error text must not repeat a key
    )

    # --- where the server listens, and for whom
    host: str = Field("0.0.0.0", description="Address to listen on; 127.0.0.1 for this machine only.")  # noqa: S104
    port: int = Field(8000, ge=0, le=65535, description="TCP port to listen on; 0 lets the system choose.")
    cors_origins: Origins = Field(
        ("http://localhost:3000",),
        description="Origins, separated by commas, whose pages may call the server and open sockets; * for all.",
    )
    environment: str = Field("development", min_length=1, description="Name of this deployment, shown at /health.")
    log_level: Level = Field("info", description="Least severe level to log: debug, info, warning, error or critical.")
    log_format: LogFormat = Field(
        "auto", description="Form of the log: json, console, or auto (console on a terminal, else json)."
    )

    # --- models and keys; without a key the server runs on its mock
    openai_api_key: SecretStr | None = Field(None, description="Key of OpenAI, or of what OPENAI_BASE_URL names.")
    openai_base_url: HttpBase | None = Field(None, description="Base URL of an OpenAI-compatible server, with /v1.")
    openai_model: str = Field("gpt-4", min_length=1, description="Model of the built-in team: model or provider/model.")
    anthropic_api_key: SecretStr | None = Field(None, description="Key for anthropic/... models.")
    gemini_api_key: SecretStr | None = Field(None, description="Key for gemini/... models.")
    xai_api_key: SecretStr | None = Field(None, description="Key for xai/... models.")
    groq_api_key: SecretStr | None = Field(None, description="Key for groq/... models.")
    openrouter_api_key: SecretStr | None = Field(None, description="Key for openrouter/... models.")
    ollama_host: HttpBase = Field("http://127.0.0.1:11434", description="Base URL of the server of ollama/... models.")
    mock_mode: bool | None = Field(
        None, description="true: mock models only; false: never the mock; not set: the mock where a key is missing."
    )
    mock_pace: float = Field(
        0.02, ge=0, le=10, allow_inf_nan=False, description="Pause of the mock between two pieces of text, in seconds."
    )
    agent_temperature: float = Field(0.7, ge=0, le=2, description="Sampling temperature of the agents' models, 0 to 2.")
    model_timeout: Seconds = Field(60, description="Longest wait for the next piece of a model's answer, in seconds.")
    model_retries: int = Field(
        2, ge=0, le=10, description="Further tries of a model call that failed for a passing reason."
    )

    # --- what one run may cost
    max_agent_rounds: Count = Field(10, description="Turns of agents in one run, before people get the floor back.")
    max_tool_rounds: Count = Field(16, description="Model calls in one turn, that is tool calls in a row plus one.")
    turn_timeout: Seconds = Field(
        120, description="Longest turn of one agent, waiting for people not counted, seconds."
    )

    # --- agents that are not written into the server
    agents_folder: Path | None = Field(
        None, description="Folder with a YAML or JSON file for each agent, read when it is asked for."
    )
    agents_open: bool = Field(
        False, description="Let everyone change stored agents; else that takes the scope owner or admin."
    )

    # --- what lasts
    database_url: str = Field(
        "sqlite:///salon.db",
        min_length=1,
        repr=False,
        description="Where rooms are kept: sqlite:///file, sqlite:///:memory: (until the server stops) or postgresql://…",
    )
    database_echo: bool = Field(False, description="Log every SQL statement, without its values.")
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey that keeps the background jobs (redis://…); not set: the database does."
    )
    background_jobs: bool = Field(
        True, description="Title new threads, summarise long ones and note what users tell of themselves."
    )
    room_idle_seconds: Seconds = Field(
        300, description="Quiet time after which a room that nobody watches leaves memory, in seconds."
    )

    # --- who is asking
    user_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="Header in which a proxy that you trust names the user; not set: everyone is anonymous.",
    )
    scopes_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="Header in which that proxy names the user's scopes, separated by commas; not set: nobody has any.",
    )
    tenant_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="Header in which that proxy names the customer whose agents the user may see, if there are any.",
    )

    # --- limits of a connection, told to clients in `welcome`
    frame_bytes: int = Field(65_536, ge=1024, description="Largest frame a client may send, in bytes.")
    json_depth: int = Field(32, ge=8, le=200, description="Deepest nesting of JSON that is read, in levels.")
    rooms_per_connection: Count = Field(64, description="Rooms that one connection may watch.")
    actions_per_second: float = Field(20, gt=0, allow_inf_nan=False, description="Actions of one connection a second.")
    actions_burst: Count = Field(40, description="Actions that one connection may send at once after a pause.")
    actions_inflight: Count = Field(64, description="Actions of one connection that may wait for their ack.")
    outbox_frames: int = Field(1000, ge=16, description="Frames that wait for a slow reader before it gets a resync.")
    outbox_bytes: int = Field(1_048_576, ge=65_536, description="Bytes that wait for a slow reader, likewise.")
    slow_grace: Seconds = Field(10, description="Time a reader has to drain after a resync, before 4003, in seconds.")
    history_page: int = Field(200, ge=1, le=1000, description="Most entries in one page of history.")
    recover_events: Count = Field(500, description="Most entries that a room keeps and replays after a reconnect.")
    recover_seconds: Seconds = Field(300, description="How long a room keeps entries for reconnects, in seconds.")
    connect_timeout: Seconds = Field(10, description="Time a new connection has for its first frame, in seconds.")
    ping_every: Seconds = Field(25, description="Silence after which the server pings, in seconds.")
    pong_within: Seconds = Field(10, description="Time a client has to answer a ping, in seconds.")

    # --- limits of the server
    max_connections: Count = Field(10_000, description="Open sockets, all clients together.")
    max_connections_per_ip: Count | None = Field(
        None, description="Open sockets from one address; not set: no limit of its own (as behind a proxy)."
    )
    max_rooms: Count = Field(10_000, description="Rooms held in memory.")
    max_body_bytes: int = Field(4_194_304, ge=1024, description="Largest body of an HTTP request, in bytes.")
    drain_seconds: float = Field(
        10, ge=0, allow_inf_nan=False, description="Time that runs get to finish when the server stops, in seconds."
    )

    @classmethod
    def load(cls, env_file: Path | str | None = DOTENV, **values: Any) -> Settings:
        """Reads the environment and `env_file` (None: no file); `values` by field name win over both.

        Raises:
            SettingsError: one line for each variable that cannot be used, with what it should hold; or that the file
                is no text.
        """
        try:
            return cls(_env_file=env_file, **values)
        except ValidationError as problem:
            raise SettingsError(_explain(problem)) from None
        except UnicodeDecodeError:
            raise SettingsError(f"{env_file}: it is not UTF-8 text. Save it as UTF-8; see .env.example.") from None


def _explain(problem: ValidationError) -> str:
    lines: dict[str, str] = {}
    for issue in problem.errors(include_url=False, include_context=False, include_input=False):
        name = str(issue["loc"][0]).lower()
        field = Settings.model_fields.get(name)
        wanted = field.description if field and field.description else "See .env.example."
        lines.setdefault(name, f"{name.upper()}: {issue['msg']}. It is: {wanted}")
    return "\n".join(lines.values())
