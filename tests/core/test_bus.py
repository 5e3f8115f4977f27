"""The bus: typed topics, bounded readers, no publisher that waits."""

import asyncio
import threading

import pytest

from julie.core.bus import Bus, Topic
from julie.core.events import Alarm, StateChanged
from julie.core.types import DeskState

ALARMS = Topic("alarms", Alarm)
STATES = Topic("states", StateChanged)


def alarm(n: int) -> Alarm:
    return Alarm("test", str(n))


def test_each_reader_gets_every_event_in_order() -> None:
    bus = Bus()
    one, two = bus.queue(ALARMS), bus.queue(ALARMS)
    other = bus.queue(STATES)
    for n in range(3):
        bus.publish(ALARMS, alarm(n))
    bus.publish(STATES, StateChanged(DeskState.HALTED, "test"))
    assert [event.text for event in one.take()] == ["0", "1", "2"]
    assert len(two.take()) == 3
    assert [event.state for event in other.take()] == [DeskState.HALTED]
    assert one.take() == []


def test_a_full_queue_drops_the_oldest_and_counts() -> None:
    bus = Bus()
    reader = bus.queue(ALARMS, size=3)
    for n in range(10):
        bus.publish(ALARMS, alarm(n))
    assert reader.dropped == 7
    assert [event.text for event in reader.take()] == ["7", "8", "9"]
    bus.publish(ALARMS, alarm(10))
    assert reader.dropped == 7
    assert bus.dropped() == {"alarms": 7}


def test_a_mailbox_holds_the_newest() -> None:
    bus = Bus()
    box = bus.mailbox(ALARMS)
    for n in range(5):
        bus.publish(ALARMS, alarm(n))
    assert [event.text for event in box.take()] == ["4"]


def test_who_left_gets_nothing() -> None:
    bus = Bus()
    reader = bus.queue(ALARMS)
    bus.leave(ALARMS, reader)
    bus.publish(ALARMS, alarm(1))
    assert reader.take() == []


def test_one_name_carries_one_kind() -> None:
    bus = Bus()
    bus.queue(ALARMS)
    with pytest.raises(ValueError, match="already carries"):
        bus.queue(Topic("alarms", StateChanged))


def test_a_reader_on_another_thread_loses_nothing_it_has_room_for() -> None:
    bus = Bus()
    reader = bus.queue(ALARMS, size=20_000)
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not (done.is_set() and not reader._waiting):
            seen.extend(int(event.text) for event in reader.take())

    thread = threading.Thread(target=read)
    thread.start()
    for n in range(10_000):
        bus.publish(ALARMS, alarm(n))
    done.set()
    thread.join()
    assert seen == list(range(10_000))
    assert reader.dropped == 0


def test_a_publisher_never_waits_for_a_reader_that_sleeps() -> None:
    async def scene() -> tuple[int, list[str]]:
        bus = Bus()
        asleep = bus.queue(ALARMS, size=2)
        awake = bus.queue(ALARMS)
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(awake.wait())
            await asyncio.sleep(0)
            for n in range(100):
                bus.publish(ALARMS, alarm(n))
        return asleep.dropped, [event.text for event in reading.result()]

    dropped, texts = asyncio.run(scene(), debug=True)
    assert dropped == 98
    assert texts[0] == "0"
    assert len(texts) == 100


def test_what_was_told_before_anybody_read_waits_for_the_first_reader() -> None:
    bus = Bus()
    for n in range(3):
        bus.publish(ALARMS, alarm(n))
    first, second = bus.queue(ALARMS), bus.queue(ALARMS)
    bus.publish(ALARMS, alarm(3))
    assert [one.text for one in first.take()] == [alarm(n).text for n in range(4)]
    assert [one.text for one in second.take()] == [alarm(3).text]
