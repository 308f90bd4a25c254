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
 * @param {string} id
 * @returns {any} the element of the page
 */
export function byId(id) {
  return document.getElementById(id);
}
