// Passkeys: what the server asks is handed to the browser, and what the browser answers goes back with the form.
"use strict";

async function answered(form) {
  const sent = new URLSearchParams(new FormData(form));
  const asked = await fetch(form.dataset.begin, { method: "POST", body: sent });
  const told = await asked.json();
  if (!asked.ok) throw new Error(told.fault || form.dataset.fault);
  const making = form.dataset.passkey === "create";
  const publicKey = making
    ? PublicKeyCredential.parseCreationOptionsFromJSON(told)
    : PublicKeyCredential.parseRequestOptionsFromJSON(told);
  const made = making
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  return JSON.stringify(made.toJSON());
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const fault = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.hidden = true;
    try {
      form.elements.answer.value = await answered(form);
      if (form.elements.password) form.elements.password.value = "";
      form.submit();
    } catch (why) {
      // what the server said is told; what the browser says of itself is in no language of ours
      fault.textContent = why instanceof DOMException || why instanceof TypeError ? form.dataset.fault : why.message;
      fault.hidden = false;
    }
  });
  // shown once it works: a browser without passkeys, or without scripts, never offers them
  form.hidden = !window.PublicKeyCredential?.parseRequestOptionsFromJSON;
}
