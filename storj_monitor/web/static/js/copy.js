/** Copying a text, or showing it where the browser doesn't let us (plain HTTP). */

/**
 * Show the text, and copy it if that is allowed; returns whether it was.
 * @param {HTMLElement} place where it is shown
 * @param {string} text
 */
export async function copy(place, text) {
  place.textContent = text;
  place.hidden = false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(place);
    return false;
  }
}
