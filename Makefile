# Every target works from a fresh clone; `make help` lists them.
SHELL := bash
.DEFAULT_GOAL := help
BIN := .venv/bin
DEMO ?= 1
PORT ?=

.PHONY: help env browser up test test-long fuzz lint bench shots lock translations

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "make %-12s %s\n", $$1, $$2}'

env: .venv/.ready ## environment in .venv from requirements.lock (needs Python 3.11 or newer)

.venv/.ready: requirements.lock pyproject.toml
	@tools/env.sh

up: env ## run Rapport with a demo organisation; DEMO=0 starts empty, PORT=9000 takes another port
	@exec $(BIN)/rapport up $(if $(filter-out 0,$(DEMO)),--demo) $(if $(PORT),--port $(PORT))

browser: env
	@tools/browser.sh

test: env browser ## environment, browser, linters and every test, on SQLite and on PostgreSQL when reachable
	@tools/test.sh

test-long: env browser ## fuzz, kill and scale tests: hours rather than minutes
	@tools/test.sh --long

lint: env ## ruff, mypy, import contracts and the project's own rules
	@tools/lint.sh

fuzz: env ## generated requests to the API for a long time, on both databases (RAPPORT_FUZZ_EXAMPLES=…)
	@tools/fuzz.sh

bench: env ## measure speed and memory on this machine; writes docs/performance.md (SIZES=…, DATABASES=…, ONLY=…)
	@$(BIN)/python -m benchmarks $(if $(SIZES),--sizes "$(SIZES)") $(if $(DATABASES),--databases "$(DATABASES)") \
		$(if $(ONLY),--only "$(ONLY)")

shots: env browser ## screenshots of every page (light, dark, phone) in build/shots
	@$(BIN)/python -m tools.shots $(SHOTS)

translations: env ## bring new texts into the catalogues of other languages and compile them
	@$(BIN)/python -m tools.translations

lock: ## for maintainers: write requirements.lock anew from pyproject.toml
	@tools/lock.sh
