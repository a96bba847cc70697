# Two doors for a newcomer: `make bench` runs the benchmark, `make test` the tests. Arguments for pytest go through
# ARGS: make bench ARGS="-k bm25"
.PHONY: bench test tests perf honesty lint types clean

# The first Python that is new enough and really runs (a shim may only pretend to be one); or say PYTHON=...
CANDIDATES := python3 python3.13 python3.12 python3.11 python
ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
ifndef PYTHON
PYTHON := $(shell for each in $(CANDIDATES); do \
	if $$each -c '$(ENOUGH)' >/dev/null 2>&1; then echo $$each; break; fi; done)
endif

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
SOURCES := harness plugins benchmarks tests gt conftest.py

bench: $(VENV)/.lean
	@$(PY) -m pytest benchmarks/ $(ARGS)

test tests: $(VENV)/.dev
	@$(PY) -m pytest tests/ $(ARGS)

# Against peers, side by side in one run; docs/performance.md says what came out.
perf: $(VENV)/.dev
	@$(PY) tests/perf/qwen_throughput.py $(ARGS)

# How often verdicts and intervals err, over simulated systems of known quality; docs/statistics.md says what came out.
honesty: $(VENV)/.dev
	@$(PY) tests/perf/honesty.py $(ARGS)

lint: $(VENV)/.dev
	@$(PY) -m ruff check $(SOURCES)

types: $(VENV)/.dev
	@$(PY) -m mypy

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps lie inside the environment: who deletes it deletes them, and a changed lock installs anew.
$(VENV)/.lean: pyproject.toml constraints.txt
	@$(if $(PYTHON),,echo "make: no Python >= 3.11 found (tried: $(CANDIDATES)); name one with PYTHON=..." >&2; exit 1)
	@$(PYTHON) -c '$(ENOUGH)' 2>/dev/null || { echo "make: $(PYTHON) does not run, or is not a Python >= 3.11" >&2; exit 1; }
	@echo "installing the lean set into $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV) || \
	{ echo "make: $(PYTHON) has no venv module; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PIP) --editable .
	@touch $@

# torch goes first and by its locked version: whatever else asks for it must find it there.
$(VENV)/.dev: $(VENV)/.lean
	@echo "installing what the tests need into $(VENV), torch and transformers among it (once, a few minutes)"
	@$(PIP) "$$(grep '^torch==' constraints.txt)"
	@$(PIP) --editable ".[models,dev]"
	@touch $@
