// Small manners for every page: where the reader's focus goes after a form was refused or a verdict came.

const place = document.querySelector("[data-focus-first]");
if (place && !location.hash) {
  place.focus({ preventScroll: false });
}

// A verdict that arrives while the page waits takes the focus too, once.
document.body.addEventListener("htmx:afterSettle", (event) => {
  const arrived = event.detail.elt.querySelector?.("[data-focus-arrival]");
  if (arrived) {
    arrived.focus();
  }
});

// Sending the same form twice by a double click is one sending; the key in the form guards the rest.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) {
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 3000);
});

// A page that comes back from the browser's memory may send again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
  }
});
