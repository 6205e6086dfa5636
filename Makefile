# Everything a newcomer or a machine runs. Needs make and Python 3.11, 3.12 or 3.13; the rest sets
# itself up in .venv, once: the stamp files in there make a second call start at once.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SHARED ?= ../shared

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test setup lint types format docs wheel slow browser faults trainers bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.core ## clean the bundled sample and name the report
	@$(BIN)/aligncleaner demo

test: lint types ## the fast tier: lint, types, and every test that is not in a tier of its own
	@$(BIN)/pytest -n auto --cov

setup: $(VENV)/.dev ## only set up .venv, with the tools of a developer
	@echo "$(VENV) is ready"

lint: $(VENV)/.dev ## style and common mistakes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev ## strict types
	@$(BIN)/mypy

format: $(VENV)/.dev ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/.dev ## write the generated pages of docs/ anew
	@$(BIN)/python docs/generate.py

wheel: $(VENV)/.dev ## build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

# pytest ends with 5 where no test bears the marker; that is said in words and is no failure.
slow browser faults trainers: $(VENV)/.dev
	@$(BIN)/pytest -m $@ || { test $$? -eq 5 && echo "No test is marked '$@' yet: nothing was run."; }
slow: ## the tests of more than ten seconds
browser: ## the tests in a real browser (Chromium must be there)
faults: ## the tests that kill processes and fill disks
trainers: ## the tests that run trainers (torch must be there)

bench: $(VENV)/.bench ## accuracy, speed and memory on the third-party logs in SHARED
	@test -d $(SHARED)/data || { \
	  echo "make bench needs the third-party logs: make bench SHARED=folder"; exit 1; } >&2
	@$(BIN)/python bench/peers.py --shared $(SHARED)
	@$(BIN)/python bench/throughput.py --shared $(SHARED)

clean: ## remove .venv and all that was built
	rm -rf $(VENV) dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find aligncleaner apps bench docs tests -name __pycache__ -prune -exec rm -rf {} +

# uv installs in seconds what takes pip minutes, so pip fetches uv first. Where uv cannot be had or
# cannot reach the index, pip does all of it.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "aligncleaner needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	       "Name another one: make demo PYTHON=python3.12"; exit 1; } >&2
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "$(PYTHON) has no venv module (Debian and Ubuntu: package python3-venv)"; exit 1; } >&2
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt uv || \
	  echo "uv cannot be had; pip installs instead, which takes minutes"
	@touch $@

CONSTRAINED = --quiet --constraint constraints.txt
UV = $(BIN)/python -m uv pip install --python $(BIN)/python $(CONSTRAINED)
PIP = $(BIN)/python -m pip install $(CONSTRAINED)

$(VENV)/.core: $(VENV)/.python pyproject.toml constraints.txt
	@$(UV) --editable . || $(PIP) --editable .
	@touch $@

# Groups came to pip with 25.1, which is newer than the pip of any Python 3.11 or 3.12.
$(VENV)/.dev $(VENV)/.bench: $(VENV)/.%: $(VENV)/.core
	@$(UV) --group $* || { $(PIP) --upgrade 'pip>=25.1' && $(PIP) --group $*; }
	@touch $@
