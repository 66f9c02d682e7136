import pytest

from stages.documents import gates
from stages.documents.concepts import concepts

FACTS = [
    "Llama 2 70B is the only size with grouped-query attention, which makes inference scale better.",
    "The download.sh script prompts for the signed URL and then fetches the selected models.",
    "The tools wget and md5sum must be installed before download.sh is started.",
    "The default dataset of the llama-recipes fine-tuning script is samsum_dataset.",
    "Run download.sh with bash and not with sh on Ubuntu.",
    "Use --enable_fsdp to shard the model over several GPUs.",
    "To get access on Hugging Face, a user acknowledges the licence and fills in the form on the model card.",
    "Meta trained Llama 2 with a global batch size of 4 million tokens.",
    'Clicking "I Accept" or using any part of the Llama Materials is enough to be bound by the licence.',
    "A company with more than 700 million monthly active users must ask Meta for a separate licence.",
    "A signed URL that begins with https://l.facebook.com was copied in the wrong way.",
    "The error 403: Forbidden shows that a signed URL has run out, and a fresh link can be requested.",
    "A licensee who sues Meta over intellectual property in Llama 2 loses the licence on the day of filing.",
    "FSDP does not support mixed require_grad in one FSDP unit.",
    "A false refusal happens when a model declines a question that it ought to answer.",
    "Training with fewer than 3,000 samples or below the 0.5 threshold harms Llama 2.",
    "It is recommended to install Transformers 4.31.0 or later before the conversion.",
    "Code Llama 7B, 13B and 70B additionally support infilling text generation.",
    "The --dataset option of llama-recipes selects one of the three integrated datasets.",
    "The gateway routes traffic through port 8080.",
    "A request times out after 30 seconds.",
    "The firewall blocks all ports but 443.",
    "The pump empties the tank in 20 minutes.",
    "The default user is called admin.",
    "The licence costs 300 euros a year.",
    "The noise of the pump stays below 45 decibels.",
    "Backups run every night at 02:00.",
    "The prompt file of a run is given as --prompt_file or piped in.",
    "It's likely that Llama 2 13B can be fine-tuned on one GPU.",
    "Neither the pretraining nor the fine-tuning datasets include Meta user data.",
    "Tuning Llama 2 7B on the OpenAssistant data takes about 6.5 hours.",
    "With little training data, packing may add noise that harms the predictions of the tuned model.",
]


@pytest.mark.parametrize("quote", FACTS)
def test_keeps(quote):
    assert gates.judge(quote, "paragraph", bool(concepts(quote))) is None


