# Two commands for a fresh machine: `make quickstart` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
RUN := runs/quickstart
# A photograph inside scikit-image's wheel that the demo holds out of training.
PHOTO = $(BIN)/python -c 'import pathlib, skimage; print(pathlib.Path(skimage.__file__).parent / "data" / "chelsea.png")'

.PHONY: quickstart test lint types clean

# Reused while setup.cfg stays as it is.
.venv/installed: setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[demo]'
	touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

quickstart: .venv/installed
	$(BIN)/python -m style_gan_tf.train --flagfile=configs/quickstart.flags
	$(BIN)/python -m style_gan_tf.export --run_dir=$(RUN)
	$(BIN)/python -m style_gan_tf.stylize --model=$(RUN)/export --input="$$($(PHOTO))" --output=$(RUN)/stylized --overwrite
	@echo
	@echo "The photo, stylized: $(RUN)/stylized/chelsea.png"
	@echo "How it learned:      $(RUN)/samples/   (the newest sheet: photos above, stylized below)"
	@echo "SavedModel to serve: $(RUN)/export/"

test: .venv/tested lint types
	$(BIN)/python -m pytest

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/tested
	$(BIN)/mypy

clean:
	rm -rf .venv build dist *.egg-info
