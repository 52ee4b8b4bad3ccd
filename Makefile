PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: platform upstream help demo test test-all test-ci functional fuzz mutants bench docs integration conformance packed dist lint types actionlint format check clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# A stamp is made last: after a step that failed, the next run starts with that step again.
PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
NO_PACKAGES = { echo 'pip cannot install what is needed. Check that it reaches a package index, and run make again.' >&2; exit 1; }

.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo 'Python 3.10 or newer is needed. Name one: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@$(PIP_INSTALL) --upgrade 'pip>=25.1' || $(NO_PACKAGES) # The first with --group.
	@touch $@

.venv/.test: .venv/.created pyproject.toml
	@$(PIP_INSTALL) --editable . --group test || $(NO_PACKAGES)
	@touch $@

.venv/.dev: .venv/.test
	@$(PIP_INSTALL) --editable . --group dev || $(NO_PACKAGES)
	@touch $@

demo: .venv/.test ## Play the example charms through the life of a relation
	$(BIN)/python -m demo

# In the order of the files: else those with few tests come last, and these tests are the long ones.
test: .venv/.test ## Run the whole test suite, with coverage
	$(BIN)/python -m pytest --cov -rs -n auto --dist loadfile --no-loadscope-reorder

test-all: .venv/.dev ## Run it on each Python here, with newest and lowest dependencies
	$(BIN)/nox --no-error-on-missing-interpreters

# The part of test-all that CI runs beside `make test`: newest on the last Python, lowest on the
# first, without the tests to which the versions of ops and pydantic mean nothing.
test-ci: .venv/.dev
	$(BIN)/nox --no-error-on-missing-interpreters --sessions newest-3.13 lowest-3.10 \
		-- --ignore tests/cli --ignore tests/docs --ignore tests/package

# The Pebble that is named, or where there is go, the release that go.mod pins; else that on the PATH.
PEBBLE ?= $(if $(shell command -v go 2>/dev/null),$(CURDIR)/build/pebble/pebble)

$(CURDIR)/build/pebble/pebble: tests/functional/pebble/go.mod tests/functional/pebble/go.sum
	cd $(<D) && GOBIN=$(@D) go install github.com/canonical/pebble/cmd/pebble
	@touch $@

# They mostly wait, so more run at once than there are cores. One file has one environment of pycti.
functional: .venv/.test $(PEBBLE) ## Run the mixin's workload on a real Pebble daemon, if it can be had
	PEBBLE=$(PEBBLE) $(BIN)/python -m pytest tests/functional -rs -n 4 --dist loadfile

# Without pytest's logging, whose records would keep each hook in memory.
fuzz: .venv/.test ## Try random databags and histories at length (about half an hour)
	FUZZ=long $(BIN)/python -m pytest tests/fuzz -p no:logging

mutants: .venv/.test ## Let the tests find changes in the code (make PYTHON=python3.13)
	@$(PIP_INSTALL) --editable . --group mutation || $(NO_PACKAGES)
	$(BIN)/mutmut run
	$(BIN)/mutmut results

bench: .venv/.test ## Measure what a hook costs, into build/bench
	@$(PIP_INSTALL) --editable . --group bench || $(NO_PACKAGES)
	$(BIN)/python -m benchmarks

# Metadata of connectors, laid out as OpenCTI-Platform/connectors is: a checkout of it, say.
UPSTREAM ?= $(firstword $(wildcard upstream ../*/upstream) upstream)

upstream: .venv/.test ## Make, run and update a charm of each of OpenCTI's connectors in UPSTREAM=path
	$(BIN)/python -m tests.upstream $(UPSTREAM)

# The token is in the environment only: make would show it in a command.
platform: .venv/.test ## Ask a running OpenCTI what the fake is asked (OPENCTI_URL=… OPENCTI_ADMIN_TOKEN=…)
	@$(BIN)/python -m tests.platform

docs: .venv/.dev ## Build the documentation into build/docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/docs
	BUILT_PAGES=build/docs $(BIN)/python -m pytest --quiet tests/docs/test_built_pages.py

# Two models with machines, one on Kubernetes and the image of its workload, and more that
# docs/how-to/run-on-juju.md explains.
INTEGRATION = $(addprefix --model ,$(MODELS)) $(if $(word 2,$(MODELS)),-n 2 --dist loadfile) \
	$(if $(KUBERNETES),--kubernetes $(KUBERNETES)) $(if $(IMAGE),--image $(IMAGE)) \
	$(if $(KUBECTL),--kubectl "$(KUBECTL)") $(if $(PACKED),--packed $(PACKED)) \
	$(if $(PLATFORM_HOST),--platform-host $(PLATFORM_HOST)) \
	$(if $(CHARM_PYTHON),--charm-python $(CHARM_PYTHON))

integration: .venv/.dev ## Try both ends on a real Juju (MODELS="opencti feeds" KUBERNETES=model IMAGE=name)
	$(BIN)/python -m pytest tests/integration -rs $(INTEGRATION)

conformance: .venv/.dev ## Keep what a real Juju answers, for the tests of the model of it (MODEL=name)
	CONFORMANCE=record $(BIN)/python -m pytest tests/integration/test_conformance.py -rs --model $(MODEL)

packed: .venv/.dev ## Pack with charmcraft what `make integration PACKED=build/packed` deploys
	$(BIN)/python -m tests.integration.packing --charmcraft --into build/packed k8s-connector machine-connector generated

dist: .venv/.dev ## Build sdist and wheel into dist, and run the sdist's tests with the wheel
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/nox --session dist

lint: .venv/.dev ## Check style, spelling, layers, dependencies and workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/zizmor --quiet --no-progress --offline .github
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*

# Not in `lint`: what the package index has of it fetches the program from elsewhere.
actionlint: ## Check the workflows more closely, where there is go
	GOBIN=$(CURDIR)/build/actionlint go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	build/actionlint/actionlint

types: .venv/.dev ## Check the types
	$(BIN)/pyright

format: .venv/.dev ## Fix the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint types docs test functional demo test-ci ## Run all that CI runs, but dist and integration

clean: ## Remove what make has made
	rm -rf .venv .nox .hypothesis .pytest_cache .ruff_cache .import_linter_cache .coverage build dist mutants
