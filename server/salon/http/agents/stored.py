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
from salon.sources.stored import readable, version_of
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
    if body.name in runtime.catalog.names() or await runtime.dynamic.hides(body.name, runtime.stored, who):
        raise SalonError("conflict", f"the server has an agent {body.name!r} of its own; choose another name")
    await _refuse_taken(runtime, who, body)
    made = await runtime.stored.store.create(name=body.name, user_id=who.user, tenant=who.tenant, **_fields(body))
    return _shown(made, body)


@stored.get("")
async def list_agents(runtime: Parts, who: Keeper) -> StoredList:
    """The stored agents of the caller's tenant, the first 1000 by name."""
    rows = await runtime.stored.store.list(tenants=(who.tenant,), limit=1000)
    return StoredList(agents=[_shown(row, data) for row in rows if (data := readable(row)) is not None])


@stored.get("/{id}")
async def read_agent(runtime: Parts, who: Keeper, id: Id) -> StoredInfo:
    """One of them."""
    return _shown(*await _own(runtime, who, id))


@stored.put("/{id}")
async def change_agent(runtime: Parts, who: Keeper, id: Id, body: StoredAgent) -> StoredInfo:
    """Put another definition in its place. The next turn has it; a turn that is on ends with what it began with."""
    known, _ = await _own(runtime, who, id)
    if body.name != known["name"]:
        raise _wrong("name", "an agent keeps its name; store another one instead")
    _check(runtime, body)
    await _refuse_taken(runtime, who, body, beside=id)
    return _shown(await runtime.stored.store.update(id, **_fields(body)), body)


@stored.delete("/{id}", status_code=204)
async def delete_agent(runtime: Parts, who: Keeper, id: Id) -> None:
    """Delete it: nobody can ask it any more; what it said stays."""
    await _own(runtime, who, id)
    await runtime.stored.store.delete(id)


async def _own(runtime: Runtime, who: Principal, id: str) -> tuple[Record, AgentData]:
    record = await runtime.stored.store.get(id)
    data = readable(record) if record.get("tenant") == who.tenant else None
    if data is None:
        raise SalonError("not_found", f"there is no agent {id!r}")
    return record, data


async def _refuse_taken(runtime: Runtime, who: Principal, body: StoredAgent, *, beside: str = "") -> None:
    for row in await runtime.stored.store.named(body.name, (who.tenant,)):
        if row["id"] != beside and version_of(row) == body.version:
            raise SalonError("conflict", f"there is an agent {body.name!r} of that version; choose another version")


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


def _shown(record: Record, data: AgentData) -> StoredInfo:
    return StoredInfo.model_validate({**record, "definition": data})
