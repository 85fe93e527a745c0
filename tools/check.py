"""`make lab`, `make test` and others: environments of our own, and what runs there. Standard library only."""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
ENVS = ROOT / ".envs"
NEWEST = 14  # of Python 3, that bokeh and JupyterLab are known to have

AXE = "axe-core@4.14.1"  # the accessibility checks, from npm
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

# Exits unless this is a finished Python that can make an environment, and says where it is.
PROBE = """
import ensurepip, sys, sysconfig, venv
assert sys.version_info.releaselevel == "final" and not sysconfig.get_config_var("Py_GIL_DISABLED")
print("%d.%d" % sys.version_info[:2], sys.executable)
"""


@dataclass(frozen=True)
class Pairing:
    """A Python and the bokeh it is tried with."""

    version: str
    interpreter: str
    bokeh: str

    @property
    def env(self) -> Path:
        return ENVS / f"python{self.version}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("lab", "test", "bench", "soak", "pictures"))
    parser.add_argument("--on", metavar="3.N", help="test with this Python only")
    parser.add_argument("args", nargs="*", help="for JupyterLab, pytest or the benchmark, after --")
    options = parser.parse_args()
    try:
        if options.command == "lab":
            lab(options.args)
        if options.command == "pictures":
            return pictures()
        if options.command == "soak":
            return soak(options.args)
        if options.command == "bench":
            return bench(options.args)
        return test(options.args, options.on)
    except subprocess.CalledProcessError as error:
        print(f"failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1


def lab(args: Sequence[str]) -> NoReturn:
    """JupyterLab on the quickstart, until it is closed."""
    if not probe(sys.executable):
        sys.exit(f"{sys.executable} cannot make an environment (Debian: apt install python3-venv)")
    env = ROOT / ".venv"
    if not env.exists():
        say("the first time, this installs JupyterLab: a minute or two")
    install(env, sys.executable, "-e", f"{ROOT}[lab]")
    # Jupyter refuses to run as root unless told that it is meant.
    root = ["--allow-root"] if is_root() else []
    notebook = ROOT / "notebooks" / "quickstart.ipynb"
    command = [str(env / "bin" / "jupyter"), "lab", *root, *args, str(notebook)]
    # In our place, so that Ctrl-C and the question it raises are Jupyter's alone.
    os.execv(command[0], command)


def pictures() -> int:
    """Screenshots of page and card in each state, into build/pictures, and the README's own into docs."""
    pairing = next(pairings(), None) or sys.exit("no Python 3.11 or newer with venv was found")
    install(pairing.env, pairing.interpreter, f"{ROOT}[test,lint]", pairing.bokeh)
    pip(pairing.env, "--force-reinstall", "--no-deps", build(pairing.env / "bin"))
    os.environ["BOKEH_SHARE_CHROMIUM"] = find_chromium() or install_chromium(pairing.env)
    return run(
        pairing.env / "bin" / "python", ROOT / "tools" / "pictures.py", check=False, cwd=ROOT / "tests"
    )


def bench(args: Sequence[str]) -> int:
    """What sharing costs, beside the ways there are without it: into the README."""
    pairing = newest() or sys.exit("no Python 3.11 or newer with venv was found")
    env = ENVS / "bench"
    install(env, pairing.interpreter, f"{ROOT}[bench]", pairing.bokeh)
    pip(env, "--force-reinstall", "--no-deps", build(env / "bin"))
    os.environ["BOKEH_SHARE_CHROMIUM"] = find_chromium() or install_chromium(env)
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    script = ROOT / "benchmarks" / "run.py"
    return run(env / "bin" / "python", script, *args, check=False, cwd=ENVS, env=environ)


def soak(args: Sequence[str]) -> int:
    """Ten minutes of everything at once, or `BOKEH_SHARE_SOAK` seconds."""
    pairing = newest() or sys.exit("no Python 3.11 or newer with venv was found")
    install(pairing.env, pairing.interpreter, f"{ROOT}[test,lint]", pairing.bokeh)
    pip(pairing.env, "--force-reinstall", "--no-deps", build(pairing.env / "bin"))
    os.environ.setdefault("BOKEH_SHARE_SOAK", "600")
    # pytest would take so long a test for one that hangs
    patient = ("-o", "faulthandler_timeout=0")
    return pytest(pairing.env, ["-s", *patient, "tests/kernel/test_soak.py", *args])


def test(args: Sequence[str], on: str | None) -> int:
    """Every check; all of them run, whichever fails, and the last line sums up."""
    chosen = [pairing for pairing in pairings() if on in (None, pairing.version)]
    if not chosen:
        sys.exit(
            f"no Python {on or '3.11 or newer'} with venv was found on the path or among pyenv's"
            " (Debian: apt install python3-venv)"
        )
    for pairing in chosen:
        say(f"environment: Python {pairing.version}, {pairing.bokeh}")
        install(pairing.env, pairing.interpreter, f"{ROOT}[test,lint]", pairing.bokeh)
    if is_root() and is_debian() and not shutil.which("ip"):
        apt("iproute2")
    os.environ["BOKEH_SHARE_CHROMIUM"] = find_chromium() or install_chromium(chosen[0].env)
    if axe := install_axe():
        os.environ["BOKEH_SHARE_AXE"] = str(axe)

    results: dict[str, str] = {}
    # One of them is enough, and the oldest is the strictest: newer syntax and newer names fail there.
    tools = chosen[0].env / "bin"
    for name, *more in (("ruff", "check"), ("mypy",), ("lint-imports", "--no-cache")):
        say(name)
        results[name] = "ok" if run(tools / name, *more, check=False, cwd=ROOT) == 0 else "FAILED"
    say("wheel")
    wheel = build(tools)
    for pairing in chosen:
        # With its dependencies there already, only the package itself is replaced.
        pip(pairing.env, "--force-reinstall", "--no-deps", wheel)
        name = f"Python {pairing.version} with bokeh {installed(pairing.env, 'bokeh')}"
        say(name)
        results[name] = decision(pairing.env, args)
    say("; ".join(f"{name}: {found}" for name, found in results.items()))
    return 0 if "FAILED" not in results.values() else 1


def decision(env: Path, args: Sequence[str]) -> str:
    """What failed is tried once more, by itself, since a busy machine has its moods; and that is said."""
    if pytest(env, args or workers(env)) == 0:
        return "ok"
    say("once more, what failed")
    again = pytest(env, [*args, "--last-failed", "--last-failed-no-failures", "none"])
    return "ok, BUT SOME TESTS ONLY AT THE SECOND TRY" if again == 0 else "FAILED"


def workers(env: Path) -> Sequence[str]:
    """For pytest: a process for each processor, with loopback for itself; none where that can't be made."""
    apart = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if not shutil.which("unshare") or run(*apart, "true", check=False, stderr=subprocess.DEVNULL):
        return []
    python = shlex.join([*apart, str(env / "bin" / "python")])
    return ["--dist", "loadfile", "--tx", f"{os.cpu_count()}*popen//python={python}"]


def pytest(env: Path, args: Sequence[str]) -> int:
    """Run where no `bokeh_share` is, as pytest and each kernel it starts import from where they are, too."""
    paths = [arg for arg in args if (ROOT / arg.partition("::")[0]).exists()]
    given = [str(ROOT / arg) if arg in paths else arg for arg in args]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environ |= {"BOKEH_SHARE_WHEEL": "1", "PATH": f"{env / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    command: list[str | Path] = [
        env / "bin" / "python",
        "-m",
        "pytest",
        "-c",
        ROOT / "pyproject.toml",
        *given,
    ]
    if not paths:
        command.append(ROOT / "tests")
    return run(*command, check=False, cwd=ROOT / "tests", env=environ)


def build(tools: Path) -> Path:
    """The wheel of the checkout as it is now."""
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    run(tools / "python", "-m", "build", "-qq", "--wheel", ROOT)
    (wheel,) = (ROOT / "dist").glob("*.whl")
    return wheel


def pairings() -> Iterator[Pairing]:
    """Python 3.11 with the oldest bokeh, and the newest Python with the newest, as far as they are here."""
    found = {minor: python for minor in range(11, NEWEST + 1) if (python := interpreter(minor))}
    if 11 in found:
        yield Pairing("3.11", found[11], "bokeh==3.9.*")
    if newest := max(found.keys() - {11}, default=None):
        yield Pairing(f"3.{newest}", found[newest], "bokeh>=3.10")


def newest() -> Pairing | None:
    """The newest Python that is here."""
    return next(reversed(list(pairings())), None)


def interpreter(minor: int) -> str | None:
    """An executable of this Python 3: on the path, else the newest of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    newest_first = sorted(
        pyenv.glob(f"3.{minor}.*/bin/python"), key=lambda path: (len(str(path)), path), reverse=True
    )
    on_path = [name for name in (sys.executable, f"python3.{minor}", "python3") if shutil.which(name)]
    answers = map(probe, [*on_path, *map(str, newest_first)])
    return next((answer[1] for answer in answers if answer and answer[0] == f"3.{minor}"), None)


def probe(python: str) -> tuple[str, str] | None:
    """This Python's version and real path; None if it does not run (as pyenv's stubs may) or lacks venv."""
    answer = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=False)
    version, _, path = answer.stdout.strip().partition(" ")
    return (version, path) if answer.returncode == 0 else None


def install(env: Path, python: str, *requirements: str) -> None:
    """Make this environment, unless it was made from the same words before."""
    words = [str(env), python, *requirements, (ROOT / "pyproject.toml").read_text()]
    mark, stamp = hashlib.sha256("\n".join(words).encode()).hexdigest(), env / "made-from"
    if stamp.exists() and stamp.read_text() == mark:
        return
    run(python, "-m", "venv", "--clear", env)
    # Written last: an installation that was interrupted starts over.
    pip(env, *requirements)
    stamp.write_text(mark)


def installed(env: Path, package: str) -> str:
    return ask(env, f"from importlib.metadata import version; print(version({package!r}))")


def ask(env: Path, program: str) -> str:
    return subprocess.check_output([env / "bin" / "python", "-c", program], text=True).strip()


def find_chromium() -> str | None:
    """Chromium or Chrome: the one that BOKEH_SHARE_CHROMIUM names, else one on the path."""
    candidates = (os.environ.get("BOKEH_SHARE_CHROMIUM", ""), *BROWSERS, *MAC_BROWSERS)
    return next(filter(None, map(shutil.which, candidates)), None)


def install_chromium(env: Path) -> str:
    """Debian's, as root; else Playwright's, which needs no root."""
    say("no Chromium or Chrome here: installing Chromium")
    if is_root() and is_debian():
        apt("chromium", "fonts-dejavu-core")
        if path := find_chromium():
            return path
    # Elsewhere Chromium needs system libraries too, which Playwright installs as root.
    with_libraries = ["--with-deps"] if is_root() else []
    run(env / "bin" / "playwright", "install", "--no-shell", *with_libraries, "chromium")
    return ask(
        env,
        "from playwright.sync_api import *\nwith sync_playwright() as p: print(p.chromium.executable_path)",
    )


def install_axe() -> Path | None:
    """The script of `AXE`, where there is npm to fetch it."""
    folder = ENVS / AXE
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    npm = shutil.which("npm")
    if not script.exists() and npm is not None:
        run(npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, AXE, check=False)
    return script if script.exists() else None


def is_debian() -> bool:
    """Not Ubuntu, whose `chromium` package is a snap in disguise."""
    about = Path("/etc/os-release")
    return about.exists() and "ID=debian" in about.read_text().splitlines()


def apt(*packages: str) -> None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-q", env=environ, stdout=subprocess.DEVNULL)
    run(
        "apt-get",
        "install",
        "-q",
        "-y",
        "--no-install-recommends",
        *packages,
        env=environ,
        stdout=subprocess.DEVNULL,
    )


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def run(*command: str | Path, check: bool = True, **options: Any) -> int:
    return subprocess.run(command, check=check, **options).returncode


def pip(env: Path, *words: str | Path) -> None:
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    run(env / "bin" / "python", "-m", "pip", "install", "-qq", *words, env={**os.environ, **quiet})


def say(text: str) -> None:
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
