# Every door of the project; `make help` lists them. Set-up is redone only where its inputs have changed.

.DEFAULT_GOAL := help
.PHONY: help setup install run serve rolling-restart check test test-long test-postgres test-all faults bench lock clean screenshots chromium nginx postgresql faketime pngquant texts gettext
.SUFFIXES:

PYTHON ?= python3.11 python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest -n 2 --dist worksteal
PIP_INSTALL := $(BIN)/pip install -q --disable-pip-version-check --require-hashes
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
# The other tests start sites of their own, with the databases that these name.
ON_POSTGRES = tests/accounts tests/clinical tests/config tests/conformance tests/hostile tests/hubs
LONG_ON_POSTGRES = tests/hubs/feeds tests/accounts tests/clinical/services
JS_TESTS = $(wildcard tests/js/*.test.js)
# What production must set; nothing listens there, and the keys open nothing.
DEPLOYED := WARDLINE_DEVELOPMENT=no QUERY_TOKEN=ticket ALLOWED_HOSTS=ward.example ORIGINS=https://ward.example \
	SECRET_KEY=not-a-secret-0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6 \
	JWT_SIGNING_KEY=not-a-secret-9zY8xW7vU6tS5rQ4pO3nM2lK1jI0hG9fE8dC7bA6zY5xW4 \
	REDIS_URL=redis://redis.example:6379/0

export WARDLINE_DEVELOPMENT ?= yes

help: ## List these doors.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

setup: node_modules/.package-lock.json .venv/.development ## Set everything up: .venv and node_modules.

install: node_modules/.package-lock.json .venv/.runtime ## Install what the product needs to run, without what its tests need.

run: node_modules/.package-lock.json .venv/.runtime ## Run the ward board with a demo hospital (PORT=8000).
	@exec $(BIN)/python -m config.run

serve: node_modules/.package-lock.json .venv/.runtime nginx postgresql ## The same as on real machines: nginx, 2 workers, PostgreSQL (SERVER=uvicorn).
	@exec $(BIN)/python -m config.run serve

rolling-restart: ## Restart the workers of a running `make serve`, one after the other.
	@$(BIN)/python -m config.run.restart

check: setup ## Style, types, architecture, documents, migrations, deployment settings.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/pytest -q tests/project/test_imports.py tests/project/test_layout.py tests/project/test_docs.py
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py hubs matrix --format markdown | diff docs/permissions-matrix.md -
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(DEPLOYED) $(BIN)/python manage.py check --deploy --fail-level WARNING

test: setup chromium ## All tests but the long ones; at most 10 minutes.
	$(if $(JS_TESTS),node --test --test-reporter=spec $(JS_TESTS))
	$(PYTEST) -m "not long"

test-long: setup chromium nginx postgresql faketime gettext test-postgres
	$(BIN)/coverage run --source hubs/protocol --data-file var/coverage -m pytest -q tests/hubs/protocol
	$(BIN)/coverage report --data-file var/coverage --fail-under 100 --show-missing
	$(PYTEST) -m long

test-postgres: setup postgresql ## All that works in the tests' own database, on a fresh PostgreSQL.
	$(BIN)/python -m tests.on_postgres $(PYTEST) -m "not long" $(ON_POSTGRES)
	$(BIN)/python -m tests.on_postgres $(PYTEST) -m long $(LONG_ON_POSTGRES)

test-all: test test-long ## All tests: also the slow recordings, other servers, high counts.

faults: setup chromium postgresql faketime ## Break every part under a ward that is followed; writes docs/faults.md.
	$(PYTEST) tests/faults/ward
	$(BIN)/python -m tests.faults.ward.table

bench: setup postgresql ## Measure everything beside its peers, an hour on a quiet machine (BENCH=--quick); docs/benchmarks.md.
	$(BIN)/python -m benchmarks.report $(BENCH)

screenshots: setup chromium pngquant ## Take the pictures of docs/screenshots again.
	WARDLINE_SCREENSHOTS=docs/screenshots $(BIN)/pytest -q tests/browser/test_bedside_story.py tests/browser/test_ward_office_story.py
	pngquant --force --ext .png --speed 1 --nofs 48 docs/screenshots/*.png

texts: setup gettext ## Collect what pages and scripts say for its translation, and compile what is translated.
	for each in django djangojs; do $(BIN)/python manage.py makemessages -l de -d $$each --no-location --no-obsolete \
	  --ignore .venv --ignore node_modules --ignore var --ignore tests --ignore benchmarks --ignore docs || exit 1; done
	$(BIN)/python manage.py compilemessages -l de --ignore .venv --ignore node_modules

lock: .venv/.development ## Resolve requirements*.in and package.json anew, with hashes.
	$(PIP_COMPILE) --upgrade requirements.in
	$(PIP_COMPILE) --upgrade requirements-dev.in
	npm update --package-lock-only --ignore-scripts

clean: ## Remove all that was installed or made, the demo's data too.
	rm -rf .venv node_modules var .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# Debian keeps PostgreSQL's binaries in a folder a version.
chromium nginx postgresql faketime pngquant gettext:
	@PATH="$$PATH:/usr/sbin:$$(echo /usr/lib/postgresql/*/bin | tr ' ' :)"; command -v $(patsubst gettext,xgettext,$(@:postgresql=postgres)) >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	  then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $@ fonts-dejavu-core >/dev/null; \
	  else echo "$@ is missing: install the package of that name and run make again." >&2; exit 1; \
	  fi; }

.venv/bin/python:
	@for each in $(PYTHON); do \
	  if "$$each" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; \
	  then exec "$$each" -m venv .venv; \
	  fi; \
	done; \
	echo "Python 3.11 with its venv module is missing: install it, or say where it is with PYTHON=/path/to/python3.11." >&2; exit 1

.venv/.runtime: requirements.txt | .venv/bin/python
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt tests/clients/requirements.txt | .venv/.runtime
	$(PIP_INSTALL) -r requirements-dev.txt
	$(PIP_INSTALL) --no-deps -r tests/clients/requirements.txt
	@touch $@

# npm writes this file last, so it also tells when npm was run.
node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or later, which brings it." >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node.js is too old: install version 20 or later." >&2; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@
