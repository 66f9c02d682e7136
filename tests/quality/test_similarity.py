"""The matcher: what is one question, what never is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.quality.similarity import clusters, matches, same

SAME = [
    ("What is the context length of Llama 2?", "what is the context length of llama 2"),
    ("How do I download the Llama 2 weights?", "Could you please tell me how do I download the Llama 2 weights?"),
    ("How do I download the Llama 2 weights?", "How can you download Llama 2 weights?"),
    ("Which licence applies to Code Llama?", "Which license applies to Code Llama?"),
    ("Why can't quantisation be used on CPUs?", "Why can not quantisation be used on CPUs?"),
    ("What does quantisation change in a model?", "What does quantistaion change in a model?"),
    ("Where is the config of the run stored?", "Where is the configuration of the run stored?"),
    ("In Kubernetes, how do I scale a deployment?", "How do I scale a deployment in Kubernetes?"),
    ("How to convert checkpoints to Hugging Face?", "How do I convert the checkpoints to Hugging Face?"),
    ("What is a prompt injection in a chat?", "What are prompt injections in a chat?"),
    ("I was just wondering, how can I merge an adapter right now?", "How do you merge an adapter?"),
    ("Can I use Llama 2 with vLLM?", "Could you tell me whether I can use Llama 2 with vLLM, please?"),
    ("Do I need to convert the weights?", "do i have to convert the weights"),
    ("How long does the job wait, 90 seconds?", "How long does the job wait, 90 sec?"),
    ("How is the colour of a labelled centre normalised?", "How is the color of a labeled center normalized?"),
    ("How do I migrate policies in Vault?", "How do I migrate a policy in Vault?"),
    ("What does prompt engineering do?", "what does prompt engineernig do"),
    ("What is the licence of Code Shield?", "what is the liecnce of code shield"),
    ("Which stage should I use on Linux?", "Which stage sohuld I use on Linux?"),
    ("What does `--use-peft` change?", "what does --use_peft change"),
    ("What does --debug do?", "I would like to know what --debug does."),
    ("After the upgrade to Vault 9, where do I put it?", "Where do I put it after the upgrade to Vault 9?"),
    ("What does the flag --use-peft do?", "What does the --use-peft flag do?"),
    ("When should I call it?", "Please tell me when I should call it."),
]
APART = [
    ("How much memory does Llama 2 7B need?", "How much memory does Llama 2 13B need?"),
    ("What is new in version 2.0 of the recipes?", "What is new in version 2.1 of the recipes?"),
    ("Can Llama 2 be used commercially?", "Can Llama 2 not be used commercially?"),
    ("Which checks run with a safety checker?", "Which checks run without a safety checker?"),
    ("What happens before fine-tuning a model?", "What happens after fine-tuning a model?"),
    ("How do I enable fast kernels?", "How do I disable fast kernels?"),
    ("Who made Llama 2?", "When was Llama 2 made?"),
    ("How is Llama 2 downloaded?", "Where is Llama 2 downloaded?"),
    (
        "How do I convert checkpoints from FSDP to Hugging Face?",
        "How do I convert checkpoints from Hugging Face to FSDP?",
    ),
    ("What is the context length of Llama 2?", "What is the context length of Code Llama?"),
    ("How do I run inference?", "How do I run inference on mobile devices?"),
    ("What is the licence of Llama 2?", "What is the licence of Llama 2 Chat?"),
    ("What is supervised fine-tuning?", "What is unsupervised fine-tuning?"),
    ("Is a value of 1 allowed for the rank?", "Is a value of -1 allowed for the rank?"),
    ("What is the first step of tuning?", "What is the last step of tuning?"),
    ("Does Velora support Marnix?", "Does Marnix support Velora?"),
    ("How do I convert Velora files to Marnix?", "How do I convert Marnix files to Velora?"),
    ("Is Velora faster than Marnix?", "Is Marnix faster than Velora?"),
    ("How does Velora store the keys?", "How does Velara store the keys?"),
    ("What is a modal in the interface?", "What is a model in the interface?"),
    ("What is the training time of Llama 2?", "What is the training of Llama 2?"),
    ("Which values does a.cfg hold?", "Which values does a.conf hold?"),
    ("How do I update the index automatically?", "How do I update the index?"),
    ("Can I use the weights?", "Should I use the weights?"),
    ("What does Llama Guard do?", "What is Llama Guard?"),
    ("What does -d do?", "What does -m do?"),
    ("What is --quantization used for?", "What is quantization used for?"),
    ("What does the text splitter do?", "What does the splitter do?"),
    ("How long does the job wait, 90 seconds?", "How long does the job wait, 90 minutes?"),
    ("How much does a seat cost in the US?", "How much does a seat cost us in it?"),
    ("Is question answering supported?", "Is answering supported?"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_other_ways_to_write_a_question_are_the_same(left, right):
    assert same(left, right) and same(right, left)


@pytest.mark.parametrize(("left", "right"), APART)
def test_questions_that_differ_in_number_name_negation_or_order_are_apart(left, right):
    assert not same(left, right) and not same(right, left)


def test_near_misses_are_never_merged_at_scale():
    sizes = ["7B", "13B", "70B", "1.5B"]
    names = ["Llama 2", "Llama 3", "Code Llama", "Llama Guard"]
    verbs = ["tune", "load", "run", "quantise", "merge"]
    questions = [f"How do I {v} {n} {s} on one GPU?" for v in verbs for n in names for s in sizes]
    assert clusters(questions) == list(range(len(questions)))


def test_what_many_rows_share_is_what_two_of_them_share():
    base = [f"How does the option number {i} of trainer{i} change the learning schedule?" for i in range(60)]
    questions = base + [q.upper() for q in base] + [q.replace("learning", "lerning") for q in base[:20]]
    found = clusters(questions)
    assert found == [min(j for j in range(len(questions)) if same(one, questions[j])) for one in questions]
    assert len(set(found)) == 60
    assert {(i, j) for i, j, _ in matches(questions[60:], base)} == {(i, (i % 60)) for i in range(80)}


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ("How many GPUs are needed to fine-tune the 70B model?", "exact"),
        ("how many gpus are needed to FINE-TUNE the 70b model", "exact"),
        ("Could you tell me how many GPUs are needed to fine-tune the 70B model?", "exact"),
        ("To fine-tune the 70B model, how many GPUs are needed?", "exact"),
        ("How many GPUs are neeeded to fine-tune the 70B model?", "near"),
        ("I read about Llama all day. How many GPUs are needed to fine-tune the 70B model? I have some.", "contained"),
    ],
)
def test_every_kind_of_leak_is_found(planted, kind):
    evaluation = ["What is FSDP good for?", "How many GPUs are needed to fine-tune the 70B model?"]
    assert matches([planted], evaluation) == [(0, 1, kind)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        *APART,
        ("What is Code Llama?", "What is Code Llama - Instruct?"),
        ("How do I merge the weights of two adapters?", "How do I merge the weights of two adapters on Windows?"),
    ],
)
def test_a_near_miss_is_no_leak(left, right):
    assert matches([left], [right]) == [] == matches([right], [left])


def test_a_question_is_found_inside_a_text_with_or_without_sentences():
    asked = "How do I merge the weights of two adapters?"
    texts = [
        "My team has a cluster. Could you tell me how I merge the wieghts of two adapters? It is urgent.",
        "we have tuned it twice on our tickets and wonder how do I merge the weights of two adapters because both know "
        "something that the other one has never seen",
        "Two questions: how do I merge the weights of two adapters, and who pays?",
        "would some gentle soul reveal how I merge the weights of two adapters",
    ]
    found = matches(texts, [asked])
    assert found == [(i, 0, "contained") for i in range(4)]
    assert matches([asked], texts) == [(0, i, "contained") for i in range(4)]


def test_matching_against_nothing_finds_nothing():
    assert matches(["What is Llama 2?"], []) == [] == matches([], ["What is Llama 2?"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([q for pair in SAME + APART for q in pair]), max_size=12), st.randoms())
def test_clusters_do_not_depend_on_the_order(questions, random):
    shuffled = questions[:]
    random.shuffle(shuffled)

    def groups(asked):
        found = {}
        for question, cluster in zip(asked, clusters(asked), strict=True):
            found.setdefault(cluster, []).append(question)
        return sorted(sorted(group) for group in found.values())

    assert groups(questions) == groups(shuffled)
