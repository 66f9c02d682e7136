"""Splitting: no fact, sentence or cluster is on both sides, sizes are met, and a new document moves nothing."""

from collections import defaultdict

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stages.curation.grouping import draw, traits, units_of
from stages.curation.splitting import figures, grouped, part, reworded
from stages.records import Evidence, Fact, Pair, RecordError


def fact(identity, source="s", quote=None, concepts=()):
    return Fact(
        id=identity, chunk="c", document="d-" + source, source=source, topic="T", quote=quote or f"Says {identity}.",
        span=(0, 1), concepts=list(concepts),
    )  # fmt: skip


def pair(identity, facts, needed=1, cluster=None):
    """Make a pair on facts, of which so many are needed; dedup merged the others."""
    quotes = [Evidence(document=one.document, quote=one.quote, span=one.span) for one in facts]
    form = "multi_hop" if needed > 1 else "what"
    return Pair(
        id=identity, question=f"{identity}?", answer="a", facts=[one.id for one in facts], evidence=quotes[:needed],
        source=facts[0].source, origin="generated", form=form, cluster=cluster,
    )  # fmt: skip


def ledger(pairs_facts):
    return {one.id: one for one in pairs_facts}


def many(count, source="s", concepts=lambda i: ()):
    return [fact(f"{source}{i}", source, concepts=concepts(i)) for i in range(count)]


# facts and pairs that are linked in all ways, within a document and between documents
FACT = st.tuples(st.integers(0, 3), st.integers(0, 7), st.integers(0, 9))  # document, number, sentence


@st.composite
def corpora(draw_):
    """Return a ledger and pairs on documents 0 to 3."""
    facts = {}
    for source, number, sentence in draw_(st.lists(FACT, min_size=1, max_size=24)):
        facts.setdefault((source, number), fact(f"f{source}-{number}", f"s{source}", f"Sentence {sentence}."))
    names = sorted(facts)
    pairs = []
    for i in range(draw_(st.integers(1, 24))):
        own = [facts[names[n % len(names)]] for n in draw_(st.lists(st.integers(0, 99), min_size=1, max_size=3))]
        own = list({one.id: one for one in own}.values())
        needed = draw_(st.integers(1, 2))
        cluster = draw_(st.sampled_from([None, f"own-{i}", "c1", "c2"]))
        pairs.append(pair(f"p{i}", own, min(needed, len(own)), cluster))
    return ledger(facts.values()), pairs


def only(one, facts, keep):
    """Return a pair with the facts that it needs, and of those that dedup merged the ones to keep."""
    needed = one.facts[: len(one.evidence)]
    also = [name for name in one.facts[len(one.evidence) :] if keep(name)]
    return pair(one.id, [facts[name] for name in needed + also], len(needed), one.cluster)


def grown(corpus, old):
    """Return the pairs as they were with the old documents only, and as they are with all.

    Dedup may have let a pair speak for a fact of another document, of which a pair was there already.
    """
    facts, pairs = corpus
    known = {name for name in facts if facts[name].source in old}
    first = [one for one in pairs if known.issuperset(one.facts[: len(one.evidence)])]
    before = [only(one, facts, known.__contains__) for one in first]
    asked = units_of(before, facts)
    later = [only(one, facts, lambda name: name in asked or name not in known) for one in pairs if one not in first]
    return before, first + later


def places(pairs, facts, share, seed, by_document=False):
    parted = part(pairs, facts, share, seed, by_document)
    spare = {one.id for one in reworded(parted.trained, parted, facts, 1000, seed)}
    found = {one.id: "reworded" if one.id in spare else "trained" for one in parted.trained}
    found |= {one.id: "held_out" for one in parted.held_out}
    return found | {one.pair.id: "withdrawn" for one in parted.withdrawn}


@settings(max_examples=150, deadline=None)
@given(corpora(), st.floats(0, 1), st.integers(0, 5), st.booleans())
def test_no_fact_sentence_or_cluster_is_on_both_sides(corpus, share, seed, by_document):
    facts, pairs = corpus
    parted = part(pairs, facts, share, seed, by_document)
    assert len(parted.trained) + len(parted.held_out) + len(parted.withdrawn) == len(pairs)
    sides = [{t for one in side for t in traits(one, facts)} for side in (parted.trained, parted.held_out)]
    assert not sides[0] & sides[1]
    groups = [{one.group for one in grouped(pairs, facts)} for pairs in (parted.trained, parted.held_out)]
    both = grouped([*parted.trained, *parted.held_out], facts)
    names = {one.id: one.group for one in both}
    assert {names[one.id] for one in parted.trained} == groups[0]
    assert {names[one.id] for one in parted.held_out} == groups[1]
    assert not groups[0] & groups[1]


@settings(max_examples=300, deadline=None)
@given(corpora(), st.sets(st.integers(0, 3), min_size=1, max_size=3), st.floats(0, 1), st.integers(0, 5), st.booleans())
def test_new_documents_move_no_old_pair(corpus, old, share, seed, by_document):
    facts, _ = corpus
    first, all_ = grown(corpus, {f"s{number}" for number in old})
    before, after = places(first, facts, share, seed, by_document), places(all_, facts, share, seed, by_document)
    moved = {name: (before[name], after[name]) for name in before if after[name] not in (before[name], "withdrawn")}
    assert moved == {}
    assert not [name for name in before if before[name] in ("trained", "reworded") and after[name] == "withdrawn"]


