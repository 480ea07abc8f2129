# `make letters` and `make test` are all a newcomer needs: each sets up what is missing.

VENV := .venv
PY := $(VENV)/bin/python
RUN := $(VENV)/bin/outreach-merge
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help letters test lint format bench docs clean

help: ## show what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

letters: $(STAMP) ## set up what is missing and make the letters of the sample campaign
	@$(RUN) generate

test: $(STAMP) ## set up what is missing and run every test
	@scripts/set-up judges
	@$(PY) -m pytest -n 3 --dist loadfile $(PYTEST)

lint: $(STAMP) ## check style and types
	@$(VENV)/bin/ruff check src tests benchmarks
	@$(VENV)/bin/ruff format --check src tests benchmarks
	@$(VENV)/bin/mypy

format: $(STAMP) ## put the code into the one style
	@$(VENV)/bin/ruff check --fix src tests benchmarks
	@$(VENV)/bin/ruff format src tests benchmarks

bench: $(STAMP) ## measure, and write benchmarks/RESULTS.md
	@$(PY) -m benchmarks

docs: $(STAMP) ## write the parts of docs/ that are made from the code
	@$(PY) scripts/write_docs.py

clean: ## remove what was made, but not the register
	@rm -rf output/*/ .mypy_cache .ruff_cache .pytest_cache build dist

$(STAMP): pyproject.toml constraints.txt scripts/set-up
	@scripts/set-up program
	@touch $@
