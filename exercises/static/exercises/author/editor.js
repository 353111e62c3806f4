// The draft's box: a margin with line numbers, Tab that indents, and links that jump to a line.
// Without this file it is a plain box, and every fault is listed with its line below it.

const INDENT = "  ";

const box = document.querySelector("textarea[data-editor]");
if (box) {
  begin(box);
}

function begin(box) {
  const holder = box.closest(".editor");
  const bad = new Set((holder.dataset.badLines ?? "").split(" ").filter(Boolean).map(Number));
  const rows = margin(holder);
  let leaving = false;
  let count = 0;

  const draw = () => {
    const lines = box.value.split("\n").length;
    while (count < lines) {
      count += 1;
      const row = document.createElement("span");
      row.textContent = count;
      row.classList.toggle("bad", bad.has(count));
      rows.append(row);
    }
    while (count > lines) {
      rows.lastChild.remove();
      count -= 1;
    }
    follow();
  };
  const follow = () => {
    rows.style.transform = `translateY(${-box.scrollTop}px)`;
  };

  box.addEventListener("input", draw);
  box.addEventListener("scroll", follow);
  draw();

  // Tab indents; after Escape it leaves the box, as the help above it says.
  const help = document.querySelector("[data-editor-help]");
  help.hidden = false;
  box.setAttribute("aria-describedby", help.id);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      leaving = true;
    } else if (event.key === "Tab" && !event.ctrlKey && !event.altKey && !event.metaKey) {
      if (!leaving) {
        event.preventDefault();
        indent(box, event.shiftKey);
      }
    } else if (event.key !== "Shift") {
      leaving = false;
    }
  });
  box.addEventListener("blur", () => {
    leaving = false;
  });

  for (const link of document.querySelectorAll("a[data-line]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      jump(box, Number(link.dataset.line), Number(link.dataset.column));
    });
  }

  // Nobody loses an hour's writing to a stray click.
  const asLoaded = box.value;
  let sending = false;
  box.form.addEventListener("submit", () => {
    sending = true;
  });
  addEventListener("pageshow", () => {
    sending = false;
  });
  addEventListener("beforeunload", (event) => {
    if (!sending && box.value !== asLoaded) {
      event.preventDefault();
    }
  });
}

function margin(holder) {
  const outer = document.createElement("div");
  outer.className = "margin";
  outer.setAttribute("aria-hidden", "true");
  const rows = document.createElement("div");
  outer.append(rows);
  holder.append(outer);
  holder.classList.add("with-margin");
  return rows;
}

// Indents the lines of the selection, or takes their indent away; without a selection, Tab types it.
function indent(box, back) {
  const { selectionStart: from, selectionEnd: to, value } = box;
  if (from === to && !back) {
    type(box, from, to, INDENT);
    return;
  }
  const first = value.lastIndexOf("\n", from - 1) + 1;
  const lines = value.slice(first, to).split("\n");
  const moved = lines.map((line) => (back ? line.replace(/^ {1,2}/, "") : line && INDENT + line));
  const text = moved.join("\n");
  if (text === value.slice(first, to)) {
    return;
  }
  type(box, first, to, text);
  const start = Math.max(first, from + moved[0].length - lines[0].length);
  box.setSelectionRange(from === to ? start : first, from === to ? start : first + text.length);
}

// By way of the browser's own typing, so that Undo knows of it.
function type(box, from, to, text) {
  box.setSelectionRange(from, to);
  const typed = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!typed) {
    box.setRangeText(text, from, to, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function jump(box, line, column) {
  const lines = box.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const end = before + (lines[line - 1] ?? "").length;
  box.focus();
  box.setSelectionRange(Math.min(before + column - 1, end), end);
  const height = parseFloat(getComputedStyle(box).lineHeight);
  box.scrollTop = Math.max(0, (line - 4) * height);
  box.scrollIntoView({ block: "nearest" });
}
