"""A person with a printed sheet: an HTML page with what to do and a form for what came out, which saves the result file of the drop folder."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from chemwright.experiment.lab.drivers.folder import FolderDriver, level_or_number
from chemwright.experiment.lab.records import Setpoint
from chemwright.record.atomic import write_atomic

_STYLE = """body{font:16px/1.4 sans-serif;max-width:44em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;width:100%}
td,th{border:1px solid #888;padding:.4em .6em;text-align:left}input{font:inherit;width:9em}.line{border-bottom:1px solid #000;height:1.6em}
.warn{border:2px solid #b00;padding:.5em}@media print{button,.screen{display:none}}"""

_SCRIPT = """
document.getElementById("save").onclick = function () {
  var d = JSON.parse(document.getElementById("data").textContent), head = ["run"], row = [d.run];
  d.channels.forEach(function (c) {
    head.push(c.unit === "1" ? c.name : c.name + " [" + c.unit + "]");
    row.push(document.getElementById("r-" + c.name).value.trim().replace(",", "."));
  });
  var a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([head.join(",") + "\\n" + row.join(",") + "\\n"], {type: "text/csv"}));
  a.download = d.run + ".result.csv";
  a.click();
};
"""


class SheetDriver(FolderDriver):
    """As :class:`FolderDriver`, with ``RUN.html`` beside the request: to print, or to fill in; its button saves ``RUN.result.csv``, which goes into the folder."""

    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """As :meth:`Driver.set`; the sheet is written as well."""
        super().set(setpoints)
        if self.run:
            write_atomic(self.folder / f"{self.run}.html", self.sheet().encode())

    def sheet(self) -> str:
        """The page: what to set, what to watch, a form and lines for the pen."""
        e, st = html.escape, self.station
        rows = "".join(
            f"<tr><td>{e(c.name)}</td><td><b>{e(level_or_number(c, self.points.get(c.name, c.safe or 0.0)))}</b> {e('' if c.levels or c.unit == '1' else c.unit)}</td><td></td></tr>"
            for c in st.set_channels
        )
        stop = "".join(f"<li>{e(str(i.when))}: {e(i.name)}</li>" for i in st.envelope.interlocks)
        asked = [c for c in st.read_channels if c.kind == "result"]
        form = "".join(
            f'<tr><td>{e(c.name)}</td><td class="line"><input class="screen" id="r-{e(c.name)}" inputmode="decimal"></td><td>{e("" if c.unit == "1" else c.unit)}</td></tr>'
            for c in asked
        )
        data = json.dumps({"run": self.run, "channels": [{"name": c.name, "unit": c.unit} for c in asked]}).replace("<", "\\u003c")
        warn = f'<div class="warn"><b>Stop, and leave it safe, when</b><ul>{stop}</ul></div>' if stop else ""
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{e(self.run)}</title><style>{_STYLE}</style></head><body>'
            f"<h1>Experiment {e(self.run)}</h1><p>Station: {e(st.name)}</p><h2>Set</h2><table><tr><th>what</th><th>to</th><th>done, by whom</th></tr>{rows}</table>{warn}"
            f"<h2>Result</h2><table><tr><th>what</th><th>value</th><th>unit</th></tr>{form}</table>"
            f'<p class="screen"><button id="save">Save {e(self.run)}.result.csv</button> and put it into the folder of this page. Leave empty what was not measured.</p>'
            f'<p>Date, name, remarks:</p><p class="line"></p><p class="line"></p><script type="application/json" id="data">{data}</script><script>{_SCRIPT}</script></body></html>'
        )

    def _put_away(self) -> None:
        super()._put_away()
        page = self.folder / f"{self.run}.html"
        if page.is_file():
            page.replace(self.folder / "done" / page.name)
