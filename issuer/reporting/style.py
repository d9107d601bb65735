"""The style of the page, on screen and on A4."""

STYLE = """
:root { color: #1b1f24; background: #ffffff; font: 14px/1.45 "Segoe UI", "Helvetica Neue", Arial,
  "Noto Sans", "Noto Sans CJK SC", sans-serif; }
body { max-width: 1000px; margin: 0 auto; padding: 24px; }
header { border-bottom: 3px solid #12355b; margin-bottom: 16px; padding-bottom: 8px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; color: #12355b; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 28px 0 8px; color: #12355b; border-bottom: 1px solid #b9c2cc; }
h3 { font-size: 14px; margin: 18px 0 4px; }
p { margin: 4px 0; }
.notice { border: 1px solid #9e2a2b; border-left-width: 6px; padding: 6px 10px; margin: 10px 0; }
.small { color: #4a525a; font-size: 12px; }
table { border-collapse: collapse; width: 100%; margin: 4px 0 8px; font-size: 12.5px; }
caption { text-align: left; font-weight: 600; padding: 8px 0 2px; caption-side: top; }
th, td { padding: 3px 6px; border-bottom: 1px solid #d5d8dc; text-align: left; vertical-align: top; }
thead th { border-bottom: 1.5px solid #12355b; vertical-align: bottom; }
td { overflow-wrap: anywhere; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
.group tr:not(:last-child) td { border-bottom: none; }
.failed { font-weight: 700; color: #9e2a2b; }
dl.facts { display: grid; grid-template-columns: max-content 1fr max-content 1fr; gap: 2px 14px; }
dl.facts dt { color: #4a525a; } dl.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
dl.hashes { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 4px 0; }
dl.hashes dt { color: #4a525a; } dl.hashes dd { margin: 0; overflow-wrap: anywhere; font-size: 12px; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 14px 20px; }
figure { margin: 0; break-inside: avoid; } figure svg { width: 100%; height: auto; }
figcaption { font-weight: 600; margin-bottom: 2px; }
figure text { font: 12px Arial, "Noto Sans", sans-serif; fill: #1b1f24; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 14px; margin: 2px 0 0; padding: 0;
  font-size: 12px; }
.legend svg { width: auto; height: 12px; margin-right: 5px; vertical-align: -1px; }
svg.defs { position: absolute; }
footer { border-top: 1px solid #b9c2cc; margin-top: 24px; padding-top: 6px; }
@media (max-width: 700px) { .charts, dl.facts { grid-template-columns: 1fr; }
  .wide { overflow-x: auto; } }
@page { size: A4; margin: 14mm 13mm 16mm; }
@media print {
  :root { font-size: 10.5px; }
  body { max-width: none; padding: 0; }
  h1 { font-size: 21px; } h2 { font-size: 15px; } h3 { font-size: 11px; }
  table { font-size: 9px; } th, td { padding: 2px 4px; }
  .small, .legend, dl.hashes dd { font-size: 9px; } .charts { gap: 6px 16px; } h2 { margin-top: 16px; }
  thead { display: table-header-group; } tr, caption, h2, h3, footer { break-inside: avoid; }
  table.short, tbody.group { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  section.period { break-before: page; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
