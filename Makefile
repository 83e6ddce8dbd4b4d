# Everything this project is asked to do: `make run`, `make test`, `make check`. Needs Python 3.11+.
.DEFAULT_GOAL := help
.PHONY: help run test quick explore check bench format hooks messages lock clean

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
# What is installed is what the lock file says: a stamp remembers for which one.
FOR_RUNNING := $(VENV)/installed-production
FOR_WORKING := $(VENV)/installed-development

help:  ## Show what can be made
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: $(FOR_RUNNING)  ## Set up all there is to set up and start the house at http://localhost:8000
	@[ -f .env ] || [ -n "$$SECRET_KEY$$SECRET_KEY_FILE" ] || export DEMO="$${DEMO-1}"; exec $(BIN)/python manage.py start

test: $(FOR_WORKING)  ## Run all tests on SQLite, and on PostgreSQL where it answers
	@$(BIN)/python -m tests.run

quick: $(FOR_WORKING)  ## Run the tests for working: SQLite, no browser, no processes; K=rivals picks
	@$(BIN)/python -m tests.run quick $(if $(K),-k "$(K)")

explore: $(FOR_WORKING)  ## Run the generated tests with twenty times the examples, other ones each time
	@$(BIN)/python -m tests.run explore $(if $(K),-k "$(K)")

check: $(FOR_WORKING)  ## Format, lint, types, import contracts, migrations, translations, deployment
	@$(BIN)/python -m tests.check

bench: $(FOR_WORKING)  ## Measure pages and services of a full house, as multiples of an empty page
	@$(BIN)/python -m tests.bench

format: $(FOR_WORKING)  ## Bring the code into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

hooks: $(FOR_WORKING)  ## Let git run format and lint before each commit
	git config core.hooksPath .ci/hooks

messages: $(FOR_WORKING)  ## Write new and changed texts into the German catalogues
	@DEMO=1 $(BIN)/python manage.py translations update

lock: $(FOR_WORKING)  ## Resolve the dependencies of pyproject.toml anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --output-file requirements/production.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --constraint requirements/production.txt --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements/development.txt

clean:  ## Remove the virtual environment and caches; the data in var/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed, and no python3 here is that new. Install it, or name it: make run PYTHON=/path/to/python3.13"; exit 1; fi
	@echo "Making the virtual environment …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

# The development environment contains the one for running.
$(FOR_RUNNING): requirements/production.txt | $(BIN)/python
	@[ $(FOR_WORKING) -nt $< ] || { echo "Installing what the house needs …"; \
		$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $<; }
	@touch $@

$(FOR_WORKING): requirements/development.txt | $(BIN)/python
	@echo "Installing what the work on the house needs …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@
