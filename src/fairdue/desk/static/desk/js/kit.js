/* Behaviour shared by every page. No inline handlers: markup says what it wants by data-… attributes.

   data-key="n"            this key clicks the element (or focuses a field); "g t" is two keys in a row
   data-key-label="…"      its words in the list of keys (?)
   data-opens="#dialog"    opens a <dialog>;  data-closes: closes the one it stands in
   data-shows="#panel"     shows a panel of its data-group and hides the group's others
   data-fills="#field" data-value="…"  writes a value into a field
   data-selects="#field" data-from="3" data-to="8"  goes to a field and selects these characters
   data-removes=".flash"   removes the nearest such ancestor
   data-row                a row that j / k walk through; Enter follows its first link
   data-focus              takes the focus when it comes by HTMX, and is scrolled into view ("center": into its middle)
   data-sends              a text that Ctrl+Enter sends, with its form
   data-of="#kind" data-for="promise call_back"  shown, and sent, while that choice has one of these values
   data-submits            a field that sends its form when it changes
   data-forget="60"        a revealed value that masks itself again after so many seconds
   data-since="ISO"        counts up from a moment: 1:05
   data-elapsed="65"       counts up from seconds the server counted, whatever this computer's clock says
   data-until="ISO"        counts down to a moment
   data-filter-of="#list"  a button that filters children of the list by data-kind
*/
(() => {
  "use strict";
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const shown = (element) => element.offsetParent !== null || element.getClientRects().length > 0;
  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)
    && !["checkbox", "radio", "button", "submit"].includes(element.type));
  let lead = "";
  let leadTimer = 0;

  function act(element) {
    if (typing(element)) { element.focus(); element.select?.(); }
    else { element.focus({ preventScroll: true }); element.click(); }
  }

  function byKey(name) {
    const open = document.querySelector("dialog[open]");
    return all("[data-key]", open || document).find((e) => e.dataset.key === name && !e.disabled && shown(e));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return escape(event);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-sends]")) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) return;
    const name = lead ? `${lead} ${event.key}` : event.key;
    lead = "";
    const found = byKey(name);
    if (found) { event.preventDefault(); act(found); return; }
    if (event.key === "j" || event.key === "k") return walk(event);
    if (event.key === "Enter" && event.target.matches("[data-row]")) return event.target.querySelector("a")?.click();
    if (all("[data-key]").some((e) => e.dataset.key.startsWith(`${event.key} `))) {
      lead = event.key;
      clearTimeout(leadTimer);
      leadTimer = setTimeout(() => { lead = ""; }, 1200);
    }
  });

  function escape(event) {
    const menu = all("details.menu[open], details.drawer[open]");
    if (menu.length) { menu.forEach((m) => { m.open = false; m.querySelector("summary").focus(); }); return; }
    if (typing(event.target)) {
      const panel = event.target.closest("[data-group]");
      event.target.blur();
      if (panel) hide(panel);
      return;
    }
    all("[data-group]:not([hidden])").forEach(hide);
  }

  function walk(event) {
    const rows = all("[data-row]").filter(shown);
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement?.closest?.("[data-row]"));
    const next = rows[Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), rows.length - 1)];
    if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
    next.focus();
  }

  function show(panel, by) {
    all(`[data-group="${panel.dataset.group}"]`).forEach((other) => { other.hidden = other !== panel; });
    all(`[data-shows]`).forEach((b) => b.setAttribute("aria-expanded", String(b === by)));
    panel.dispatchEvent(new Event("shown"));
    const first = panel.querySelector("[autofocus], input:not([type=hidden]), textarea, select, button");
    first?.focus();
    panel.scrollIntoView({ block: "nearest" });
  }

  function hide(panel) {
    panel.hidden = true;
    const by = all("[data-shows]").find((b) => b.dataset.shows === `#${panel.id}`);
    if (by) { by.setAttribute("aria-expanded", "false"); by.focus(); }
  }

  // A dialog that comes open holds a form that was refused: over the page, as it was when it was sent.
  for (const dialog of document.querySelectorAll("dialog[open]")) {
    dialog.close();
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const to = (query) => event.target.closest?.(query);
    const opener = to("[data-opens]");
    if (opener) {
      const dialog = document.querySelector(opener.dataset.opens);
      if (dialog.id === "keys") listKeys(dialog);
      dialog.showModal();
      dialog.querySelector("select, input:not([type=hidden]), textarea")?.focus();
    }
    to("[data-closes]")?.closest("dialog").close();
    const remover = to("[data-removes]");
    if (remover) remover.closest(remover.dataset.removes)?.remove();
    const shower = to("[data-shows]");
    if (shower) {
      const panel = document.querySelector(shower.dataset.shows);
      if (panel.hidden) show(panel, shower); else hide(panel);
    }
    const hider = to("[data-hides]");
    if (hider) hide(hider.closest("[data-group]"));
    const filler = to("[data-fills]");
    if (filler) { const field = document.querySelector(filler.dataset.fills); field.value = filler.dataset.value; field.focus(); field.dispatchEvent(new Event("input", { bubbles: true })); }
    const selector = to("[data-selects]");
    if (selector) pick(selector);
    const filter = to("[data-filter-of]");
    if (filter) sift(filter);
    all("details.menu[open]").forEach((m) => { if (!m.contains(event.target)) m.open = false; });
  });

  function pick(button) {
    const field = document.querySelector(button.dataset.selects);
    if (!field) return;
    field.focus();
    if (button.dataset.to) field.setSelectionRange(Number(button.dataset.from), Number(button.dataset.to));
    field.scrollIntoView({ block: "center" });
  }

  function sift(button) {
    const list = document.querySelector(button.dataset.filterOf);
    const kind = button.dataset.kind || "";
    all(`[data-filter-of="${button.dataset.filterOf}"]`).forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
    let left = 0;
    for (const row of list.children) {
      row.hidden = Boolean(kind) && row.dataset.kind !== kind && !row.hasAttribute("data-none");
      if (row.hasAttribute("data-none")) continue;
      if (!row.hidden) left += 1;
    }
    const none = list.querySelector("[data-none]");
    if (none) none.hidden = left > 0;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
    if (event.target.id) belong(`#${event.target.id}`);
  });

  function belong(choice) {
    const value = document.querySelector(choice).value;
    all(`[data-of="${choice}"]`).forEach((part) => {
      part.hidden = !part.dataset.for.split(" ").includes(value);
      if (part.matches("fieldset")) part.disabled = part.hidden; // parts within it keep a choice of their own
      else all("input, select, textarea", part).forEach((field) => { field.disabled = part.hidden; });
    });
  }
  new Set(all("[data-of]").map((part) => part.dataset.of)).forEach(belong);

  function listKeys(dialog) {
    const place = dialog.querySelector("[data-keys-here]");
    const pattern = dialog.querySelector("template").content;
    const seen = new Set();
    place.replaceChildren();
    const add = (name, label) => {
      if (!label || seen.has(name)) return;
      seen.add(name);
      const row = pattern.cloneNode(true);
      name.split(" ").forEach((k) => {
        const kbd = document.createElement("kbd");
        kbd.className = "key";
        kbd.textContent = k;
        row.querySelector("dt").append(kbd, " ");
      });
      row.querySelector("dd").textContent = label;
      place.append(row);
    };
    all("[data-key]").filter(shown).forEach((e) => add(e.dataset.key, e.dataset.keyLabel || e.textContent.trim()));
  }

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  setInterval(() => {
    const now = Date.now();
    all("[data-since]").forEach((e) => { e.textContent = clock(Math.max(0, (now - Date.parse(e.dataset.since)) / 1000)); });
    all("[data-elapsed]").forEach((e) => {
      e.dataset.began ??= String(now - Number(e.dataset.elapsed) * 1000);
      e.textContent = clock((now - Number(e.dataset.began)) / 1000);
    });
    all("[data-until]").forEach((e) => {
      const left = (Date.parse(e.dataset.until) - now) / 1000;
      e.textContent = clock(Math.max(0, left));
      e.classList.toggle("late", left < 60);
    });
    all("[data-forget]").forEach((e) => {
      const left = Number(e.dataset.forget) - 1;
      e.dataset.forget = String(left);
      if (left <= 0) {
        e.querySelector(".masked-text").textContent = e.dataset.again;
        e.classList.remove("masked-open");
        delete e.dataset.forget;
      }
    });
  }, 1000);

  function toast(text) {
    const line = document.getElementById("toast");
    if (!line) return;
    line.textContent = text;
    line.hidden = false;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => { line.hidden = true; }, 8000);
  }
  document.addEventListener("htmx:sendError", () => toast(document.getElementById("toast").dataset.offline));
  document.addEventListener("htmx:responseError", () => toast(document.getElementById("toast").dataset.failed));
  // Answers 409 and 422 are pages to read (a refusal, a form to mend), not failures.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const first = event.target.querySelector?.("[data-focus]") || (event.target.matches?.("[data-focus]") ? event.target : null);
    if (first) { first.focus(); first.scrollIntoView({ block: first.dataset.focus || "nearest" }); }
  });
})();
