"""Agents in the database over HTTP: make, read, change and delete them. What is wrong with one is said at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from salon.agents.arguments import check_name
from salon.contracts.runs import Principal
from salon.contracts.types import Opt
from salon.errors import Detail, RequestError, SalonError
from salon.http.deps import Parts
from salon.http.identity import Caller
from salon.models.errors import InvalidModel, MissingExtra
from salon.runtime import Runtime
from salon.sources.definition import AgentData
from salon.sources.stored import stored_data
from salon.store.agents import Record

KEEPERS = frozenset({"owner", "admin"})
"""Scopes of which one is needed, unless AGENTS_OPEN is set."""


class StoredAgent(AgentData):
    """A stored agent as it is sent."""

    name: Annotated[str, Field(min_length=1, max_length=64)]


class StoredInfo(BaseModel):
    """A stored agent."""

    id: str
    name: str
    tenant: Opt[str] = None
    user_id: Opt[str] = None
    created_at: float
    updated_at: float
    definition: AgentData


class StoredList(BaseModel):
    """All that the caller's tenant has stored, by name."""

    agents: list[StoredInfo]


async def keeper(runtime: Parts, caller: Caller) -> Principal:
    """Who may change agents. Raises SalonError (`forbidden`)."""
    if runtime.settings.agents_open or caller.scopes & KEEPERS:
        return caller
    raise SalonError("forbidden", "stored agents are kept by those with the scope owner or admin")


Keeper = Annotated[Principal, Depends(keeper)]
Id = Annotated[str, Path(max_length=160)]

stored = APIRouter(prefix="/catalog", tags=["Stored agents"])


@stored.post("", status_code=201)
async def create_agent(runtime: Parts, who: Keeper, body: StoredAgent) -> StoredInfo:
    """Store an agent: it can be asked from now on. Another version of a name needs another `version`."""
    _check(runtime, body)
    taken = [row for row in await runtime.stored.store.named(body.name) if row.get("tenant") == who.tenant]
    if body.name in runtime.catalog.names() or any(row.get("version", "") == body.version for row in taken):
        raise SalonError("conflict", f"there is an agent {body.name!r} of that version; choose another name or version")
    tenant = {"tenant": who.tenant} if who.tenant is not None else {}
    made = await runtime.stored.store.create(name=body.name, user_id=who.user, **_fields(body), **tenant)
    return _shown(made)


@stored.get("")
async def list_agents(runtime: Parts, who: Keeper) -> StoredList:
    """All stored agents of the caller's tenant."""
    rows = await runtime.stored.store.list(limit=1000)
    return StoredList(agents=[_shown(row) for row in rows if row.get("tenant") == who.tenant])


@stored.get("/{id}")
async def read_agent(runtime: Parts, who: Keeper, id: Id) -> StoredInfo:
    """One of them."""
    return _shown(await _own(runtime, who, id))


@stored.put("/{id}")
async def change_agent(runtime: Parts, who: Keeper, id: Id, body: StoredAgent) -> StoredInfo:
    """Put another definition in its place. The next turn has it; a turn that is on ends with what it began with."""
    known = await _own(runtime, who, id)
    if body.name != known["name"]:
        raise _wrong("name", "an agent keeps its name; store another one instead")
    _check(runtime, body)
    return _shown(await runtime.stored.store.update(id, **_fields(body)))


@stored.delete("/{id}", status_code=204)
async def delete_agent(runtime: Parts, who: Keeper, id: Id) -> None:
    """Delete it: nobody can ask it any more; what it said stays."""
    await _own(runtime, who, id)
    await runtime.stored.store.delete(id)


async def _own(runtime: Runtime, who: Principal, id: str) -> Record:
    record = await runtime.stored.store.get(id)
    if record.get("tenant") != who.tenant:
        raise SalonError("not_found", f"there is no agent {id!r}")
    return record


def _check(runtime: Runtime, body: StoredAgent) -> None:
    """Make it once, so that whoever stores it learns what is wrong. Raises RequestError."""
    try:
        check_name(body.name)
        for variant in (None, *body.variants):
            data = body if variant is None else body.varied(variant)
            runtime.catalog.build(runtime.dynamic.workshop.of_data(body.name, data))
    except (ValueError, TypeError, InvalidModel, MissingExtra) as problem:
        field = str(problem).partition(":")[0]
        raise _wrong(field if field in StoredAgent.model_fields else "model", str(problem)) from None


def _wrong(field: str, text: str) -> RequestError:
    return RequestError(text, [Detail(f"/{field}", "invalid_value", text)])


def _fields(body: StoredAgent) -> dict[str, Any]:
    fields = body.model_dump(mode="json", exclude={"name"}, exclude_unset=False)
    fields["system_prompt"] = fields.pop("instructions")
    return fields


def _shown(record: Record) -> StoredInfo:
    return StoredInfo.model_validate({**record, "definition": stored_data(record)})
