"""The books of Northlight Lamps, a company that does not exist: revenue by quarter, region and product. Pure."""

from collections.abc import Sequence
from typing import Literal

COMPANY = "Northlight Lamps"
UNIT = "k€"
QUARTERS = ("Q4 2024", "Q1 2025", "Q2 2025", "Q3 2025", "Q4 2025", "Q1 2026", "Q2 2026", "Q3 2026")

Region = Literal["Nordics", "Central Europe", "Online"]
Product = Literal["Desk lamps", "Floor lamps", "Garden lights"]
Group = Literal["quarter", "region", "product"]

REGIONS: tuple[Region, ...] = ("Nordics", "Central Europe", "Online")
PRODUCTS: tuple[Product, ...] = ("Desk lamps", "Floor lamps", "Garden lights")

# Thousands of euros, a number for each of QUARTERS: lamps sell in dark months, and garden lights in bright ones.
_REVENUE: dict[Product, dict[Region, tuple[int, ...]]] = {
    "Desk lamps": {
        "Nordics": (412, 356, 248, 301, 437, 381, 262, 318),
        "Central Europe": (388, 342, 267, 310, 421, 366, 281, 334),
        "Online": (295, 281, 234, 276, 372, 358, 309, 367),
    },
    "Floor lamps": {
        "Nordics": (268, 221, 154, 187, 274, 226, 151, 190),
        "Central Europe": (341, 289, 203, 241, 362, 301, 214, 259),
        "Online": (152, 147, 128, 159, 217, 203, 181, 224),
    },
    "Garden lights": {
        "Nordics": (31, 64, 218, 142, 29, 71, 236, 151),
        "Central Europe": (48, 97, 301, 206, 52, 108, 327, 219),
        "Online": (37, 82, 264, 173, 58, 121, 348, 236),
    },
}


def revenue(
    group: Group, quarters: Sequence[str], regions: Sequence[Region], products: Sequence[Product]
) -> dict[str, int]:
    """Revenue in thousands of euros for each quarter, region or product, summed over all else that is asked for."""
    totals: dict[str, int] = {}
    for product in products:
        for region in regions:
            for quarter in quarters:
                key = {"quarter": quarter, "region": region, "product": product}[group]
                totals[key] = totals.get(key, 0) + _REVENUE[product][region][QUARTERS.index(quarter)]
    order: Sequence[str] = {"quarter": quarters, "region": regions, "product": products}[group]
    return {key: totals[key] for key in order}
