/** What is wrong, in the server's own words, with a way on. */

import { byId, element, leave } from "./elements.js";

/** Where the trouble is said, and what marks the fields it is about. */
const SAID_IN = "trouble";

/**
 * Say it, and mark the field that it is about.
 * @param {HTMLFormElement} form
 * @param {import("./api.js").Trouble} trouble
 * @param {() => void} [again] what to do to try once more
 */
export function show(form, trouble, again) {
  clear(form);
  const field = mark(form, trouble.code ?? "");
  byId(SAID_IN).replaceChildren(
    element(
      "div",
      { class: "notice problem" },
      element("h3", {}, trouble.title),
      element("p", {}, trouble.detail),
      ...(trouble.hint ? [element("p", {}, trouble.hint)] : []),
      element("p", { class: "quiet" }, named(trouble)),
      element("p", { class: "buttons" }, ...ways(trouble, field, again)),
    ),
  );
}

/**
 * Forget what was wrong.
 * @param {HTMLFormElement} form
 */
export function clear(form) {
  leave(byId(SAID_IN));
  byId(SAID_IN).replaceChildren();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    if (field.getAttribute("aria-describedby") === SAID_IN) field.removeAttribute("aria-describedby");
  }
}

function named(trouble) {
  const parts = [trouble.code, trouble.request_id && `request ${trouble.request_id}`];
  return parts.filter(Boolean).join(" · ");
}

function ways(trouble, field, again) {
  const buttons = [];
  if (field) {
    const go = () => field.focus();
    buttons.push(element("button", { type: "button", class: "second", onclick: go }, "Go to the field"));
  }
  if (trouble.code === "unauthorized") {
    buttons.push(element("a", { href: "" }, "Log in again"));
  } else if (again) {
    buttons.push(element("button", { type: "button", class: "second", onclick: again }, "Try again"));
  }
  return buttons;
}

/** Mark the first shown field of those that such a code is about, and return it. */
function mark(form, code) {
  if (!code) return null;
  for (const group of form.querySelectorAll(`[data-codes~="${CSS.escape(code)}"]`)) {
    if (group.closest("[hidden]")) continue;
    const field = group.querySelector("select, input");
    for (let around = field?.closest("details"); around; around = around.parentElement.closest("details")) {
      around.open = true;
    }
    field?.setAttribute("aria-invalid", "true");
    if (!field?.hasAttribute("aria-describedby")) field?.setAttribute("aria-describedby", SAID_IN);
    return field;
  }
  return null;
}
