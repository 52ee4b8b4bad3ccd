PYTHON ?= python3
BIN := .venv/bin

.PHONY: help check demo format lint test types clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo 'Python 3.10 or newer is needed: make PYTHON=python3.12 ...'; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

demo: .venv/.installed ## Play the example charms through the life of a relation
	$(BIN)/python -m demo

test: .venv/.installed ## Run the whole test suite
	$(BIN)/python -m pytest

lint: .venv/.installed ## Check the style of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.installed ## Check the types
	$(BIN)/pyright

format: .venv/.installed ## Mend the style of the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint types test demo ## Run all that CI runs

clean: ## Remove what make has made
	rm -rf .venv .pytest_cache .ruff_cache dist
