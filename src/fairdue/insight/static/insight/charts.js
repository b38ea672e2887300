/* Draws every [data-chart] from the JSON beside it. The JSON is an ECharts option; `formats` says how figures of an axis
   are written (money in minor units, percent in thousandths, count), `url` of a point says which rows it opens into. */
(() => {
  "use strict";
  const lang = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en";
  const plain = new Intl.NumberFormat(lang);
  const short = new Intl.NumberFormat(lang, { notation: "compact", maximumFractionDigits: 1 });

  function money(currency) {
    const full = new Intl.NumberFormat(lang, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
    const unit = 10 ** full.resolvedOptions().maximumFractionDigits;
    return { axis: (v) => short.format(v / unit), full: (v) => full.format(v / unit) };
  }

  function writers(formats) {
    const kinds = {
      count: { axis: (v) => plain.format(v), full: (v) => plain.format(v) },
      percent: { axis: (v) => `${Math.round(v / 10)} %`, full: (v) => `${(v / 10).toFixed(1)} %` },
      money: formats.currency ? money(formats.currency) : null,
    };
    return [kinds[formats.y], kinds[formats.y2 || formats.y]];
  }

  function prepare(option) {
    const by = writers(option.formats);
    const axes = Array.isArray(option.yAxis) ? option.yAxis : [option.yAxis];
    axes.forEach((axis, n) => { axis.axisLabel = { formatter: by[n].axis, color: "#566172" }; });
    option.xAxis.axisLabel = { hideOverlap: true, color: "#566172" };
    const written = (p) => {
      const value = p.value !== null && typeof p.value === "object" ? p.value.value : p.value;
      if (value === null || value === undefined || value === "-") return null;
      return `${p.marker}${p.seriesName}  {b|${by[option.series[p.seriesIndex].yAxisIndex || 0].full(value)}}`;
    };
    option.tooltip.formatter = (points) => {
      const lines = (Array.isArray(points) ? points : [points]).map(written).filter(Boolean);
      return [`{h|${points[0] ? points[0].axisValueLabel : ""}}`, ...lines].join("\n");
    };
    option.tooltip.textStyle = { fontSize: 12, lineHeight: 19, rich: { b: { fontWeight: 650 }, h: { color: "#566172" } } };
    delete option.formats;
    return option;
  }

  function draw(place) {
    if (place.dataset.drawn || !window.echarts) return;
    place.dataset.drawn = "yes";
    const option = prepare(JSON.parse(document.getElementById(place.dataset.chart).textContent));
    const family = getComputedStyle(document.body).fontFamily;
    option.textStyle = { fontFamily: family };
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(option);
    chart.on("click", (point) => { if (point.data && point.data.url) window.location.assign(point.data.url); });
    new ResizeObserver(() => chart.resize()).observe(place);
  }

  const drawAll = (root) => {
    if (root.matches?.("[data-chart]")) draw(root);
    root.querySelectorAll?.("[data-chart]").forEach(draw);
  };
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => drawAll(document));
  else drawAll(document);
})();
