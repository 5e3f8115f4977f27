# Every target prints what it runs. CI calls exactly these.
PYTHON ?= python3.11
PY := .venv/bin/python
TIERS ?= not tier4
SEEDS ?= 20
# Two tests at a time: one waits for its processes while the other works.
PYTEST := $(PY) -m pytest -q -n 2 --dist worksteal
STAMP := .venv/.lock-$(shell cat requirements.lock pyproject.toml | sha256sum | cut -c1-12)

.PHONY: venv fmt lint test test-all run fault soak audit bench docs lock clean

venv: $(STAMP)

# Rebuilt only when the lock or pyproject.toml changed.
$(STAMP):
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(PY) -m julie.cli.main warm
	rm -f .venv/.lock-*
	touch $(STAMP)

fmt: venv
	.venv/bin/ruff check --fix --quiet .
	.venv/bin/ruff format .

lint: venv
	.venv/bin/ruff check --no-cache .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) tools/check_budgets.py
	$(PY) tools/check_generated.py

test: venv
	$(PYTEST) -m "not (tier2 or tier3 or tier4)"

test-all: venv
	$(PYTEST) -m "$(TIERS)"

run: venv
	$(PY) run_bot.py

fault: venv
	$(PY) tools/fault_table.py

soak: venv
	$(PY) -m tools.fault_soak --seeds $(SEEDS)

audit: venv
	.venv/bin/julie audit

bench: venv
	$(PY) -m benchmarks.run

docs: venv
	$(PY) tools/check_generated.py --write

# Newest versions that pyproject.toml allows: make lock UPGRADE=1
lock:
	$(PY) tools/lock.py $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	rm -rf backtest_reports
	find julie tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
