"""Sets that are joined: what is joined stays together, and the first name stands for it."""

from hypothesis import given
from hypothesis import strategies as st

from stages.quality.unions import Unions


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12), st.randoms())
def test_the_sets_do_not_depend_on_the_order_of_joining(edges, random):
    shuffled = [(b, a) for a, b in edges]
    random.shuffle(shuffled)
    one, other = Unions(range(10)), Unions(range(10))
    for unions, joined in ((one, edges), (other, shuffled)):
        for a, b in joined:
            unions.join(a, b)
    assert one.sets() == other.sets()
    assert all(first == members[0] == min(members) for first, members in one.sets().items())
    assert all(one.root(a) == one.root(b) for a, b in edges)
