# Any Python from 3.11 on makes the environment that nox runs in; nox makes the others.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python \
	"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.*/bin/python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
NOX = .envs/nox/bin/python -m nox

.PHONY: help lab test lint docs bench soak pictures clean

help:
	@echo 'make lab                    JupyterLab with the quickstart notebook'
	@echo 'make test                   every check, as CI does'
	@echo 'make test ARGS="-k port"    only these tests (anything that pytest takes), and the other checks'
	@echo 'make test ON=3.11           only with this Python'
	@echo 'make lint                   of the checks only those of the code, without tests'
	@echo 'make docs                   of the checks only that of the Markdown files'
	@echo 'make bench                  what sharing costs, measured beside other ways, into the README: ten minutes'
	@echo 'make bench ARGS="--quick"   the same with fewer rounds, and the README stays as it is'
	@echo 'make soak                   ten minutes of fifty colleagues who come and go, and an author who goes on'
	@echo 'make pictures               screenshots of page and card into build/pictures, and of the README into docs'
	@echo 'make clean                  remove what the others made'

lab lint docs bench soak pictures: nox
	@$(NOX) --session $@ -- $(ARGS)

test: nox
	@BOKEH_SHARE_ON=$(ON) $(NOX) -- $(ARGS)

clean:
	rm -rf .envs dist build .mypy_cache .pytest_cache .ruff_cache

.PHONY: nox python
nox: python
	@"$(PYTHON)" tools/nox_environment.py

python:
	@test -n "$(PYTHON)" || { echo 'bokeh_share needs Python 3.11 or newer, and none was found here: install one' \
		'(Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python' >&2; exit 1; }
