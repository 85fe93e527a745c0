"""Modules joined to one script run as they would by themselves."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from bokeh_share.server.script_joiner import join_modules

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="the joined scripts run in Node.js")
MODULES = {
    "page.mjs": """// Starts the page.

import { Card, show } from "./cards.mjs";
import {
  LIMIT,
} from "./limits.mjs";

const secret = "the page's";
show(new Card(LIMIT).text, secret);
""",
    "cards.mjs": """// Shows cards.

import { LIMIT } from "./limits.mjs";

const secret = "the card's";

/**
 * A card.
 * @typedef {{ text: string }} Shown
 */
export class Card {
  // one
  text = `${secret} ${LIMIT}`;
}

/** @param {string[]} texts */
export function show(...texts) {
  console.log(texts.join(", "));
}
""",
    "limits.mjs": "// Limits.\n\nconsole.log('limits');\n\nexport const LIMIT = 7;\n",
}

TWO = "export const two = 2;\n"


def join(modules: dict[str, str]) -> str:
    return join_modules("page.mjs", modules.__getitem__)


def test_a_module_comes_after_those_that_it_imports_and_once() -> None:
    script = join(MODULES)
    heads = [line for line in script.splitlines() if line.startswith("// ")]
    assert heads == ["// limits.mjs", "// cards.mjs", "// page.mjs"]


@needs_node
def test_names_that_are_not_exported_stay_the_modules_own() -> None:
    command = ["node", "--input-type=module", "--eval", join(MODULES)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.stdout == "limits\nthe card's 7, the page's\n", answer.stderr


def test_lines_that_are_comments_are_left_out_and_others_are_not() -> None:
    script = join(
        {"page.mjs": 'const url = "http://x"; // kept\n  // left out\nconst a = /** @type {1} */ (1);\n'}
    )
    assert script == '// page.mjs\n{\nconst url = "http://x"; // kept\nconst a = /** @type {1} */ (1);\n}\n'


def test_indentation_is_left_out() -> None:
    script = join({"page.mjs": "if (true) {\n  const a = `b\n    c  d`;\n}\n"})
    assert script == "// page.mjs\n{\nif (true) {\nconst a = `b\nc  d`;\n}\n}\n"


def test_code_after_a_comment_on_its_line_is_kept_up_to_the_next_comment_line() -> None:
    code = "/** @type {any} */ (window).a = 1;\nconst b = 2;\n"
    script = join({"page.mjs": f"{code}/**\n * Left out.\n */\nconst c = 3;\n"})
    assert script == f"// page.mjs\n{{\n{code}const c = 3;\n}}\n"


def test_a_joined_script_exports_what_its_first_module_exports() -> None:
    script = join({"page.mjs": 'import { two } from "./two.mjs";\nexport const one = two;\n', "two.mjs": TWO})
    assert script.endswith("\nexport { one };\n")


@pytest.mark.parametrize(
    "line",
    [
        'import "./other.mjs";',
        'import other from "./other.mjs";',
        'import * as other from "./other.mjs";',
        'import { other } from "other";',
        "export default 1;",
        "export { other };",
        "export let other = 1;",
        'export * from "./other.mjs";',
    ],
)
def test_what_cannot_be_joined_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"^page\.mjs cannot be joined: "):
        join({"page.mjs": f"{line}\n", "other.mjs": "export const other = 1;\n"})


def test_a_name_that_two_modules_export_is_refused() -> None:
    twice = {name: f"export const A = 1;\n{MODULES[name]}" for name in MODULES}
    with pytest.raises(ValueError, match=r"both export A$"):
        join(twice)


def test_circular_imports_are_refused() -> None:
    circle = {**MODULES, "limits.mjs": 'import { show } from "./cards.mjs";\n'}
    with pytest.raises(ValueError, match="cycle"):
        join(circle)
