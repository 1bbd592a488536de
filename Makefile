# Digits from Scratch. `make` alone explains every target.

PYTHON ?= python3
ENV    ?= .venv
BIN    := $(abspath $(ENV))/bin
READY  := $(ENV)/digits-ready

# nbgrader shells out to its neighbours in bin/; a broken configuration must stop it, not be ignored.
export PATH := $(BIN):$(PATH)
export TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR := 1
# Without byte-code every start of Jupyter compiles everything again.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help set-up lab test red-team bench bench-training bench-grading lint execute release html demo-class grade scores report lock clean student-edition

help: ## Explain every target in one line
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

lab: set-up ## Open the course in JupyterLab
	@mkdir -p exchange && chmod 777 exchange
	jupyter lab --config=jupyter_config.py

# BEGIN INSTRUCTOR (the student edition of this file is without this part; see grading/student_edition.py)
test: set-up ## Run every test: notebooks, modules, grading, browser (some twelve minutes on two cores)
	@tools/debian-packages chromium bubblewrap postgresql
	pytest

red-team: set-up ## Attack this grader and stock nbgrader, and compare what each attack gains
	@tools/debian-packages bubblewrap
	PYTHONPATH=tests python -m red_team

bench: bench-training bench-grading ## Measure it all: the next two, most of an hour on a quiet machine

bench-training: set-up ## Compare our code with PyTorch and scikit-learn (installs both; some six minutes), into benchmarks/README.md
	python -m pip install --quiet --editable '.[bench]'
	pytest benchmarks -n 0
	python -m benchmarks

bench-grading: set-up ## Compare grading with stock nbgrader, into benchmarks/GRADING.md
	@tools/debian-packages bubblewrap
	python -m benchmarks.grading

lint: set-up ## Check the style of modules and notebooks
	ruff check
	ruff format --check

execute: set-up ## Run every master in solutions/ from top to bottom and store its outputs
	python tools/execute_masters.py $(wildcard solutions/*/*.ipynb)

release: set-up ## Make the student edition in notebooks/ from the masters in solutions/
	nbgrader generate_assignment --assignment='*' --force --no-db --log-level=WARN

html: set-up ## Write the notebooks as pages to read and print, into build/html (SOLUTIONS=yes: the masters)
	python tools/export_html.py $(if $(filter yes,$(SOLUTIONS)),--solutions)

demo-class: set-up ## Hand in for a class of simulated students (into submitted/)
	python -m grading demo-class

grade: set-up ## Grade what lies in submitted/, write feedback/ and grades.csv, print the scores
	python -m grading grade

report: set-up ## Write a page for instructors: who is stuck where, what to teach again (build/report.html)
	python -m grading report

scores: set-up ## Print the gradebook: students, exercises, scores
	python -m grading scores

student-edition: set-up ## Make what a class gets: a folder and a zip archive in build/, without anything that is not for students
	python -m grading student-edition

lock: ## Renew requirements.txt from pyproject.toml (needs uv)
	uv pip compile --generate-hashes --universal --no-strip-extras --no-emit-index-url --no-header \
	    --python-version 3.11 --extra test --extra author --upgrade --quiet pyproject.toml --output-file requirements.txt

clean: ## Remove what the other targets made, but no submission and no gradebook
	rm -rf $(ENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis

# END INSTRUCTOR
set-up: $(READY) ## Install everything into .venv (every other target does this first)

$(READY): requirements.txt pyproject.toml jupyterlab_settings.json tools/set-up
	@PYTHON=$(PYTHON) ENV=$(ENV) tools/set-up
	@touch $@
