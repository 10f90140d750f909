"""Settings: read from the environment and `.env`, refused with a remedy, and all written down in `.env.example`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from salon.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"


def test_without_any_variable_the_defaults_hold() -> None:
    settings = Settings.load(env_file=None)
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)
    assert settings.cors_origins == ("http://localhost:3000",)
    assert (settings.openai_api_key, settings.openai_model, settings.mock_mode) == (None, "gpt-4", None)
    assert (settings.max_agent_rounds, settings.agent_temperature) == (10, 0.7)
    assert settings.environment == "development"


def test_variables_are_read_by_their_plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"HOST": "127.0.0.1", "PORT": "8123", "OPENAI_MODEL": "gpt-5", "MOCK_MODE": "true", "LOG_LEVEL": "DEBUG"}
    for name, value in {**given, "AGENT_TEMPERATURE": "0", "UNKNOWN_TO_SALON": "1"}.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load(env_file=None)
    assert (settings.host, settings.port, settings.openai_model) == ("127.0.0.1", 8123, "gpt-5")
    assert (settings.mock_mode, settings.log_level, settings.agent_temperature) == (True, "debug", 0)


@pytest.mark.requirement("S4-08")
def test_a_copy_of_the_example_named_dotenv_is_read_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(text.replace("PORT=8000", "PORT=8123").replace("LOG_FORMAT=auto", "LOG_FORMAT=json"))
    monkeypatch.chdir(tmp_path)
    settings = Settings.load()
    assert (settings.port, settings.log_format) == (8123, "json")
    assert settings == Settings.load(env_file=None, port=8123, log_format="json")


def test_the_environment_wins_over_dotenv_and_a_keyword_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("PORT=1\nHISTORY_PAGE=50\nMAX_ROOMS=3\nSOMETHING_ELSE=kept out\n")
    monkeypatch.setenv("PORT", "2")
    monkeypatch.setenv("HISTORY_PAGE", "60")
    settings = Settings.load(env_file=dotenv, history_page=70)
    assert (settings.port, settings.history_page, settings.max_rooms) == (2, 70, 3)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "OPENAI_API_KEY", "CORS_ORIGINS", "MOCK_MODE"):
        monkeypatch.setenv(name, "")
    assert Settings.load(env_file=None) == Settings()


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://a.example", ("https://a.example",)),
        (" https://a.example/ , http://localhost:5173,", ("https://a.example", "http://localhost:5173")),
        ("*", ("*",)),
    ],
)
def test_origins_are_separated_by_commas(text: str, origins: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", text)
    assert Settings.load(env_file=None).cors_origins == origins


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("CORS_ORIGINS", "localhost:3000"),
        ("CORS_ORIGINS", "https://a.example/path"),
        ("OPENAI_BASE_URL", "ftp://a.example"),
        ("MOCK_MODE", "perhaps"),
        ("AGENT_TEMPERATURE", "nan"),
        ("TURN_TIMEOUT", "inf"),
        ("MAX_AGENT_ROUNDS", "0"),
        ("LOG_LEVEL", "loud"),
        ("MAX_CONNECTIONS_PER_IP", "-1"),
    ],
)
def test_a_bad_value_is_refused_by_the_variables_name_with_a_remedy(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        Settings.load(env_file=None)
    (line,) = str(refusal.value).splitlines()
    assert line.startswith(f"{name}: ")
    assert str(Settings.model_fields[name.lower()].description) in line


def test_all_bad_values_are_told_at_once_and_none_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http://user:hunter2@proxy")
    monkeypatch.setenv("OPENAI_BASE_URL", "hunter2")
    with pytest.raises(SettingsError) as refusal:
        Settings.load(env_file=None)
    assert [line.partition(":")[0] for line in str(refusal.value).splitlines()] == ["PORT", "OPENAI_BASE_URL"]
    assert "hunter2" not in str(refusal.value)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


def test_keys_do_not_show_when_settings_are_printed() -> None:
    settings = Settings(openai_api_key=SecretStr("sk-visible"))
    assert "sk-visible" not in repr(settings) + str(settings) + str(settings.model_dump()) + settings.model_dump_json()


def _entries() -> dict[str, tuple[str, str]]:
    """Name -> (comment above it, value), as `.env.example` has them."""
    found = {}
    for block in EXAMPLE.read_text(encoding="utf-8").split("\n\n"):
        *comments, last = block.strip().splitlines()
        if match := re.fullmatch(r"([A-Z0-9_]+)=(.*)", last):
            found[match[1]] = (" ".join(line.removeprefix("# ") for line in comments), match[2])
    return found


@pytest.mark.requirement("H-08")
def test_the_example_lists_every_setting_with_default_and_description_and_nothing_else() -> None:
    expected = {}
    for name, field in Settings.model_fields.items():
        default = field.default
        value = "" if default is None else ",".join(default) if isinstance(default, tuple) else str(default)
        expected[name.upper()] = (str(field.description), value)
    assert _entries() == expected
    assert set(dotenv_values(EXAMPLE)) == set(expected), "a line that is not in a block of its own"


def test_the_example_as_it_stands_means_the_defaults() -> None:
    assert Settings.load(env_file=EXAMPLE) == Settings()


def test_a_dotenv_that_is_no_text_is_refused_by_its_name(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes("PORT=8000".encode("utf-16"))
    with pytest.raises(SettingsError, match=r"\.env: it is not UTF-8"):
        Settings.load(dotenv)
