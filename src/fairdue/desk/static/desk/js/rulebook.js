/* The editor of rules: line numbers beside the text, and a mistake's line one click away. */
(() => {
  "use strict";
  const text = document.querySelector("textarea.code");
  const gutter = document.querySelector(".gutter");
  if (!text) return;
  const first = Number(text.dataset.first);

  function number() {
    const lines = text.value.split("\n").length;
    gutter.textContent = Array.from({ length: lines }, (_, n) => n + first).join("\n");
    gutter.style.setProperty("height", `${text.clientHeight}px`);
    gutter.scrollTop = text.scrollTop;
  }

  function go(line) {
    const lines = text.value.split("\n");
    const place = Math.min(Math.max(line - first, 0), lines.length - 1);
    const start = lines.slice(0, place).reduce((sum, one) => sum + one.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + lines[place].length);
    text.scrollTop = Math.max(0, (place - 4) * parseFloat(getComputedStyle(text).lineHeight));
    number();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-line]");
    if (link) { event.preventDefault(); go(Number(link.dataset.line)); }
  });
  text.addEventListener("input", number);
  text.addEventListener("scroll", number);
  new ResizeObserver(number).observe(text);
  number();
  const asked = /^#line-(\d+)$/.exec(location.hash);
  if (asked) go(Number(asked[1]));
})();
