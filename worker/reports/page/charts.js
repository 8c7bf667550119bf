const data = JSON.parse(document.getElementById("data").textContent);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const count = new Intl.NumberFormat("en-US");

function significant(value) {
  if (value === 0) return "0";
  if (Math.abs(value) >= 100) return count.format(Math.round(value));
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

function rate(value) {
  return value >= 100 ? count.format(Math.round(value)) : String(Number(value.toFixed(value >= 10 ? 1 : 2)));
}

function time(ms) {
  if (ms >= 10000) return `${Number((ms / 1000).toPrecision(3))} s`;
  if (ms >= 1 || ms === 0) return `${significant(ms)} ms`;
  return `${significant(ms * 1000)} µs`;
}

function clock(seconds) {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function bytes(size) {
  if (size < 1000) return `${Math.round(size)} B`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

const slots = data.slots;
const length = slots.length ? slots.at(-1).at + slots.at(-1).seconds : 0;
const middle = (slot) => slot.at + slot.seconds / 2;
const timed = (slot) => slot.heat.length > 0;
const perSecond = (field) => (slot) => slot.seconds > 0 ? slot[field] / slot.seconds : 0;
const charts = [];

/// Whole steps of 1, 2 or 5 that give about as many lines.
function niceStep(span, lines) {
  const rough = span / lines, power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((step) => step * power >= rough) ?? 10);
}

function timeStep(span, lines) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  return steps.find((step) => span / step <= lines) ?? niceStep(span, lines);
}

function svg(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/// Lines over time, above a heat map where `heat` is set; then the axis of values is a logarithmic one of milliseconds.
class Chart {
  constructor({ title, lines, shown, wide = false, heat = false }) {
    Object.assign(this, { lines, shown, heat });
    const legend = element("span", { className: "legend" });
    for (const line of lines) legend.append(this.key(line.color, line.label));
    if (heat) {
      legend.append(element("span", { title: "how many requests of a moment took so long" },
        element("i", { className: "ramp" }), "few to many requests"));
    }
    this.plot = element("div", { className: "plot" });
    this.plot.style.height = heat ? "300px" : "190px";
    this.tip = element("div", { className: "tip", hidden: true });
    this.root = element("div", { className: wide ? "chart wide" : "chart" },
      element("div", { className: "head" }, element("h2", { textContent: title }), legend), this.plot, this.tip);
    document.getElementById("charts").append(this.root);
    this.plot.addEventListener("pointermove", (event) => this.point(event));
    this.plot.addEventListener("pointerleave", () => charts.forEach((chart) => chart.unmark()));
    charts.push(this);
  }

  key(color, label) {
    const mark = element("i");
    mark.style.background = `var(${color})`;
    return element("span", {}, mark, label);
  }

  draw() {
    const width = this.plot.clientWidth, height = this.plot.clientHeight;
    if (!width) return;
    this.box = { left: this.heat ? 58 : 50, right: width - 8, top: 8, bottom: height - 22 };
    this.canvas = svg("svg", { role: "img" });
    this.plot.replaceChildren();
    this.scale();
    if (this.heat) this.plot.append(this.heatMap(width, height));
    this.plot.append(this.canvas);
    this.axes();
    for (const line of this.lines) this.line(line);
  }

  x(seconds) {
    const { left, right } = this.box;
    return left + (right - left) * (length ? seconds / length : 0);
  }

  y(value) {
    const { top, bottom } = this.box;
    const place = (at) => this.heat ? Math.log10(Math.max(at, 1e-3)) : at;
    const share = (place(value) - place(this.low)) / (place(this.high) - place(this.low));
    return bottom - (bottom - top) * Math.min(1, Math.max(0, share));
  }

  scale() {
    if (!this.heat) {
      const most = Math.max(0, ...slots.flatMap((slot) => this.lines.map((line) => line.of(slot) ?? 0)));
      const step = niceStep(most || 1, 4);
      this.low = 0;
      this.high = Math.max(step, Math.ceil(most / step - 1e-9) * step);
      this.ticks = [];
      for (let at = 0; at <= this.high * 1.001; at += step) this.ticks.push(at);
      return;
    }
    const used = slots.flatMap((slot) => slot.heat.filter((_, place) => place % 2 === 0));
    this.first = Math.min(...used, 30) - 1;
    this.last = Math.max(...used, this.first + 8);
    this.low = this.edge(this.first);
    this.high = this.edge(this.last);
    const between = (factors) => {
      const found = [];
      for (let power = -3; power < 7; ++power) {
        for (const factor of factors) {
          const at = factor * 10 ** power;
          if (at >= this.low * 0.999 && at <= this.high * 1.001) found.push(at);
        }
      }
      return found;
    };
    this.ticks = between([1, 2, 5]);
    if (this.ticks.length > 9) this.ticks = between([1]);
  }

  /// The upper end of a bucket in milliseconds.
  edge(bucket) {
    return 10 ** (bucket / data.bucketsPerDecade) / 1000;
  }

  axes() {
    const { left, right, top, bottom } = this.box;
    for (const at of this.ticks) {
      const y = this.y(at);
      if (!this.heat || at === this.low) this.canvas.append(svg("line", { class: "grid", x1: left, x2: right, y1: y, y2: y }));
      this.canvas.append(svg("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, this.shown(at)));
    }
    const step = timeStep(length || 1, Math.max(2, (right - left) / 80));
    for (let at = 0; at <= length; at += step) {
      const x = this.x(at);
      if (x > right - 14 && at > 0) break;
      this.canvas.append(svg("text", { x, y: bottom + 17, "text-anchor": at ? "middle" : "start" }, clock(at)));
    }
    this.canvas.append(svg("line", { class: "grid", x1: left, x2: right, y1: bottom, y2: bottom }));
    this.cursor = svg("line", { class: "cursor", y1: top, y2: bottom, visibility: "hidden" });
    this.canvas.append(this.cursor);
  }

  line({ of, color }) {
    let path = "", before = null;
    slots.forEach((slot, index) => {
      const value = of(slot);
      if (value === null) {
        before = null;
        return;
      }
      const y = this.y(value).toFixed(1), x = this.x(middle(slot)).toFixed(1);
      if (before === null) path += `M${this.x(slot.at).toFixed(1)} ${y}`;
      path += `L${x} ${y}`;
      const next = slots[index + 1];
      if (!next || of(next) === null) path += `L${this.x(slot.at + slot.seconds).toFixed(1)} ${y}`;
      before = value;
    });
    const style = { fill: "none", d: path, "stroke-linejoin": "round", "stroke-linecap": "round" };
    if (this.heat) this.canvas.append(svg("path", { ...style, stroke: "var(--card)", "stroke-width": 4, "stroke-opacity": 0.7 }));
    this.canvas.append(svg("path", { ...style, stroke: `var(${color})`, "stroke-width": 1.8 }));
  }

  heatMap(width, height) {
    const canvas = element("canvas"), sharp = window.devicePixelRatio || 1;
    canvas.width = width * sharp;
    canvas.height = height * sharp;
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    const style = getComputedStyle(document.documentElement);
    const ends = ["--heat-low", "--heat-high"].map((name) => style.getPropertyValue(name).trim().split(" ").map(Number));
    const most = Math.max(1e-9, ...slots.flatMap((slot) =>
      slot.heat.filter((_, place) => place % 2).map((requests) => requests / slot.seconds)));
    for (const slot of slots) {
      const x = this.x(slot.at), wide = this.x(slot.at + slot.seconds) - x;
      for (let i = 0; i < slot.heat.length; i += 2) {
        const share = (slot.heat[i + 1] / slot.seconds / most) ** 0.4;
        const mixed = ends[0].map((low, channel) => Math.round(low + (ends[1][channel] - low) * share));
        const top = this.y(this.edge(slot.heat[i])), end = this.y(this.edge(slot.heat[i] - 1));
        pen.fillStyle = `rgb(${mixed.join(" ")})`;
        pen.fillRect(x, top, wide + 0.3, end - top + 0.3);
      }
    }
    return canvas;
  }

  point(event) {
    const { left, right } = this.box;
    const at = (event.offsetX - left) / (right - left) * length;
    const slot = slots.find((each) => at < each.at + each.seconds) ?? slots.at(-1);
    if (!slot || at < 0) return;
    charts.forEach((chart) => chart.mark(slot));
    const rows = this.lines.map((line) => {
      const value = line.of(slot);
      return element("div", {}, this.key(line.color, `${line.label} `),
        element("b", { textContent: value === null ? "no request" : (line.exactly ?? this.shown)(value) }));
    });
    this.tip.replaceChildren(element("div", { textContent: `${clock(slot.at)} to ${clock(slot.at + slot.seconds)}` }), ...rows);
    this.tip.hidden = false;
    const over = event.offsetX > (left + right) / 2;
    const x = this.plot.offsetLeft + event.offsetX + (over ? -this.tip.offsetWidth - 14 : 14);
    this.tip.style.left = `${Math.max(4, x)}px`;
    this.tip.style.top = `${this.plot.offsetTop + 12}px`;
  }

  mark(slot) {
    if (!this.cursor) return;
    const x = this.x(middle(slot));
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.cursor.setAttribute("visibility", "visible");
    this.tip.hidden = true;
  }

  unmark() {
    this.cursor?.setAttribute("visibility", "hidden");
    this.tip.hidden = true;
  }
}

function drawCharts() {
  const where = document.getElementById("charts");
  if (!slots.length) {
    where.hidden = true;
    return;
  }
  const whenTimed = (field) => (slot) => timed(slot) ? slot[field] : null;
  new Chart({
    title: "Response times", wide: true, heat: true, shown: time,
    lines: [
      { label: "99%", color: "--p99", of: whenTimed("p99") },
      { label: "95%", color: "--p95", of: whenTimed("p95") },
      { label: "50%", color: "--p50", of: whenTimed("p50") },
    ],
  });
  const rates = [
    { label: "requests/s", color: "--blue", of: perSecond("requests") },
    { label: "failures/s", color: "--red", of: perSecond("failures") },
  ];
  if (slots.some((slot) => slot.dropped)) {
    rates.push({ label: "dropped tasks/s", color: "--amber", of: perSecond("dropped") });
  }
  new Chart({ title: "Rate", lines: rates, shown: rate, wide: true });
  new Chart({ title: "Users", lines: [{ label: "users", color: "--violet", of: (slot) => slot.users }], shown: (value) => count.format(value) });
  new Chart({
    title: "Loop lag of the load generator", shown: time,
    lines: [
      { label: "largest", color: "--soft", of: (slot) => slot.lagMax },
      { label: "99%", color: "--amber", of: (slot) => slot.lag },
    ],
  });
  const draw = () => charts.forEach((chart) => chart.draw());
  new ResizeObserver(draw).observe(where);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
}
