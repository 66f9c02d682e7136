import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.documents.layout import lay_out
from stages.quality import shingles
from stages.quality.copies import Copies, with_copy
from stages.quality.mirrors import without_mirrors
from stages.records import Document, Drop, Link, Section

WORDS = (
    "to request the weights fill in the form on the website and wait for the message with a signed link which expires "
    "after one day so that a new one has to be requested then and this can be done at any time without any charge or "
    "further delay by everyone who has agreed to the licence before and who is named in it as a user of the weights"
).split()
TEXT = " ".join(WORDS)


def document(source, *sections, title="Guide"):
    made = [s if isinstance(s, Section) else Section(heading=["Part"], text=s, span=(0, 0)) for s in sections]
    laid, _ = lay_out(made)
    return Document(id=source, source=source, sha256="0", title=title, sections=laid)


def texts(found):
    return [[section.text for section in document.sections] for document in found]


def test_the_first_document_keeps_a_mirrored_section_and_knows_the_other_place():
    there = Section(heading=["Weights"], text=TEXT.replace("form", "**form**"), span=(0, 0), anchor="weights")
    kept, other = without_mirrors([document("a.md", TEXT), document("b.html", "A first part.", there)])
    assert kept.sections[0].also == ["b.html#weights"]
    assert [section.text for section in other.sections] == ["A first part."]
    assert [(drop.reason, drop.text) for drop in other.drops] == [("mirrored", there.text)]
    assert other.text[slice(*other.drops[0].span)] == there.text


def test_a_third_place_is_noted_too_and_a_source_stands_for_a_missing_anchor():
    found = without_mirrors([document("a.md", TEXT), document("b.md", TEXT), document("c.md", TEXT)])
    assert found[0].sections[0].also == ["b.md", "c.md"]


def test_a_link_that_only_the_mirror_has_is_kept():
    one = Section(heading=[], text=TEXT, span=(0, 0), links=[Link(text="form", url="https://a.org/form")])
    links = [Link(text="form", url="https://a.org/form"), Link(text="licence", url="https://b.org/licence")]
    kept, _ = without_mirrors(
        [document("a.md", one), document("b.md", Section(heading=[], text=TEXT, span=(0, 0), links=links))]
    )
    assert [link.url for link in kept.sections[0].links] == ["https://a.org/form", "https://b.org/licence"]


def test_a_plain_word_more_or_less_is_still_a_mirror():
    kept, other = without_mirrors(
        [document("a.md", TEXT), document("b.md", TEXT.replace("further", "more considerable"))], 0.8
    )
    assert (len(kept.sections), len(other.sections)) == (1, 1), "more is a word of quantity"
    kept, other = without_mirrors(
        [document("a.md", TEXT), document("b.md", TEXT.replace("further", "considerable"))], 0.8
    )
    assert (len(kept.sections), len(other.sections)) == (1, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("one day", "2 days"),
        ("the weights", "the 7B weights"),
        ("has agreed", "has not agreed"),
        ("before", "after"),
        ("website", "Website of Mistral"),
        ("any charge", "`--charge`"),
        ("the website", "https://example.org/form"),
        ("signed", "unsigned"),
        ("licence", "lizenz_v2.txt"),
    ],
)
def test_a_number_name_negation_or_identifier_makes_another_section(one, other):
    changed = TEXT.replace(one, other, 1)
    found = without_mirrors([document("a.md", TEXT), document("b.md", changed)], 0.5)
    assert texts(found) == [[TEXT], [changed]]


def test_numbers_that_change_places_make_another_section():
    one = TEXT + " and the small one has 7B and the large one has 70B parameters of which most are trained"
    other = TEXT + " and the small one has 70B and the large one has 7B parameters of which most are trained"
    assert len(without_mirrors([document("a.md", one), document("b.md", other)], 0.5)[1].sections) == 1


def test_code_is_compared_sign_by_sign():
    code = "```\nfor step in range(count):\n    total = total + rates[step]\nprint(total)\n```"
    found = without_mirrors([document("a.md", code), document("b.md", code), document("c.md", code.replace("+", "-"))])
    assert [len(each.sections) for each in found] == [1, 0, 1]


def test_titles_that_name_two_sizes_or_versions_keep_both_sections():
    found = [document("a.md", TEXT, title="Model 7B"), document("b.md", TEXT, title="Model 13B")]
    assert texts(without_mirrors(found)) == [[TEXT], [TEXT]]
    chapters = [Section(heading=[heading], text=TEXT, span=(0, 0)) for heading in ("3.1 Weights", "4. Weights")]
    found = without_mirrors([document("a.md", chapters[0]), document("b.md", chapters[1])])
    assert [len(each.sections) for each in found] == [1, 0], "numbers of chapters say nothing"


