# make demo : set up, generate the sample company, run the main job on it, show what it costs
# make test : set up, run every check and test
# Both need nothing but make and Python 3.11 or 3.12 (PYTHON=... to choose one).
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,12))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS ?= ui,test
READY := $(VENV)/.ready
SPARK := $(VENV)/.spark
WORKERS ?= 3
COMMA := ,
SQL := dbt_project/models dbt_project/macros dbt_project/tests

# What Python compiles is kept: each of some hundred processes would compile all of it again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo run ui test unit lint types dbt-parse bench scale constraints clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

# $(call install,EXTRAS) : what pyproject.toml asks for with these extras, at the pins
define install
	if $(BIN)/uv --version >/dev/null 2>&1; then \
		VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --constraint constraints.txt --editable '.[$(1)]'; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[$(1)]'; \
	fi
endef

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV) (once, a few minutes with pip, seconds with uv)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null || true
	@$(call install,$(EXTRAS))
	@touch $@

# Spark's packages, for its tests; without Java 17, which it runs on, they skip and say so.
$(SPARK): $(READY)
	@if java -version 2>&1 | awk -F'"' '/version/ { split($$2, part, ".") } END { exit !(part[1] >= 17) }'; then \
		$(call install,$(EXTRAS)$(COMMA)spark) && touch $@; \
	else \
		echo "Java 17 is not here: the tests of Spark are skipped"; \
	fi

demo: $(READY) ## The main job on a generated company, in a home of its own (.costops-demo)
	@$(BIN)/costops demo

run: $(READY) ## The main job on your sources
	@$(BIN)/costops run

ui: $(READY) ## Dagster's web interface on the demo
	@$(BIN)/costops ui --home .costops-demo

test: $(SPARK) lint ## Lint, types and every test
	@$(BIN)/mypy >$(VENV)/types.txt 2>&1 & types=$$!; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 25; tests=$$?; \
	wait $$types || tests=1; cat $(VENV)/types.txt; exit $$tests

unit: $(READY) ## Only the quick tests
	@$(BIN)/python -m pytest tests/unit tests/architecture -n $(WORKERS)

lint: $(READY) ## Ruff, and sqlfmt on the SQL of the dbt project
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/sqlfmt --check --quiet --no-progressbar $(SQL)

types: $(READY) ## mypy on the three packages
	@$(BIN)/mypy

dbt-parse: $(READY) ## Parse the dbt project
	@$(BIN)/dbt parse --project-dir dbt_project --profiles-dir dbt_project --target-path $(abspath $(VENV))/dbt_target

bench: $(READY) ## Every benchmark at full size: prints figures, judges ratios within one run (an hour)
	@COSTOPS_BENCH_SIZE=full $(BIN)/python -m pytest tests/benchmarks -p no:xdist -s

scale: $(SPARK) ## The sample company on a cluster of Spark on loopback, against DuckDB (hours; needs Java 17)
	@COSTOPS_TEST_SPARK=1 $(BIN)/python -m pytest tests/integration/dbt/test_spark.py tests/e2e/test_spark_cluster.py \
		-p no:xdist -s

constraints: $(READY) ## Resolve the pins anew
	@$(BIN)/python -m pip install --quiet uv && echo 'duckdb==1.5.5' > $(VENV)/pins.txt
	@$(BIN)/uv pip compile pyproject.toml --constraint $(VENV)/pins.txt --all-extras --python-version 3.11 \
		--universal --no-emit-index-url --no-annotate --no-header --upgrade --output-file constraints.txt

clean: ## Remove the environment and the demo
	@rm -rf $(VENV) .costops-demo .pytest_cache .ruff_cache .mypy_cache
