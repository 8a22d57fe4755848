"""The page's style: light, dark, narrow and printed; no outside font, image or script."""

_FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans","Noto Sans CJK SC",sans-serif'

_LIGHT = """--paper:#fff;--page:#f4f5f7;--ink:#1b2430;--soft:#5a6675;--line:#d9dee5;--head:#eef1f5;--accent:#0b5cad;--warn:#9a4b00;--warnbg:#fff1e0;
--c1:#0b5cad;--c2:#d1660a;--c3:#2a8a4a;--c4:#8a4fbf;--c5:#7a8594;--c6:#b02a5b;
--measured:#1d7f46;--fitted:#1f8579;--correlated:#3f7fc4;--estimated:#a8730a;--assumed:#c44f22;--other:#75808f"""

_DARK = """--paper:#171c23;--page:#0f1318;--ink:#e6eaf0;--soft:#9fabba;--line:#323b47;--head:#202833;--accent:#7db8f5;--warn:#ffb870;--warnbg:#3a2a17;
--c1:#6fb1f5;--c2:#f5a15a;--c3:#6fce8d;--c4:#c39af0;--c5:#8f9bab;--c6:#f084a8"""

_PAGE = """*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 FONT}
main,header,nav{max-width:1180px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:27px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
header p{margin:0 0 12px;color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:13px;padding-bottom:14px}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
section{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:18px 20px;margin:0 0 16px;min-width:0}
h2{font-size:19px;margin:0 0 10px}h3{font-size:15px;margin:18px 0 6px}
p{margin:0 0 10px;overflow-wrap:anywhere;max-width:80ch}
.note{font-size:13px;color:var(--soft)}.absent{color:var(--soft);font-style:italic}
.scroll{overflow-x:auto;max-width:100%}.scroll:focus-visible{outline:2px solid var(--accent)}
table{border-collapse:collapse;font-size:13px;width:100%;margin:4px 0 10px;font-variant-numeric:tabular-nums}
th,td{padding:5px 9px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{min-width:4.2em;background:var(--head);font-weight:600;vertical-align:bottom}
td{overflow-wrap:break-word;max-width:34em}td.num,th.num{text-align:right}td.num{white-space:nowrap}
th:empty{min-width:0}
tfoot td{font-weight:600;border-top:2px solid var(--line)}
sup,sub{line-height:0;font-size:.75em}.dense{font-size:12px}.dense th,.dense td{min-width:0;padding:4px 5px}.dense td{white-space:nowrap}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:8px 22px;align-items:start}.columns>*{min-width:0}
.top{display:grid;grid-template-columns:minmax(0,300px) minmax(0,1fr);gap:8px 26px;align-items:start}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,230px),1fr));gap:10px;margin:0 0 12px}
.card{border:1px solid var(--line);border-radius:6px;padding:9px 12px;background:var(--page);min-width:0}
.card b{display:block;font-size:19px;line-height:1.3}.card span{font-size:12.5px;color:var(--soft)}
.mols{display:grid;grid-template-columns:repeat(auto-fill,minmax(165px,1fr));gap:10px;margin:8px 0}
.mol{border:1px solid var(--line);border-radius:6px;padding:8px;text-align:center;font-size:12.5px;min-width:0;overflow-wrap:anywhere}
.mol svg{display:block;margin:0 auto;max-width:100%;height:auto}.mol b{display:block}.mol code{font-size:11px;color:var(--soft)}
table.wide{min-width:760px}
.pairs{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 16px;margin:0 0 10px}
.pairs dt{color:var(--soft)}.pairs dd{margin:0;overflow-wrap:anywhere}
.badge{display:inline-block;font-size:11.5px;line-height:1.5;border-radius:9px;padding:0 8px;border:1px solid var(--line);white-space:nowrap;background:var(--head)}
.badge.flag{color:var(--warn);background:var(--warnbg);border-color:var(--warn)}.badge.ok{color:var(--c3);border-color:var(--c3)}
.warning{border-left:4px solid var(--warn);background:var(--warnbg);padding:8px 12px;margin:0 0 10px;border-radius:0 6px 6px 0;max-width:none}
.switch{position:relative}.choice{position:absolute;opacity:0;width:1px;height:1px}.picks{display:flex;flex-wrap:wrap;gap:6px;margin:0 0 8px}
.pick{cursor:pointer}.pick span{display:inline-block;font-size:12.5px;border:1px solid var(--line);border-radius:14px;padding:2px 11px;background:var(--head)}.chosen{display:none}
.verdicts{font-size:14px}.ready{margin:0 0 14px}.ready p{max-width:none;margin:0 0 4px}
figure{margin:6px 0 12px}figcaption{font-size:13px;color:var(--soft);max-width:80ch}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:12.5px;color:var(--soft)}
.legend span{display:inline-flex;align-items:center;gap:5px}.legend i{width:12px;height:12px;border-radius:2px}
pre{background:var(--head);border-radius:6px;padding:12px;overflow-x:auto;font-size:12px;line-height:1.4}
details{margin:6px 0}summary{cursor:pointer;color:var(--accent);font-size:13px}
ul{margin:0 0 10px;padding-left:20px}li{margin:2px 0;overflow-wrap:anywhere}
footer{max-width:1180px;margin:0 auto;padding:0 20px 30px;font-size:12.5px;color:var(--soft)}
"""

