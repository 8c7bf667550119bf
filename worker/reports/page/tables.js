
/// Columns have `title`, `of` (what is sorted by), `shown`, and `text` for what is no number.
function table(columns, rows, total, sortedBy) {
  const body = element("tbody");
  const made = element("table", {}, element("thead", {}, element("tr")), body);
  let column = columns[sortedBy ?? 0], down = sortedBy !== undefined;
  const cell = (row, each) => {
    const made = element("td", { className: each.text ?? "" });
    made.append(each.node ? each.node(row) : String(each.shown ? each.shown(each.of(row), row) : each.of(row)));
    if (each.alert?.(row)) made.classList.add("alert");
    return made;
  };
  const fill = () => {
    const ordered = [...rows].sort((a, b) => {
      const [x, y] = [column.of(a), column.of(b)];
      return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
    });
    body.replaceChildren(...ordered.map((row) => element("tr", {}, ...columns.map((each) => cell(row, each)))));
    columns.forEach((each) => {
      if (each === column) each.head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else each.head.removeAttribute("aria-sort");
    });
  };
  for (const each of columns) {
    const button = element("button", { type: "button", textContent: each.title });
    button.addEventListener("click", () => {
      down = each === column ? !down : !each.text;
      column = each;
      fill();
    });
    each.head = element("th", { className: each.text ? "text" : "", scope: "col" }, button);
    made.tHead.rows[0].append(each.head);
  }
  if (total) made.append(element("tfoot", {}, element("tr", {}, ...columns.map((each) => cell(total, each)))));
  fill();
  return element("div", { className: "scroll" }, made);
}

/// Of "2026-11-29T21:26:41Z": the time alone, where the day is that of the start.
const day = (utc) => utc.slice(0, 10);
const moment = (utc) => (day(utc) === day(data.run.start) ? "" : `${day(utc)} `) + utc.slice(11, 19);

const names = [
  { title: "Type", of: (row) => row.method, text: "text" },
  { title: "Name", of: (row) => row.name, text: "text name" },
];
const number = (title, field, shown = (value) => count.format(value)) => ({ title, of: (row) => row[field], shown });
const ofTimed = (title, of) => ({ title, of, shown: (value, row) => row.timed ? time(value) : "–" });
const percentile = (label) => ofTimed(label, (row) => row.percentiles[data.percentiles.indexOf(label)]);

function requestTables() {
  const share = (row) => row.requests ? row.failures / row.requests : 0;
  const columns = [
    ...names,
    number("Requests", "requests"),
    { ...number("Fails", "failures"), alert: (row) => row.failures > 0 },
    { title: "Fails %", of: share, shown: (value) => `${(100 * value).toFixed(2)}%`, alert: (row) => row.failures > 0 },
    ofTimed("Average", (row) => row.avg), ofTimed("Min", (row) => row.min),
    percentile("50%"), percentile("95%"), percentile("99%"), ofTimed("Max", (row) => row.max),
    number("Requests/s", "rps", rate), number("Fails/s", "fps", rate), number("Size", "size", bytes),
  ];
  document.getElementById("requests").append(table(columns, data.entries, data.total, 2));
  const all = [...names, ...data.percentiles.map(percentile), number("Requests", "requests")].map((each) => ({ ...each }));
  document.getElementById("percentiles").append(table(all, data.entries, data.total, all.length - 1));
}

function failureTables() {
  const show = (id, columns, rows) => {
    if (!rows.length) return;
    const section = document.getElementById(id);
    section.hidden = false;
    section.append(table(columns, rows, null, 0));
  };
  show("errors", [
    number("Times", "count"), ...names.map((each) => ({ ...each })), { title: "Error", of: (row) => row.error, text: "text long" },
    { title: "First", of: (row) => row.first, shown: moment, text: "text" }, { title: "Last", of: (row) => row.last, shown: moment, text: "text" },
  ], data.errors);
  show("exceptions", [
    number("Times", "count"),
    {
      title: "Exception", text: "text long", of: (row) => row.message,
      node: (row) => row.traceback
        ? element("details", {}, element("summary", { textContent: row.message }), element("pre", { textContent: row.traceback }))
        : row.message,
    },
  ], data.exceptions);
}

function summary() {
  const run = data.run, total = data.total;
  const title = run.host || run.locustfile || "Load test report";
  document.getElementById("title").textContent = title;
  document.title = `${title}: load test report`;
  document.getElementById("facts").textContent = [
    run.host && run.locustfile.split("/").at(-1), `${day(run.start)} ${moment(run.start)} to ${moment(run.end)} UTC`, `${clock(run.seconds)} long`,
    `${count.format(run.users)} ${run.users === 1 ? "user" : "users"}, ${rate(run.spawnRate)} new per second`,
  ].filter(Boolean).join(" · ");

  const failed = total.requests ? 100 * total.failures / total.requests : 0;
  const at = (label) => total.timed ? time(total.percentiles[data.percentiles.indexOf(label)]) : "–";
  const tiles = [
    ["requests", count.format(total.requests)],
    ["failures", `${failed ? failed.toFixed(failed < 0.01 ? 4 : 2) : 0}%`, total.failures > 0],
    ["requests/s", rate(total.rps)],
    ["median", at("50%")], ["95%", at("95%")], ["99%", at("99%")], ["slowest", total.timed ? time(total.max) : "–"],
  ];
  for (const [label, value, alert] of tiles) {
    document.getElementById("tiles").append(element("div", { className: alert ? "tile alert" : "tile" },
      element("b", { textContent: value }), element("span", { textContent: label })));
  }
  document.getElementById("footer").textContent =
    `Katydid ${run.version}. The moments of the charts are counted from the start of the test. Times of requests stand where their answer came.`;
}

function told() {
  const list = (id, items) => {
    if (!items.length) return;
    const section = document.getElementById(id);
    section.hidden = false;
    section.querySelector("ul").append(...items);
  };
  list("verdicts", data.verdicts.map(({ text, failed }) => element("li", { className: failed ? "failed" : "", textContent: text })));
  list("warnings", data.warnings.map(({ at, text }) => element("li", {}, element("time", { textContent: clock(at) }), text)));
  if (!data.verdicts.length) return;
  const outcome = document.getElementById("outcome");
  const failed = data.verdicts.filter((each) => each.failed).length;
  outcome.textContent = failed ? `Failed: ${failed} of ${data.verdicts.length} conditions` : "Passed";
  outcome.className = failed ? "bad" : "good";
  outcome.hidden = false;
}

summary();
told();
drawCharts();
requestTables();
failureTables();
