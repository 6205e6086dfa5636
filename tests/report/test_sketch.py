from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.report.sketch import Key, Smallest

keys = st.builds(
    Key,
    item_id=st.integers(0, 40).map("{:02}".format),
    source=st.sampled_from(["a", "b"]),
    line=st.integers(1, 9),
    turn=st.just(1),
)


def sample(of: list[Key], size: int, bound: str | None = None) -> Smallest[str]:
    made: Smallest[str] = Smallest(size, bound)
    for key in of:
        made.add(key, f"item {key}")
    return made


@given(st.lists(keys, unique=True), st.integers(1, 12))
def test_it_keeps_the_first_place_of_the_smallest_ids(of: list[Key], size: int) -> None:
    first = {key.item_id: key for key in sorted(of, reverse=True)}
    expected = sorted(first.values())[:size]
    assert [key for key, _ in sample(of, size).items] == expected


@given(
    st.lists(st.lists(keys), min_size=1, max_size=6),
    st.integers(1, 12),
    st.randoms(),
    st.booleans(),
)
def test_any_split_and_order_agree(
    parts: list[list[Key]], size: int, order: random.Random, hinted: bool
) -> None:
    whole = sample([key for part in parts for key in part], size)
    order.shuffle(parts)
    merged: Smallest[str] = Smallest(size)
    for part in parts:
        merged.merge(sample(part, size, merged.bound if hinted else None))
    assert merged.items == whole.items
    assert merged.bound == whole.bound


def test_a_bound_spares_what_cannot_enter() -> None:
    full = sample([Key("01", "a", 1, 1), Key("02", "a", 2, 1)], 2)
    assert full.bound == "02"
    assert full.admits("015")
    assert not full.admits("03")


def test_it_is_uniform() -> None:
    random_ids = random.Random(7)
    items = [Key(f"{random_ids.getrandbits(64):016x}", "a", line, 1) for line in range(4000)]
    chosen = sample(items, 400)
    assert 1800 < sum(key.line for key, _ in chosen.items) / 400 < 2200
