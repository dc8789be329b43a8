"use strict";
(function () {
  const data = JSON.parse(document.getElementById("curve-data").textContent);
  const NS = ["http", "://www.w3.org/2000/svg"].join("");
  const left = 54, top = 14, right = 14, bottom = 46;
  const chart = document.getElementById("chart"), plot = document.getElementById("plot");
  const pick = { classifier: document.getElementById("classifier"), metric: document.getElementById("metric") };
  const values = document.getElementById("values");
  let at = -1, width = 600, height = 330;

  function element(parent, name, attributes, text) {
    const made = document.createElementNS(NS, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.appendChild(made);
    return made;
  }
  function fill(select, entries) {
    for (const entry of entries) select.add(new Option(entry.title, entry.name));
    select.addEventListener("change", draw);
  }
  function curvesNow() {
    const own = ((data.curves[pick.metric.value] || {})[pick.classifier.value]) || {};
    return data.representations.filter(r => own[r.name]).map(r => ({ r: r, p: own[r.name] }));
  }
  // One scale for all classifiers of a metric, so that switching compares.
  function limits(metric) {
    let low = Infinity, high = -Infinity, x = 0;
    for (const classifier of Object.values(data.curves[metric]))
      for (const p of Object.values(classifier))
        for (let i = 0; i < p.x.length; i++) {
          for (const v of [p.y[i], p.low[i], p.high[i]])
            if (v !== null) { low = Math.min(low, v); high = Math.max(high, v); }
          x = Math.max(x, p.x[i]);
        }
    const chance = data.chance[metric];
    if (chance !== null) { low = Math.min(low, chance); high = Math.max(high, chance); }
    const room = Math.max(0.02, 0.05 * (high - low));
    return { low: low - room, high: high + room, x: x };
  }
  function ticks(low, high, wanted) {
    const rough = (high - low) / wanted, power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 5, 10].map(k => k * power).find(s => s >= rough);
    const found = [];
    for (let k = Math.ceil(low / step); k * step <= high + 1e-9; k++) found.push(k * step);
    return found;
  }
  const score = v => v === null ? "?" : v.toFixed(3);
  function line(curve, i) {
    const p = curve.p, band = p.low[i] === null ? "" : " [" + score(p.low[i]) + ", " + score(p.high[i]) + "]";
    return curve.r.title + ": " + score(p.y[i]) + band;
  }

  function draw() {
    // one unit a pixel, so that letters have their size at any width
    width = Math.max(300, plot.clientWidth || 600);
    height = Math.round(Math.min(400, 230 + width / 6));
    const small = width < 500;
    const curves = curvesNow(), span = limits(pick.metric.value);
    const X = v => left + (width - left - right) * v / (1.02 * span.x);
    const Y = v => top + (height - top - bottom) * (span.high - v) / (span.high - span.low);
    plot.textContent = "";
    const svg = element(plot, "svg", { viewBox: "0 0 " + width + " " + height, tabindex: 0, role: "img" });
    const metric = data.metrics.find(m => m.name === pick.metric.value).title;
    const classifier = data.classifiers.find(c => c.name === pick.classifier.value).title;
    svg.setAttribute("aria-label", metric + " against the percentage of labels, " + classifier);
    for (const v of ticks(span.low, span.high, 6)) {
      element(svg, "line", { x1: left, x2: width - right, y1: Y(v), y2: Y(v), stroke: "#dddddd" });
      element(svg, "text", { x: left - 7, y: Y(v) + 4, "text-anchor": "end", "font-size": 13 }, v.toFixed(2));
    }
    for (const v of ticks(0, span.x, small ? 5 : 10)) {
      element(svg, "line", { x1: X(v), x2: X(v), y1: height - bottom, y2: height - bottom + 5, stroke: "#333333" });
      element(svg, "text", { x: X(v), y: height - bottom + 19, "text-anchor": "middle", "font-size": 13 }, String(+v.toFixed(6)));
    }
    element(svg, "line", { x1: left, x2: width - right, y1: height - bottom, y2: height - bottom, stroke: "#333333" });
    element(svg, "text", { x: (left + width) / 2, y: height - 6, "text-anchor": "middle", "font-size": 14 }, "Percentage of labels");
    element(svg, "text", { x: 14, y: (height - bottom) / 2, "text-anchor": "middle", "font-size": 14, transform: "rotate(-90 14 " + (height - bottom) / 2 + ")" }, metric);
    const chance = data.chance[pick.metric.value];
    if (chance !== null) element(svg, "line", { x1: left, x2: width - right, y1: Y(chance), y2: Y(chance), stroke: "#555555", "stroke-width": 1.5, "stroke-dasharray": "2 3" });
    for (const c of curves) {
      const ok = c.p.x.map((_, i) => i).filter(i => c.p.low[i] !== null && c.p.high[i] !== null);
      if (ok.length && c.r.has_band) {
        const there = ok.map(i => X(c.p.x[i]) + "," + Y(c.p.high[i]));
        const back = ok.slice().reverse().map(i => X(c.p.x[i]) + "," + Y(c.p.low[i]));
        element(svg, "polygon", { points: there.concat(back).join(" "), fill: c.r.colour, opacity: 0.15 });
      }
    }
    for (const c of curves) {
      const points = c.p.x.map((x, i) => X(x) + "," + Y(c.p.y[i])).join(" ");
      element(svg, "polyline", { points: points, fill: "none", stroke: c.r.colour, "stroke-width": c.r.width, "stroke-dasharray": c.r.dash });
      if (c.r.has_band && c.p.x.length < 12) c.p.x.forEach((x, i) => element(svg, "circle", { cx: X(x), cy: Y(c.p.y[i]), r: 3.5, fill: c.r.colour }));
    }
    const tip = element(svg, "g", {});
    const budgets = Array.from(new Set(curves.flatMap(c => c.p.x))).sort((a, b) => a - b);
    function show(place) {
      at = Math.max(0, Math.min(budgets.length - 1, place));
      tip.textContent = "";
      const x = budgets[at], lines = [x + " % of the labels"];
      element(tip, "line", { x1: X(x), x2: X(x), y1: top, y2: height - bottom, stroke: "#555555" });
      const colours = [null];
      for (const c of curves) {
        const i = c.p.x.indexOf(x);
        if (i < 0) continue;
        element(tip, "circle", { cx: X(x), cy: Y(c.p.y[i]), r: 4.5, fill: c.r.colour, stroke: "#ffffff" });
        lines.push(line(c, i));
        colours.push(c.r.colour);
      }
      if (chance !== null) { lines.push("Chance: " + score(chance)); colours.push("#555555"); }
      const box = element(tip, "g", {});
      const back = element(box, "rect", { fill: "#ffffff", stroke: "#999999", rx: 4, opacity: 0.95 });
      lines.forEach((text, k) => {
        if (colours[k]) element(box, "rect", { x: 8, y: 13 + 17 * k, width: 9, height: 9, fill: colours[k] });
        element(box, "text", { x: colours[k] ? 23 : 8, y: 22 + 17 * k, "font-size": 13, "font-weight": k ? 400 : 700 }, text);
      });
      const size = box.getBBox();
      back.setAttribute("width", size.width + 18);
      back.setAttribute("height", 17 * lines.length + 14);
      const full = size.width + 18;
      let place_x = X(x) + 12;
      if (place_x + full > width - 2) place_x = Math.max(2, X(x) - 12 - full);
      const place_y = Math.max(top, height - bottom - 17 * lines.length - 22);
      box.setAttribute("transform", "translate(" + place_x + " " + place_y + ")");
      values.textContent = lines.join("; ");
    }
    svg.addEventListener("pointermove", event => {
      const frame = svg.getBoundingClientRect();
      const wanted = ((event.clientX - frame.left) * width / frame.width - left) / (width - left - right) * 1.02 * span.x;
      let best = 0;
      budgets.forEach((b, i) => { if (Math.abs(b - wanted) < Math.abs(budgets[best] - wanted)) best = i; });
      show(best);
    });
    svg.addEventListener("pointerleave", () => { tip.textContent = ""; at = -1; });
    svg.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      show(at < 0 && step === -1 ? budgets.length - 1 : at + step);
    });
  }

  function explain() {
    const legend = document.getElementById("legend");
    const entries = data.representations.concat(Object.values(data.chance).every((level) => level === null) ? [] : [{ title: "Chance", colour: "#555555", dash: "2 3", width: 1.5 }]);
    for (const r of entries) {
      const item = document.createElement("span"), svg = element(item, "svg", { viewBox: "0 0 34 10" });
      element(svg, "line", { x1: 1, x2: 33, y1: 5, y2: 5, stroke: r.colour, "stroke-width": r.width, "stroke-dasharray": r.dash });
      item.appendChild(document.createTextNode(r.title));
      legend.appendChild(item);
    }
  }

  fill(pick.classifier, data.classifiers);
  pick.classifier.value = data.start;
  fill(pick.metric, data.metrics);
  chart.hidden = false;
  explain();
  draw();
  let last = plot.clientWidth;
  window.addEventListener("resize", () => {
    if (last !== plot.clientWidth) draw();
    last = plot.clientWidth;
  });
})();
