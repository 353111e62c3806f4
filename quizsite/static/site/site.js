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

// What a page asks by itself and the site does not answer is asked again, later each time; until
// then the page says so where it has a sentence for it.
const LONGEST_PAUSE = 60_000;
const pauses = new WeakMap();

const askAgain = (event) => {
  const asking = event.detail.elt;
  const status = event.detail.xhr?.status ?? 0;
  if (!asking.hasAttribute?.("data-ask-again")) {
    return;
  }
  if (status >= 400 && status < 500 && status !== 429) {
    // The site has answered, and asking again would get the same answer.
    if (asking.dataset.refused) {
      asking.textContent = asking.dataset.refused;
    }
    return;
  }
  if (asking.dataset.failed) {
    asking.textContent = asking.dataset.failed;
  }
  const pause = pauses.get(asking) ?? 2_000;
  pauses.set(asking, Math.min(pause * 2, LONGEST_PAUSE));
  setTimeout(() => asking.isConnected && asking.dispatchEvent(new Event("again")), pause);
};
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(failure, askAgain);
}
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) {
    pauses.delete(event.detail.elt);
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
