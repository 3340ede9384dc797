# Two commands on a fresh machine (Python 3.11–3.13 with venv, git, make, bash): make demo · make test
# PYTHON=python3.13 chooses the interpreter of the environment, VENV=FOLDER its place.
VENV ?= .venv
python := $(VENV)/bin/python
export TF_CPP_MIN_LOG_LEVEL ?= 3
export MLFLOW_DISABLE_TELEMETRY ?= true

ifneq ($(words $(VENV)),1)
$(error VENV must name one folder, without spaces. Received: "$(VENV)")
endif

.PHONY: help demo app baselines ray remotes cluster-repro test verify nightly bench search readme model mlflow clean interpreter

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

demo: $(VENV)/ready ## run the whole pipeline on the drawn sample, in .demo/
	$(python) -m sample.demo

app: $(VENV)/ready-app ## set up what the web page needs

baselines: $(VENV)/ready-baselines ## set up what baselines/, the other published systems, needs: 110 MB

ray: $(VENV)/ready-ray ## set up what work on many machines needs: 240 MB (docs/cluster.md)

remotes: $(VENV)/ready-remotes ## set up what remotes of DVC over ssh and S3 need: 33 MB (docs/team.md)

cluster-repro: $(VENV)/ready-ray ## dvc repro with trainings side by side on the hosts of RAY_ADDRESS (TARGETS=crowd/dvc.yaml)
	$(python) -m pipeline.cluster $(TARGETS)

test: $(VENV)/ready-dev $(VENV)/ready-app $(VENV)/ready-baselines $(VENV)/ready-search $(VENV)/ready-ray ## run linter and tests (FER2013_CSV=path, FERPLUS_CSV=path add those on the real data)
	$(python) -m ruff check --no-cache .
	$(python) -m ruff format --check .
	$(python) -m pytest --numprocesses auto --dist loadfile --max-worker-restart 0 --durations 25

nightly: $(VENV)/ready-dev $(VENV)/ready-app $(VENV)/ready-baselines $(VENV)/ready-search $(VENV)/ready-ray $(VENV)/ready-remotes ## run the tests that take long or load packages from the network
	$(python) -m pytest -m "slow or ray"

search: $(VENV)/ready-search ## search for better params: SPACE=search/architecture.yaml HOURS=2 (or TRIALS=40)
	$(python) -m search $(or $(SPACE),search/recipe.yaml) $(if $(HOURS),--hours $(HOURS)) $(if $(TRIALS),--trials $(TRIALS))

bench: $(VENV)/ready-dev $(VENV)/ready-app $(VENV)/ready-ray ## print speed ratios on the real data, each measured in one run
	$(python) -m benchmarks.bench_ingest data/fer2013.csv
	$(python) -m benchmarks.bench_descriptors
	$(python) -m benchmarks.bench_training cnn
	$(python) -m benchmarks.bench_training vgg
	$(python) -m benchmarks.bench_training resnet
	$(python) -m benchmarks.bench_app
	$(python) -m benchmarks.bench_load
	$(python) -m benchmarks.bench_detectors
	$(python) -m benchmarks.bench_alignment --every 4
	$(python) -m benchmarks.bench_exported
	$(python) -m benchmarks.bench_memory data/fer2013.csv
	$(python) -m benchmarks.bench_scale --flat 100000
	$(python) -m benchmarks.bench_cluster

readme: $(VENV)/ready ## write the generated parts of README.md and docs/experiments.md anew
	$(python) -m docs.readme

mlflow: $(VENV)/ready ## look at the tracked trainings in a browser; before the first of yours, at those of the demo
	cd $(if $(wildcard mlflow.db),.,$(if $(wildcard .demo/mlflow.db),.demo,.)) && \
	    $(abspath $(VENV))/bin/mlflow ui --backend-store-uri sqlite:///mlflow.db

model: ## make the exported VGG of the crowd the one that is part of the package, with its card of both splits
	cp crowd/exported/crowd-vgg/model.onnx crowd/exported/crowd-vgg/model.json openfer/model/
	cp metrics/private_test/crowd/cards/crowd-vgg.md openfer/model/README.md

verify: $(VENV)/ready ## hash every output that is there and compare it with dvc.lock
	$(python) -m pipeline.verify

clean: ## delete the environment and the demo
	./setup.sh $(VENV) --remove
	rm -rf .demo openfer.egg-info

interpreter: # where PYTHON is given, an environment that is there must be of it
	@./setup.sh $(VENV) --check

$(VENV)/ready: requirements.txt constraints.txt pyproject.toml setup.sh $(if $(PYTHON),| interpreter)
	./setup.sh $(VENV) requirements.txt
	touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	./setup.sh $(VENV) requirements-dev.txt
	touch $@

$(VENV)/ready-search: $(VENV)/ready requirements-search.txt
	./setup.sh $(VENV) requirements-search.txt
	touch $@

$(VENV)/ready-ray: $(VENV)/ready requirements-ray.txt
	./setup.sh $(VENV) requirements-ray.txt
	touch $@

$(VENV)/ready-remotes: $(VENV)/ready requirements-remotes.txt
	./setup.sh $(VENV) requirements-remotes.txt
	touch $@

$(VENV)/ready-app: $(VENV)/ready requirements-app.txt
	./setup.sh $(VENV) requirements-app.txt
	touch $@

$(VENV)/ready-baselines: $(VENV)/ready requirements-baselines.txt
	./setup.sh $(VENV) requirements-baselines.txt
	touch $@
