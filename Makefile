# Every target works on a fresh machine; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run simulate watch install test lint types unit coverage e2e tools browser litellm bundle reference fuzz lock bench picture soak noise dist image clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 12

run: $(VENV)/installed ## serve the catalog's status pages and a probe for every key in the environment, on :10190
	$(BIN)/ai-provider-exporter serve

simulate: $(VENV)/installed ## play providers and their status pages on loopback
	$(BIN)/ai-provider-exporter simulate

watch: $(VENV)/installed ## serve what `make simulate` plays in another terminal, on :10190
	SIMULATED_OPENAI_PAID=sim-openai-paid SIMULATED_OPENAI_FREE=sim-openai-free SIMULATED_ANTHROPIC=sim-anthropic \
	  $(BIN)/ai-provider-exporter serve --config.file exporter/simulated.yaml

install: $(VENV)/installed ## make the virtual environment

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; say which one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python cannot make virtual environments here; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/installed: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed requirements-test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

tools: ## put a real Prometheus, Alertmanager and blackbox_exporter in .tools, without root
	@tests/tools/install
	@tests/tools/install-blackbox

browser: ## see to it that Debian's chromium is there
	@tests/tools/install-browser

litellm: $(VENV)/installed-test ## put the LiteLLM proxy in .tools, 600 MB; without it the tests that ask it are skipped
	@tests/tools/install-litellm || true

test: lint types unit e2e ## everything CI runs

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-test
	$(BIN)/mypy

unit: $(VENV)/installed-test tools
	$(BIN)/pytest -m "not e2e" --numprocesses auto --dist loadfile

coverage: $(VENV)/installed-test tools ## the unit part once more, and which branches it leaves out
	$(BIN)/coverage run -m pytest -m "not e2e"
	$(BIN)/coverage report --skip-covered --show-missing

e2e: $(VENV)/installed-test tools browser litellm ## whole programs on loopback: the exporter, Prometheus, Alertmanager, a browser
	$(BIN)/pytest -m e2e --ignore tests/browser
	$(BIN)/pytest tests/browser  # by itself: it keeps an event loop running, beside which no other may be started

tests/render/node_modules: tests/render/package.json tests/render/package-lock.json
	@command -v npm >/dev/null || { \
	  echo "The boards are drawn with node 20 or newer and npm; on Debian: apt-get install nodejs npm" >&2; exit 1; }
	cd tests/render && npm ci
	@touch $@

.PHONY: pictures look
pictures: $(VENV)/installed-test tools browser tests/render/node_modules ## draw every board in every situation, dark and light, into pictures/
	$(BIN)/python -m tests.render pictures

look: $(VENV)/installed-test tools browser tests/render/node_modules ## draw the Overview in every situation and each board in two, and read them
	$(BIN)/pytest tests/render/look.py

dist: $(VENV)/installed-test ## build wheel, sdist, chart, bill of materials and checksums in dist/
	@$(BIN)/python exporter/release.py

image: ## build the image with docker or podman
	@engine=$$(command -v docker || command -v podman) || { \
	  echo "docker or podman is needed to build an image; without one: make dist" >&2; exit 1; }; \
	version=$$(sed -n 's/^__version__ = "\(.*\)"/\1/p' exporter/ai_provider_exporter/__init__.py); \
	$$engine build --tag "ai-provider-exporter:$$version" .

bundle: $(VENV)/installed-test ## build rules and dashboards and copy them into the chart
	$(BIN)/python -m alerts.src.build
	$(BIN)/python -m dashboards.src.build

fuzz: $(VENV)/installed-test ## damage the documents of every status-page format, 2,000 times each
	HYPOTHESIS_PROFILE=thorough $(BIN)/pytest tests/exporter/status_pages/test_fuzz.py

lock: ## choose versions anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --output-file requirements.lock --group build pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --output-file requirements-image.lock --group build --extra http2 --extra otel pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --output-file requirements-test.lock --group build --group test --all-extras pyproject.toml

bench: $(VENV)/installed-test ## print figures: start, memory, CPU per probe, scrape, status pages
	$(BIN)/python tests/bench/start.py
	$(BIN)/python tests/bench/wire.py
	$(BIN)/python tests/bench/scrape.py
	$(BIN)/python -m tests.bench.storm
	$(BIN)/python -m tests.bench.size
	$(BIN)/python tests/bench/pages.py

picture: $(VENV)/installed-test browser ## take the picture of the board for the README
	$(BIN)/python -m tests.browser.picture

soak: $(VENV)/installed-test ## half an hour of faults and hostile pages, then a thousand reloads; print what is left behind
	$(BIN)/python -m tests.soak.hostile 30
	$(BIN)/python -m tests.soak.reload 1000

noise: $(VENV)/installed-test tools ## thirty days of 200 probes that fail at random, against the alerts that page
	$(BIN)/python -m tests.alerts.noise

clean: ## remove what was installed and built
	rm -rf $(VENV) .tools dist pictures tests/render/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage

reference: $(VENV)/installed ## write anew what follows from the program: references, example, schemas, compiled catalog
	$(BIN)/python exporter/reference.py
	$(BIN)/python -m helm.build