@settings(max_examples=200, deadline=None)
@given(corpora(), st.floats(0, 1), st.integers(0, 5), st.data())
def test_an_old_pair_that_becomes_a_duplicate_of_a_new_one_moves_no_other(corpus, share, seed, data):
    facts, pairs = corpus
    # one that joins nothing: what it joined would be joined no longer
    single = [one for one in pairs if len(one.facts) == 1 and one.cluster not in ("c1", "c2")]
    assume(single)
    gone = data.draw(st.sampled_from(single))
    new = fact("new", "new", "New.")
    facts = facts | {"new": new}
    merged = pair("q", [new, *(facts[name] for name in gone.facts)], cluster=gone.cluster)
    before = places(pairs, facts, share, seed)
    after = places([*(one for one in pairs if one is not gone), merged], facts, share, seed)
    sides = {"reworded": "trained"}
    moved = [name for name in after if name != "q" and "withdrawn" not in (before[name], after[name])
             and sides.get(after[name], after[name]) != sides.get(before[name], before[name])]  # fmt: skip
    assert moved == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.floats(0, 1), st.integers(0, 9))
def test_the_size_is_met_to_within_one_a_document(sizes, share, seed):
    facts = [one for n, size in enumerate(sizes) for one in many(size, f"d{n}-", lambda i: [f"concept {i % 3}"])]
    pairs = [pair(f"p-{one.id}", [one]) for one in facts]
    drawn = draw(set(units_of(pairs, ledger(facts)).values()), share, seed)
    for n, size in enumerate(sizes):
        count = sum(unit.source == f"d{n}-" for unit in drawn)
        assert abs(count - share * size) < 1


@given(st.permutations(range(12)))
def test_the_order_of_the_pairs_changes_nothing(order):
    facts = many(12, concepts=lambda i: [f"concept {i % 4}"])
    pairs = [pair(f"p{i}", [facts[i], facts[i - i % 3]]) for i in range(12)]
    assert places([pairs[i] for i in order], ledger(facts), 0.3, 1) == places(pairs, ledger(facts), 0.3, 1)


def test_held_out_facts_are_spread_over_the_concepts():
    facts = many(40, concepts=lambda i: ["common"] if i < 20 else [f"rare {i % 10}"])
    for seed in range(20):
        drawn = draw(set(units_of([pair(one.id, [one]) for one in facts], ledger(facts)).values()), 0.25, seed)
        assert len(drawn) == 10
        counts = defaultdict(int)
        for unit in drawn:
            counts[min(unit.concepts)] += 1
        assert counts.pop("common") <= 5 and set(counts.values()) <= {1}


def test_an_edit_moves_few_units():
    facts = many(200)
    before = places([pair(one.id, [one]) for one in facts], ledger(facts), 0.1, 0)
    after = places([pair(one.id, [one]) for one in facts[:-1]], ledger(facts), 0.1, 0)
    assert sum(before[name] != after[name] for name in after) <= 2


def test_whole_documents_are_held_out():
    facts = [one for n in range(40) for one in many(5, f"d{n}-")]
    parted = part([pair(one.id, [one]) for one in facts], ledger(facts), 0.3, 0, by_document=True)
    held = {one.source for one in parted.held_out}
    assert 5 < len(held) < 20 and len(parted.held_out) == 5 * len(held)


def on_two_sides(share=0.5):
    """Return facts of two documents, a trained and a held-out one."""
    facts = many(10, "a") + many(10, "b")
    parted = part([pair(one.id, [one]) for one in facts], ledger(facts), share, 0)
    trained = next(facts[i] for i in range(10) if facts[i].id in {one.id for one in parted.trained})
    held = next(facts[i] for i in range(10, 20) if facts[i].id in {one.id for one in parted.held_out})
    return facts, trained, held


def test_a_pair_that_needs_both_sides_is_withdrawn():
    facts, trained, held = on_two_sides()
    pairs = [pair(one.id, [one]) for one in facts] + [pair("both", [trained, held], 2)]
    parted = part(pairs, ledger(facts), 0.5, 0)
    assert [(one.pair.id, one.other) for one in parted.withdrawn] == [("both", trained.id)]


def test_a_trained_duplicate_withdraws_what_is_held_out_of_the_other_document():
    facts, trained, held = on_two_sides()
    pairs = [pair(one.id, [one]) for one in facts if one != trained] + [pair("both", [trained, held])]
    parted = part(pairs, ledger(facts), 0.5, 0)
    assert [(one.pair.id, one.other) for one in parted.withdrawn] == [(held.id, "both")]


def test_a_table_head_joins_no_rows():
    head = Evidence(document="d", quote="| a | b |", span=(0, 1))
    facts = many(30)
    pairs = [pair(one.id, [one]) for one in facts]
    for one in pairs:
        one.evidence.append(head)
    assert len({unit.key for unit in units_of(pairs, ledger(facts)).values()}) == 30


def test_a_pair_without_a_known_fact_is_named():
    with pytest.raises(RecordError, match="pair p1 stands on fact gone, which is not in the ledger"):
        part([pair("p1", [fact("gone")])], {}, 0.1, 0)
    with pytest.raises(RecordError, match="pair p1 stands on no fact"):
        part([Pair(id="p1", question="q", answer="a", facts=[], source="s", origin="seed")], {}, 0.1, 0)


def test_the_figures_say_what_was_asked_and_delivered():
    facts = many(50, concepts=lambda i: ["x"])
    parted = part([pair(one.id, [one]) for one in facts], ledger(facts), 0.2, 0)
    found = figures(parted, 0.2, parted.held_out)
    assert found["held_out_share"] == {"asked": 0.2, "units": 0.2, "facts": 0.2}
    assert found["furthest_off"]["concept"] == {"name": "x", "units": 50, "drawn": 10, "off": 0.0}
