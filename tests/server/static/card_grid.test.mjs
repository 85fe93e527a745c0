import assert from "node:assert/strict";
import test from "node:test";
import { arrangeCards } from "../../../bokeh_share/server/static/card_grid.mjs";

const GAP = 20;

function arrange(leastWidths, available, startsRow = 0) {
  const items = leastWidths.map((leastWidth, index) => ({ leastWidth, startsRow: index === startsRow }));
  return arrangeCards(items, available, GAP);
}

test("a window that is not wide has one column", () => {
  assert.deepEqual(arrange([300, 300], 0), { fitting: 1, columns: 1, spans: [1, 1] });
});

test("as many columns are used as half of the cards fit into", () => {
  assert.deepEqual(arrange([634, 634, 634, 634], 1445), { fitting: 2, columns: 2, spans: [1, 1, 1, 1] });
  assert.deepEqual(arrange([634, 634, 634, 634], 2245), { fitting: 3, columns: 3, spans: [1, 1, 1, 1] });
  assert.equal(arrange([300, 300, 634, 634], 1445).fitting, 3);
  assert.equal(arrange([300, 634, 634, 634], 1445).fitting, 2);
});

test("a card that needs more than a column has several, and all if it needs more than the page has", () => {
  assert.deepEqual(arrange([300, 300, 300, 300, 500, 961, 970, 5000], 1460).spans, [1, 1, 1, 1, 2, 2, 3, 3]);
});

test("columns that no card reaches are not used, so that the cards are in the middle", () => {
  assert.deepEqual(arrange([634, 634], 3500), { fitting: 3, columns: 2, spans: [1, 1] });
  assert.equal(arrange([634], 3500).columns, 1);
  assert.equal(arrange([300, 634, 634], 3500, 1).columns, 2, "the first plot begins a row below the apps");
});

test("cards that each need the whole width are in one column", () => {
  assert.deepEqual(arrange([1500, 1600], 1460), { fitting: 1, columns: 1, spans: [1, 1] });
});

test("columns stay as wide when further cards appear", () => {
  const widths = [634, 634, 634];
  const { fitting } = arrange(widths, 1640);
  for (let count = 4; count < 30; count += 1) {
    widths.push(count % 4 ? 634 : 1900);
    assert.equal(arrange(widths, 1640).fitting, fitting);
  }
});
