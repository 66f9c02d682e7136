"""Markdown beyond CommonMark: boxes, tabs, components, footnotes, and tags that are none; nothing of it is lost."""

import re
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import Dropped, Parsed, ReadError
from stages.documents.layout import from_parsed
from stages.documents.readers import read


def shape(text: str) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    parsed = read(text.encode(), ".md")
    sections, _ = from_parsed(parsed, parsed.title or "")
    return [(section.heading, section.text.split("\n\n")) for section in sections]


def blocks(text: str) -> list[str]:
    """The blocks of a text without headings."""
    ((heading, found),) = shape(text)
    assert heading == []
    return found


def drops(parsed: Parsed) -> list[tuple[str, str]]:
    return [(piece.reason, piece.text) for piece in parsed.pieces if isinstance(piece, Dropped)]


# --- boxes and tabs -------------------------------------------------------------------------------------------


def test_an_indented_box_is_its_title_with_paragraphs_and_code():
    text = '!!! note "Mind this"\n    Inside, `code`.\n\n    More.\n\n\n    ```bash\n    make\n    ```\n\nAfter.\n'
    assert blocks(text) == ["Mind this: Inside, code.", "More.", "```\nmake\n```", "After."]
    assert blocks('!!! tip\n    One.\n\n!!! tip ""\n    Two.\n') == ["Tip: One.", "Two."]
    assert blocks("Wow!\n\n!!! that was it\n\nText.") == ["Wow!", "!!! that was it", "Text."]


def test_a_box_that_opens_at_a_click_is_a_question_with_its_answer():
    text = '??? question "Is it free?"\n    Yes.\n\n    It is.\n\nAfter.\n'
    assert shape(text) == [(["Is it free?"], ["Yes.", "It is."]), ([], ["After."])]
    assert shape("::: details Is it?\nYes.\n:::\n") == [(["Is it?"], ["Yes."])]
    assert shape('<Accordion title="Is it?" icon={<X />}>\n  Yes.\n</Accordion>\n') == [(["Is it?"], ["Yes."])]


def test_a_tabs_label_stands_before_its_content():
    assert blocks('=== "Linux"\n\n    apt install x\n\n=== "Mac"\n\n    ```\n    brew\n    ```\n') == [
        "Linux: apt install x",
        "Mac:",
        "```\nbrew\n```",
    ]
    text = '<Tabs>\n  <TabItem value="a" label="A">\n\n    Text a.\n\n    ```sh\n    run\n    ```\n\n  </TabItem>\n'
    text += "  <Tab title='B'>\n    Text b.\n  </Tab>\n</Tabs>\n\nAfter."
    assert blocks(text) == ["A: Text a.", "```\nrun\n```", "B: Text b.", "After."]
    assert blocks('Text <Tab title="A">a</Tab> and <Badge label="new" />.') == ["Text A: a and new: ."]


def test_boxes_between_colons_and_alerts_begin_with_what_they_are():
    assert blocks(":::tip Mind\nUse **bold**.\n:::\n\n:::note[One]\n\nText.\n:::") == ["Mind: Use bold.", "One: Text."]
    assert blocks("> [!WARNING]\n> Do not.\n\n> [!NOTE]  \n>\n> Two\n> lines.\n") == [
        "Warning: Do not.",
        "Note: Two lines.",
    ]
    assert blocks('<Note>\nText.\n</Note>\n\n<Callout type="info">It **is**.</Callout>') == [
        "Note: Text.",
        "Info: It is.",
    ]


def test_pure_markup_is_a_recorded_drop():
    text = "import Tabs from '@theme/Tabs';\nimport {\n  A,\n} from './a';\n\nexport const x = 1;\n\n"
    text += (
        "{{< note >}}Text{{< /note >}} {% raw %}one{% endraw %} {{ var }} `{{< note >}}`.\n\n:::{grid} 2\nIn it.\n:::"
    )
    text += "\n\n<!-- said -->\n\n[//]: # (too)\n"
    assert blocks(text) == ["Text one {{ var }} {{< note >}}.", "In it."]
    assert drops(read(text.encode(), ".md")) == [
        *(("markup", "import Tabs from '@theme/Tabs';"), ("markup", "import {\nA,\n} from './a';")),
        *(("markup", "export const x = 1;"), ("markup", "{grid} 2"), ("markup", "{{< note >}}")),
        *(("markup", "{{< /note >}}"), ("markup", "{% raw %}"), ("markup", "{% endraw %}")),
        *(("comment", "too"), ("comment", "said")),
    ]
    assert blocks("One {/* a remark\nof two lines */} two.") == ["One two."]
    assert blocks('{% tab title="Linux" %}\nRun.\n{% endtab %}') == ["Linux: Run."]


