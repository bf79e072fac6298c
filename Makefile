# Everything a developer needs, on a machine that has Python 3.11 or later, git and make. `make help` lists it.
SHELL := /bin/sh
ifndef PYTHON
PYTHON := $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
endif
ifeq ($(PYTHON),)
$(error No Python 3.11 or later is on PATH; name one by PYTHON=)
endif
MAIN = core-2.19
IMAGE = localhost/ee-veeam-em:latest
STAGES = $(PYTHON) tests/tools/run_stages.py
RUN = $(PYTHON) tests/tools/run_in.py

.DEFAULT_GOAL := help
.PHONY: help demo test check setup test-unit test-integration test-sanity test-lint test-browser test-awx test-matrix bench coverage coverage-api \
	new-module docs-generate check-wire format build ee-context ee-image changelog lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "make %-17s %s\n", $$1, $$2}'

demo: ## build and install the collection, start the simulator, run the whole story in a playbook
	@$(RUN) $(MAIN) python tests/tools/demo.py

test: ## every check there is, on every ansible-core line there is a Python for (under 50 minutes on 2 cores)
	@$(STAGES) test

check: ## the fast checks: format, lint, types, unit tests, generated documentation (under 2 minutes)
	@$(STAGES) check

setup: ## make all environments below .venv and nothing else
	@$(STAGES) setup

test-unit: ## unit tests on the main ansible-core line
	@$(STAGES) unit

test-integration: ## real playbooks against the simulator: all on the main line, every module on each other line
	@$(STAGES) integration

test-sanity: ## ansible-test sanity on every ansible-core line
	@$(STAGES) sanity

test-lint: ## ansible-lint, yamllint, antsibull, shellcheck, galaxy-importer
	@$(STAGES) lint

test-browser: ## the HTML report of the audit in a headless Chromium, which is installed where there is none
	@$(STAGES) browser

test-awx: ## what AWX does: its engine and its parts from packages, the execution environment, rulebooks
	@$(STAGES) awx

test-matrix: ## unit tests, sanity and integration on every ansible-core line
	@$(STAGES) matrix

bench: ## measure the speed: ratios within one run, no pass or fail
	@$(RUN) $(MAIN) python tests/benchmarks/run.py

coverage: ## unit tests with a table of the lines and branches that none of them reaches
	@$(RUN) $(MAIN) python -m pytest tests/unit -q --cov --cov-report=term-missing:skip-covered

coverage-api: ## print which part of the REST API the modules reach, write docs/coverage.md (ARGS=--accept: what the tests saw last)
	@$(RUN) $(MAIN) python tests/tools/coverage_api.py $(ARGS)

new-module: ## write the files of a new info module: make new-module ARGS="TYPE [--below TYPE ...] [--detail OPTION=TYPE]"
	@$(RUN) $(MAIN) python tests/tools/new_module.py $(ARGS)

docs-generate: ## write the generated parts of the module documentation from the declarations
	@$(RUN) $(MAIN) python tests/tools/generate_docs.py

check-wire: ## decode captured answers of a real server, where such a folder lies beside the checkout
	@$(RUN) $(MAIN) python tests/tools/check_wire.py

format: ## write the code in the house format
	@$(RUN) $(MAIN) ruff format .
	@$(RUN) $(MAIN) ruff check --fix .

build: ## build the tarball of what git tracks into build/
	@$(RUN) lint python tests/tools/tarball.py

ee-context: ## make the build context of the execution environment below build/ee and print how its image is built
	@$(RUN) awx python tests/tools/ee_context.py

ee-image: ## build the image, where podman or docker runs, and run the demo in it: make ee-image IMAGE=NAME:TAG
	@$(RUN) awx python tests/tools/ee_context.py --image $(IMAGE)

changelog: ## turn the fragments into CHANGELOG.md, for the version in galaxy.yml
	@$(RUN) lint antsibull-changelog release --reload-plugins --update-existing

lock: ## renew tests/requirements/constraints.txt from the pinned versions
	@$(PYTHON) tests/tools/lock.py

clean: ## remove what tests and tools made, environments included
	rm -rf .venv build .ansible .hypothesis .ruff_cache .mypy_cache .pytest_cache tests/output
