# Every target sets up what it needs, and is one line over the command customer-health.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
UV := $(VENV)/bin/uv pip install --quiet --python $(VENV) --no-deps
COMPILE := $(VENV)/bin/uv pip compile --quiet --no-strip-extras --generate-hashes --no-emit-index-url --no-header --python-version 3.11
COMMAND := $(VENV)/bin/customer-health
EVENTS ?= 1000000
# a file of tests stays with one worker: its tests share what they build; three workers keep two cores busy, because tests
# wait for processes and locks
WORKERS := -n 3 --dist loadfile

# What is given to make reaches the command as GIVEN_<NAME> in its environment, letter by letter: no value passes through
# a shell, and make itself expands none. Only what stands on make's own command line counts: a shell has a USER, too.
OPTIONS := ACCOUNT ACCOUNTS AGAINST ALSO AS_OF ASK BY CHECK CONFIG DATA DAYS DELETE DRY_RUN EFFECTIVE_FROM FROM \
	FULL_REFRESH HORIZON_DAYS LANDING MART MEMORY_LIMIT ON OUT PORT REASON SCORECARD SEED TO USER WAREHOUSE YES
unexport $(OPTIONS)
MAKEOVERRIDES :=
define hand_over
export GIVEN_$(1) = $$(if $$(filter command,$$(firstword $$(origin $(1)))),$$(value $(1)))
endef
$(foreach option,$(OPTIONS),$(eval $(call hand_over,$(option))))

.DEFAULT_GOAL := help
.PHONY: help demo refresh oulad dashboard dagster alerts digest export metrics docs publications rollback forget \
	check-config scorecard-version release what-if propose-weights gate accept benchmark test test-all lint lock clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

# pip installs uv, uv installs the same hashed lock in a tenth of pip's time
$(VENV)/.installed: requirements.lock requirements-setup.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-setup.lock
	$(UV) --require-hashes -r requirements.lock
	$(UV) --no-build-isolation --editable .
	touch $@

demo: $(VENV)/.installed  ## [WAREHOUSE= ACCOUNTS= DAYS= SEED=]: build the example company and show what comes out
	$(COMMAND) demo

refresh: $(VENV)/.installed  ## LANDING= CONFIG= WAREHOUSE= AS_OF=: build any data set in the raw contract
	$(COMMAND) refresh

oulad: $(VENV)/.installed  ## DATA= WAREHOUSE=: build the real course data set
	$(COMMAND) oulad

dashboard: $(VENV)/.installed  ## [WAREHOUSE= PORT=]: show the published scores on 127.0.0.1
	$(COMMAND) dashboard

dagster: $(VENV)/.installed  ## [PORT= WAREHOUSE= LANDING= CONFIG=]: load what lands, refresh every night, on 127.0.0.1
	$(COMMAND) dagster

alerts: $(VENV)/.installed  ## [WAREHOUSE=]: tell what is new (log, and webhook in CUSTOMER_HEALTH_WEBHOOK_URL)
	$(COMMAND) alerts

digest: $(VENV)/.installed  ## [WAREHOUSE= OUT=]: the week for each CSM and for their lead, as HTML and Markdown
	$(COMMAND) digest

export: $(VENV)/.installed  ## MART= OUT= [WAREHOUSE=]: a mart as CSV that is safe to open in a spreadsheet
	$(COMMAND) export

metrics: $(VENV)/.installed  ## [WAREHOUSE= CONFIG= ASK="query --metrics … --group-by …"]: a number by name; without ASK, all names
	$(COMMAND) metrics

docs: $(VENV)/.installed  ## [WAREHOUSE= CONFIG=]: every table, column and metric on one page, in WAREHOUSE/docs/index.html
	$(COMMAND) docs

publications: $(VENV)/.installed  ## [WAREHOUSE=]: what is published and kept
	$(COMMAND) publications

rollback: $(VENV)/.installed  ## [WAREHOUSE= TO=]: show an earlier publication again
	$(COMMAND) rollback

forget: $(VENV)/.installed  ## WAREHOUSE= ACCOUNT= | USER= [LANDING= ALSO= DELETE=1 BY= DRY_RUN=1 YES=1]: show what goes, ask, erase for good
	$(COMMAND) forget

check-config: $(VENV)/.installed  ## [CONFIG=]: is this configuration sound?
	$(COMMAND) check-config

scorecard-version: $(VENV)/.installed  ## FROM= [CONFIG= EFFECTIVE_FROM=]: copy a scorecard's rows into its next version
	$(COMMAND) scorecard-version

release: $(VENV)/.installed  ## BY= [CONFIG=]: seal the versions that are not sealed yet
	$(COMMAND) release

what-if: $(VENV)/.installed  ## CONFIG=<edited folder> [WAREHOUSE= AGAINST= OUT=page.md]: what would it change?
	$(COMMAND) what-if

propose-weights: $(VENV)/.installed  ## SCORECARD= [WAREHOUSE= CONFIG= OUT= HORIZON_DAYS=]: weights learned from what came true, as a challenger
	$(COMMAND) propose-weights

gate: $(VENV)/.installed  ## AS_OF= [WAREHOUSE=]: may this build be published?
	$(COMMAND) gate

accept: $(VENV)/.installed  ## AS_OF= CHECK= BY= REASON= [WAREHOUSE=]: let a failed check pass for one day
	$(COMMAND) accept

test: $(VENV)/.installed lint  ## tests and linters (at most 20 minutes)
	$(RUN) -m pytest $(WORKERS)

test-all: $(VENV)/.installed lint  ## the slow tests as well, with the table of faults (at most 60 minutes)
	$(RUN) -m pytest $(WORKERS) -m "slow or not slow" --fault-table

lint: $(VENV)/.installed  ## ruff, sqlfluff and the direction of imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-cache --no-logo
	$(RUN) -m tests.lint_sql

# what only the comparison with others needs
$(VENV)/.benchmark: $(VENV)/.installed requirements-benchmark.lock
	$(UV) --require-hashes -r requirements-benchmark.lock
	touch $@

benchmark: $(VENV)/.benchmark  ## EVENTS=: our SQL beside a hand-written script, a plain copy, and what others do
	$(RUN) -m benchmarks.refresh --events $(EVENTS)

lock: $(VENV)/.installed  ## resolve the requirements anew
	$(COMPILE) -o requirements.lock requirements.in
	$(COMPILE) -c requirements.lock -o requirements-benchmark.lock requirements-benchmark.in
	$(COMPILE) -o requirements-setup.lock requirements-setup.in

clean:  ## remove the environment and what dbt compiled; a warehouse stays
	rm -rf $(VENV) target logs
