# make study | make test | make test-slow | make test-all | make lint | make docs | make bench | make coverage
# Any of them sets up .venv first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
READY_FOR_DOCS := .venv/.ready_for_docs

.PHONY: study test test-slow test-all lint docs bench coverage format clean

study: $(READY)
	$(BIN)/semisup run

# a file stays with one process, which makes what its tests share once; conftest.py orders the files
test: $(READY)
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -m "not slow"

# what takes long: kills by the system, whole searches; .ci/run does it after `make test`
test-slow: $(READY)
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -m slow

test-all: test test-slow

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# the site, in build/site: runs the notebook, warnings are errors; from the net come packages alone
docs: $(READY_FOR_DOCS)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --clean
	@echo build/site/index.html

bench: $(READY)
	$(BIN)/python benchmarks/features.py
	$(BIN)/python benchmarks/synthetic.py
	$(BIN)/python benchmarks/quota.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/comparison.py timing

# 500 simulated studies with a known truth: do the 95 % intervals cover it? (a quarter of an hour)
coverage: $(READY)
	$(BIN)/python benchmarks/comparison.py coverage 500

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

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build *.egg-info
