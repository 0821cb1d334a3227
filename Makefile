# Handrail: the commands that people use. `make demo` to try it, `make test` before every push.
SHELL := /bin/bash
.DEFAULT_GOAL := help
DEMO_DATA ?= demo-data
LISTEN ?= 127.0.0.1:8080

.PHONY: help tools demo build test quick format words lint unit unit-postgres browser bench packages clean

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

demo: node_modules ## a fresh fictional service on http://127.0.0.1:8080
	cargo build --locked
	rm -rf "$(DEMO_DATA)" "$(DEMO_DATA).key"
	target/debug/handrail demo --listen $(LISTEN) --data "$(DEMO_DATA)"

build: node_modules ## the release binary, target/release/handrail
	cargo build --locked --release

# What is missing is named before anything is built.
tools:
	@command -v cargo >/dev/null || { echo "Rust is missing: install it from https://rustup.rs (1.95 or newer)" >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 9) ? 0 : 1)' || { echo "Node 20.9 or newer is missing" >&2; exit 1; }

# The front-end files are pinned in package-lock.json; no script of a package is run.
node_modules: package-lock.json | tools
	npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules

packages: ## Debian packages that the tests need, installed where that is allowed
	scripts/packages

# Clippy's compiler is rustc that warns of more: what it builds is linted and tested at once. A check of its own would go through every
# dependency once more, which takes as long as a third of all the rest.
test: export RUSTC_WORKSPACE_WRAPPER := clippy-driver
test: export CLIPPY_ARGS := -Dwarnings
test: export CARGO_INCREMENTAL := 0
test: packages node_modules format words unit unit-postgres browser ## everything: format, lints, both databases, the browser
	@echo "All of it passed."

quick: node_modules ## rules and SQLite only, for the inner loop
	cargo test --locked --workspace

format:
	cargo fmt --all --check

words:
	scripts/licences
	scripts/words

lint: node_modules words ## the lints alone, without a build
	cargo clippy --locked --workspace --all-targets -- -D warnings

unit: node_modules
	cargo test --locked --workspace

unit-postgres: node_modules
	scripts/with-postgres cargo test --locked -p handrail --test it

# The binary that the tests built, so that nothing is built twice.
browser: node_modules
	cargo test --locked --no-run -p handrail --test it
	node e2e/run.mjs
	scripts/with-postgres node e2e/run.mjs the patient holds it

bench: node_modules ## measure speed and write bench/RESULTS.md (long: it makes a million cases)
	scripts/packages wrk
	python3 -c 'import ensurepip' 2>/dev/null || scripts/packages python3-venv
	python3 -m venv target/bench-python
	target/bench-python/bin/pip install --quiet --requirement bench/requirements.txt
	cargo build --locked --release
	HANDRAIL_FSYNC=on scripts/with-postgres python3 bench/run.py

clean: ## forget the demonstration's data and what was built
	rm -rf "$(DEMO_DATA)" "$(DEMO_DATA).key" target node_modules
