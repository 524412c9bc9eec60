# Everything a person does with Chaupal on their own machine. `make help` lists it.

PYTHON ?= python3
PORT ?= 8080
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help run dlq kafka test lint fmt bench chaos mutate fuzz sim train evaluate docs up down lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  \033[36m%-8s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## start everything on this machine and print where it is (KAFKA=1: on Kafka, a process per service)
	@$(BIN)/python -m deploy.local.run --port $(PORT) $(if $(KAFKA),--kafka)

dlq: $(READY) ## look after the dead letters of what runs here (ARGS="list moderation"; KAFKA=1 as for run)
	@$(BIN)/python -m deploy.local.dlq $(if $(KAFKA),--kafka) $(ARGS)

kafka: $(READY) ## start Apache Kafka alone, from its Maven artifacts
	@$(BIN)/python -m deploy.local.kafka

test: $(READY) ## run all tests; those on Kafka need Java and Maven, Docker, or KAFKA_BOOTSTRAP_SERVERS
	@$(BIN)/python -m pytest $(ARGS)

lint: $(READY) ## check style, types, import rules and the texts members read
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m shared.i18n

fmt: $(READY) ## format the code and mend what can be mended by itself
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(READY) ## measure throughput, latency and size against bare baselines
	@$(BIN)/python -m tests.perf $(ARGS)

chaos: $(READY) ## kill, freeze and starve everything, and report what came of it (ARGS="--only P1,H1 --seed 7")
	@$(BIN)/python -m tests.chaos $(ARGS)

mutate: $(READY) ## change the pure parts of the runtime and count how often the tests notice
	@$(BIN)/python -m tests.mutation

fuzz: $(READY) ## look for inputs that break what must hold for all, SECONDS for each target
	@$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60) $(ARGS)

sim: $(READY) ## run the runtime in SEEDS simulated worlds full of crashes, from seed FROM on
	@$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),1000) --from $(or $(FROM),0) $(ARGS)

train: $(READY) ## learn moderation's weights from the corpora in DATA (services/moderation/training/README.md)
	@$(BIN)/python -m services.moderation.training.train $(or $(DATA),data)

evaluate: $(READY) ## measure moderation's weights and rules on our held-out messages and on those in DATA
	@$(BIN)/python -m services.moderation.training.evaluate $(DATA)

docs: $(READY) ## write the generated documentation again: AsyncAPI, schemas, OpenAPI, settings
	@$(BIN)/python -m deploy.docs

up: ## start everything in containers
	docker compose up --build --detach --wait

down: ## stop the containers; their data stays
	docker compose down

lock: $(READY) ## choose dependency versions again from pyproject.toml
	@printf 'uv==%s\n' "$$($(BIN)/uv --version | cut -d' ' -f2)" | $(BIN)/uv pip compile - $(LOCK) -o requirements/bootstrap.lock
	@$(BIN)/uv pip compile pyproject.toml $(LOCK) -o requirements/runtime.lock
	@$(BIN)/uv pip compile pyproject.toml --group dev -c requirements/runtime.lock $(LOCK) -o requirements/dev.lock

LOCK := --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"

clean: ## remove the environment, caches and reports; keeps .data, where the messages are
	rm -rf .venv .coverage* htmlcov reports mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

$(READY): requirements/bootstrap.lock requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Chaupal needs Python 3.11 or newer; set PYTHON to one.")'
	@test -x $(BIN)/uv || { echo "Making .venv with the locked dependencies…"; \
		$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock; }
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.lock
	@touch $@
