// Finds the columns that the texts of tooltips and table cells name.

/**
 * A column that a text names; `reference` is the text by which a hover tool chooses its formatter.
 * @typedef {{ name: string, reference: string }} TooltipField
 */

// As BokehJS finds them: @name, @{name with spaces}, and $name for values of its own.
const REFERENCE = /(@\$|@|\$)([\p{Letter}\p{Number}_]+|\{[^{}]+\})/gu;
const COLOR = /\$(?:color(?:\[[^\]]*\])?|swatch):([\p{Letter}\p{Number}_]+)/gu;
const TEMPLATE_CODE = /<%.*?%>/gs;

/**
 * @param {string} text
 * @param {string | null} rendererName the column that `@$name` stands for
 * @returns {TooltipField[]}
 */
export function listTooltipFields(text, rendererName) {
  /** @type {TooltipField[]} */
  const fields = [...text.matchAll(COLOR)].map(([reference, name = ""]) => ({ name, reference }));
  for (const [reference, type, content = ""] of text.matchAll(REFERENCE)) {
    const name = content.replace(/^\{|\}$/g, "").trim();
    if (type === "@") fields.push({ name, reference });
    else if (type === "@$" && name === "name" && rendererName !== null) fields.push({ name: rendererName, reference });
  }
  return fields;
}

/**
 * Returns the columns that the code in a template of table cells uses.
 * @param {string} template
 * @param {string[]} names of the columns
 */
export function listTemplateFields(template, names) {
  const code = [...template.matchAll(TEMPLATE_CODE)].join(" ");
  const words = new Set(code.match(/[\p{Letter}\p{Number}_$]+/gu));
  return names.filter((name) => words.has(name));
}
