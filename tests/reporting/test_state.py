"""What a run would do with each stage follows from what is seen of the stages, and costs what it cost last."""

from hypothesis import given
from hypothesis import strategies as st

from stages.reporting import state
from stages.reporting.state import Change, Seen, State, Verdict

CODE = (Change("code changed", "a.py"),)
LOST = (Change(state.LOST, "data/a"),)
MISSING = (Change(state.MISSING, "data/a"),)


def chain(**first) -> list[Verdict]:
    """Return the verdicts on a stage and two that follow it."""
    return state.verdicts([Seen("a", "", **first), Seen("b", "", before=("a",)), Seen("c", "", before=("b",))])


def told(**first) -> list[str]:
    return [str(one.state) for one in chain(**first)]


def test_where_nothing_changed_all_is_up_to_date():
    assert told() == ["up to date"] * 3


def test_what_follows_a_changed_stage_may_run_and_says_which_one():
    found = chain(inputs=CODE)
    assert [one.state for one in found] == [State.WILL_RUN, State.MAY_RUN, State.MAY_RUN]
    assert [one.reasons for one in found] == [["code changed: a.py"], ["follows a"], ["follows a"]]


def test_a_stage_that_never_ran_will_run():
    assert chain(ever_run=False)[0].reasons == ["never run"]
    assert told(ever_run=False) == told(inputs=CODE)


def test_what_the_cache_has_of_these_inputs_is_taken_but_may_be_something_else_than_before():
    assert told(inputs=CODE, cached=True) == ["from the cache", "may run", "may run"]


def test_a_missing_output_comes_back_as_it_was_from_the_cache_only():
    assert told(outputs=MISSING, cached=True) == ["from the cache", "up to date", "up to date"]
    assert told(outputs=LOST) == ["will run", "may run", "may run"]


def test_a_missing_output_of_a_stage_that_follows_a_changed_one_may_have_to_be_made():
    found = state.verdicts([Seen("a", "", CODE), Seen("b", "", outputs=MISSING, before=("a",), cached=True)])
    assert found[1].state == State.MAY_RUN and found[1].reasons == [f"{state.MISSING}: data/a", "follows a"]


def test_data_that_will_be_made_anew_is_no_change_of_its_own():
    data = Change("data changed", "data/a", made_by=("a",))
    stale = state.verdicts([Seen("a", ""), Seen("b", "", (data,), before=("a",))])
    assert stale[1].state == State.WILL_RUN and stale[1].reasons == ["data changed: data/a"]
    again = state.verdicts([Seen("a", "", CODE), Seen("b", "", (data,), before=("a",))])
    assert again[1].state == State.MAY_RUN and again[1].reasons == ["follows a"]
    back = state.verdicts([Seen("a", "", outputs=MISSING, cached=True), Seen("b", "", (data,), before=("a",))])
    assert back[1].state == State.WILL_RUN, "what comes back is not what b was made of"


def test_a_frozen_stage_stays_as_it_is_with_what_follows_it():
    assert told(inputs=CODE, frozen=True) == ["frozen", "up to date", "up to date"]


def test_a_running_stage_is_said_to_run():
    assert told(running=True) == ["running", "may run", "may run"]


def test_reasons_of_a_kind_are_told_together_and_many_are_counted():
    changes = [Change(state.PARAMETER, "a.x 1 → 2"), *(Change("code changed", f"{n}.py") for n in range(5))]
    assert Verdict("a", State.WILL_RUN, tuple(changes)).reasons == [
        "a.x 1 → 2",
        "code changed: 0.py, 1.py, 2.py and 2 more",
    ]


def test_cost_is_what_the_changed_stages_took_and_at_most_all_that_follow_them():
    found = chain(inputs=CODE)
    assert state.cost(found, {"a": 1.5, "b": 2.0, "c": 3.0, "d": 9.0}) == state.Cost(1.5, 6.5, ())
    assert state.cost(found, {"b": 2.0}) == state.Cost(0, 2.0, ("a", "c"))
    assert state.cost(chain(), {"a": 1.0}) == state.cost(chain(outputs=MISSING, cached=True), {"a": 1.0})


def test_advice_is_given_on_what_is_there_to_mend():
    assert state.advice(chain()) == state.advice(chain(inputs=CODE)) == []
    assert "dvc checkout" in state.advice(chain(outputs=MISSING))[0] and len(state.advice(chain(outputs=LOST))) == 1


@st.composite
def pipelines(draw) -> list[Seen]:
    def one(n: int) -> Seen:
        before = draw(st.lists(st.integers(0, n - 1), unique=True)) if n else []
        some = st.booleans()
        return Seen(str(n), "", CODE if draw(some) else (), MISSING if draw(some) else (),
                    tuple(map(str, before)), draw(some), draw(some), draw(some), draw(some))  # fmt: skip

    return [one(n) for n in range(draw(st.integers(1, 7)))]


@given(pipelines(), st.randoms())
def test_verdicts_do_not_hang_on_the_order_and_what_follows_is_really_before(stages, random):
    found = state.verdicts(stages)
    shuffled = random.sample(stages, len(stages))
    assert sorted(state.verdicts(shuffled), key=lambda one: one.name) == found
    seen = {one.name: one for one in stages}
    for one in found:
        if one.state == State.UP_TO_DATE:
            assert not one.changes and not one.follows and one.ever_run
        earlier = set(seen[one.name].before)
        while more := {name for after in earlier for name in seen[after].before} - earlier:
            earlier |= more
        assert set(one.follows) <= earlier
    price = state.cost(found, {one.name: 1.0 for one in stages})
    assert 0 <= price.least <= price.most <= len(stages)
