// Buttons that copy what a page shows. Only pages that came safely may write to the clipboard; elsewhere the text is there
// to be selected.

import { toast } from "./page.js";

/** Have every `data-copies` button of the page copy the text of the element that it names. */
export function copying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copies).textContent.trim());
      toast(button.dataset.done);
    });
  }
}