REJECTS = [
    ("This model was trained on 2 trillion tokens by Meta.", "dangling"),
    ("It can be used for classifying LLM inputs with Llama Guard.", "dangling"),
    ("They were built by fine-tuning Meta-Llama 3.1 and 3.2 models.", "dangling"),
    ("We used custom training libraries and the Research Super Cluster.", "dangling"),
    ("The models outperform open-source chat models on most benchmarks.", "dangling"),
    ("Llama-2-Chat models do well in our human evaluations for helpfulness.", "dangling"),
    ("The table lists grouped academic benchmarks for Llama 2 models.", "dangling"),
    ("The function takes three arguments and returns a PyTorch dataset.", "dangling"),
    ("However, it supports FSDP and PEFT at the same time.", "dangling"),
    ("In this case FSDP is not supported by PyTorch.", "dangling"),
    ("Another name can follow the path of the Python file.", "dangling"),
    ("Both need about 16 GB of memory on a GPU.", "dangling"),
    ("The latter needs 16 GB of memory on a GPU.", "dangling"),
    ("Such models need 16 GB of memory on a GPU.", "dangling"),
    ("Llama 2 needs the packages that are listed below.", "dangling"),
    ("The settings of Llama 2 shown above are the defaults.", "dangling"),
    ("As shown in the paper, Llama 2 is better than Llama 1.", "dangling"),
    ("Llama 2 is safe, as described in the research paper.", "dangling"),
    ("More on the conversion of Llama 2 can be found here.", "dangling"),
    ("To run Llama 2 on Ubuntu, see the README of the repository.", "dangling"),
    ("If it fails, start download.sh once more with bash.", "dangling"),
    ("Without it, Llama 2 does not start on a GPU.", "dangling"),
    ("Llama 2 is available on Azure and on AWS as well.", "dangling"),
    ("You have tourists visiting the Eiffel Tower in Paris.", "dangling"),
    ("There are three optional dependency groups in all.", "dangling"),
    ("Is Llama 2 free for commercial use by companies?", "question"),
    ("How to fine-tune Llama 2 on a single GPU", "question"),
    ("Fine-tuning Llama 2 on a single GPU with PEFT", "heading_like"),
    ("LICENCE AND ACCEPTABLE USE OF LLAMA 2.", "heading_like"),
    ("To run the Llama 2 example with torchrun, type:", "fragment"),
    ("and then starts the download of Llama 2 from Meta.", "fragment"),
    ("Metrics for quantifying cybersecurity risks of an LLM.", "fragment"),
    ("A fully managed service that offers foundation models through an API.", "fragment"),
    ("Use in any manner that is prohibited by the Acceptable Use Policy of Llama 2.", "fragment"),
    ("Tools to evaluate LLMs for safety or make attacks with them harder.", "fragment"),
    ("Llama 2 needs a licence (from Meta, which is free.", "fragment"),
    ("Improves the coherence of the answers of Llama 2.", "fragment"),
    ("Click here to download the Llama 2 weights from Meta.", "no_content"),
    ("For more information about Llama 2, read the paper.", "no_content"),
    ("Wait for the message that follows approval.", "no_concept"),
    ("Last updated 3 May 2024 by Llama.", "no_content"),
    ("AWS provides multiple ways to host Llama models.", "no_content"),
    ("There are also built-in prompts for SQL databases.", "dangling"),
    ("Additional controls could include options of Llama 2.", "dangling"),
    ("Testing of Llama 2 conducted to date has been in English.", "dangling"),
    ("For details see LLM Fine-tuning of Llama 2.", "dangling"),
    ("To download Llama 2, follow the instructions on GitHub.", "dangling"),
    ("You can stop at the “Connect” step of Azure.", "dangling"),
    ("Creating prompts of Llama 2 based on the role of the person.", "fragment"),
    ("Power Consumption: peak power of each GPU for the A100.", "fragment"),
    ("Time: total GPU time required for training Llama 2.", "fragment"),
    ("The model card and the research paper go into more depth.", "no_content"),
    ("Only the original documents are binding.", "no_concept"),
    ("Llama 2 is free.", "too_short"),
    (" ".join(["Llama 2 is free and"] * 9) + " good.", "too_long"),
]


@pytest.mark.parametrize(("quote", "reason"), REJECTS)
def test_rejects(quote, reason):
    verdict = gates.judge(quote, "paragraph", bool(concepts(quote)))
    assert verdict is not None
    assert verdict[0] == reason


def test_what_was_put_together_may_point_to_its_own_list_and_be_short():
    assert gates.judge("Llama Guard 3 supports the following: English.", "made", True) is None
    assert gates.judge("Port: 80.", "made", True) is None
    assert gates.judge("Our test set: Llama Guard 0.9.", "made", True) == ("dangling", "our")
    assert gates.judge("word " * 61, "made", True)[0] == "too_long"


def test_an_answer_with_masked_personal_data_is_told():
    assert gates.masked("Write to [EMAIL] for a licence.") == ("masked", "[EMAIL]")
    assert gates.masked("[ ] is an open task") is None


def test_list_items_need_a_verb():
    assert gates.judge("A Llama 2 licence must be kept with each copy", "list", True) is None
    assert gates.judge("Install the llama-recipes package with pip", "list", True) is None
    for quote in (
        "Human trafficking, exploitation, and sexual violence",
        "Reporting issues with Llama in general: github.com/facebookresearch/llama",
        "The --quantization flag for int8 quantization",
    ):
        assert gates.judge(quote, "list", True)[0] == "fragment"


def test_other_languages_are_judged_by_form_only():
    german = "Dieses Modell wurde von Meta mit zwei Billionen Tokens trainiert."
    assert gates.judge(german, "paragraph", True, english=False) is None
    assert gates.judge("Ist Llama 2 wirklich frei für Firmen?", "paragraph", True, english=False)[0] == "question"