_CHART = """svg.chart{display:block;width:100%;max-width:620px;min-width:330px;height:auto}
svg.bars{min-width:430px}svg.chart.broad{max-width:860px;min-width:620px}
svg.flowsheet{display:block;width:100%;min-width:1040px;height:auto}
svg.stacked{display:block;width:100%;height:auto;border-radius:4px;margin:2px 0}svg.key{width:22px;height:14px}
svg text{fill:var(--ink);font-size:12px;font-family:inherit}
svg .tick,svg .value{fill:var(--soft);font-size:11.5px}svg .in-bar{fill:#fff;font-weight:600;font-size:11.5px}
svg .plot{fill:none;stroke:var(--line)}svg .grid{stroke:var(--line);stroke-width:.7}svg .guide{stroke:var(--soft);stroke-dasharray:4 3}
svg .m{stroke:none}svg .curve{fill:none;stroke-width:2}svg .err{stroke-width:1;opacity:.55}svg .stroke{fill:none;stroke-width:1.5}svg .whisker{stroke:var(--ink);stroke-width:1.2}
svg .pipe{fill:none;stroke:var(--soft);stroke-width:1.4}svg .tip{fill:var(--soft)}
svg .ring{fill:var(--paper);stroke:var(--accent);stroke-width:1.2}svg .no{font-size:10.5px;fill:var(--accent);font-weight:600}svg .flow{font-size:11px;fill:var(--soft)}
svg .symbol{fill:none;stroke:var(--ink);stroke-width:1.25;stroke-linejoin:round}svg .unit{fill:var(--head)}svg .mesh{stroke-dasharray:5 3}svg .end{fill:var(--paper);stroke:var(--soft);stroke-dasharray:3 2}
svg .band{stroke:none;opacity:.18}svg .dashed{stroke-dasharray:5 3}svg .cloud{stroke:var(--c1);fill:var(--c1);fill-opacity:.12;stroke-width:1.4}svg .cloud.k2{stroke-width:.9}svg .rho{fill:var(--ink)}
svg.corner{display:block;width:100%;max-width:800px;min-width:640px;height:auto}
svg .name{font-size:12px;font-weight:600}svg .small{font-size:11px;fill:var(--soft)}
"""

_NARROW = """@media (max-width:700px){main,header,nav,footer{padding-left:10px;padding-right:10px}section{padding:14px 12px}
.top{grid-template-columns:minmax(0,1fr)}.pairs{grid-template-columns:minmax(0,1fr)}.pairs dt{margin-top:4px}h1{font-size:22px}}
"""

