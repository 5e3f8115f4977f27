"""The event bus of the process: typed topics, bounded readers, publishers that never wait.

A reader is a queue that drops its oldest event when it is full and counts the loss, or a mailbox
that holds the newest event only. Readers may live on another thread; publishers are one thread.
"""

import asyncio
from collections import deque
from typing import Final, Generic, TypeVar

T = TypeVar("T")

UNHEARD_MOST: Final = 256  # events of a topic that wait for its first reader
BEHIND_S: Final = 0.03  # of the wall: an order has left by then


class Topic(Generic[T]):
    """A kind of event by name; publishing anything else does not type-check."""

    __slots__ = ("kind", "name")

    def __init__(self, name: str, kind: type[T]) -> None:
        self.name = name
        self.kind = kind

    def __repr__(self) -> str:
        return f"Topic({self.name!r})"


class Reader(Generic[T]):
    """Events of one topic in order, at most `size` waiting."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("a reader has room for at least one event")
        self._waiting: deque[T] = deque(maxlen=size)
        self._offered = 0
        self._taken = 0
        self._news: asyncio.Event | None = None

    @property
    def dropped(self) -> int:
        """Events lost because this reader was too slow."""
        return self._offered - self._taken - len(self._waiting)

    def take(self) -> list[T]:
        """All events that wait, oldest first; never blocks."""
        found: list[T] = []
        while self._waiting:
            found.append(self._waiting.popleft())
        self._taken += len(found)
        return found

    async def wait(self, behind_s: float = 0.0) -> list[T]:
        """All events that wait, once there is one; for readers on the publisher's loop. Who need
        not be first stays so much behind, and leaves the loop to whoever acts on them.
        """
        if self._news is None:
            self._news = asyncio.Event()
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        if behind_s:
            await asyncio.sleep(behind_s)
        return self.take()

    def offer(self, event: T) -> None:
        """Called by the bus; returns at once."""
        self._offered += 1
        self._waiting.append(event)
        if self._news is not None:
            self._news.set()


class Bus:
    """Carries copies of what happens to whoever reads."""

    def __init__(self) -> None:
        self._readers: dict[str, list[Reader[object]]] = {}
        self._kinds: dict[str, type] = {}
        self._unheard: dict[str, deque[object]] = {}  # told before anybody read the topic

    def queue(self, topic: Topic[T], size: int = 1024) -> Reader[T]:
        """A reader of every event, that loses the oldest when it is full."""
        return self._add(topic, Reader[T](size))

    def mailbox(self, topic: Topic[T]) -> Reader[T]:
        """A reader of the newest event only."""
        return self._add(topic, Reader[T](1))

    def publish(self, topic: Topic[T], event: T) -> None:
        """Hand an event to every reader of its topic; before there was any, it waits for the
        first.
        """
        if topic.name not in self._readers:
            self._unheard.setdefault(topic.name, deque(maxlen=UNHEARD_MOST)).append(event)
        for reader in self._readers.get(topic.name, ()):
            reader.offer(event)

    def leave(self, topic: Topic[T], reader: Reader[T]) -> None:
        """Stop handing events to a reader."""
        left = [one for one in self._readers.get(topic.name, ()) if one is not reader]
        self._readers[topic.name] = left

    def dropped(self) -> dict[str, int]:
        """Events lost by slow readers, by topic."""
        return {name: sum(one.dropped for one in all_) for name, all_ in self._readers.items()}

    def _add(self, topic: Topic[T], reader: Reader[T]) -> Reader[T]:
        if self._kinds.setdefault(topic.name, topic.kind) is not topic.kind:
            raise ValueError(f"topic {topic.name!r} already carries {self._kinds[topic.name]}")
        # A new list, so that publishing goes on over the one it has begun.
        self._readers[topic.name] = [*self._readers.get(topic.name, ()), reader]  # type: ignore[list-item]
        for event in self._unheard.pop(topic.name, ()):
            reader.offer(event)  # type: ignore[arg-type]  # of the topic's kind, as published
        return reader
