# make study | make test | make test-slow | make test-extras | make test-all | make lint | make docs | make bench
# | make coverage | make soak
# Any of them sets up .venv first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
READY_FOR_DOCS := .venv/.ready_for_docs
READY_FOR_EXTRAS := .venv/.ready_for_extras
# a file stays with one process, which makes what its tests share once; conftest.py orders the files
PYTEST := $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

.PHONY: study test test-slow test-extras test-all lint docs bench coverage soak format clean

study: $(READY)
	$(BIN)/semisup run

test: $(READY)
	$(PYTEST) -m "not slow and not extras"

# what takes long: kills by the system, whole searches and some whole studies; .ci/run does it too
test-slow: $(READY)
	$(PYTEST) -m "slow and not extras"

# what needs PyTorch, JAX or other packages that `make test` does without; slow or not
test-extras: $(READY_FOR_EXTRAS)
	$(PYTEST) -m extras

test-all: test test-extras test-slow

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# the site, in build/site: runs the notebook, warnings are errors; from the net come packages alone
docs: $(READY_FOR_DOCS)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --clean
	@echo build/site/index.html

# all benchmarks: one table, and build/bench.json (a quarter of an hour, on an idle machine)
bench: $(READY_FOR_EXTRAS)
	$(BIN)/python benchmarks/all.py

# 500 simulated studies with a known truth: do the 95 % intervals cover it? (a quarter of an hour)
coverage: $(READY)
	$(BIN)/python benchmarks/comparison.py coverage 500

# an hour of faults: kills, full disks, changed keys, damaged files; build/soak.json
SOAK_SECONDS ?= 3600
soak: $(READY)
	cd tests && PYTHONPATH=. ../$(BIN)/python -m faults.soak $(SOAK_SECONDS) $(SEED)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "semisup needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + ": make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(READY_FOR_DOCS): $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[docs]'
	@touch $@

# what Resemblyzer requires besides must be compiled, and is not used
$(READY_FOR_EXTRAS): $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test-extras]'
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps resemblyzer
	@touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build *.egg-info