def test_an_answer_is_mirrored_only_with_its_question():
    def asked(question):
        return Section(heading=[], text=TEXT, span=(0, 0), question=question)

    documents = [document(f"{n}.json", asked(q)) for n, q in enumerate(["How?", "how ?", "When?", None])]
    assert [len(each.sections) for each in without_mirrors(documents)] == [1, 0, 1, 1]


def test_repetition_within_a_document_stays():
    assert texts(without_mirrors([document("a.md", TEXT, "Between.", TEXT)])) == [[TEXT, "Between.", TEXT]]


def test_short_sections_stay():
    short = "Yes, it is supported on all platforms."
    assert texts(without_mirrors([document("a.md", short), document("b.md", short)])) == [[short], [short]]
    assert texts(without_mirrors([document("a.md", short), document("b.md", short)], least_words=7)) == [[short], []]


def test_a_drop_of_a_reader_stays_where_it_is():
    sections, drops = lay_out(
        [Drop(reason="navigation", text="Home", span=(0, 0)), Section(heading=[], text=TEXT, span=(0, 0))]
    )
    other = Document(id="b", source="b", sha256="0", title="b", sections=sections, drops=drops)
    _, other = without_mirrors([document("a.md", TEXT), other])
    assert [drop.reason for drop in other.drops] == ["navigation", "mirrored"]
    assert other.text == f"Home\n\n{TEXT}"


@given(st.lists(st.sampled_from([*WORDS, "7B", "not", "Llama"]), min_size=8, max_size=60), st.data())
def test_a_changed_number_is_never_a_mirror(words, data):
    place = data.draw(st.integers(0, len(words)))
    one, other = (" ".join([*words[:place], number, *words[place:]]) for number in ("4096", "2048"))
    assert texts(without_mirrors([document("a.md", one), document("b.md", other)], 0.1)) == [[one], [other]]
    assert not shingles.agree(shingles.text_of(one), shingles.text_of(other))


@given(st.lists(st.sampled_from(WORDS), min_size=5, max_size=60), st.floats(0.3, 1.0), st.data())
def test_no_candidate_is_missed_by_the_rare_shingles(words, least, data):
    other = list(words)
    for place in data.draw(st.lists(st.integers(0, len(words) - 1), max_size=4)):
        other[place] = "changed"
    one, two = shingles.text_of(" ".join(words)), shingles.text_of(" ".join(other))
    frequency = dict.fromkeys(one.shingles | two.shingles, 1)
    if shingles.share(one, two) >= least:
        assert set(shingles.rarest(one, frequency, least)) & two.shingles


def test_five_thousand_sections_of_one_template_take_seconds():
    def section(number):
        return TEXT.replace("one day", f"{number // 2} days")

    documents = [document(f"{n:05}.md", *(section(10 * n + i) for i in range(0, 20, 2))) for n in range(500)]
    found = without_mirrors(documents)
    assert sum(len(each.drops) for each in found) == 499 * 5, "each shares five sections with the one before"


def test_a_copy_is_found_and_its_places_are_noted():
    first = Section(heading=["A"], text=TEXT, span=(0, 0))
    second = Section(heading=["B"], text="The message comes from the team that looks after the website.", span=(0, 0))
    kept = document("a.md", first, second)
    copied = [Section(heading=[], text=s.text.lower(), span=(0, 0), anchor=a) for s, a in ((second, "b"), (first, "a"))]
    copy = document("b.md", *copied)
    copies = Copies([kept, copy], 0.8)
    assert copies.find(kept) is None
    copies.keep(kept)
    place, share = copies.find(copy)
    assert place == 0 and 0.8 <= share < 1
    assert [section.also for section in with_copy(kept, copy).sections] == [["b.md#a"], ["b.md#b"]]


def test_an_excerpt_is_a_copy_of_the_longer_document_and_not_the_other_way_round():
    whole = document("a.md", TEXT, "It has 7 further parts, which are not copied. They were written in Paris in 2023.")
    excerpt = document("b.md", TEXT)
    copies = Copies([whole, excerpt], 0.9)
    copies.keep(whole)
    assert copies.find(excerpt) == (0, 1.0)
    copies = Copies([whole, excerpt], 0.5)
    copies.keep(excerpt)
    assert copies.find(whole) is None


@pytest.mark.parametrize(("one", "other"), [("one day", "3 days"), ("website", "Mistral website"), ("has", "has not")])
def test_a_card_of_one_template_is_no_copy(one, other):
    changed = document("b.md", TEXT.replace(one, other))
    kept = document("a.md", TEXT)
    copies = Copies([kept, changed], 0.5)
    copies.keep(kept)
    assert copies.find(changed) is None


def test_equal_texts_on_two_models_are_no_copies():
    documents = [document("a.md", TEXT, title="Card of 7B"), document("b.md", TEXT, title="Card of 13B")]
    copies = Copies(documents, 0.9)
    copies.keep(documents[0])
    assert copies.find(documents[1]) is None
