"""Questions for yes or no, for advice and promises, with the name of the topic and in other words."""

import pytest

from stages.llm import rules
from stages.llm.transform import naming, rewording

MADE = {
    # negation, asked in the positive
    "Code reloading is not supported in Gunicorn.": ("negation", "Is code reloading supported in Gunicorn?"),
    "The Alpine image of Node has no debugger by default.": (
        "negation", "Does the Alpine image of Node have a debugger by default?"),
    "Neither the server nor the client of Samba stores passwords in plain text.": (
        "negation", "Do the server and the client of Samba store passwords in plain text?"),
    "Do not commit the private key of Ansible to a repository.": (
        "negation", "Should I commit the private key of Ansible to a repository?"),
    "Avoid running Docker containers as the root user.": (
        "negation", "Should I run Docker containers as the root user?"),
    # permission, duty, ability
    "Output of Inkscape can be used for commercial purposes.": (
        "may", "Can output of Inkscape be used for commercial purposes?"),
    "The Rust backend requires a nightly compiler.": ("may", "Does the Rust backend require a nightly compiler?"),
    "Users of Nexus must accept the licence of each package.": (
        "may", "Do users of Nexus have to accept the licence of each package?"),
    "Make sure to enable swap accounting for using Docker with cgroups.": (
        "what", "What should I enable for using Docker with cgroups?"),
    "It is important to test a backup of PostgreSQL before upgrading the server.": (
        "may", "Should I test a backup of PostgreSQL before upgrading the server?"),
    "Providing type stubs can help Mypy find more errors.": ("how", "How can I help Mypy find more errors?"),
    # the subject is the answer
    "Locust is a tool for testing web servers under load.": (
        "which", "Which tool can I use for testing web servers under load?"),
    "Vale is a linter that checks the style of documentation.": ("definition", "What is Vale?"),
    "Zstandard is more flexible than gzip.": ("choice", "Which is more flexible, Zstandard or gzip?"),
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), MADE.items(), ids=[sentence[:40] for sentence in MADE])
def test_the_question_is_made_under_its_rule(sentence, expected):
    assert expected in rules.made_by_rule(sentence), rules.made_by_rule(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Not only the server can restart the queue of RabbitMQ.",
        "Vault offers nothing but secrets to its clients.",
        "The store can be set to either memory or disk of Redis.",  # one of them
    ],
)
def test_polarity_is_not_asked_where_it_is_no_answer(sentence):
    assert not {rule for rule, _ in rules.made_by_rule(sentence)} & {"may", "negation"}


def test_a_promise_is_asked_for_as_a_permission():
    made = rules.made_by_rule(
        "You agree you will not use, or allow others to use, MapBox to break the law, including use of MapBox related "
        "to the following: Tracking people without consent.",
        "MapBox Acceptable Use Policy > Prohibited uses",
    )
    assert made == [
        ("negation", "May I use MapBox for tracking people without consent?"),
        (
            "negation",
            "Does the MapBox Acceptable Use Policy allow using MapBox for tracking people without consent?",
        ),
    ]


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("Getting started with Grafana > Alerts", "Grafana"),
        ("Redis 7: Overview > Limits", "Redis 7"),
        ("Guide > scikit-learn > Tests", "scikit-learn"),
        ("Batching Strategies > Evaluation Results", ""),
        ("FAQ > HOW TO GUIDES", ""),
        ("Pretrained Code Parts", ""),
    ],
)
def test_a_topic_names_a_product_or_nothing(topic, name):
    assert naming.name_of(topic) == name


def test_a_question_without_a_name_gets_that_of_its_topic():
    made = rules.made_by_rule("Install the test dependencies: `make deps`", "Contributing to Grafana > Tests")
    assert ("how", "How do I install the test dependencies with Grafana?") in made
    assert rules.made_by_rule("Install the test dependencies: `make deps`", "Contributing > Tests") == []


def test_a_name_is_not_put_where_it_would_belong_to_something_else():
    assert naming.named("What is the cache used for?", "Redis") == ""
    assert naming.named("Why should I set a limit?", "Redis") == ""
    assert naming.named("What is the default port?", "Redis") == "What is the default port of Redis?"


@pytest.mark.parametrize(
    ("rule", "question", "other"),
    [
        ("stands_for", "What does WAL stand for?", "What is WAL short for?"),
        ("differ", "How do a thread and a process differ?", "What is the difference between a thread and a process?"),
        ("how_many", "How many books does the corpus contain?", "How many books are there in the corpus?"),
        ("cell", "What is the size of Alpine?", "How large is Alpine?"),
        ("where", "Where can bugs of Vim be reported?", "Where can I report bugs of Vim?"),
        ("may", "Can Falco be used for audits?", "Can I use Falco for audits?"),
    ],
)
def test_a_question_is_said_in_other_words(rule, question, other):
    assert other in [wording for _, wording in rewording.of_question(rule, question, "")]


def test_a_row_with_units_and_yes_or_no():
    made = rules.made_by_rule("Mistral 7B: Parameters 7 billion, Sliding window yes, Size on disk 14 GB.")
    assert ("cell", "How many parameters does Mistral 7B have?") in made
    assert ("cell", "What is the size on disk of Mistral 7B?") in made
    assert ("may", "Does Mistral 7B use sliding window?") in made
