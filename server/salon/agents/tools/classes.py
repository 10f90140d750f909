"""Tools that are objects: a name, a schema of their own and an `execute`, for full control."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, cast

from salon.access.scopes import Scopes, scopes_of
from salon.agents.context.context import Context
from salon.agents.tools import registry
from salon.agents.tools.schema import Signature, signature_of
from salon.agents.tools.tool import NAME, ToolSpec, tool_spec
from salon.contracts.types import Obj


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as models are told of it.

    Args:
        name: as models call it.
        description: what models choose by.
        parameters: JSON Schema of the arguments, an object.

    Raises ValueError for a name or a schema that no model accepts.
    """

    name: str
    description: str
    parameters: Mapping[str, object] = field(default_factory=lambda: {"type": "object", "properties": {}})

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"name: {self.name!r} cannot be a tool's name. Use 1 to 64 letters, digits, '_' or '-'.")
        if self.parameters.get("type", "object") != "object":
            raise ValueError("parameters: expected a JSON Schema of type 'object', with a property for each argument.")


class Tool:
    """A tool as a class: set `name` and `description`, write `execute`, and `register_tool` or pass an instance.

    `execute` may be sync or async, and gets a Context where it has a parameter for one. Without a `get_definition` of
    its own the schema is read from the signature of `execute`.
    """

    name: ClassVar[str] = ""
    description: ClassVar[str] = ""
    scope: ClassVar[Scopes] = None

    async def execute(self, **arguments: object) -> object:
        """Do it, and return what the model shall read."""
        raise NotImplementedError(
            f"{type(self).__name__} has no execute method. Write one: async def execute(self, …)."
        )

    def get_definition(self) -> ToolDefinition:
        """How models are told of it."""
        signature = signature_of(self.execute, Context)
        name = self.name or type(self).__name__
        return ToolDefinition(name, self.description or signature.summary or name, signature.parameters)

    @property
    def spec(self) -> ToolSpec:
        """The tool as agents hold it."""
        definition = self.get_definition()
        return ToolSpec(
            name=definition.name,
            description=definition.description,
            function=self.execute,
            signature=_signature(self, definition),
            scopes=scopes_of(self.scope),
        )


def register_tool(tool: object) -> None:
    """Make a tool known by its name: a Tool object, or a function. A newer one replaces an older one of that name."""
    registry.register(spec_of(tool))


def spec_of(tool: object) -> ToolSpec:
    """The tool that a function, a Tool object or a name stands for.

    Raises TypeError for anything else, and ValueError for a name that nobody has registered.
    """
    if isinstance(tool, str):
        return registry.named(tool)
    if isinstance(tool, type) and issubclass(tool, Tool):
        raise TypeError(f"tools: {tool.__name__} is a class. Pass an object of it: {tool.__name__}().")
    if isinstance(tool, Tool):
        return tool.spec
    return tool_spec(tool)  # type: ignore[arg-type]  # it says what it cannot use


def _signature(tool: Tool, definition: ToolDefinition) -> Signature:
    """How `execute` is called, with the schema that the definition gives."""
    parameters = cast(Obj, {"type": "object", "properties": {}, **definition.parameters})
    takes = inspect.signature(tool.execute).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in takes):
        return Signature.of_schema(parameters)
    return signature_of(tool.execute, Context).showing(parameters)
