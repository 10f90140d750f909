"""Lets others look on at everything that this process publishes: metrics, tracing."""

from collections.abc import Callable

from salon.contracts.feed import Published, Publisher

Observe = Callable[[Published], None]
"""Told of an entry after it was published; must neither block nor raise."""


class Tap:
    """A publisher in front of another one."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._observers: list[Observe] = []

    def observe(self, observer: Observe) -> None:
        """Tell `observer` of every entry from now on."""
        self._observers.append(observer)

    def publish(self, item: Published) -> None:
        """Publish, then tell those who look on."""
        self._publisher.publish(item)
        for observer in self._observers:
            observer(item)
