# Two commands for a fresh machine: `make quickstart` and `make test`. `make runtime` looks whether
# TensorFlow Serving's runtime runs the exports.
PYTHON ?= python3
BIN := .venv/bin
RUN := runs/quickstart
# A photograph that the demo holds out of training.
PHOTO := style_gan_tf/data/demo_pictures/photos/cat_15.jpg

.PHONY: quickstart test runtime notebooks lint types clean

# Reused while these files stay as they are.
.venv/installed: setup.cfg setup.py pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

quickstart: .venv/installed
	$(BIN)/python -m style_gan_tf.train --flagfile=configs/quickstart.flags
	$(BIN)/python -m style_gan_tf.export --run_dir=$(RUN)
	$(BIN)/python -m style_gan_tf.stylize --model=$(RUN)/export --input=$(PHOTO) --output=$(RUN)/stylized --overwrite
	@echo
	@echo "The photo, stylized: $(RUN)/stylized/$(notdir $(PHOTO))"
	@echo "How it learned:      $(RUN)/samples/   (the newest sheet: photos above, stylized below)"
	@echo "SavedModel to serve: $(RUN)/export/"

test: .venv/tested lint types
	$(BIN)/python -m pytest -n 2 --dist loadfile

# The newest TensorFlow Serving that is released runs TensorFlow 2.20.
.venv-serving/installed:
	$(PYTHON) -m venv .venv-serving
	.venv-serving/bin/pip install --quiet --disable-pip-version-check tensorflow-cpu==2.20.0
	.venv-serving/bin/pip install --quiet --disable-pip-version-check --no-deps tensorflow-serving-api==2.20.0
	touch $@

runtime: .venv/installed .venv-serving/installed
	$(BIN)/python tests/exporting/other_runtime.py record .venv-serving/models
	.venv-serving/bin/python tests/exporting/other_runtime.py check .venv-serving/models

# Runs the lessons in notebooks/ and keeps what they show.
notebooks: .venv/tested
	$(BIN)/python -m notebooks.execute

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/tested
	$(BIN)/mypy

clean:
	rm -rf .venv .venv-serving build dist *.egg-info
