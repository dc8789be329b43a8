// Tables: sort by a column, copy, download; rows that resolve nothing are folded away.
(function () {
  const minus = "\u2212";
  function value(text) {
    const number = /^[<\s]*([-+\u2212]?[\d.,]*\d)/.exec(text);
    return number ? parseFloat(number[1].replace(minus, "-").replace(/,/g, "")) : NaN;
  }
  const cellsOf = row => Array.from(row.cells, cell => cell.textContent.trim());
  const rowsOf = table => Array.from(table.rows, cellsOf);
  // what spreadsheets may take for a formula gets an apostrophe, as in the files of tables/
  const inert = text => /^(\s*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\n])/.test(text)
    && !/^[-+][\d.,]+%?( \[[-+\d., \u2212]+\])?$/.test(text) ? "'" + text : text;
  const quoted = text => /[",\n]/.test(text) ? "\"" + text.replace(/"/g, "\"\"") + "\"" : text;
  const csv = table => rowsOf(table).map(row => row.map(inert).map(quoted).join(",")).join("\n") + "\n";

  function button(parent, text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => act(made));
    parent.appendChild(made);
    return made;
  }
  function sort(table, column, up) {
    for (const body of table.tBodies) {
      const rows = Array.from(body.rows, (row, place) => ({ row: row, place: place, text: row.cells[column].textContent.trim() }));
      rows.sort((a, b) => {
        const x = value(a.text), y = value(b.text);
        // what has no number comes last, either way
        if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
        const order = isNaN(x) ? a.text.localeCompare(b.text) : x - y;
        return (up ? order : -order) || a.place - b.place;
      });
      for (const entry of rows) body.appendChild(entry.row);
    }
  }
  function makeSortable(table) {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      const text = head.textContent;
      head.textContent = "";
      button(head, text, () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        sort(table, column, up);
      });
    });
  }
  function copy(table, made) {
    const text = rowsOf(table).map(row => row.join("\t")).join("\n");
    function done() {
      const before = made.textContent;
      made.textContent = "Copied";
      setTimeout(() => { made.textContent = before; }, 1500);
    }
    function select() {
      const range = document.createRange();
      range.selectNodeContents(table);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      if (document.execCommand("copy")) done();
    }
    // A page that is a file may not write to the clipboard in every browser.
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, select);
    else select();
  }
  function download(table, name) {
    const link = document.createElement("a");
    link.href = "data:text/csv;charset=utf-8," + encodeURIComponent("\ufeff" + csv(table));
    link.download = name + ".csv";
    link.click();
  }
  function fold(table, tools) {
    const folded = table.querySelector("tbody.unresolved");
    if (!folded) return;
    const n = folded.rows.length, shown = "Hide what is not resolved";
    const hidden = "Show " + n + (n === 1 ? " row" : " rows") + " that resolve" + (n === 1 ? "s" : "") + " nothing";
    folded.classList.add("folded");
    const made = button(tools, hidden, () => {
      const is = folded.classList.toggle("folded");
      made.textContent = is ? hidden : shown;
      made.setAttribute("aria-expanded", String(!is));
    });
    made.setAttribute("aria-expanded", "false");
  }

  for (const sheet of document.querySelectorAll(".sheet")) {
    const table = sheet.querySelector("table"), tools = document.createElement("p");
    const caption = sheet.querySelector(".caption");
    tools.className = "tools";
    fold(table, tools);
    button(tools, "Copy", made => copy(table, made)).setAttribute("aria-label", "Copy: " + caption.textContent);
    button(tools, "CSV", () => download(table, sheet.dataset.name)).setAttribute("aria-label", "Download as CSV: " + caption.textContent);
    caption.after(tools);
    makeSortable(table);
  }
})();
