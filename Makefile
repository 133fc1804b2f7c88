# Two commands matter: `make run` starts the app, `make test` proves it. Both set up what they need.
# Any Python 3 will do: tools/start.py finds one that is new enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Loopback: what the host configured is shown to this machine only. Elsewhere: make run ADDRESS=0.0.0.0
ADDRESS ?= 127.0.0.1

# Tests beside each other. The others wait a third of their time, for servers that they start; browser
# tests wait for the processor: with more workers than cores they miss their time.
JOBS ?= 3
BROWSER_JOBS ?= 2
UNITS := tests/unit tests/integration tests/peers
TOGETHER := --no-loadscope-reorder -n
PYTEST := $(BIN)/pytest $(TOGETHER)
# What fails beside others is run once more, alone, and named if it passes then.
BROWSER := $(BIN)/python -m tools.second_try $(TOGETHER) $(BROWSER_JOBS) tests/browser

start = @for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null && \
	    exec $$python tools/start.py $(1); \
	done; \
	echo "Python 3.11 or newer is needed, and none was found. Install it from python.org or with your package manager." >&2; \
	exit 1

.PHONY: help run test versions quick lint types contracts tests soak mutants unit browser setup setup-dev system lock format screenshots clean

help:
	@echo "make run      set up and start the app on http://localhost:$(PORT)"
	@echo "make test     set up and run every check and test"
	@echo "make versions start and test a part on every Python that is found"
	@echo "make lint | types | contracts | tests | unit | browser    one part of the tests"
	@echo "make quick    rules, types, and the unit tests of what changed"
	@echo "make mutants  which small changes of the code no test notices"
	@echo "make soak     kills, fuzzing, properties and walks of pages at full length: hours"
	@echo "make format   let ruff format and fix"
	@echo "make lock     pin requirements*.in again, with hashes"
	@echo "make screenshots   make the pictures of the README and the guides"

run:
	$(call start,run --address $(ADDRESS) --port $(PORT))

test: setup-dev lint types contracts tests

# While working: rules, types (warm), and the unit tests of what changed.
quick: lint types
	$(BIN)/python -m tools.quick

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/mypy

contracts: setup-dev
	$(BIN)/lint-imports

tests: setup-dev system
	@failed=0; \
	  $(PYTEST) $(JOBS) $(UNITS) || failed=$$?; \
	  $(BROWSER) || failed=$$?; \
	  exit $$failed

# The full numbers of what `make test` holds a slice of. Its results go into docs/performance.md.
soak: setup-dev system
	BOX_RUNBOOK_KILLS=20 BOX_RUNBOOK_FUZZ=50000 BOX_RUNBOOK_EXAMPLES=1000 BOX_RUNBOOK_WORLDS=3 $(BIN)/pytest --timeout 7200 \
	  tests/integration/test_sync_killed.py tests/integration/test_stores_killed.py tests/integration/test_webhook_killed.py \
	  tests/integration/test_webhook_fuzz.py tests/integration/runbook/test_steps_proved.py tests/unit
	BOX_RUNBOOK_WHOLE=1 $(PYTEST) $(BROWSER_JOBS) --timeout 7200 tests/browser

# Change the code in small ways and see whether tests notice: make mutants ARGS="--module http/egress"
SAMPLE ?= 20
mutants: setup-dev system
	$(BIN)/python -m tools.mutants --sample $(SAMPLE) $(ARGS)

unit: setup-dev system
	$(PYTEST) $(JOBS) $(UNITS)

browser: setup-dev system
	$(BROWSER)

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: setup-dev system
	$(BIN)/python docs/screenshots.py

setup:
	$(call start,setup)

setup-dev:
	$(call start,setup --dev)

# The browser and openssl that the tests drive, from Debian's packages, when missing and allowed.
system:
	@tools/system-packages.sh chromium-headless-shell/chromium openssl

lock: setup-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.txt

# Pythons that pyenv has but didn't choose: PYENV_VERSION=3.11:3.12:3.13 make versions
versions: system
	@for python in python3.11 python3.12 python3.13 python3.14; do \
	  $$python -c '' 2>/dev/null || continue; \
	  echo "== $$python"; own=.venvs/$$python; \
	  { [ -x $$own/bin/python ] || $$python -m venv $$own; } && \
	  $$own/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	    -r requirements.txt -r requirements-dev.txt && \
	  $$own/bin/python -m pytest tests/unit/store tests/integration/test_without_posix.py \
	    tests/integration/test_cli.py || exit 1; \
	done

clean:
	rm -rf $(VENV) .venvs .mypy_cache .ruff_cache .hypothesis .import_linter_cache
