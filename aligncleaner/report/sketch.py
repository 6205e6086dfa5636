"""A uniform sample of bounded size that any split of the data and any order of merging agree on.

Items are ordered by an id that says nothing of their content (an `answer_id` is a hash). The `size`
items with the smallest ids are then a uniform sample, and the smallest of a union are among the
smallest of its parts (a bottom-k sketch: Cohen and Kaplan, "Summarizing data using bottom-k
sketches", PODC 2007). What is there twice has one id, and is in the sample once.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")


class Key(NamedTuple):
    """An item's id, and where it stands: of items with one id, the first place is sampled."""

    item_id: str
    source: str
    line: int
    turn: int

    def moved(self, lines: int) -> Key:
        """The same item, that many lines further down its file."""
        return Key(self.item_id, self.source, self.line + lines, self.turn)


@dataclass
class Smallest(Generic[Item]):
    """The items with the `size` smallest ids so far, in the order of their keys.

    `bound` is an id above which nothing can belong to the sample, null while all may. A bound
    learnt from other parts of the data may be given at the start: what it shuts out here would
    be thrown away at the merge.
    """

    size: int
    bound: str | None = None
    items: list[tuple[Key, Item]] = field(default_factory=list)

    def admits(self, item_id: str) -> bool:
        """Whether an item of this id could still belong; false spares making the item."""
        return self.bound is None or item_id <= self.bound

    def add(self, key: Key, item: Item) -> None:
        """Offer an item."""
        if not self.admits(key.item_id):
            return
        place = bisect_left(self.items, key.item_id, key=_item_id)
        if place < len(self.items) and _item_id(self.items[place]) == key.item_id:
            if key < self.items[place][0]:
                self.items[place] = (key, item)
            return
        self.items.insert(place, (key, item))
        del self.items[self.size :]
        if len(self.items) == self.size:
            self._lower(_item_id(self.items[-1]))

    def merge(self, other: Smallest[Item]) -> None:
        """Take in another part's sample."""
        if other.bound is not None:
            self._lower(other.bound)
        for key, item in other.items:
            self.add(key, item)

    def _lower(self, bound: str) -> None:
        self.bound = bound if self.bound is None else min(self.bound, bound)


def _item_id(pair: tuple[Key, object]) -> str:
    return pair[0].item_id
