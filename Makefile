# Every target sets up what it needs: the virtual environment is made from the lock when it is missing or older.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
UV := $(VENV)/bin/uv pip install --quiet --python $(VENV) --no-deps

# a scheduled warehouse is named by its environment (see "Every night" in README.md), and so may any other be
CONFIG ?= $(or $(CUSTOMER_HEALTH_CONFIG),seeds)
WAREHOUSE ?= $(or $(CUSTOMER_HEALTH_WAREHOUSE),warehouse)
LANDING ?= $(or $(CUSTOMER_HEALTH_LANDING),$(WAREHOUSE)/landing)
AS_OF ?=
ACCOUNTS ?= 500
DAYS ?= 548
SEED ?= 7
DATA ?= ../shared/data/oulad
EVENTS ?= 1000000
# a file of tests stays with one worker: its tests share what they build; three workers keep two cores busy, because tests
# wait for processes and locks
WORKERS := -n 3 --dist loadfile
PORT ?= 3000

.DEFAULT_GOAL := help
.PHONY: help demo refresh dashboard dagster alerts forget oulad export test test-all lint check-config scorecard-version release propose-weights what-if benchmark lock clean publications rollback

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

$(VENV)/.installed: requirements.lock requirements-setup.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-setup.lock
	$(UV) --require-hashes -r requirements.lock
	$(UV) --no-build-isolation --editable .
	touch $@

demo: $(VENV)/.installed  ## build the example company into WAREHOUSE and show what comes out
	$(RUN) -m examples.company --out "$(WAREHOUSE)/landing" --accounts $(ACCOUNTS) --days $(DAYS) --seed $(SEED) --end 2026-06-30
	$(RUN) -m customer_health.refresh.refresh --landing "$(WAREHOUSE)/landing" --config "$(CONFIG)" --warehouse "$(WAREHOUSE)" --as-of 2026-06-30
	$(RUN) -m customer_health.refresh.summary --warehouse "$(WAREHOUSE)"

refresh: $(VENV)/.installed  ## LANDING= CONFIG= WAREHOUSE= AS_OF=: build any data set in the raw contract
	$(RUN) -m customer_health.refresh.refresh --landing "$(LANDING)" --config "$(CONFIG)" --warehouse "$(WAREHOUSE)" $(if $(AS_OF),--as-of $(AS_OF))
	$(RUN) -m customer_health.refresh.summary --warehouse "$(WAREHOUSE)"

alerts: $(VENV)/.installed  ## WAREHOUSE=: tell what is new (log, and webhook in CUSTOMER_HEALTH_WEBHOOK_URL)
	$(RUN) -m customer_health.alerts.notify --warehouse "$(WAREHOUSE)"

dashboard: $(VENV)/.installed  ## WAREHOUSE= [PORT=]: show the published scores on 127.0.0.1
	$(RUN) -m customer_health.dashboard.serve --warehouse "$(WAREHOUSE)" --port $(if $(filter command line,$(origin PORT)),$(PORT),8501)

dagster: $(VENV)/.installed  ## [PORT= WAREHOUSE= LANDING= CONFIG=]: load what lands, refresh every night, on 127.0.0.1
	CUSTOMER_HEALTH_WAREHOUSE="$(WAREHOUSE)" CUSTOMER_HEALTH_LANDING="$(LANDING)" CUSTOMER_HEALTH_CONFIG="$(CONFIG)" \
	$(RUN) -m orchestration.serve --port $(PORT)

# the shell has a USER of its own: only one that is named on the command line is meant
GIVEN = $(if $(filter command,$(firstword $(origin $(1)))),--$(2) "$($(1))")
forget: $(VENV)/.installed  ## WAREHOUSE= ACCOUNT= | USER= [LANDING= ALSO= DELETE=1 BY=]: erase somebody everywhere, for good
	$(RUN) -m customer_health.forgetting.forget --warehouse "$(WAREHOUSE)" $(call GIVEN,USER,user) $(call GIVEN,ACCOUNT,account) $(call GIVEN,LANDING,landing) $(call GIVEN,ALSO,also) $(if $(DELETE),--delete) $(call GIVEN,BY,by)

oulad: $(VENV)/.installed  ## DATA= WAREHOUSE=: build the real course data set
	$(RUN) -m examples.oulad.build --data "$(DATA)" --warehouse "$(WAREHOUSE)"

