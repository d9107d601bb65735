# Every target sets up what it needs; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ANALYSIS := .venv-analysis
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint format compile check-artifacts tables bench forge slither halmos clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

demo: $(VENV)/.installed ## One deal from the filing to the second coupon, told step by step
	@$(BIN)/python scripts/demo.py

serve: $(VENV)/.installed ## Run the API and the chain's JSON-RPC on loopback; goes on with var/abs-sim.db
	@$(BIN)/abs-sim serve

test: $(VENV)/.installed-dev ## Run the tests (no Node, no compiler, no Anvil)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not compiler and not anvil and not slow"

lint: $(VENV)/.installed-dev ## Format, style, types, import rules, artifact hashes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/compile_contracts.py --hashes

format: $(VENV)/.installed-dev ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

compile: $(VENV)/.installed-dev contracts/node_modules ## Compile the contracts into chain/artifacts (needs Node)
	$(BIN)/python scripts/compile_contracts.py

check-artifacts: $(VENV)/.installed-dev contracts/node_modules ## Rebuild the artifacts and compare (needs Node)
	$(BIN)/python scripts/compile_contracts.py --check

.PHONY: gas-snapshot bench-gas
gas-snapshot: $(VENV)/.installed-dev ## Measure what every operation costs in gas, and check it in
	@$(BIN)/python -m scripts.gas --snapshot

bench-gas: $(VENV)/.installed-dev ## Measure the gas again, and print it beside others' and the targets
	@$(BIN)/python -m scripts.gas

tables: $(VENV)/.installed-dev ## Write what is generated in docs/ from rules, models, tests and tables
	$(BIN)/python -m scripts.rule_table
	$(BIN)/python -m scripts.file_keys
	$(BIN)/python -m scripts.rule_coverage
	$(BIN)/python -m scripts.properties
	$(BIN)/python -m scripts.lifecycle
	$(BIN)/python -m scripts.gas.page

forge: contracts/node_modules tests/solidity/node_modules ## Run the tests that are written in Solidity (needs Node)
	FOUNDRY_CONFIG=tests/solidity/foundry.toml tests/solidity/node_modules/.bin/forge test $(FORGE_ARGS)

slither: $(VENV)/.installed-dev $(ANALYSIS)/.installed contracts/node_modules ## Analyse the contracts; fail on an unexplained finding (needs Node)
	$(BIN)/python -m scripts.slither

halmos: $(ANALYSIS)/.installed contracts/node_modules tests/solidity/node_modules ## Prove the contracts' core properties for all inputs (needs Node)
	@# Forge and the solver are found on the PATH.
	PATH="$(CURDIR)/$(ANALYSIS)/bin:$(CURDIR)/tests/solidity/node_modules/.bin:$$PATH" \
	FOUNDRY_CONFIG=tests/solidity/foundry.toml FOUNDRY_PROFILE=proofs \
	halmos --config tests/solidity/halmos.toml $(HALMOS_ARGS)

bench: $(VENV)/.installed-bench ## Time pools, waterfalls and scenarios, exact and in floats
	@$(BIN)/python -m scripts.bench_cashflow
	@$(BIN)/python -m scripts.bench_waterfall

clean: ## Remove what the other targets made
	rm -rf tests/solidity/node_modules tests/solidity/out* tests/solidity/cache*
	rm -rf $(VENV) $(ANALYSIS) contracts/node_modules var .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed (set PYTHON=...)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (set PYTHON=...)"; exit 1; }
	@echo "Setting up $(VENV) (once, a minute or two) ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	@touch $@

# An environment of its own: the analysers need an older web3 than the simulator.
$(ANALYSIS)/.installed: tests/solidity/requirements.txt
	@$(PYTHON) -m venv $(ANALYSIS)
	@$(ANALYSIS)/bin/python -m pip install --quiet -r $<
	@touch $@

contracts/node_modules: contracts/package-lock.json
	cd contracts && npm ci --no-audit --no-fund
	@touch $@

tests/solidity/node_modules: tests/solidity/package-lock.json
	cd tests/solidity && npm ci --no-audit --no-fund
	@touch $@
