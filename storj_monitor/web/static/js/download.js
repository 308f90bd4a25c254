/** The download: what is shown while the file is made, and after. */

import { ROOT } from "./api.js";
import { byId, element, leave } from "./elements.js";
import { cancel, progressOf } from "./job.js";
import { count, duration, size } from "./spelling.js";

/**
 * Make the file and save it; returns how it ended. Throws Problem.
 * @param {object} body what is asked for
 * @param {number | null} expectedRows
 * @returns {Promise<import("./job.js").Progress>}
 */
export async function download(body, expectedRows) {
  const place = byId("job");
  /** @type {ReturnType<typeof working> | null} */
  let shown = null;
  let progress;
  try {
    for await (progress of progressOf(body)) {
      shown ??= working(place, progress, expectedRows);
      shown.update(progress);
    }
  } catch (error) {
    place.hidden = true;
    throw error;
  } finally {
    shown?.end();
    leave(place);
  }
  if (progress.state === "done") {
    const link = saved(place, progress);
    link.click();
  } else {
    place.replaceChildren(element("p", {}, "Canceled. Nothing was saved."));
  }
  return progress;
}

/** Show the work, with the one button that ends it. */
function working(place, { id, file_name }, expectedRows) {
  const begun = performance.now();
  const numbers = element("p", { class: "numbers" });
  const bar = /** @type {HTMLProgressElement} */ (element("progress", { "aria-label": "Rows written" }));
  const stop = element("button", { type: "button", class: "second" }, "Cancel the download");
  stop.addEventListener("click", async () => {
    stop.setAttribute("aria-disabled", "true");
    stop.textContent = "Canceling …";
    await cancel(id).catch(() => {}); // it has ended in the meantime, which is shown anyway
  });
  place.replaceChildren(element("p", {}, element("strong", {}, file_name)), bar, numbers, stop);
  place.hidden = false;
  let last = { rows: 0, bytes: 0 };
  const write = () => {
    const elapsed = duration((performance.now() - begun) / 1000);
    const { rows, bytes } = last;
    numbers.textContent = [count(rows ?? 0, "row"), size(bytes ?? 0), elapsed].join(" · ");
  };
  const clock = setInterval(write, 1000);
  const update = (progress) => {
    last = progress;
    if (expectedRows && progress.rows) {
      bar.max = Math.max(expectedRows, progress.rows);
      bar.value = progress.rows;
    }
    write();
  };
  return { update, end: () => clearInterval(clock) };
}

/** Show what was made; returns the link that saves it. */
function saved(place, progress) {
  const href = new URL(`api/reports/${progress.id}`, ROOT).href;
  const link = element("a", { href, download: progress.file_name, class: "button second" }, "Save again");
  const facts = [size(progress.bytes), duration(progress.seconds ?? 0, true)];
  if (progress.rows !== null) facts.unshift(count(progress.rows, "row"));
  place.replaceChildren(
    element("p", {}, element("strong", {}, `Saved ${progress.file_name}`)),
    element("p", { class: "numbers" }, facts.join(" · ")),
    ...(progress.sha256
      ? [element("p", { class: "quiet" }, "SHA-256 ", element("code", {}, progress.sha256))]
      : []),
    element("p", { class: "buttons" }, link),
  );
  place.hidden = false;
  return link;
}
