/** Elements made of text alone, so that nothing from outside is ever markup. */

/**
 * @param {string} name
 * @param {Record<string, string | EventListener | boolean>} [looks] attributes; `onclick` listens
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(name, looks = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(looks)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/**
 * Let the form's button have the focus, if something has it that is about to go.
 * @param {HTMLElement} place what is about to be emptied
 */
export function leave(place) {
  if (place.contains(document.activeElement)) byId("go").focus({ preventScroll: true });
}

/**
 * @param {string} id
 * @returns {any} the element of the page
 */
export function byId(id) {
  return document.getElementById(id);
}
