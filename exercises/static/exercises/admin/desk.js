// A box that completes what is typed has no name of its own while it is empty: it borrows its label's.

{
  const name = (select) => {
    const label = select.labels?.[0];
    for (const box of select.nextElementSibling?.querySelectorAll("[role=combobox], [role=textbox]") ?? []) {
      if (label) {
        label.id ||= `${select.id}-label`;
        box.setAttribute("aria-labelledby", label.id);
      } else if (select.ariaLabel) {
        box.removeAttribute("aria-labelledby");
        box.setAttribute("aria-label", select.ariaLabel);
      }
    }
  };

  const nameAll = () => document.querySelectorAll("select.admin-autocomplete").forEach(name);

  // The boxes are made when the page is ready, and again when a row is added.
  if (document.readyState === "complete") {
    nameAll();
  } else {
    addEventListener("load", nameAll);
  }
  document.addEventListener("formset:added", () => setTimeout(nameAll));
}
