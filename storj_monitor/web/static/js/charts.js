// The charts of a page that stays open: costly to draw, so that each stays until a newer one is here.

/**
 * Put newer charts in the place of those shown, each once it is loaded.
 * @param {ParentNode} shown
 * @param {ParentNode} fresh
 */
export function renewCharts(shown, fresh) {
  const [old, next] = [shown, fresh].map((root) => [...root.querySelectorAll(".charts figure")]);
  old.forEach((figure, index) => next[index] && renew(figure, document.importNode(next[index], true)));
}

/**
 * @param {Element} shown
 * @param {Element} fresh
 */
async function renew(shown, fresh) {
  const image = fresh.querySelector("img");
  const source = image?.getAttribute("src") ?? "";
  if (!image || [shownSource(shown), shown.getAttribute("data-next")].includes(source)) return;
  shown.setAttribute("data-next", source);
  image.loading = "eager"; // nobody sees it yet, and it is to be loaded
  try {
    await image.decode();
  } catch {
    shown.removeAttribute("data-next"); // the next change tries again
    return;
  }
  const links = [...fresh.querySelectorAll("a")].map((link) => link.href);
  shown.querySelectorAll("a").forEach((link, index) => (link.href = links[index] ?? link.href));
  const picture = fresh.querySelector("picture");
  if (picture) shown.querySelector("picture")?.replaceWith(picture);
}

/** @param {Element} figure */
function shownSource(figure) {
  return figure.querySelector("img")?.getAttribute("src");
}
