import assert from "node:assert/strict";
import test from "node:test";
import { buildDownloadName } from "../../../bokeh_share/server/static/file_download.mjs";

for (const [parts, expected] of [
  [["Sales", "", "selected rows"], "Sales - selected rows.csv"],
  [["Umsatz/Kosten: 2024?", "a\\b"], "Umsatz Kosten 2024 - a b.csv"],
  [["東京 🙂"], "東京 🙂.csv"],
  [["  two\n lines\u202E "], "two lines.csv"],
  [["..hidden."], "hidden.csv"],
  [["../../etc/passwd"], "etc passwd.csv"],
  [["CON. . "], "CON.csv"],
  [["a\u202Egnp.exe\n<b>|?*"], "a gnp.exe b.csv"],
  [["..", ""], "plot.csv"],
  [[], "plot.csv"],
]) {
  test(`a file of ${JSON.stringify(parts)} is called ${expected}`, () => {
    assert.equal(buildDownloadName(parts, ".csv"), expected);
  });
}

test("a long name is cut, and no character is divided", () => {
  assert.equal(buildDownloadName(["🙂".repeat(200)], ".csv"), `${"🙂".repeat(120)}.csv`);
});
