/** The form of the page, made lively: it says what you will get, and makes the file in its place. */

import { Problem } from "./api.js";
import { cli, curl } from "./commands.js";
import { copy } from "./copy.js";
import { download } from "./download.js";
import { byId } from "./elements.js";
import { Forecast } from "./forecast.js";
import { refreshHistory } from "./history.js";
import { Preview } from "./preview.js";
import { count } from "./spelling.js";
import { clear, show } from "./trouble.js";
import { bodyOf, wantedOf } from "./words.js";
import { offerOwnZone } from "./zone.js";

/** What a span is if nothing is said of it, by the period of what is asked for. */
const USUAL_PERIODS = {
  report: { day: "Yesterday", week: "Last week", month: "Last month", custom: "Last 7 days" },
  source: { month: "This month", custom: "Last 7 days" },
};

/** @param {HTMLFormElement} form */
function start(form) {
  const wanted = () => wantedOf(form);
  const forecast = new Forecast((trouble) => {
    if (isBusy()) return;
    if (trouble) show(form, trouble, changed);
    else clear(form);
  });
  const preview = new Preview(wanted);

  function changed() {
    belonging(form, wanted());
    forecast.of(wanted());
    preview.refresh();
    byId("copied").hidden = true;
  }

  form.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isBusy()) fetchFile(form, forecast);
  });
  offerOwnZone(changed);
  copying(byId("copy-curl"), () => curl(wanted(), "token" in form.dataset));
  copying(byId("copy-cli"), async () => {
    await forecast.settled; // it knows the name of the file
    return cli(wanted(), forecast.known?.file_name ?? "");
  });
  byId("ways").hidden = false;
  changed();
}

/** Show only what belongs to the choice, and name it on the button. */
function belonging(form, wanted) {
  const chosen = form.querySelector('[name="source"]:checked');
  for (const part of form.querySelectorAll("[data-of]")) {
    const isChosen = part.dataset.of === chosen?.value;
    part.open ||= isChosen && part.hidden;
    part.hidden = !isChosen;
  }
  for (const part of form.querySelectorAll("[data-format]")) {
    part.hidden = part.dataset.format !== wanted.format;
  }
  const isPersonal = form.elements.personal.checked;
  for (const chip of form.querySelectorAll(".chip.personal")) {
    chip.hidden = !isPersonal;
    chip.firstElementChild.disabled = !isPersonal;
  }
  byId("about").textContent = chosen?.closest("label").querySelector(".quiet").textContent ?? "";
  const title = chosen?.dataset.title ?? "";
  const usual = form.querySelector(`#format option[value="${wanted.format}"]`)?.textContent ?? "";
  const named = byId("format").value ? byId("format").selectedOptions[0].textContent : usual;
  byId("usual-format").textContent = byId("format").value ? "" : usual;
  byId("usual-period").textContent = byId("period").value
    ? ""
    : (USUAL_PERIODS[wanted.kind][chosen?.dataset.period] ?? "");
  if (!isBusy()) byId("go").textContent = `Download ${title} as ${named}`;
}

function isBusy() {
  return byId("go").getAttribute("aria-disabled") === "true";
}

/** Make the file; the button says why it can't be used in the meantime. */
async function fetchFile(form, forecast) {
  clear(form);
  byId("go").setAttribute("aria-disabled", "true");
  byId("go").textContent = "The file is being made …";
  say("The file is being made.");
  try {
    const ended = await download(bodyOf(wantedOf(form)), forecast.known?.rows?.count ?? null);
    const rows = ended.rows === null ? "" : `, ${count(ended.rows, "row")}`;
    say(ended.state === "done" ? `Saved ${ended.file_name}${rows}.` : "The download was canceled.");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say("");
    forecast.hush(); // an answer that comes late doesn't take the words away
    show(form, error.trouble, () => fetchFile(form, forecast));
  } finally {
    byId("go").removeAttribute("aria-disabled");
    belonging(form, wantedOf(form));
    refreshHistory();
  }
}

/** Say it to those who don't see it, politely: the beginning and the end, never a tick. */
function say(text) {
  byId("said").textContent = text;
}

function copying(button, textOf) {
  button.addEventListener("click", async () => {
    const isCopied = await copy(byId("copied"), await textOf());
    say(isCopied ? "Copied." : "The command is selected: copy it.");
  });
}

const form = byId("card");
if (form) start(form);
