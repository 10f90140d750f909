"""The planner: editable plans for trips and projects. A person ticks, edits and reorders them in the plan itself."""

from typing import Annotated, cast

from pydantic import Field

from salon.agents.agent import Agent
from salon.agents.context.context import Context, ToolError
from salon.agents.definition import AgentDefinition
from salon.agents.tools.tool import tool
from salon.contracts.types import Json, Obj
from salon.demo.itinerary import itinerary, project
from salon.demo.steps import Step, changed, edited

LATEST = "plan"
"""Where the room's shared state holds the id of the plan that was made last."""


@tool
def plan_trip(
    context: Context, destination: str, days: Annotated[int, Field(ge=1, le=11)] = 3, interests: list[str] | None = None
) -> str:
    """Plan a trip: a travel itinerary for some days in a city or region, as a plan that the person can edit.

    Args:
        destination: the place to visit
        days: how many days
        interests: what the traveller likes
    """
    title = f"{days} day{'s' if days > 1 else ''} in {destination}"
    return _show(context, title, itinerary(destination, days, interests or []))


@tool
def make_plan(context: Context, goal: str, steps: list[str] | None = None) -> str:
    """Make a plan for a project, an event or a task: its steps in order, as a plan that the person can edit.

    Args:
        goal: what it should lead to
        steps: the steps, when they are known
    """
    return _show(
        context, f"Plan: {goal[:1].upper()}{goal[1:]}", [step for step in steps or [] if step.strip()] or project(goal)
    )


@tool
def update_plan(context: Context, request: str = "") -> str:
    """Update the plan that is shown, after a ui_action "edit" of its steps or words such as "tick step 2", "add a step:
    buy tickets", "remove step 3" or "move step 4 up".

    Args:
        request: the change in the person's words; nothing after a ui_action, which is known
    """
    action = context.action
    shared = context.state
    latest = shared.get(LATEST) if isinstance(shared, dict) else None
    plan = context.surface(latest) if isinstance(latest, str) else None
    if plan is None:
        raise ToolError("there is no plan in this room yet; make one first.")
    steps = [cast(Step, dict(step)) for step in cast(list[Obj], plan.props["steps"])]
    after, what = edited(steps, action) if action else changed(steps, request or context.message)
    context.patch(plan.surface, [{"op": "replace", "path": "/steps", "value": cast(Json, after)}])
    done = sum(step["status"] == "done" for step in after)
    return f"{what} The plan has {len(after)} steps now, {done} of them done."


def _show(context: Context, title: str, texts: list[str]) -> str:
    steps: list[Json] = [
        {"id": f"s{number}", "text": text, "status": "pending"} for number, text in enumerate(texts, start=1)
    ]
    surface = context.put("plan", {"title": title[:200], "steps": steps, "editable": True})
    context.patch_state([{"op": "add", "path": f"/{LATEST}", "value": surface}])
    return (
        f'The plan "{title}" is on the screen with {len(steps)} steps, beginning with: {texts[0]}. '
        "It can be ticked, reordered and extended there."
    )


PLANNER = Agent(
    "planner",
    definition=AgentDefinition(
        role="You are a practical planner who turns wishes into steps that people can take one after the other.",
        goal="Give people a plan they can start with today, and keep it up to date while they work on it.",
        personality={"tone": "encouraging", "style": "concrete"},
        constraints=[
            "A plan has at most a dozen steps, each of which begins with a verb",
            "Say what you assumed, such as the season or the budget, in one sentence",
            "What is neither a plan nor a trip is not yours: hand it back to the host",
        ],
        tool_instructions=(
            "plan_trip for travel, make_plan for everything else. When the person edits the plan on the screen you get "
            "a ui_action: call update_plan, and confirm the change in a sentence."
        ),
    ),
    description="Plans trips, projects and events: itineraries and schedules as a plan whose steps people can edit.",
    intents=["plan a trip or holiday", "itinerary for some days", "project plan with steps", "change a plan"],
    model=None,
    tools=[plan_trip, make_plan, update_plan],
)