def test_marked_lines_are_questions_with_answers():
    text = "# F\n\nText.\n\nQ: What is\nit?\nA: This.\n\n**Q: Two?**\nA: That.\nQ: Three?\nA: Yes.\n\nA: nothing\n"
    assert shape(text) == [
        ([], ["Text."]),
        (["What is it?"], ["This."]),
        (["Two?"], ["That."]),
        (["Three?"], ["Yes.", "A: nothing"]),
    ]


# --- code, tables and tags ------------------------------------------------------------------------------------


def test_code_directly_inside_an_element_is_code():
    assert blocks("<CodeGroup>\n```bash npm\nnpm i\n```\n</CodeGroup>\n\nText.") == ["```\nnpm i\n```", "Text."]
    assert blocks("<div>\n\n```py\na < b\n```\nText.\n</div>") == ["```\na < b\n```", "Text."]
    assert blocks("<div>\n```py\na < b\n```\n</div>") == ["```\na < b\n```"]


def test_a_tag_that_is_no_element_is_text():
    text = "Generic List<String> and Vec<T>, <your-name>, <kbd>Ctrl</kbd> <Badge>new</Badge>.\n\n<your-file>\n"
    assert blocks(text) == ["Generic List<String> and Vec<T>, <your-name>, Ctrl new.", "<your-file>"]
    assert blocks("An <img src='a' alt=\"b c\"> <input type=checkbox checked> and <br clear='all'/> more.") == [
        "An and more."
    ]
    assert blocks("If a <b and c> d, then <details open>it</details> is.")[0].startswith("If a <b and c> d, then")


def test_a_pipe_in_code_in_a_table_loses_nothing():
    assert blocks("| a | b |\n|---|---|\n| 1 | `x|y` |\n| 2 |\n") == [
        "| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| 2 |  |",
    ]


# --- footnotes ------------------------------------------------------------------------------------------------


def test_a_footnote_stands_below_its_paragraph():
    text = "The limit is 10[^1], it is gone[^old].\n\n- item[^b]\n- two\n\nLast.\n\n[^1]: https://example.com/x\n"
    text += "[^old]: Deprecated\n\n    since 2.\n[^b]: See[^c].\n[^c]: That.\n[^un]: Used by none.\n"
    assert blocks(text) == [
        *("The limit is 10[1], it is gone[2].", "[1] https://example.com/x", "[2] Deprecated", "since 2."),
        *("- item[3]\n- two", "[3] See[4].", "[4] That.", "Last.", "[un] Used by none."),
    ]


# --- depth, and nothing lost ----------------------------------------------------------------------------------


def nested(depth: int) -> str:
    return "\n".join(f"{'  ' * level}- word {level}" for level in range(depth))


def test_deep_lists_are_read_or_refused():
    assert blocks(nested(60)) == ["\n".join(f"- word {level}" for level in range(60))]
    for text in (nested(150), ">" * 2000 + " word", "- " * 600 + "word"):
        with pytest.raises(ReadError) as error:
            read(text.encode(), ".md")
        assert error.value.reason == "too_deep"


def test_deep_brackets_are_text():
    assert blocks("[" * 2000 + "word")[0].endswith("[word")


def test_elements_that_are_never_closed_are_read_in_linear_time():
    start = perf_counter()
    assert blocks("<P>\n\ntext\n\n" * 3000 + "</P>")[-1] == "text"
    assert perf_counter() - start < 5


LINE = st.sampled_from(
    [
        *(
            '!!! note "w"',
            '??? w "w?"',
            '=== "w"',
            ":::tip w",
            ":::",
            "> [!NOTE] w",
            "> w",
            "<Tab title='w'>",
            "</Tab>",
        ),
        *(
            "<Card title='w' />",
            "{{< note >}}w",
            '{% tab title="w" %}',
            "import w from 'w';",
            "export const w",
            "w[^w1]",
        ),
        *(
            "[^w1]: w",
            "[^w1]:",
            "```",
            "<div>",
            "</div>",
            "- w",
            "1. w",
            "| w | w |",
            "|--|--|",
            "| w `w|w` | w | w",
            "",
        ),
        *("List<w> w", "# w", "<!-- w", "-->", "w", "", ""),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "", "", "  ", "    "]), LINE).map("".join), max_size=14))
def test_no_box_loses_a_word(lines):
    counter = iter(range(1000))
    text = re.sub(r"\bw\b", lambda _: f"q{next(counter)}z", "\n".join(lines))
    try:
        parsed = read(text.encode(), ".md")
    except ReadError as error:
        assert error.reason in ("no_text", "empty")
        return
    found = " ".join(" ".join([*part.heading, *part.blocks]) for part in parsed.parts)
    found += " ".join(text for _, text in drops(parsed))
    seen = re.sub(r"\?\?\? q\d+z", "", text)  # the kind of a box that has a title
    seen = "\n".join(line for line in seen.split("\n") if not re.match(r"\s*```", line))
    assert set(re.findall(r"q\d+z", seen)) - set(re.findall(r"q\d+z", found)) == set()
