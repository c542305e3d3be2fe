"use strict";
// Text of candidates reaches the page through textContent only.
(() => {
  const find = (id) => document.getElementById(id);

  const copy = find("copy");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", () => {
      navigator.clipboard.writeText(document.querySelector(copy.dataset.of).textContent).then(
        () => { find("copied").textContent = "Copied."; },
        () => { find("copied").textContent = "The browser does not allow it: select the text instead."; },
      );
    });
  }

  const matrix = find("matrix");
  if (!matrix) return;
  const data = JSON.parse(find("data").textContent);
  const lines = [...matrix.querySelectorAll("tbody tr")];
  const width = data.columns.length;
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  cursor.setAttribute("class", "cursor");
  cursor.setAttribute("width", "11");
  cursor.setAttribute("height", "10");
  let here = { line: null, column: 0 };

  // As the template's own boxes do: a single line is wrapped, several keep their places.
  function fill(id, text) {
    const box = find(id);
    box.textContent = text;
    box.className = "text";
    box.classList.toggle("line", !text.trim().includes("\n"));
    box.classList.toggle("blank", !text.trim());
  }

  function show(line, column) {
    if (here.line === line && here.column === column) return;
    if (here.line) here.line.classList.remove("here");
    here = { line, column };
    line.classList.add("here");
    tell(line, column);
  }

  function tell(line, column) {
    cursor.setAttribute("x", String(10 * column - 1));
    line.querySelector(".strip").append(cursor);
    const number = Number(line.dataset.row);
    const [label, given, expected] = data.columns[column];
    const said = data.rows[number].said[column];
    find("cell-title").textContent = `Candidate ${number + 1}, ${label}`;
    find("cell-kind").textContent = data.meanings[data.rows[number].kinds[column]];
    fill("cell-given", given);
    find("cell-expected-box").hidden = expected === null;
    fill("cell-expected", expected === null ? "" : expected);
    find("cell-said").parentElement.hidden = said < 0;
    fill("cell-said", said < 0 ? "" : data.outputs[column][said]);
    find("cell-source").textContent = data.sources[number];
    find("cell").hidden = false;
  }

  function under(event) {
    const strip = event.target.closest("td .strip");
    if (!strip) return;
    const box = strip.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    show(strip.closest("tr"), Math.min(Math.max(column, 0), width - 1));
  }
  matrix.addEventListener("pointermove", under);
  matrix.addEventListener("click", (event) => {
    under(event);
    const head = event.target.closest("tbody th");
    if (head) { show(head.parentElement, here.column); find("cell-program").open = true; }
  });

  matrix.addEventListener("keydown", (event) => {
    const shown = lines.filter((line) => !line.hidden);
    if (!shown.length) return;
    const at = Math.max(shown.indexOf(here.line), 0);
    const moves = {
      ArrowUp: [at - 1, here.column], ArrowDown: [here.line ? at + 1 : 0, here.column],
      ArrowLeft: [at, here.column - 1], ArrowRight: [at, here.line ? here.column + 1 : 0],
      Home: [at, 0], End: [at, width - 1],
    };
    if (event.key === "Enter" && here.line) {
      find("cell-program").open = !find("cell-program").open;
    } else if (moves[event.key]) {
      const [row, column] = moves[event.key];
      const line = shown[Math.min(Math.max(row, 0), shown.length - 1)];
      show(line, Math.min(Math.max(column, 0), width - 1));
      cursor.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else {
      return;
    }
    event.preventDefault();
  });

  // What the answer itself does is told until another cell is asked for.
  tell(lines.find((line) => line.classList.contains("chosen")) || lines[0], 0);
  find("hint").hidden = false;
  const filters = find("filters");
  filters.hidden = false;
  const lower = data.sources.map((source) => source.toLowerCase());
  function filter() {
    const outcome = find("f-outcome").value;
    const cluster = find("f-cluster").value;
    const text = find("f-text").value.toLowerCase();
    let count = 0;
    for (const line of lines) {
      const fits = (!outcome || line.dataset.outcome === outcome)
        && (!cluster || line.dataset.cluster === cluster)
        && (!text || lower[Number(line.dataset.row)].includes(text));
      line.hidden = !fits;
      count += fits;
    }
    find("f-count").textContent = `${count} of ${lines.length} shown`;
  }
  filters.addEventListener("input", filter);
  filters.addEventListener("reset", () => setTimeout(filter));
  filters.addEventListener("submit", (event) => event.preventDefault());
  filter();
  performance.mark("interactive");
})();
