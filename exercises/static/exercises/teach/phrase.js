// Words selected in a learner's answer stand in the box for a phrase, until somebody types there.

const box = document.querySelector("[data-phrase]");
const source = document.querySelector("[data-phrase-source]");
const told = document.querySelector("[data-phrase-status]");
let typed = false;
let pause = 0;

const within = (node) => {
  const element = node instanceof Element ? node : node?.parentElement;
  return Boolean(element?.closest(".own-words")) && source.contains(element);
};

// The numbers that tie words to findings are no words of the learner's.
const wordsOf = (selection) => {
  const copy = selection.getRangeAt(0).cloneContents();
  for (const tie of copy.querySelectorAll(".tie, .tie-end")) {
    tie.remove();
  }
  return copy.textContent.replace(/\s+/g, " ").trim();
};

const take = () => {
  const selection = document.getSelection();
  if (typed || !selection || selection.isCollapsed) {
    return;
  }
  if (!within(selection.anchorNode) || !within(selection.focusNode)) {
    return;
  }
  const words = wordsOf(selection);
  if (words) {
    box.value = words;
    box.closest("details").open = true;
    told.textContent = `${told.dataset.taken} ${words}`;
  }
};

if (box && source) {
  document.querySelector("[data-phrase-help]").hidden = false;
  box.addEventListener("input", () => {
    typed = box.value !== "";
  });
  document.addEventListener("selectionchange", () => {
    clearTimeout(pause);
    pause = setTimeout(take, 250);
  });
}
