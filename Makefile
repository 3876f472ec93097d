# The commands for developers and CI. Each target installs what it needs.
#   make demo DATA=folder FHIR=r4 PERSONALITY=oracle PATIENTS=3
#   make demo SERVE=1
SERVE ?=
DATA ?=
FHIR ?= r4
PERSONALITY ?= oracle
PATIENTS ?=
DATABASE ?= auto

# Where cargo builds; programs are run from there.
PROGRAMS := $(or $(CARGO_TARGET_DIR),target)/release
# The demo's library and PHP extension.
PHP_BUILT := $(or $(CARGO_TARGET_DIR),target)/demo-php
EHR := --programs $(PROGRAMS) --fhir $(FHIR) --personality $(PERSONALITY) $(if $(DATA),--data $(DATA))
DEMO := python3 demo/run.py $(EHR) $(if $(PATIENTS),--patients $(PATIENTS))
PHP_DEMO := $(if $(SERVE),exec python3 demo/serve.py $(EHR),$(DEMO)) --database $(DATABASE)

.DEFAULT_GOAL := help
.PHONY: help setup setup-demo setup-tests setup-cluster demo demo-rust test lint lint-c lint-php header deny docs fuzz bench \
	valgrind cluster stress conformance clean

help:
	@echo "make demo    a simulated EHR, from launch to saved record, in PHP; demo/expected.py checks the result"
	@echo "             DATA=folder of FHIR files  FHIR=r4|dstu2  PERSONALITY=oracle|epic|smart  PATIENTS=how many"
	@echo "             DATABASE=auto|mariadb|sqlite"
	@echo "make demo SERVE=1  keeps everything running for a browser: the EHR's list of patients and the application"
	@echo "make demo-rust  the same with the host application in Rust"
	@echo "make test    everything that CI checks"
	@echo "make lint    formatting of Rust and C, clippy, and whether the fuzz targets build"
	@echo "make lint-php  the PHP code: php -l and mago, which is built first if it is missing (about 10 minutes)"
	@echo "make header  include/fhir_ehr.h with cbindgen, crates/capi/src/codes.rs, the list of exports, docs/schemas"
	@echo "make deny    the dependency policy (licenses, banned crates, ring only, required crates)"
	@echo "make docs    the API's documentation, in target/doc"
	@echo "make fuzz    fuzzes the readers of outside data, SECONDS=60 for each target"
	@echo "make bench   the cost of a call and of PHP's start, compared with an empty library and extension; see docs/benchmarks.md"
	@echo "make valgrind  all .phpt tests and the C test programs under valgrind"
	@echo "make cluster  the PDO store on three MariaDB nodes with Galera: conformance, leases, lost updates, whole batches"
	@echo "make stress  full-size loads that take minutes; their small versions are in make test"
	@echo "make conformance  the client requirements of SMART App Launch 2.2.0 by number, each with its test or the reason why there is none"
	@echo "make clean   deletes what was built"

setup:
	@scripts/setup

setup-demo:
	@scripts/setup demo

demo: setup-demo
	cargo build --release --locked --quiet -p ehr-sim --bin ehr-sim -p fhir-ehr --bin fhir-ehr
	@extension=$$(scripts/build-php-ext $(PHP_BUILT)) && $(PHP_DEMO) --extension "$$extension"

demo-rust: setup
	cargo build --release --locked --quiet -p fhir_ehr --example ehr_launch -p ehr-sim --bin ehr-sim
	@$(DEMO) --host rust

setup-tests:
	@scripts/setup tests

# The output is kept and then checked for secrets; that of passing tests, too.
test: setup-tests lint
	@scripts/check-output --self-test
	@scripts/check-output --start
	scripts/check-output --record rust cargo test --workspace --locked -- --show-output
	scripts/check-output --record demo python3 -m unittest -q demo/test_*.py
	@scripts/lint-php
	@scripts/check-output --record browser scripts/browser-test
	@scripts/check-output
	@$(MAKE) --no-print-directory docs deny

lint: setup lint-c
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo check --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir $(or $(CARGO_TARGET_DIR),target)

lint-c:
	@scripts/lint-c

header: setup
	FHIR_EHR_WRITE_HEADER=1 cargo test -p fhir_ehr_capi --test header --locked

lint-php: setup
	@scripts/lint-php --install

docs: setup
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --lib --no-deps --locked

deny: setup
	@scripts/check-dependencies --self-test
	@scripts/check-dependencies

fuzz: setup
	scripts/fuzz $(or $(SECONDS),60)

bench: setup-tests
	@scripts/bench

valgrind: setup-tests
	@scripts/valgrind

setup-cluster:
	@scripts/setup cluster

cluster: setup-cluster
	@scripts/cluster

stress: setup-tests
	@scripts/stress

conformance: setup
	@scripts/conformance

clean:
	cargo clean
