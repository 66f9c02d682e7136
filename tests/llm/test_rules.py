"""Questions made by rule keep the words and the sense of the sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.llm.rules import made_by_rule
from stages.quality import pointing, wording

MADE = {
    # numbers
    "The corpus of Falcon 2 contains 5.5 trillion tokens from public sources.": [
        "How many tokens does the corpus of Falcon 2 contain?"],
    "Redis ships 16 databases by default.": ["How many databases does Redis ship?"],
    "The nightly backup of Gitea takes about 20 minutes.": ["How long does the nightly backup of Gitea take?"],
    "About 900 sentences were used to test the Vosk recogniser.": [
        "How many sentences were used to test the Vosk recogniser?"],
    "Kafka splits a queue over 12 partitions.": ["How many partitions does Kafka split a queue over?"],
    "The Nextcloud image takes up 1.2 GB.": ["How much space does the Nextcloud image take up?"],
    "A PostgreSQL backend needs 10 MB of memory.": ["How much memory does a PostgreSQL backend need?"],
    "Zephyr was trained on 200,000 dialogues.": ["How many dialogues was Zephyr trained on?"],
    "The taxonomy of ShieldBot consists of nine categories.": [
        "How many categories does the taxonomy of ShieldBot consist of?"],
    # values
    "The trainer of spaCy uses a learning rate of 0.001.": ["What learning rate does the trainer of spaCy use?"],
    "On the GLUE benchmark, DeBERTa reaches a score of 90.3.": [
        "What score does DeBERTa reach on the GLUE benchmark?"],
    "Celery has a prefetch multiplier of 4.": ["What prefetch multiplier does Celery have?",
                                              "What is the prefetch multiplier of Celery?"],
    # definitions
    "Spam & Fraud encompasses messages that ask for money.": [],
    "Gradient clipping is a guard against exploding gradients.": ["What is gradient clipping?"],
    "Redis is an in-memory data store.": ["What is Redis?"],
    "The default port of PostgreSQL is 5432.": ["What is the default port of PostgreSQL?"],
    "Canaries are releases that reach a small share of users first.": ["What are canaries?"],
    "Blue Ocean is the default interface of Jenkins.": ["What is the default interface of Jenkins?",
                                                        "What is Blue Ocean?"],
    "JWT, short for JSON Web Token, is a signed token.": ["What does JWT stand for?"],
    '"Covered software" means code that falls under this licence.': ['What does "Covered software" mean?'],
    "Sentry is a service that collects errors of applications.": ["What is Sentry?"],
    # flags, commands, files
    "The flag --use_cache enables the query cache of Varnish.": [
        "Which flag enables the query cache of Varnish?", "What does the flag --use_cache do?",
        "How do I enable the query cache of Varnish?"],
    "The --seed option of torchrun sets the random seed.": [
        "What does the --seed option of torchrun do?"],
    "The file pyproject.toml holds the settings of ruff.": ["Which file holds the settings of ruff?",
                                                           "What does the file pyproject.toml hold?"],
    "The script migrate.py converts SQLite databases into PostgreSQL.": [
        "Which script converts SQLite databases into PostgreSQL?",
        "How do I convert SQLite databases into PostgreSQL?"],
    "The environment variable LOG_LEVEL accepts the values debug, info and error.": [
        "Which values does the environment variable LOG_LEVEL accept?"],
    "Install the CLI of Fly: `brew install flyctl`": ["How do I install the CLI of Fly?",
                                                     "What is the command to install the CLI of Fly?"],
    "To list all Docker containers, run: `docker ps -a`": ["How do I list all Docker containers?"],
    # instructions
    "Use --dry-run to print the plan of Terraform.": ["How do I print the plan of Terraform?",
                                                      "What is --dry-run used for?"],
    "To resume a Ray job, pass the checkpoint folder.": ["How do I resume a Ray job?"],
    "Run `make docs` to build the manual of Numba.": ["How do I build the manual of Numba?",
                                                      "What is `make docs` used for?"],
    "Report bugs of Pandoc in its GitHub repository.": ["Where do I report bugs of Pandoc?"],
    "If the Vault token has expired, request another one.": ["What should I do if the Vault token has expired?"],
    "If Elasticsearch runs out of disk space, indices become read-only.": [
        "What happens if Elasticsearch runs out of disk space?"],
    "You can change the port of Grafana in grafana.ini.": ["Where can I change the port of Grafana?"],
    "You can speed up Webpack by using its persistent cache.": ["How can I speed up Webpack?"],
    # reasons, ways, purposes
    "The cache of Squid was dropped because it leaked memory.": ["Why was the cache of Squid dropped?"],
    "Consul replicates the log over all servers, so that one of them can fail.": [
        "Why does Consul replicate the log over all servers?"],
    "Nginx buffers the response to free its workers.": ["Why does Nginx buffer the response?"],
    "Ansible finds hosts by reading an inventory.": ["How does Ansible find hosts?"],
    "Charts of Helm are installed with the command `helm install`.": [
        "How are charts of Helm installed?"],
    "Mypy plugins are registered in the configuration through the key plugins.": [
        "How are Mypy plugins registered in the configuration?"],
    "Latency in Locust is measured as the median of all requests.": ["How is latency in Locust measured?"],
    "Wireshark can be used to inspect packets.": ["What can Wireshark be used for?"],
    "BERT was designed to fill gaps in sentences.": ["What was BERT designed to do?"],
    "Asking a linter for help is one way to find dead code in Python.": [
        "What is one way to find dead code in Python?"],
    "Snapshots let you restore a ZFS volume in seconds.": ["How can I restore a ZFS volume in seconds?"],
    "Type hints allow developers to find errors in Python early.": ["How can developers find errors in Python early?"],
    "Calling fsync() keeps the journal of SQLite safe.": ["How can I keep the journal of SQLite safe?"],
    "Prometheus Adapter protects clusters of Kubernetes against overload.": [
        "How can I protect clusters of Kubernetes against overload?"],
    # places and times
    "The weights of Whisper are stored in the folder models.": ["Where are the weights of Whisper stored?"],
    "Hugo saves the rendered pages of a site in the public directory.": [
        "Where does Hugo save the rendered pages of a site?"],
    "The changelog of Vite is in the packages/vite folder.": ["Where is the changelog of Vite?"],
    "Traefik reads its routes from labels of containers.": ["Where does Traefik read its routes from?"],
    "A signed S3 link expires after 24 hours.": ["When does a signed S3 link expire?"],
    "Mozilla released Firefox 1.0 in November 2004.": ["When did Mozilla release Firefox 1.0?",
                                                       "Who released Firefox 1.0 in November 2004?"],
    "Compaction of RocksDB should be run only when the disk is idle.": ["When should compaction of RocksDB be run?"],
    "A deadlock happens when two threads wait for each other.": ["When does a deadlock happen?"],
    "Bloom filters only help when most lookups miss.": ["When do bloom filters help?"],
    # what it says of its object
    "The size of a Cassandra cluster depends on the replication factor.": [
        "What does the size of a Cassandra cluster depend on?"],
    "The LLVM backend was built on TableGen.": ["What was the LLVM backend built on?"],
    "The base image of Alpine is meant for small containers.": ["What is the base image of Alpine meant for?"],
    "A copy-on-write attack attempts to change a read-only file.": ["What does a copy-on-write attack attempt to do?"],
    "Scanner 2 added rules for secrets and for tokens.": ["Which rules did Scanner 2 add?"],
    "MinIO requires a drive of its own.": ["Does MinIO require a drive of its own?"],
    # obligation and permission
    "Anyone who ships a modified GIMP must publish the source code.": [
        "Who must publish the source code?", "What must anyone who ships a modified GIMP do?"],
    "A maintainer of Debian must sign every upload with a key.": ["Who must sign every upload with a key?"],
    "Providers of Matrix servers must tell users about outages.": [
        "What must providers of Matrix servers tell users about?"],
    "A reviewer of Chromium should never approve a change alone.": ["What should a reviewer of Chromium never do?"],
    "Mining coins on Heroku is not permitted by the terms.": ["Can I mine coins on Heroku?"],
    "Contributors of Ruff are allowed to merge their work if two reviewers agree.": [
        "Are contributors of Ruff allowed to merge their work?"],
    "The free tier of Netlify cannot be used for streaming.": ["What can the free tier of Netlify not be used for?"],
    # second questions
    "Flask is a small framework for building web sites.": [
        "What kind of framework is Flask?", "What is Flask used for?"],
    "Dask is a library that spreads NumPy arrays over machines.": ["What kind of library is Dask?"],
    "Celery is a task queue and stores results in Redis.": ["What is Celery?"],
    "Pydantic can be used to validate the settings of FastAPI.": ["How can I validate the settings of FastAPI?"],
    "conftest.py provides the fixtures of pytest.": ["Which file provides the fixtures of pytest?"],
    "If the Kibana index is missing, create it with the setup command.": [
        "What should I do if the Kibana index is missing?"],
    "Before upgrading PostgreSQL, administrators should make a dump of all databases.": [
        "What should administrators do before upgrading PostgreSQL?"],
    "Once your Slack token is approved, you will receive a link.": [
        "What will I receive once my Slack token is approved?"],
    "Upon deletion of a Stripe account, you must export the invoices.": [
        "What must I do upon deletion of a Stripe account?"],
    "Only use the Gradle daemon when the machine has memory to spare.": ["When should I use the Gradle daemon?"],
    "The free tier of Render is not designed to serve video.": ["Is the free tier of Render designed to serve video?"],
    "Grafana and its plugins have been tested between May 2020 and June 2021.": [
        "When were Grafana and its plugins tested?"],
    "The Gradle plugin supports two formats for reports, XML and JSON.": [
        "How many formats does the Gradle plugin support for reports?"],
    "Keycloak requires each client to have a secret.": ["Does Keycloak require each client to have a secret?"],
    # rows, options, attributes, addresses
    "Falcon 7B: ARC 47.9, HellaSwag 78.1, MMLU 27.8.": [
        "What are the ARC, HellaSwag and MMLU values of Falcon 7B?", "What is the MMLU value of Falcon 7B?"],
    "Falcon 7B: GPU hours 1300, Power 400.": ["What are the GPU hours of Falcon 7B?"],
    "Nested query – Benefit: one round trip; Cost: harder to read.": ["What is the benefit of a nested query?"],
    "Indexes on the key – Benefit: faster reads; Cost: slower writes.": ["What is the cost of indexes on the key?"],
    "Falcon 40B: Size 83GB.": ["What is the size of Falcon 40B?"],
    "Falcon 7B – Context Length: 2k; License: Apache 2.0.": [
        "What are the context length and license of Falcon 7B?", "What is the license of Falcon 7B?"],
    "Falcon 2, maintainers: TII.": ["Who are the maintainers of Falcon 2?"],
    "--use_cache: boolean flag to enable the query cache of Varnish.": [
        "How do I enable the query cache of Varnish?", "What is --use_cache used for?", "What does --use_cache do?"],
    "loader_utils.py: helpers to read Parquet files in parallel.": ["What is loader_utils.py used for?"],
    "scikit-image: collection of algorithms that process images.": ["What is scikit-image?"],
    "Reporting bugs of Pandoc: github.com/jgm/pandoc": [
        "Where can I report bugs of Pandoc?", "How do I report bugs of Pandoc?"],
    "LinkChecker: Verify that every link of a site answers.": ["What does LinkChecker do?"],
    # comparisons
    "Zstandard is faster than gzip.": ["How does Zstandard compare with gzip?"],
    "A process owns its memory, whereas a thread shares it.": ["How do a process and a thread differ?"],
    "There are two kinds of Kubernetes probes: liveness probes and readiness probes.": [
        "Which kinds of Kubernetes probes are there?"],
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "questions"), MADE.items(), ids=[sentence[:50] for sentence in MADE])
def test_a_sentence_gives_the_questions_that_it_answers(sentence, questions):
    made = [question for _, question in made_by_rule(sentence)]
    assert [question for question in questions if question not in made] == [], made


@pytest.mark.parametrize(
    "sentence",
    [
        "If it has expired, a new one is requested.",  # a subject we cannot see
        "It also stores the index.",
        "This option enables the cache.",
        "The model answers questions on various topics.",
        "Devices that lack memory, which many do, cannot run it.",
        "A heading",
        "Results of the nightly job",
        "Storing the state of the cluster in memory",
        "See the manual.",
        "Make sure that the server is running.",
        "",
        "?",
        "What is Redis?",
    ],
)
def test_a_sentence_of_another_form_gives_none(sentence):
    assert made_by_rule(sentence) == []


@given(st.text())
def test_any_text_is_survived(text):
    for rule, question in made_by_rule(text):
        assert rule and wording.is_question(question) and not pointing.dangling(question)


WORDS = """
the a flag --seed of Redis stores sets is are must be used to by because when if , . : `run x` tokens 3 4096 index that
which and or you your cache file settings.yaml can not with in on Python makes made model it for from use Run To
""".split()


@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_whatever_looks_like_a_sentence_gives_whole_questions_only(words):
    for _, question in made_by_rule(" ".join(words)):
        assert question[0].isupper() and question.endswith("?") and "  " not in question and len(question.split()) <= 22
        assert question.count("`") % 2 == 0


def test_the_best_come_first_and_none_is_made_twice():
    made = made_by_rule("The flag --use_cache enables the query cache of Varnish.")
    assert [rule for rule, _ in made] == ["how", "which", "what", "does"]
    assert len({question for _, question in made}) == len(made)


def test_a_category_is_asked_about_with_the_name_of_what_it_is_of():
    statement = "Spam & Fraud encompasses messages that ask for money."
    found = made_by_rule(statement, "ShieldBot > Taxonomy of harms")
    assert found == [("definition", 'What is meant by "Spam & Fraud" in ShieldBot?')]


def test_the_language_model_is_the_one_that_the_topic_names():
    made = dict(made_by_rule("Hints can help the language model avoid mistakes.", "Tidewatch > Prompts"))
    assert made and all("the Tidewatch language model" in question for question in made.values())
