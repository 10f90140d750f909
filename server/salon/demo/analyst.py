"""The analyst: charts and tables from the company's books, or from numbers that the person gives."""

import re
from typing import Annotated, Literal

from pydantic import Field

from salon.agents.agent import Agent
from salon.agents.context.context import Context, ToolError
from salon.agents.definition import AgentDefinition
from salon.agents.tools.tool import tool
from salon.demo.figures import COMPANY, PRODUCTS, QUARTERS, REGIONS, UNIT, Group, Product, Region, revenue

Kind = Literal["bar", "line", "pie"]


@tool
def revenue_chart(
    context: Context,
    *,
    group_by: Group = "quarter",
    quarters: Annotated[int, Field(ge=1, le=len(QUARTERS))] = 4,
    region: Region | None = None,
    product: Product | None = None,
    kind: Kind = "bar",
) -> str:
    """Show the company's revenue in a chart and a table: sales by quarter, by region or by product.

    Args:
        group_by: what to compare
        quarters: how many of the last quarters to count
        region: only this region
        product: only this product
        kind: the form of the chart
    """
    chosen = QUARTERS[-quarters:]
    regions, products = (region,) if region else REGIONS, (product,) if product else PRODUCTS
    totals = revenue(group_by, chosen, regions, products)
    span = chosen[0] if quarters == 1 else f"{chosen[0]} to {chosen[-1]}"
    only = "".join(f", {name.lower() if name == product else name}" for name in (product, region) if name)
    title = f"{COMPANY}: revenue by {group_by}{only}, {span}"
    _show(context, title, totals, group=group_by, kind=kind, unit=UNIT)
    return _reading(f"Revenue of {COMPANY}{only}, {span}", totals, UNIT, ordered=group_by == "quarter")


@tool
def chart_own_numbers(
    context: Context, labels: list[str], values: list[float], title: str = "Your numbers", kind: Kind = "bar"
) -> str:
    """Draw numbers that the person wrote into the message, such as "draw 3, 5 and 8".

    Args:
        labels: a name for each number
        values: the numbers
        title: what they are
        kind: the form of the drawing
    """
    if not values or len(labels) != len(values):
        raise ToolError(f"there are {len(labels)} labels for {len(values)} numbers; give one label for each number.")
    if len(set(labels)) != len(labels):
        raise ToolError("two numbers have the same label; make the labels differ.")
    if kind == "pie" and min(values) < 0:
        raise ToolError("a pie cannot show numbers below zero; use bars or a line.")
    names = [_without_value(label, value) for label, value in zip(labels, values, strict=True)]
    totals = dict(zip(names if len(set(names)) == len(names) else labels, values, strict=True))
    _show(context, title, totals, group="item", kind=kind, unit=None)
    return _reading(title, totals, "", ordered=kind == "line")


def _show(
    context: Context, title: str, totals: dict[str, int] | dict[str, float], *, group: str, kind: Kind, unit: str | None
) -> None:
    whole = sum(totals.values())
    context.chart(title, list(totals), {"Revenue" if unit else "Value": list(totals.values())}, kind=kind, unit=unit)
    rows: list[list[str | float]] = [
        [name, _number(value), f"{value / whole:.1%}" if whole > 0 else ""] for name, value in totals.items()
    ]
    heading = f"Revenue ({unit})" if unit else "Value"
    context.table(title, [group.capitalize(), heading, "Share"], [*rows, ["Total", _number(whole), ""]])


def _reading(what: str, totals: dict[str, int] | dict[str, float], unit: str, *, ordered: bool) -> str:
    """What the numbers say, in two or three sentences."""
    names = list(totals)
    best, least = max(names, key=totals.__getitem__), min(names, key=totals.__getitem__)
    said = [f"{what}: {_amount(sum(totals.values()), unit)} in all."]
    if len(names) > 1:
        most, few = _amount(totals[best], unit), _amount(totals[least], unit)
        said.append(f"The most is {best} with {most}, the least {least} with {few}.")
    first, last = totals[names[0]], totals[names[-1]]
    if ordered and len(names) > 1 and first > 0:
        change = (last - first) / first
        said.append(f"From {names[0]} to {names[-1]} that is {change:+.1%}.")
    return " ".join(said)


def _without_value(label: str, value: float) -> str:
    """A label such as "apples 3" without the number that is shown beside it anyway."""
    return re.sub(rf"[\s:=]+{re.escape(str(_number(value)))}$", "", label.strip()) or label


def _amount(value: float, unit: str) -> str:
    return f"{_number(value):,} {unit}".strip()


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() else round(value, 2)


ANALYST = Agent(
    "analyst",
    definition=AgentDefinition(
        role="You are a careful analyst who turns numbers into charts and tables that people understand at a glance.",
        goal="Answer questions about figures with figures, and say in plain words what they show.",
        context=(
            f"The company whose books you have is {COMPANY}, a maker of lamps. It is fictional, made for this demo. "
            f"Your books cover {QUARTERS[0]} to {QUARTERS[-1]}."
        ),
        personality={"tone": "precise and friendly", "style": "the main point first"},
        constraints=[
            "Never invent a number: every figure comes from a tool or from the person",
            "Two or three sentences beside a chart are enough",
            "What is not about numbers is not yours: hand it back to the host",
        ],
        tool_instructions=(
            "revenue_chart for the company's revenue; chart_own_numbers when the person gives the numbers. "
            "The chart and its table appear by themselves; do not repeat them as text."
        ),
    ),
    description="Analyses numbers: revenue, sales and figures by quarter, region or product, in charts and tables.",
    intents=["revenue charts", "compare quarters, regions or products", "analyse data and statistics"],
    model=None,
    tools=[revenue_chart, chart_own_numbers],
)
