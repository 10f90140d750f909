"""Scripted turns that take the mock's place: a list in Python, or a small JSON or YAML file.

    - say: "Hello, I am the host."
    - call: get_weather
      args: {city: Paris}
    - say: "The weather: {result}"
    - handoff: writer
      reason: "This needs a writer."
    - fail: rate_limited
    - when: "invoice"          # any request with this word, at any time; does not use up the list
      call: find_invoice
      then: [{say: "I found it: {result}"}]

Turns without `when` are played in order, one for each call of the model. It knows no conversation: the mock asks it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from salon.models.errors import ErrorKind, InvalidModel

_KEYS = {"say", "call", "args", "calls", "handoff", "reason", "fail", "retry_after", "reasoning", "when", "then"}


@dataclass(frozen=True, slots=True)
class ScriptedTurn:
    """One answer of the model.

    Args:
        say: text; `{result}` becomes the last tool result, `{request}` what is asked.
        calls: tools to call, as pairs of name and arguments.
        handoff: the agent to pass the floor to, and `reason` why.
        fail: the kind of ModelError to raise; `retry_after` in seconds goes with it.
        reasoning: thoughts to stream before the text.
        when: the turn applies whenever the request matches this regular expression, in any case of letters.
        then: the turns that follow a `when` turn for the same request.
    """

    say: str = ""
    calls: tuple[tuple[str, Mapping[str, object]], ...] = ()
    handoff: str | None = None
    reason: str = ""
    fail: ErrorKind | None = None
    retry_after: float | None = None
    reasoning: str = ""
    when: re.Pattern[str] | None = None
    then: tuple["ScriptedTurn", ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """The script of one agent.

    Args:
        turns: played in order, one for each call of the model in a conversation.
        rules: turns with `when`; the first that matches a request answers it, together with its `then`.
        strict: whether a used-up script is an error; else the general mock goes on.
    """

    turns: tuple[ScriptedTurn, ...] = ()
    rules: tuple[ScriptedTurn, ...] = ()
    strict: bool = False

    @classmethod
    def of(cls, turns: object, *, strict: bool = False) -> "Scenario":
        """A scenario from plain data. Raises InvalidModel naming the turn and what is wrong with it."""
        if isinstance(turns, str) or not isinstance(turns, Sequence):
            raise InvalidModel("A scenario is a list of turns.")
        read = [_turn(turn, f"turn {number}") for number, turn in enumerate(turns, 1)]
        return cls(
            turns=tuple(turn for turn in read if turn.when is None),
            rules=tuple(turn for turn in read if turn.when is not None),
            strict=strict,
        )

    @classmethod
    def load(cls, path: Path | str, *, strict: bool = False) -> "Scenario":
        """A scenario from a `.json`, `.yaml` or `.yml` file that holds a list of turns."""
        return cls.of(_read(path), strict=strict)

    def rule_for(self, request: str) -> ScriptedTurn | None:
        """The first rule that matches the request."""
        return next((rule for rule in self.rules if rule.when is not None and rule.when.search(request)), None)


def load_scenarios(path: Path | str, *, strict: bool = False) -> dict[str, Scenario]:
    """Scenarios by agent name, from a file that holds an object of lists. Raises InvalidModel naming the agent."""
    data = _read(path)
    if not isinstance(data, Mapping):
        raise InvalidModel(f'"{Path(path).name}" must hold an object: agent names with their lists of turns.')
    return {str(agent): Scenario.of(turns, strict=strict) for agent, turns in data.items()}


def _read(path: Path | str) -> object:
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    try:
        if path.suffix in (".yaml", ".yml"):
            import yaml  # noqa: PLC0415 - only scenarios in files use it

            return yaml.safe_load(text)
        return json.loads(text)
    except ImportError:
        raise InvalidModel("YAML scenarios need PyYAML. Write the scenario as JSON.") from None
    except Exception as error:  # noqa: BLE001  # YAML's own errors cannot be named without importing it
        raise InvalidModel(f'"{path.name}" cannot be read: {error}') from None


def _turn(data: object, where: str) -> ScriptedTurn:
    if not isinstance(data, Mapping):
        raise InvalidModel(f"{where}: expected an object with one of say, call, handoff, fail.")
    if unknown := sorted(set(map(str, data)) - _KEYS):
        raise InvalidModel(f'{where}: unknown key "{unknown[0]}". Known: {", ".join(sorted(_KEYS))}.')
    calls = [(str(call.get("name", "")), call.get("args") or {}) for call in data.get("calls") or ()]
    if "call" in data:
        calls.insert(0, (str(data["call"]), data.get("args") or {}))
    if any(not isinstance(arguments, Mapping) for _, arguments in calls):
        raise InvalidModel(f"{where}: args must be an object of argument names and values.")
    if not (data.keys() & {"say", "handoff", "fail", "reasoning"} or calls):
        raise InvalidModel(
            f"{where}: says, calls, hands off and fails nothing. Give it one of say, call, handoff, fail."
        )
    fail = data.get("fail")
    if fail is not None and fail not in list(ErrorKind):
        raise InvalidModel(f'{where}: fail: "{fail}" is not a kind of failure. Known: {", ".join(ErrorKind)}.')
    if "then" in data and "when" not in data:
        raise InvalidModel(f"{where}: then belongs to a turn with when; other turns simply follow in the list.")
    try:
        when = re.compile(str(data["when"]), re.IGNORECASE) if "when" in data else None
    except re.error as error:
        raise InvalidModel(f"{where}: when is not a regular expression: {error}") from None
    wait = data.get("retry_after")
    return ScriptedTurn(
        say=str(data.get("say") or ""),
        calls=tuple(calls),
        handoff=str(data["handoff"]) if data.get("handoff") else None,
        reason=str(data.get("reason") or ""),
        fail=ErrorKind(str(fail)) if fail is not None else None,
        retry_after=float(wait) if isinstance(wait, int | float) else None,
        reasoning=str(data.get("reasoning") or ""),
        when=when,
        then=tuple(_turn(turn, f"{where}, then {number}") for number, turn in enumerate(data.get("then") or (), 1)),
    )
