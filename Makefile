# whosaw's workshop. `make demo` and `make test` need a Python (3.11 to 3.13), make and a package index; no root.

BUILD := .build
PY := $(BUILD)/venv/bin/python
SOURCES := $(shell find src man -type f -not -name '*.pyc') pyproject.toml README.md LICENSE tools/readme_hook.py
GENERATED := constraints changelog house dependencies lock steps client_schema cli_reference man_pages project_file wrong_inputs sql_views formats_index categories_index detectors_index law_index error_codes performance breach_section labelled_section fields_section swaps_section twins_section worlds_section scope_section spelling_section sigma_pack compare screens context_systems equal_section pictures_page first_hour_section quiet_section looked_section console_section security verifier notices_section told_section telling_section classifier scale_section day_section year_section

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHON
# The theme advises to move on at every build; constraints.txt decides when we do.
export NO_MKDOCS_2_WARNING := 1

.DELETE_ON_ERROR:
.PHONY: help demo test test-wide servers check bench bench-spark docs write clean

help:
	@echo 'make demo    set whosaw up in .venv and show it on a small shop with a planted breach'
	@echo 'make test    set everything up, then run every check and every test on the built wheel'
	@echo 'make test-wide  send 10,000 spellings of requests to each of many real servers (needs root the first time; half an hour)'
	@echo 'make check   the static part of that: style, types, floors, generated pages, docs'
	@echo 'make docs    build the documentation into $(BUILD)/site'
	@echo 'make bench   measure the promises about speed and memory, then score every breach (needs lnav, 20 GB of disk, half a day)'
	@echo 'make bench-spark  hold Spark against threads and one worker against two on two quiet cores (needs Java; about an hour and a half)'
	@echo 'make write   write the generated pages anew'
	@echo 'make clean   remove what these made'

# Each recipe names its own stamp, so that a second call does only what changed.
.venv/whosaw.stamp: $(SOURCES) constraints.txt
	@python=$$(sh tools/find_python.sh) && echo "Setting whosaw up in .venv with $$python" && $$python -m venv .venv
	.venv/bin/python -m pip install --quiet --constraint constraints.txt .
	@touch $@

# whosaw itself never writes into a demo that is there; this folder belongs to this target.
demo: .venv/whosaw.stamp
	@rm -rf whosaw-demo
	.venv/bin/whosaw demo whosaw-demo
	@echo 'The command is .venv/bin/whosaw here. In a browser: .venv/bin/pip install ".[web]" && .venv/bin/whosaw serve -w whosaw-demo/whosaw-data'

# pip reads dependency groups from 25.1 on, so the pinned one comes first.
$(BUILD)/tools.stamp: pyproject.toml constraints.txt
	@rm -rf $(BUILD)/venv
	@python=$$(sh tools/find_python.sh) && echo "Setting the workshop up in $(BUILD)/venv with $$python" \
		&& $$python -m venv $(BUILD)/venv
	$(PY) -m pip install --quiet --constraint constraints.txt pip
	$(PY) -m pip install --quiet --constraint constraints.txt --group dev
	@touch $@

