import assert from "node:assert/strict";
import test from "node:test";
import { listTemplateFields, listTooltipFields } from "../../../bokeh_share/server/static/tooltip_fields.mjs";

const list = (text, rendererName = null) => listTooltipFields(text, rendererName).map(({ name }) => name);

test("a tooltip names columns in each of Bokeh's notations", () => {
  assert.deepEqual(list("@x, @{two words}{0.0} and @Größe_2{%F}: $index ($x, $sy)"), ["x", "two words", "Größe_2"]);
  assert.deepEqual(list("<b>@name</b> costs 5 @ 3"), ["name"]);
  assert.deepEqual(list("$color[hex, swatch]:fill $swatch:line $color:edge"), ["fill", "line", "edge"]);
  assert.deepEqual(list("no column"), []);
});

test("a renderer's name stands for a column", () => {
  assert.deepEqual(list("$name: @$name", "apples"), ["apples"]);
  assert.deepEqual(list("@$name"), []);
});

test("the reference is the text by which the author chooses a formatter", () => {
  const fields = listTooltipFields("@date{%F} @{my date}{%T}", null);
  assert.deepEqual(fields.map(({ reference }) => reference), ["@date", "@{my date}"]);
});

test("a template of table cells uses the columns in its code", () => {
  const template = '<div style="color: <%= shade %>"><% if (größe > 1) { %>name<% } %><%= value %></div>';
  assert.deepEqual(listTemplateFields(template, ["name", "shade", "größe", "gr"]), ["shade", "größe"]);
  assert.deepEqual(listTemplateFields("no code", ["no"]), []);
});
