# Two commands on a fresh machine (Python 3.11–3.13 and git, nothing else): make demo · make test
VENV := .venv
PYTHON := $(VENV)/bin/python
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: help demo app test lint bench readme mlflow clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/ready ## run the whole pipeline on the drawn sample, in .demo/
	$(PYTHON) -m sample.demo

app: $(VENV)/ready-app ## set up what the web page and the detector blazeface need

test: $(VENV)/ready-dev $(VENV)/ready-app ## run linter and tests (FER2013_CSV=path adds those on the real data)
	$(PYTHON) -m ruff check --no-cache .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m pytest

bench: $(VENV)/ready-dev $(VENV)/ready-app ## print speed ratios on the real data, each measured in one run
	$(PYTHON) -m benchmarks.bench_ingest data/fer2013.csv
	$(PYTHON) -m benchmarks.bench_descriptors
	$(PYTHON) -m benchmarks.bench_training cnn
	$(PYTHON) -m benchmarks.bench_training vgg
	$(PYTHON) -m benchmarks.bench_app
	$(PYTHON) -m benchmarks.bench_exported
	$(PYTHON) -m benchmarks.bench_memory data/fer2013.csv

readme: $(VENV)/ready ## write the generated parts of README.md and docs/experiments.md anew
	$(PYTHON) -m docs.readme

mlflow: $(VENV)/ready ## look at the tracked trainings in a browser
	$(VENV)/bin/mlflow ui --backend-store-uri sqlite:///mlflow.db

clean: ## remove the environment and the demo
	rm -rf $(VENV) .demo

$(VENV)/ready: requirements.txt constraints.txt setup.sh
	./setup.sh $(VENV) requirements.txt
	touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	./setup.sh $(VENV) requirements-dev.txt
	touch $@

$(VENV)/ready-app: $(VENV)/ready requirements-app.txt requirements-app-alone.txt
	./setup.sh $(VENV) requirements-app.txt
	touch $@