$(BUILD)/wheel.stamp: $(BUILD)/tools.stamp $(SOURCES)
	@rm -rf $(BUILD)/dist
	$(PY) -m hatchling build --target wheel --directory $(BUILD)/dist
	$(PY) -m pip install --quiet --constraint constraints.txt $(BUILD)/dist/*.whl
	$(PY) -m pip install --quiet --no-deps --force-reinstall $(BUILD)/dist/*.whl
	@touch $@

check: $(BUILD)/wheel.stamp
	$(PY) -m tools.installed $(BUILD)/dist/*.whl
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy tools bench
	$(BUILD)/venv/bin/lint-imports
	set -e; for tool in $(GENERATED); do echo "tools.$$tool --check"; $(PY) -m tools.$$tool --check; done
	$(PY) -m tools.wide --check
	$(PY) -m mkdocs build --strict --site-dir $(abspath $(BUILD))/site

# Real servers for tests/e2e and tests/servers; where they cannot be installed it says so, and only CI fails for it.
servers:
	@sh tools/install_servers.sh
	@sh tools/install_apps.sh

test: servers check
	WHOSAW_INSTALLED=1 $(PY) -m pytest --numprocesses 2 --dist worksteal --durations 20 --budget

# Every file of tests that has more kills, examples and pages than `make test` has time for.
WIDE := $(shell grep -rlE "from tests.wide import|WIDE = bool|WHOSAW_WIDE|@given" tests --include=test_*.py)
test-wide: $(BUILD)/wheel.stamp
	@sh tools/install_servers.sh wide
	@sh tools/install_apps.sh wide
	$(PY) -m tools.wide --begin
	WHOSAW_INSTALLED=1 WHOSAW_WIDE=1 $(PY) -m pytest --numprocesses 2 --dist worksteal $(WIDE)
	$(PY) -m tools.spelling_section --write
	$(PY) -m tools.wide --write

docs: $(BUILD)/wheel.stamp
	$(PY) -m mkdocs build --strict --site-dir $(abspath $(BUILD))/site

write: $(BUILD)/wheel.stamp
	set -e; for tool in $(filter-out constraints screens,$(GENERATED)); do $(PY) -m tools.$$tool --write; done
	$(PY) -m tools.console --write
	$(PY) -m tools.screens --write

bench: $(BUILD)/wheel.stamp
	$(PY) -m bench.run
	$(PY) -m bench.making
	$(PY) -m bench.reading --results docs/performance/reading.json
	$(PY) -m bench.starting
	$(PY) -m bench.console
	$(PY) -m tools.console_section --write
	$(PY) -m bench.first_hour
	$(PY) -m tools.first_hour_section --write
	$(PY) -m tools.performance --write
	$(PY) -m bench.day_more
	$(PY) -m tools.day_section --write
	$(PY) -m bench.year
	$(PY) -m tools.year_section --write
	$(PY) -m bench.breaches
	$(PY) -m bench.breaches --scale 0.1 --damage none --context full logins none --results docs/performance/campaigns.json
	$(PY) -m tools.breach_section --write
	$(PY) -m bench.respelled
	$(PY) -m tools.spelling_section --write
	$(PY) -m bench.labelled
	$(PY) -m tools.labelled_section --write
	$(PY) -m bench.fields bench/fields --results docs/performance/fields-tune.json
	$(PY) -m bench.notices tests/notices --results docs/performance/notices-tune.json
	$(PY) -m tools.notices_section --write
	$(PY) -m tools.fields_section --write
	$(PY) -m bench.swaps
	$(PY) -m tools.swaps_section --write
	$(PY) -m bench.twins
	$(PY) -m bench.twins --scale 10 --damage lost-hours --seeds 1 --results docs/performance/twins-large.json
	$(PY) -m tools.twins_section --write
	$(PY) -m bench.worlds --keep $(BUILD)/bench/worlds.jsonl
	$(PY) -m tools.worlds_section --write
	$(PY) -m bench.clues
	$(PY) -m bench.scope_size
	$(PY) -m bench.scope_diff
	$(PY) -m tools.scope_section --write
	$(PY) -m bench.equal
	$(PY) -m tools.equal_section --write
	$(PY) -m bench.quiet
	$(PY) -m tools.quiet_section --write
	$(PY) -m bench.looked
	$(PY) -m tools.looked_section --write
	set -e; for each in bounces later kills status frozen sent; do $(PY) -m bench.telling $$each; done
	$(PY) -m bench.telling frozen --people 37550000
	set -e; for each in build draws harvest timing sign-on; do $(PY) -m bench.lookup $$each; done
	$(PY) -m tools.telling_section --write

# Equal bytes are held first. Each part is written as it ends, and one that fails leaves the others to be measured.
bench-spark: $(BUILD)/wheel.stamp
	@failed=0; for each in \
		'bench.spark --scale 0.02 --turns 1 --runners threads-1 threads-2 threads-4 spark-2 cluster-2 --results docs/performance/spark-equal.json' \
		'bench.cluster --parts scan making listing --results docs/performance/cluster.json' \
		'bench.cluster --parts reading --scales 0.002 0.01 --results docs/performance/cluster.json' \
		'bench.spark --turns 5 --minutes 40 --runners threads-2 spark-2 --results docs/performance/spark.json' \
		'bench.spark --scale 0.002 --turns 1 --runners spark-2 --results docs/performance/spark-small.json' \
		'bench.spark --scale 0.02 --turns 1 --runners spark-2 --results docs/performance/spark-middle.json' \
		'bench.spark --scale 0.05 --turns 1 --runners spark-2 --results docs/performance/spark-large.json' \
		'tools.scale_section --write'; \
	do echo "$$each"; $(PY) -m $$each >/dev/null || { failed=1; echo "failed: $$each"; }; done; exit $$failed

clean:
	rm -rf .venv $(BUILD)
