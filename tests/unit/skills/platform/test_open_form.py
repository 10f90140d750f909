"""Identity, payments and messages in their open form: they know, meter and remember, and nobody is refused."""

import asyncio
from pathlib import Path

import pytest

from salon import (
    Agent,
    AuthSkill,
    Context,
    DiscoverySkill,
    MessagesSkill,
    NLISkill,
    PaymentSkill,
    Skill,
    StorageSkill,
    tool,
)
from salon.models.mock.scenario import Scenario

PLATFORM = {"portal_url": "https://portal.example", "api_key": "portal_api_key"}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


class Desk(Skill):
    """What a tool sees of them."""

    seen: dict[str, object]

    @tool
    async def look(self, context: Context) -> str:
        """Looks at who is here and what it costs."""
        payments, auth = self.agent.skills["payments"], self.agent.skills["auth"]
        assert isinstance(payments, PaymentSkill)
        assert isinstance(auth, AuthSkill)
        context.track_usage(20, "Research query")
        payments.charge(5, "Save findings")
        self.seen = {"bill": payments.bill(), "who": auth.identity(), "noted": context.get("identity")}
        self.seen |= {"peer": context.peer_user_id, "payment": context.get("payment")}
        return "seen"


def agent_with_all() -> Agent:
    return Agent(
        "platform-agent",
        "You are a platform agent.",
        model="litellm/gpt-4o-mini",
        skills={
            "payments": PaymentSkill(PLATFORM),
            "auth": AuthSkill(PLATFORM),
            "discovery": DiscoverySkill(PLATFORM),
            "nli": NLISkill(PLATFORM),
            "storage": StorageSkill(PLATFORM),
            "messages": MessagesSkill(PLATFORM),
            "desk": Desk(),
        },
        scenario=Scenario.of([{"when": "look", "call": "look", "args": {}, "then": [{"say": "done"}]}]),
    )


@pytest.mark.requirement("S1-25", "S1-26", "S1-27", "S1-31")
async def test_the_platforms_skills_work_offline_and_meter_what_is_used() -> None:
    agent = agent_with_all()
    assert str(await agent.run("look around", user_id="ann", scopes=["owner", "extra"])) == "done"
    desk = agent.skills["desk"]
    assert isinstance(desk, Desk)
    bill = desk.seen["bill"]
    assert isinstance(bill, dict)
    assert bill["user_id"] == "ann"
    assert {"credits": 20, "reason": "Research query"} in bill["usage"]["items"]
    assert {"credits": 5, "reason": "Save findings"} in bill["usage"]["items"]
    who = {"user_id": "ann", "name": "ann", "scopes": ["extra", "owner"], "auth_scope": "owner", "known": True}
    assert desk.seen["who"] == desk.seen["noted"] == who
    assert desk.seen["peer"] == "ann"
    assert desk.seen["payment"] == {"user_id": "ann", "admitted": True}


async def test_whom_nobody_names_is_nobody_and_passes() -> None:
    agent = agent_with_all()
    await agent.run("look around")
    desk, auth, payments = (agent.skills[key] for key in ("desk", "auth", "payments"))
    assert isinstance(desk, Desk)
    assert isinstance(auth, AuthSkill)
    assert isinstance(payments, PaymentSkill)
    assert desk.seen["peer"] == "anonymous"
    assert auth.identity()["known"] is False
    with pytest.raises(RuntimeError, match="no run here"):
        payments.bill()


@pytest.mark.requirement("S1-36")
async def test_messages_of_a_stored_conversation_are_read_from_the_store(tmp_path: Path) -> None:
    agent = Agent("a", "You.", conn=f"sqlite:///{tmp_path}/rooms.db", skills={"messages": MessagesSkill()})
    answer = await agent.run("Where is the invoice of Mrs Smith?", user_id="ann")
    messages = agent.skills["messages"]
    assert isinstance(messages, MessagesSkill)
    assert answer.session_id is not None
    async with asyncio.timeout(5):
        said = await messages.get_messages(answer.session_id)
    assert [(message["role"], message["author"]) for message in said] == [("user", "ann"), ("assistant", "a")]
    assert said[0]["content"] == "Where is the invoice of Mrs Smith?"


@pytest.mark.requirement("S1-36")
async def test_messages_of_a_conversation_that_is_not_kept_are_remembered_for_a_while() -> None:
    class Reader(Skill):
        read: list[str]

        @tool
        async def read_back(self) -> str:
            """Reads back."""
            messages = self.agent.skills["messages"]
            assert isinstance(messages, MessagesSkill)
            self.read = [message["content"] for message in await messages.get_messages()]
            assert await messages.search_messages("anything") == []
            return "read"

    reader = Reader()
    script = Scenario.of([{"when": "read", "call": "read_back", "args": {}, "then": [{"say": "done"}]}])
    agent = Agent("a", "You.", skills={"messages": MessagesSkill(), "reader": reader}, scenario=script)
    await agent.run("Good morning", user_id="ann")
    await agent.run("read it back", user_id="ann")
    assert reader.read[0] == "Good morning"
    assert reader.read[-1] == "read it back"
    messages = agent.skills["messages"]
    assert isinstance(messages, MessagesSkill)
    with pytest.raises(RuntimeError, match="no conversation here"):
        await messages.get_messages()


def test_a_portal_that_is_no_address_is_refused_when_a_skill_is_made() -> None:
    for kind in (PaymentSkill, AuthSkill, DiscoverySkill, NLISkill, StorageSkill, MessagesSkill):
        with pytest.raises(ValueError, match="portal_url"):
            kind({"portal_url": "portal", "api_key": "k-7f3a91"})
