# The two commands that matter are `make run` and `make test`; the rest is explained in README.md.
PYTHON ?= python3
PY := .venv/bin/python
DEV := PORTAL_ENV=development
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check bench drill lock format messages vendor clean venv

run: .venv/run.stamp
	@PORTAL_ENV=development PORTAL_DEMO=1 $(PY) manage.py serve

test: .venv/dev.stamp
	@$(PY) -m pytest -n 2 $(ARGS)

check: .venv/dev.stamp
	@$(PY) -m tools.check

bench: .venv/dev.stamp
	@PORTAL_ENV=development $(PY) -m bench $(ONLY)

drill: .venv/dev.stamp
	@PORTAL_ENV=development $(PY) -m tools.drill $(ONLY)

format: .venv/dev.stamp
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix . && .venv/bin/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

# New translatable strings go into locale/sv, and the catalogue is compiled (Babel; no gettext tools).
messages: .venv/dev.stamp
	@$(PY) -m tools.messages

# Only for whoever renews the libraries of the pages: Node and npm; what comes of it is committed.
vendor:
	@cd tools/vendor && npm ci && npm run build

lock: .venv/dev.stamp
	@$(PY) -m tools.lock

# What an older Python has left is made anew by one that is new enough; an older one leaves nothing.
IS_OLD = import sys; sys.exit(sys.version_info >= (3, 11))
venv:
	@if test -x $(PY) && $(PY) -c '$(IS_OLD)'; then echo "The .venv there is of an older Python; it is made anew."; rm -rf .venv; fi
	@if ! test -x $(PY) && $(PYTHON) -c '$(IS_OLD)'; then \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is older. Name a newer one: PYTHON=python3.12 make run" >&2; exit 1; fi
	@test -x $(PY) || $(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt
	@$(MAKE) --no-print-directory venv
	@echo "Installing what the portal needs (once) …"
	@$(PY) -m pip install --quiet --use-pep517 --require-hashes -r requirements/run.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt
	@$(MAKE) --no-print-directory venv
	@echo "Installing what development needs (once) …"
	@$(PY) -m pip install --quiet --use-pep517 --require-hashes -r requirements/dev.txt
	@touch $@ .venv/run.stamp

clean:
	@-test -x $(PY) && $(DEV) $(PY) manage.py devdb stop
	@rm -rf .venv .run staticfiles
