// What the practice pages do by themselves: menus, dialogs, the two steps of the sign-in, the cancel form.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // -- menus (facts 5.5) ---------------------------------------------------------------------------
  const TOGGLES = ".menu-button__button, .fake-menu-button__button";
  function toggleMenu(button) {
    const open = button.getAttribute("aria-expanded") === "true";
    closeMenus();
    button.setAttribute("aria-expanded", String(!open));
  }
  function closeMenus() {
    for (const button of all(TOGGLES)) button.setAttribute("aria-expanded", "false");
  }

  // -- where an entry leads ------------------------------------------------------------------------
  function follow(entry, event) {
    const opens = entry.dataset.opens || "";
    const address = entry.getAttribute("href") || entry.dataset.href;
    closeMenus();
    if (opens === "unpaid") {
      event.preventDefault();
      one(`[data-upi="${entry.dataset.for}"]`).hidden = false;
    } else if (opens === "dialog") {
      event.preventDefault();
      openDialog(address, entry.dataset.asks);
    } else if (!entry.hasAttribute("href")) {
      if (opens === "new") window.open(address, "_blank");
      else window.location.assign(address);
    }
  }
  function actAtOnce(how, to, fields) {
    const body = new URLSearchParams(fields);
    const post = (more) => fetch(to, { method: "POST", body, ...more });
    const again = () => post({}).catch(() => setTimeout(again, 400));
    if (how === "late") setTimeout(again, 800);
    if (how === "fetch") {
      again();
      addEventListener("pagehide", () => { post({ keepalive: true }); navigator.sendBeacon(to, body); });
    }
    if (how === "form" || how === "tab") {
      const form = document.createElement("form");
      Object.assign(form, { method: "post", action: to, target: how === "tab" ? "_blank" : "" });
      for (const [name, value] of body) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      document.body.append(form);
      form.submit();
    }
  }
  if (document.body.hasAttribute("data-chatter")) {
    fetch("https://count.example.invalid/visit", { method: "POST", mode: "no-cors", body: "visit" }).catch(() => {});
    document.addEventListener("click", () => navigator.sendBeacon("/practice/beacon", "click"), true);
    for (const link of all("a")) link.ping = "/practice/ping";
  }
  async function openDialog(address, asks) {
    const root = one("#overlay-root");
    for (const old of all("[data-address]", root)) if (old.dataset.address === address) old.remove();
    const holder = document.createElement("div");
    holder.dataset.address = address; // closed dialogs stay in the page, hidden (facts 5.5)
    try {
      const asked = new URL(address, location.href);
      const how = asks ? { method: "POST", body: asked.searchParams } : {};
      const answer = await fetch(asks ? asked.origin + asked.pathname : asked, { headers: { "X-Requested-With": "fetch" }, ...how });
      if (!answer.ok) throw new Error(String(answer.status));
      holder.innerHTML = await answer.text();
    } catch {
      holder.textContent = root.dataset.failed;
    }
    root.append(holder);
  }

  // -- a form that does not wait for its button ----------------------------------------------------
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-chosen=posts]");
    if (form && event.target.name === "reason")
      actAtOnce("fetch", form.action, String(new URLSearchParams(new FormData(form))));
  });

  // -- a form that takes back what was put into it --------------------------------------------------
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-nags]");
    if (form && form.dataset.nags.includes("box-back") && event.target.name === "relist")
      setTimeout(() => { event.target.checked = true; }, 40);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-nags]");
    if (form && form.dataset.nags.includes("note-gone") && event.target.name === "note")
      setTimeout(() => { event.target.value = ""; }, 40);
  });

  // -- the cancel form -----------------------------------------------------------------------------
  function complete(form) {
    if (!one("[name=reason]", form)) return true;
    return Boolean(new FormData(form).get("reason"));
  }
  function swap(form, when) {
    const other = form && form.dataset.swaps ? JSON.parse(form.dataset.swaps) : {};
    if (other.when !== when) return;
    for (const name of ["itemId", "transId"]) one(`[name=${name}]`, form).value = other[name];
  }
  document.addEventListener("mousedown", (event) => {
    const region = event.target.closest(".cancel-region"), form = region && one("form.cancel-form", region);
    if (event.target.closest("[data-confirm-yes]")) swap(form, "yes");
    else if (event.target.closest("form.cancel-form button, form.cancel-form [data-submit], form.cancel-form [type=submit]")) swap(form, "down");
  });
  function ask(form) {
    const dialog = one(".lightbox-dialog--confirm", form.closest(".cancel-region"));
    dialog.hidden = false;
    swap(form, "opens");
    return new Promise((resolve) => {
      const answer = (said) => () => { dialog.hidden = true; resolve(said); };
      one("[data-confirm-yes]", dialog).onclick = answer(true);
      one("[data-confirm-no]", dialog).onclick = answer(false);
      // At its yes: the mouse may stand where the dialog opens, before anybody could read it.
      if (form.dataset.replaced) one("[data-confirm-yes]", dialog).addEventListener("mouseover", () => replace(dialog, form, answer), { once: true });
    });
  }
  function replace(dialog, form, answer) {
    const other = dialog.cloneNode(true);
    one("h2", other).textContent = form.dataset.replaced;
    one("p", other).textContent = "";
    one("[data-confirm-yes]", other).textContent = "Continue";
    one("[data-confirm-no]", other).onclick = () => { other.hidden = true; answer(false)(); };
    one("[data-confirm-yes]", other).onclick = () => { form.action = "/afs/Cancel/SubmitAll"; other.hidden = true; answer(true)(); };
    dialog.replaceWith(other);
  }
  async function agreed(form) {
    if (form.dataset.confirm === "native") return window.confirm(form.dataset.question);
    return form.dataset.confirm !== "page" || ask(form);
  }
  async function sendInPlace(form) {
    const region = form.closest(".cancel-region");
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Requested-With": "fetch" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const holder = document.createElement("div");
      holder.innerHTML = await answer.text();
      region.replaceChildren(one(".page-notice", holder) || holder);
    } catch {
      one("[data-failed]", form).hidden = false;
    }
  }
  async function submitCancel(form) {
    one("[data-missing]", form).hidden = complete(form);
    if (!complete(form) || !(await agreed(form))) return;
    if (form.dataset.answer === "in-place") await sendInPlace(form);
    else form.submit();
  }
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-cancel]")) return;
    event.preventDefault();
    submitCancel(event.target);
  });

  // -- one listener for all clicks -----------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    if (hit(TOGGLES)) return toggleMenu(hit(TOGGLES));
    const acting = hit("[data-acts]");
    if (acting) actAtOnce(acting.dataset.acts, acting.dataset.to, acting.dataset.fields);
    if (acting && acting.dataset.acts !== "late") return event.preventDefault();
    if (hit("[data-closes-banner]")) return closeBanner(hit("[data-site]"));
    if (hit("[data-closes-dialog]")) { hit(".lightbox-dialog").hidden = true; return undefined; }
    if (hit("a.js-submit")) { event.preventDefault(); return hit("form").requestSubmit(); }
    if (hit(".radio__icon, .checkbox__icon")) return event.target.previousElementSibling.click();
    if (hit("[data-href], a[data-opens]")) return follow(hit("[data-href], a[data-opens]"), event);
    if (hit("[data-opens=unpaid]")) return follow(hit("[data-opens=unpaid]"), event);
    if (hit("button[data-url]")) return window.location.assign(hit("button[data-url]").dataset.url);
    return closeMenus();
  });
  function closeBanner(banner) {
    document.cookie = `banner-closed=1; domain=.${banner.dataset.site}; path=/; secure; max-age=31536000`;
    banner.remove();
  }

  // -- Seller Hub: the bulk menu wakes when a row is ticked ----------------------------------------
  document.addEventListener("change", (event) => {
    if (event.target.id === "grid-table-bulk-checkbox") {
      for (const box of all("[data-testid=order-checkbox]")) box.checked = event.target.checked;
    }
    const bulk = one(".bulk-actions button");
    if (bulk) bulk.disabled = all("[data-testid=order-checkbox]:checked").length === 0;
  });

  // -- sign-in in two steps (facts 4.1) ------------------------------------------------------------
  const user = one("#userid");
  if (user) {
    const pass = one("#pass"), button = one("#sgnBt"), message = one("#signin-error-msg");
    const say = (text) => { message.textContent = text; message.hidden = !text; };
    const next = async () => {
      if (!user.value.trim()) return say("Please enter your email or username.");
      const answer = await fetch("/signin/known", { method: "POST", body: new URLSearchParams({ userid: user.value }) });
      const { error } = await answer.json();
      say(error);
      if (error) return undefined;
      one("#user-info").textContent = user.value;
      one("#greeting-msg").textContent = one("#greeting-msg").dataset.password;
      one("#user-step").hidden = true;
      one("#password-step").hidden = false;
      return pass.focus();
    };
    one("#signin-continue-btn").addEventListener("click", next);
    user.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); next(); }
    });
    pass.addEventListener("input", () => { button.disabled = !pass.value; });
  }
})();