_PRINT = """body{font-size:10pt;background:#fff}nav{display:none}section{border:0;padding:0 2px 8px;margin:0 0 8px}.mol svg{filter:none}main,header,footer{max-width:none;padding:0}
h2,h3,.note{break-after:avoid}.note{break-before:avoid}figure,.card,.mol,tr,.columns,.ready,li{break-inside:avoid}.scroll{overflow:visible}
table{font-size:8pt}.dense{font-size:7.5pt}th,td{padding:2px 4px}table.wide{min-width:0}.badge{padding:0 4px;font-size:7pt}.card{background:none}.card b{font-size:11pt}.card{padding:4px 8px}.ready{margin:0 0 4px}.legend{font-size:8pt}
.top{grid-template-columns:48mm minmax(0,1fr)}.cards{grid-template-columns:repeat(3,minmax(0,1fr))}.columns{grid-template-columns:repeat(2,minmax(0,1fr));gap:6px 14px}.mols{grid-template-columns:repeat(5,minmax(0,1fr))}
svg.flowsheet,svg.chart,svg.bars,svg.corner{min-width:0}svg.flowsheet{max-width:188mm}.verdicts{display:none}h2{font-size:14pt;margin:0 0 6px}svg.stacked{max-width:120mm}svg.corner{max-width:160mm}svg.chart.broad{min-width:0;max-width:150mm}#front svg.chart{max-width:92mm}.picks{display:none}
#readiness h3{margin:4px 0 0}#readiness p{margin:0 0 2px;font-size:8.5pt}#properties .note{font-size:7pt}pre{white-space:pre-wrap;background:none;padding:0}#citations pre{font-size:6.5pt;columns:2;column-gap:8mm}
#flow,#streams,#front{page:wide}@page{size:A4;margin:13mm 12mm}@page wide{size:A4 landscape}"""

_TONES = "".join(f"svg .m.t{i}{{fill:var(--c{i})}}svg .curve.t{i},svg .err.t{i},svg .stroke.t{i}{{stroke:var(--c{i})}}svg .band.t{i}{{fill:var(--c{i})}}\n" for i in range(1, 7))
_TIERS = "".join(
    f"svg .{t},i.{t}{{fill:var(--{t});background:var(--{t})}}.tier-{t}{{border-color:var(--{t})}}\n" for t in ("measured", "fitted", "correlated", "estimated", "assumed", "other")
)
_CHOICES = "".join(
    f".choice:nth-of-type({i}):checked~.chosen:nth-of-type({i + 1}){{display:block}}.choice:nth-of-type({i}):checked~.picks .pick:nth-of-type({i}) span{{background:var(--accent);color:var(--paper);border-color:var(--accent)}}.choice:nth-of-type({i}):focus-visible~.picks .pick:nth-of-type({i}) span{{outline:2px solid var(--ink);outline-offset:1px}}\n"
    for i in range(1, 6)
)

CSS = (
    f":root{{{_LIGHT}}}\n"
    f"@media (prefers-color-scheme:dark){{:root{{{_DARK}}}\n.mol svg{{filter:invert(1) hue-rotate(180deg)}}}}\n"
    f"{_PAGE.replace('FONT', _FONT)}{_CHART}{_TONES}{_TIERS}{_CHOICES}{_NARROW}@media print{{:root{{{_LIGHT}}}\n{_PRINT}}}\n"
)


def chart_style(dark: bool = False) -> str:
    """The charts' rules for a picture that stands alone: colours (light ones, or dark ones) put in place, as not every viewer knows CSS variables."""
    values = dict(part.strip().split(":", 1) for part in (_LIGHT + (";" + _DARK if dark else "")).split(";") if part.strip())
    rules = f"text{{font-family:{_FONT}}}{_CHART}{_TONES}"
    for name in sorted((k.removeprefix("--") for k in values), key=len, reverse=True):
        rules = rules.replace(f"var(--{name})", values[f"--{name}"])
    return rules.replace("font-family:inherit", f"font-family:{_FONT}").replace("&", "&amp;")
