"""Where plans come from: what the planner knows of some cities, and what holds for every trip and project. Pure."""

from collections.abc import Sequence

_CITIES: dict[str, tuple[str, ...]] = {
    "lisbon": (
        "Walk up through Alfama in the morning and take in the view from Miradouro da Senhora do Monte",
        "Ride tram 28 early, before the queues, and get off at Estrela",
        "Eat a pastel de nata in Belém, then see the Jerónimos Monastery and the tower by the river",
        "Cross the Tagus by ferry to Cacilhas and stay for dinner with the city's lights opposite",
        "Spend an afternoon with azulejos in the National Tile Museum",
        "Hear fado in a small house in Mouraria",
        "Take the train to Sintra and climb to the Moorish castle",
        "Watch the sun set over the ocean at Cabo da Roca",
        "Browse the books at Ler Devagar and stay for coffee in the LX Factory",
    ),
    "kyoto": (
        "Walk the red gates of Fushimi Inari at sunrise",
        "See the rock garden of Ryōan-ji and sit for as long as it takes",
        "Follow the Philosopher's Path from Ginkaku-ji to Nanzen-ji",
        "Drink matcha in Uji, where it is grown",
        "Stroll through Gion at dusk",
        "Cross Arashiyama's bamboo grove and row on the river",
        "Taste your way through Nishiki market",
    ),
    "edinburgh": (
        "Climb Arthur's Seat before breakfast",
        "Walk the Royal Mile from the castle to Holyrood and look into the closes",
        "Spend a rainy hour with the clocks and whales of the National Museum",
        "Follow the Water of Leith from Dean Village to Stockbridge",
        "Eat by the harbour in Leith",
        "Hear a session in a pub off the Grassmarket",
    ),
    "vienna": (
        "Have breakfast in a coffee house and take your time, as it is meant to be",
        "See Bruegel's seasons in the Kunsthistorisches Museum",
        "Queue for standing room at the State Opera",
        "Taste your way along the Naschmarkt",
        "Ride the Prater's giant wheel at dusk",
        "Walk through the vineyards of Nussdorf to a Heuriger",
    ),
}

_ANYWHERE = (
    "Walk through the old centre of {place} without a map and note what you want to come back to",
    "Visit the museum that people in {place} are proudest of",
    "Eat lunch at the market, where {place} shops for itself",
    "Find the best view over {place} for the hour before sunset",
    "Take a local train or boat to the last stop and explore what is there",
    "Spend a slow morning in a café and plan the rest of the day from its window",
    "Ask someone who lives in {place} for the dish that visitors miss, and try it",
    "See {place} from the water, or from its largest park",
)
_TIMES = ("morning", "afternoon")
_DAYS_IN_HALVES = 5  # longer trips get a step a day: nobody reads more than a dozen

_PHASES = (
    "Write down in one sentence what {goal} looks like when it is done",
    "List who is affected, and ask two of them what they need",
    "Decide on the date, the budget and the one thing that must not fail",
    "Break the work into pieces of a day or less",
    "Give each piece to someone by name",
    "Do the riskiest piece first, small, and look at what you learn",
    "Check in once a week: what is done, what is next, what is in the way",
    "Finish, thank everyone, and note what you would do differently",
)


def itinerary(destination: str, days: int, interests: Sequence[str]) -> list[str]:
    """The steps of a trip: a short one by half days, a longer one day by day."""
    place = destination.strip() or "your destination"
    known = next((sights for city, sights in _CITIES.items() if city in place.lower()), ())
    ideas = [*known, *(idea.format(place=place) for idea in _ANYWHERE)]
    ideas[1:1] = [
        f"Look for {interest} in {place}: ask at your hotel for the best address" for interest in interests[:3]
    ]
    slots = days * 2 if days <= _DAYS_IN_HALVES else days
    labels = [
        f"Day {slot // 2 + 1}, {_TIMES[slot % 2]}" if slots == days * 2 else f"Day {slot + 1}" for slot in range(slots)
    ]
    steps = [f"{label}: {ideas[number % len(ideas)]}" for number, label in enumerate(labels)]
    return [f"Before you go: book a room in {place} and check how to get in from the station or airport", *steps]


def project(goal: str) -> list[str]:
    """The steps that every project has."""
    wanted = goal.strip().rstrip(".") or "it"
    return [phase.format(goal=f"{wanted[0].lower()}{wanted[1:]}") for phase in _PHASES]
