"""The conda environment and the conda recipe name the same packages as pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml
from environments import ROOT

import bokeh_share

pytestmark = pytest.mark.one_pairing
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
ENVIRONMENT: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
RECIPE: dict[str, Any] = yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))
CONDA_NAMES = {
    "lazy_loader": "lazy-loader",
    "kaleido": "python-kaleido",
    "redis": "redis-py",
    "prometheus-client": "prometheus_client",
}
"""Packages that conda-forge calls otherwise."""
CHECKOUT_EXTRAS = {"lab"}
"""Extras for this checkout, which no user of the package needs."""


def conda_spec(requirement: str) -> str:
    """A requirement of pip's as conda writes it: `lazy_loader>=0.4` is `lazy-loader >=0.4`."""
    match = re.fullmatch(r"([\w.-]+)(>=[\d.]+)?", requirement)
    assert match, f"{requirement!r} has no such form in a recipe"
    name, bound = match.groups()
    return f"{CONDA_NAMES.get(name, name)} {bound or ''}".strip()


def render(text: str) -> str:
    """With the values of the recipe's context."""
    for name, value in RECIPE["context"].items():
        text = text.replace(f"${{{{ {name} }}}}", value)
    return text


def list_rendered(requirements: str) -> list[str]:
    return [render(spec) for spec in RECIPE["requirements"][requirements]]


def test_conda_environment_and_pip_agree_on_versions() -> None:
    *packages, by_pip = ENVIRONMENT["dependencies"]
    required = {*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]}
    named = {spec for spec in required if re.match(r"(bokeh|ipython|jupyterlab)\W", spec)}
    assert set(packages) - {"pip"} == named | {"python" + PROJECT["requires-python"]}
    assert by_pip == {"pip": ["-e .[lab]"]}


def test_the_recipe_is_of_the_version_that_the_package_has() -> None:
    assert RECIPE["schema_version"] == 1
    assert RECIPE["package"]["name"] == PROJECT["name"]
    assert render(RECIPE["package"]["version"]) == bokeh_share.__version__


def test_the_recipe_requires_to_run_what_the_package_does() -> None:
    expected = [f"python {PROJECT['requires-python']}", *map(conda_spec, PROJECT["dependencies"])]
    assert list_rendered("run") == expected


def test_the_recipe_constrains_the_packages_of_extras_as_the_package_does() -> None:
    extras = PROJECT["optional-dependencies"].items()
    requirements = [each for name, extra in extras if name not in CHECKOUT_EXTRAS for each in extra]
    assert list_rendered("run_constraints") == [conda_spec(each) for each in requirements]


def test_the_recipe_builds_with_what_the_package_is_built_with() -> None:
    oldest = PROJECT["requires-python"].removeprefix(">=")
    requires = [conda_spec(each) for each in PYPROJECT["build-system"]["requires"]]
    assert list_rendered("host") == [f"python {oldest}.*", "pip", *requires]


def test_the_recipe_has_the_commands_of_the_package() -> None:
    commands = [f"{name} = {target}" for name, target in PROJECT["scripts"].items()]
    assert RECIPE["build"]["python"]["entry_points"] == commands
    assert RECIPE["build"]["noarch"] == "python"


def test_the_recipe_describes_the_package_as_pyproject_toml_does() -> None:
    about, urls = RECIPE["about"], PROJECT["urls"]
    assert about["summary"] == PROJECT["description"]
    assert about["license"] == PROJECT["license"]
    assert [about["license_file"]] == PROJECT["license-files"]
    addresses = {"homepage": "Homepage", "repository": "Source", "documentation": "Documentation"}
    assert {key: about.get(key) for key in addresses} == {
        key: urls.get(name) for key, name in addresses.items()
    }


def test_a_requirement_that_a_recipe_would_write_otherwise_is_refused() -> None:
    assert conda_spec("psutil") == "psutil"
    assert conda_spec("lazy_loader>=0.4") == "lazy-loader >=0.4"
    with pytest.raises(AssertionError, match="has no such form"):
        conda_spec("bokeh>=3.9; python_version < '4'")
