# Two commands do all the set-up: `make demo` and `make test`.
.PHONY: demo run test check bench weights lock clean

# Some machines forbid Python to keep what it compiled: every start would compile all libraries anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
RUN_READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready

demo: $(RUN_READY)
	@$(VENV)/bin/helpline demo

run: $(RUN_READY)
	@$(VENV)/bin/helpline serve

test: $(DEV_READY)
	@$(PY) -m pytest -n 2 --dist worksteal

check: $(DEV_READY)
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/helpline knowledge check
	@$(PY) -m tests.migrations_from_empty

bench: $(DEV_READY)
	@$(PY) -m bench

$(VENV)/.made:
	@command -v python3 >/dev/null || { echo "python3 is missing: install Python 3.11 or newer." >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python is too old: version 3.11 or newer is needed." >&2; exit 1; }
	@python3 -m venv $(VENV) || { echo "Python's venv module is missing: on Debian, install python3-venv." >&2; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(RUN_READY): $(VENV)/.made requirements/run.txt pyproject.toml
	@echo "Setting up the environment in $(VENV) …"
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --require-hashes -r requirements/run.txt
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_READY): $(RUN_READY) requirements/dev.txt
	@echo "Adding what tests and checks need …"
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

# Learn the triage's points anew, after the labelled messages or the lexicon changed.
weights: $(RUN_READY)
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --require-hashes -r requirements/train.txt
	@$(PY) -m bench.weights

# Renew the lock files. They hold hashes and name no package host.
lock: $(VENV)/.made
	@for set in uv run dev train; do $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/$$set.in -o requirements/$$set.txt; done

clean:
	@rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache
