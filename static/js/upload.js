/**
 * How much of a large file has been sent.
 *
 * A form that holds [data-upload] with a <progress> and a [role=status] shows both while it is being sent, and says
 * when everything has arrived and is being looked at. The form may be swapped; without this script the browser tells.
 */
document.body.addEventListener("htmx:xhr:progress", (event) => {
  const form = event.target.closest?.("form");
  const place = form?.querySelector("[data-upload]");
  const { loaded, total, lengthComputable } = event.detail;
  if (!place || !lengthComputable) return;
  place.hidden = false;
  const [bar, said] = [place.querySelector("progress"), place.querySelector("[role=status]")];
  if (loaded < total) bar.value = loaded / total;
  else bar.removeAttribute("value");
  said.textContent = loaded < total ? `Sending, ${Math.floor((100 * loaded) / total)} %` : "Sent; every file is being checked";
});
