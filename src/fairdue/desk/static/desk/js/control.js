/* Choosing many rows of a list: data-choosing on the form, data-choose on each box, data-choose-all on the one in the
   head, data-chosen on the counter. x chooses the row in focus; Shift-click chooses a stretch. */
(() => {
  "use strict";
  let last = null;
  const boxes = (form) => [...form.querySelectorAll("[data-choose]")];

  function count(form) {
    const all = boxes(form);
    const n = all.filter((box) => box.checked).length;
    form.querySelectorAll("[data-chosen]").forEach((place) => { place.textContent = String(n); });
    form.querySelectorAll("[data-choosing-bar]").forEach((bar) => bar.classList.toggle("handing-ready", n > 0));
    const head = form.querySelector("[data-choose-all]");
    if (head) { head.checked = n > 0 && n === all.length; head.indeterminate = n > 0 && n < all.length; }
    all.forEach((box) => box.closest("tr").classList.toggle("row-chosen", box.checked));
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-choose]");
    if (!box) return;
    const all = boxes(box.form);
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
      count(box.form);
    }
    last = box;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-choosing]");
    if (!form) return;
    if (event.target.matches("[data-choose-all]")) boxes(form).forEach((box) => { box.checked = event.target.checked; });
    count(form);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = event.target.closest?.("tr[data-row]")?.querySelector("[data-choose]");
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
    last = box;
    count(box.form);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-choosing]").forEach(count));
})();
