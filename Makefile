# Set-up is two commands: `make demo` and `make test`. Everything else stands below for whoever develops.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8050
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo demo-history test check lint-and-types unit audit bench pictures docs system-packages lock clean

help:
	@echo "make demo    a simulated hospital on http://127.0.0.1:$(PORT)"
	@echo "make demo-history  its year of past made ahead, about a minute, so that charts need not wait for it"
	@echo "make test    every test (installs what they need)"
	@echo "make check   lint, types, unit and spec tests"
	@echo "make audit   known vulnerabilities of the libraries"
	@echo "make docs    the generated documents"
	@echo "make pictures  the pictures in them"
	@echo "make bench   measured speed, written to build/bench.json"
	@echo "make soak    walls at length: 20,000 updates in a browser, every fault at its true length, 200 kills"

$(VENV)/pyvenv.cfg:
	@$(PYTHON) .ci/make_venv.py $(VENV)

$(VENV)/.run: $(VENV)/pyvenv.cfg requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run
	exec $(BIN)/surveillance demo --port $(PORT)

# The same hospital with its whole year, made ahead: `make demo` then has every chart at once.
demo-history: $(VENV)/.run
	$(BIN)/surveillance demo --make-only

# What need not wait for each other runs side by side: Debian's packages and Python's, types and unit tests.
test:
	@$(MAKE) --no-print-directory -j2 --output-sync=target system-packages $(VENV)/.dev
	@$(MAKE) --no-print-directory check audit
	$(BIN)/python -m pytest tests --ignore=tests/unit --ignore=tests/spec --ignore=tests/faults/walls -n 4 --dist loadfile
	$(BIN)/python -m pytest tests/faults/walls -n 4 --dist loadfile

check: $(VENV)/.dev
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint-and-types unit

lint-and-types:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit:
	$(BIN)/python -m pytest tests/unit tests/spec -n 3

# The locked libraries against the public list of known vulnerabilities, where it can be reached.
audit: $(VENV)/.dev
	@$(BIN)/python .ci/audit_dependencies.py

bench: $(VENV)/.dev system-packages
	@mkdir -p build
	$(BIN)/python -m tests.bench

soak: $(VENV)/.dev system-packages
	$(BIN)/python -m tests.bench.soak
	WALL_FAULTS=full $(BIN)/python -m pytest tests/faults tests/connectors/test_oracle_at_length.py tests/connectors/test_watermark.py -n 2 --dist loadfile

# The pictures of the documents, from the simulated hospital in a real browser.
pictures: $(VENV)/.dev system-packages
	PICTURES=full $(BIN)/python -m pytest tests/browser/test_screenshots.py
	cp build/pictures/*.png docs/images/

# The documents that are generated from the catalogue and the canonical tables; a test compares them.
docs: $(VENV)/.dev
	$(BIN)/python -m surveillance.documents

system-packages:
	@$(PYTHON) .ci/system_packages.py

LOCKED = uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml
# The lock files hold versions and hashes and no address: any index will do.
lock:
	$(LOCKED) --extra postgresql -o requirements.lock
	$(LOCKED) --extra postgresql --extra odbc --extra arrow-odbc --extra oracle --extra iris --extra excel -c requirements.lock -o requirements-sources.lock
	$(LOCKED) --extra dev -c requirements-sources.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache
