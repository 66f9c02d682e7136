"""What belongs together: sets that are joined two at a time (union-find)."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)


class Unions(Generic[N]):
    """Disjoint sets of names, each its own set until it is joined; the first name that was met stands for a set."""

    def __init__(self, names: Iterable[N] = ()):
        self._parent: dict[N, N] = {}
        self._place: dict[N, int] = {}
        for name in names:
            self.add(name)

    def add(self, name: N) -> None:
        """Note a name, in a set of its own if it is new."""
        if name not in self._parent:
            self._parent[name] = name
            self._place[name] = len(self._place)

    def root(self, name: N) -> N:
        """Return the first name of the set that a name is in."""
        self.add(name)
        top = name
        while self._parent[top] != top:
            top = self._parent[top]
        while self._parent[name] != top:
            self._parent[name], name = top, self._parent[name]
        return top

    def join(self, one: N, other: N) -> None:
        """Make one set of the sets of two names."""
        first, second = sorted((self.root(one), self.root(other)), key=self._place.__getitem__)
        self._parent[second] = first

    def sets(self) -> dict[N, list[N]]:
        """Return the sets by their first name, names in the order in which they were met."""
        found: dict[N, list[N]] = defaultdict(list)
        for name in self._parent:
            found[self.root(name)].append(name)
        return dict(found)
