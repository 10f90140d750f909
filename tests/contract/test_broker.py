"""What every broker guarantees."""

import pytest

from salon.contracts.feed import Published
from salon.hub.broker import Broker
from salon.hub.broker_memory import MemoryBroker
from tests.unit.hub.fakes import published


@pytest.fixture(params=[MemoryBroker])
def broker(request: pytest.FixtureRequest) -> Broker:
    made: Broker = request.param()
    return made


def test_a_subscriber_gets_every_entry_of_its_room_in_order(broker: Broker) -> None:
    got: list[Published] = []
    broker.subscribe("r", got.append)
    items = [published(seq) for seq in range(1, 50)]
    for item in items:
        broker.publish(item)
    assert got == items


@pytest.mark.requirement("S4-35")
def test_a_subscriber_gets_nothing_of_another_room(broker: Broker) -> None:
    got: list[Published] = []
    broker.subscribe("r", got.append)
    broker.publish(published(1, room="other"))
    assert got == []


def test_each_subscriber_gets_the_same_entry(broker: Broker) -> None:
    one: list[Published] = []
    two: list[Published] = []
    broker.subscribe("r", one.append)
    broker.subscribe("r", two.append)
    broker.publish(published(1))
    assert one == two
    assert one[0].data == published(1).data


def test_what_was_published_before_does_not_come(broker: Broker) -> None:
    got: list[Published] = []
    broker.publish(published(1))
    broker.subscribe("r", got.append)
    broker.publish(published(2))
    assert [item.entry.seq for item in got] == [2]


def test_after_unsubscribing_nothing_comes_and_doing_so_twice_is_harmless(broker: Broker) -> None:
    got: list[Published] = []
    kept: list[Published] = []
    end = broker.subscribe("r", got.append)
    broker.subscribe("r", kept.append)
    end()
    end()
    broker.publish(published(1))
    assert got == []
    assert len(kept) == 1


def test_the_same_function_may_be_subscribed_twice(broker: Broker) -> None:
    got: list[Published] = []
    end = broker.subscribe("r", got.append)
    broker.subscribe("r", got.append)
    broker.publish(published(1))
    end()
    broker.publish(published(2))
    assert [item.entry.seq for item in got] == [1, 1, 2]


def test_a_subscriber_that_fails_harms_nobody(broker: Broker) -> None:
    got: list[Published] = []

    def fail(item: Published) -> None:
        raise RuntimeError("mine alone")

    broker.subscribe("r", fail)
    broker.subscribe("r", got.append)
    broker.publish(published(1))
    assert len(got) == 1


def test_subscribers_may_come_and_go_while_an_entry_is_delivered(broker: Broker) -> None:
    late: list[Published] = []
    got: list[Published] = []

    def meddle(item: Published) -> None:
        end()
        broker.subscribe("r", late.append)

    end = broker.subscribe("r", meddle)
    broker.subscribe("r", got.append)
    broker.publish(published(1))
    broker.publish(published(2))
    assert [item.entry.seq for item in got] == [1, 2]
    assert [item.entry.seq for item in late] == [2]
