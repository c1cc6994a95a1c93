# `make` alone prints the targets. Each one is a single call, so that what it does can be run without make as well.

# Else GEO_PORT, else 8000.
PORT ?=
# DEMO=0: don't load the demonstration into an empty registry.
DEMO ?= 1
# Of make soak.
ROUNDS ?= 200
# Test processes, each with a database of its own.
WORKERS ?= 2
# What to pass on: make test ARGS='-k coverage'
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help up test check fast bench soak docs migrate lock clean
MAKEFLAGS += --no-print-directory

help: ## these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

# `exec`: the program takes the shell's place and gets Ctrl-C itself; it stops all that it started.
up: ## set up, start the database with the demonstration, serve on http://127.0.0.1:8000 (PORT=…, DEMO=0)
	@scripts/setup && exec .venv/bin/geo-registry up $(if $(filter 0,$(DEMO)),,--demo) $(if $(PORT),--port $(PORT))

test: ## set up, then the gates, then every test (ARGS='-k …', WORKERS=2)
	@scripts/setup --test
	@scripts/check --static
	@exec .venv/bin/python -m pytest -n $(WORKERS) --dist loadscope $(ARGS)

check: ## the gates alone: style, types, imports, spelling, migrations, the API's description
	@scripts/setup
	@exec scripts/check

fast: ## the tests that need no database, in seconds
	@scripts/setup
	@exec .venv/bin/python -m pytest -q tests/unit tests/properties $(ARGS)

bench: ## measure what is promised, beside peers, in one run
	@scripts/setup
	@exec .venv/bin/python -m benchmarks $(ARGS)

soak: ## kill the server, writers and the sealer under load, 200 times (ROUNDS=…)
	@scripts/setup --test
	@SOAK_ROUNDS=$(ROUNDS) exec .venv/bin/python -m pytest -s tests/integration/test_killed_writes.py $(ARGS)

docs: ## make the pictures of the documentation from the real product (ARGS=folder of the trial data)
	@scripts/setup --test
	@exec .venv/bin/python scripts/screenshots.py $(ARGS)

migrate: ## bring the registry's database up to date
	@scripts/setup && exec .venv/bin/geo-registry migrate

lock: ## write the lock files anew from what is declared (ARGS=--upgrade)
	@exec scripts/lock $(ARGS)

clean: ## stop what runs, remove what was installed and made; the registry's data stays
	@exec scripts/clean
