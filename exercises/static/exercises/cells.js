// Tables of inputs: arrow keys move between cells, and a row or a table copied from a spreadsheet
// is spread over them. Without this file they are plain inputs, and Tab does it all.

const at = (table, row, column) => {
  const input = table.tBodies[0]?.rows[row]?.querySelectorAll("input")[column];
  return input ?? null;
};

const place = (input) => {
  const row = input.closest("tr");
  return [row.sectionRowIndex, [...row.querySelectorAll("input")].indexOf(input)];
};

// Left and right leave a cell only at the end of its text, so that text can still be edited.
const leaving = {
  ArrowUp: () => [-1, 0],
  ArrowDown: () => [1, 0],
  Enter: (input, event) => (event.ctrlKey || event.metaKey ? null : [1, 0]),
  ArrowLeft: (input) => (input.selectionEnd === 0 ? [0, -1] : null),
  ArrowRight: (input) => (input.selectionStart === input.value.length ? [0, 1] : null),
};

document.addEventListener("keydown", (event) => {
  const table = event.target.closest?.("[data-cells]");
  const step = table && !event.isComposing && leaving[event.key]?.(event.target, event);
  if (!step || event.shiftKey || event.altKey) {
    return;
  }
  const [row, column] = place(event.target);
  const next = at(table, row + step[0], column + step[1]);
  if (next) {
    event.preventDefault();
    next.focus();
    next.select();
  } else if (event.key === "Enter") {
    event.preventDefault();
  }
});

// Spreadsheets copy rows as lines and cells as tabs; people copy "[3.09, 1.37]" or "3.09 1.37".
export const cut = (text) =>
  text
    .trim()
    .split(/\r?\n|\]\s*,\s*\[/)
    .map((line) => {
      const bare = line.replace(/^[\s[(]+|[\s\])]+$/g, "");
      if (bare.includes("\t")) {
        return bare.split("\t").map((cell) => cell.trim());
      }
      const apart = bare.includes(";") ? /\s*;\s*/ : /,\s+/.test(bare) || !/\s/.test(bare) ? /\s*,\s*/ : /\s+/;
      return bare.split(apart);
    });

document.addEventListener("paste", (event) => {
  const table = event.target.closest?.("[data-cells]");
  if (!table) {
    return;
  }
  const rows = cut(event.clipboardData.getData("text/plain"));
  // "3,09" alone is a number with a decimal comma: one cell, pasted as it stands.
  if (rows.length === 1 && (rows[0].length === 1 || /^\s*\d+,\d+\s*$/.test(event.clipboardData.getData("text/plain")))) {
    return;
  }
  event.preventDefault();
  const [row, column] = place(event.target);
  const tall = table.hasAttribute("data-tall");
  // A row pasted into a standing vector runs down it.
  const spread = tall && rows.length === 1 ? rows[0].map((cell) => [cell]) : rows;
  spread.forEach((cells, down) => {
    cells.forEach((cell, right) => {
      const input = at(table, row + down, column + right);
      if (input) {
        input.value = cell;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
  });
});
