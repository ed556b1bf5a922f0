# The commands of this project; `make help` lists them.

CARGO ?= cargo
BUILT := $(or $(CARGO_TARGET_DIR),target)
# More arguments for `make demo` and `make bench`, such as ARGS="--keep".
ARGS ?=
# What `make fuzz` runs, and for how long.
TARGET ?= convert
SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help demo test expectations fuzz lint fmt bench torture compose-test deps services docs dependencies style sql

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: deps ## the whole pipeline on invented data; nothing needs to run (ARGS="--keep", "--data-dir DIR")
	$(CARGO) build --workspace --bins
	$(BUILT)/debug/emap demo $(ARGS)

test: deps ## all tests, with private PostgreSQL and RabbitMQ servers
	$(CARGO) build --workspace --bins --tests
	rm -f $(BUILT)/fixtures-read
	$(BUILT)/debug/emap services --for-tests -- $(CARGO) test --workspace --no-fail-fast
	$(BUILT)/debug/fixture-audit

fuzz: ## try to break what reads from outside (TARGET=convert SECONDS=60; docs/how-to/fuzz.md)
	@scripts/fuzz.sh "$(TARGET)" "$(SECONDS)"

expectations: deps ## write test-files/star anew, after a change of rules that is meant
	EMAP_UPDATE_EXPECTED=1 $(CARGO) test -p emap-setup --test star

lint: style sql docs dependencies ## formatting, clippy, style, import loops, documentation, dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

style: deps ## module files and imports in one style, no import loops
	python3 scripts/test_scripts.py --quiet
	scripts/style.py --check
	scripts/import-graph.py

sql: ## the queries and the invented databases, with sqlfluff (pip install sqlfluff) where it is installed
	@if command -v sqlfluff >/dev/null; then \
		sqlfluff lint sql/clarity sql/caboodle test-files/clarity test-files/caboodle test-files/demo/c*.sql && \
		sqlfluff lint --dialect postgres sql/ids/form_answers.sql; \
	else echo 'sqlfluff is not installed: the queries are not linted'; fi

fmt: deps ## format all code, imports and module files too
	$(CARGO) fmt --all
	scripts/style.py --fix

bench: deps ## what this machine can do, and what we make of it (ARGS="--messages 100000")
	$(CARGO) build --release -p emap-bench
	$(BUILT)/release/emap-bench $(ARGS)

torture: deps ## the pipeline under injected faults, and the account of what is left (ARGS="--faults 1000 --seed 7")
	$(CARGO) build --workspace --bins
	$(BUILT)/debug/emap-torture $(ARGS)

compose-test: deps ## an instance in containers: up, kill, restart, nothing lost (needs Docker and root)
	$(CARGO) build --workspace --bins
	scripts/compose-test.sh

services: deps ## private PostgreSQL and RabbitMQ for development, until Ctrl-C
	$(CARGO) build --workspace --bins
	$(BUILT)/debug/emap services $(ARGS)

docs: deps ## the API documentation, in target/doc
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

dependencies: ## licences, sources, bans and advisories of all dependencies, by deny.toml
	scripts/check-dependencies.sh

deps: ## install the Debian packages that are missing
	@scripts/setup.sh
