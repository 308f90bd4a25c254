/** The viewer's own time zone, offered beside the field. */

import { byId, element } from "./elements.js";

/** @param {() => void} changed is called when it was taken */
export function offerOwnZone(changed) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [field, button] = [byId("timezone"), byId("own-zone")];
  const isNew = () => own && own !== "UTC" && field.value !== own;
  if (isNew()) byId("zones").append(element("option", {}, own));
  button.textContent = `Use your own: ${own}`;
  button.hidden = !isNew();
  field.addEventListener("change", () => (button.hidden = !isNew()));
  button.addEventListener("click", () => {
    field.value = own;
    field.focus();
    button.hidden = true;
    changed();
  });
}