export: $(VENV)/.installed  ## MART= OUT= [WAREHOUSE=]: a mart as CSV that is safe to open in a spreadsheet
	$(RUN) -m customer_health.reading.export --warehouse "$(WAREHOUSE)" --mart "$(MART)" --out "$(OUT)"

.PHONY: metrics docs digest
digest: $(VENV)/.installed  ## [WAREHOUSE= OUT=]: the week for each CSM and for their lead, as HTML and Markdown
	$(RUN) -m customer_health.digest.write --warehouse "$(WAREHOUSE)" $(if $(OUT),--out "$(OUT)")

metrics: $(VENV)/.installed  ## [WAREHOUSE= CONFIG= ASK="query --metrics … --group-by …"]: a number by name; without ASK, all names
	$(RUN) -m customer_health.reading.metrics --warehouse "$(WAREHOUSE)" --config "$(CONFIG)" $(ASK)

docs: $(VENV)/.installed  ## [WAREHOUSE= CONFIG=]: every table, column and metric on one page, in WAREHOUSE/docs/index.html
	$(RUN) -m customer_health.reading.documentation --warehouse "$(WAREHOUSE)" --config "$(CONFIG)"

test: $(VENV)/.installed lint  ## tests and linters (at most 20 minutes)
	$(RUN) -m pytest $(WORKERS)

test-all: $(VENV)/.installed lint  ## the slow tests as well, with the table of faults (at most 60 minutes)
	$(RUN) -m pytest $(WORKERS) -m "slow or not slow" --fault-table

lint: $(VENV)/.installed  ## ruff and sqlfluff
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(RUN) -m tests.lint_sql

check-config: $(VENV)/.installed  ## CONFIG=: is this configuration sound?
	$(RUN) -m customer_health.configuration.scorecards --config "$(CONFIG)"

scorecard-version: $(VENV)/.installed  ## FROM= [CONFIG= EFFECTIVE_FROM=]: copy a scorecard's rows into its next version
	$(RUN) -m customer_health.configuration.release scorecard-version --config "$(CONFIG)" --from "$(FROM)" $(if $(EFFECTIVE_FROM),--effective-from $(EFFECTIVE_FROM))

release: $(VENV)/.installed  ## BY= [CONFIG=]: seal the versions that are not sealed yet
	$(RUN) -m customer_health.configuration.release release --config "$(CONFIG)" --by "$(BY)"

propose-weights: $(VENV)/.installed  ## SCORECARD= [WAREHOUSE= CONFIG= OUT= HORIZON_DAYS=]: weights learned from what came true, as a challenger
	$(RUN) -m customer_health.validation.weights.propose --scorecard "$(SCORECARD)" --warehouse "$(WAREHOUSE)" --config "$(CONFIG)" $(if $(OUT),--out "$(OUT)") $(if $(HORIZON_DAYS),--horizon-days $(HORIZON_DAYS))

what-if: $(VENV)/.installed  ## CONFIG=<edited folder> [WAREHOUSE= AGAINST= OUT=page.md]: what would it change?
	$(RUN) -m customer_health.validation.what_if --config "$(CONFIG)" --warehouse "$(WAREHOUSE)" $(call GIVEN,AGAINST,against) $(call GIVEN,OUT,out)

publications: $(VENV)/.installed  ## WAREHOUSE=: what is published and kept
	$(RUN) -m customer_health.publication.publish list --warehouse "$(WAREHOUSE)"

rollback: $(VENV)/.installed  ## WAREHOUSE= [TO=]: show an earlier publication again
	$(RUN) -m customer_health.publication.publish rollback --warehouse "$(WAREHOUSE)" $(if $(TO),--to "$(TO)")

benchmark: $(VENV)/.installed  ## EVENTS=: our SQL beside a hand-written script and a plain copy
	$(RUN) -m benchmarks.refresh --events $(EVENTS)

COMPILE := $(VENV)/bin/uv pip compile --quiet --no-strip-extras --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock: $(VENV)/.installed  ## resolve requirements.in and requirements-setup.in anew
	$(COMPILE) -o requirements.lock requirements.in
	$(COMPILE) -o requirements-setup.lock requirements-setup.in

clean:  ## remove the environment and what was built
	rm -rf $(VENV) target logs warehouse
