# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Style sheet and script of the HTML report. Private to this collection.

Colours of text keep 4.5 : 1 against what they stand on, in the light and in the dark. The script only narrows the list of findings.
"""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --letters: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --paper: #ffffff; --raised: #f5f6f8; --ink: #1c2128; --quiet: #57606a; --line: #d8dde3; --link: #0b57a4; --focus: #0b57a4;
  --good: #1a6b3c; --bad: #b3261e; --middling: #8a5200; --unknown: #51606f; --waived: #5b4b8a;
  --good-fill: #4a9d6e; --bad-fill: #c8453b; --middling-fill: #b9811f; --unknown-fill: #8b98a5; --track: #e9ecef;
  --bad-paper: #fdf1f0; --middling-paper: #fdf6e9; --good-paper: #eef7f1; --unknown-paper: #f2f4f6; --waived-paper: #f3f1f9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15191e; --raised: #1d232a; --ink: #e4e8ec; --quiet: #a3aeb9; --line: #333c46; --link: #86bcf5; --focus: #86bcf5;
    --good: #7fd1a0; --bad: #ff9d94; --middling: #ecbd6a; --unknown: #b3bec9; --waived: #c3b5ee;
    --good-fill: #3f8f63; --bad-fill: #d0574d; --middling-fill: #b98631; --unknown-fill: #62707e; --track: #2a323a;
    --bad-paper: #2c1d1d; --middling-paper: #2a2418; --good-paper: #18261e; --unknown-paper: #20262d; --waived-paper: #231f30;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 var(--letters); }
body > header, .page, body > footer { max-width: 84rem; margin-inline: auto; padding-inline: clamp(1rem, 3vw, 2.5rem); }
body > header { padding-block: 2.5rem 1.25rem; }
body > header p { margin: 0.25rem 0 0; color: var(--quiet); overflow-wrap: anywhere; }
body > footer { padding-block: 3rem 2rem; color: var(--quiet); font-size: 0.875rem; }
h1, h2, h3 { line-height: 1.2; letter-spacing: -0.01em; text-wrap: balance; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 2.25rem; font-weight: 650; letter-spacing: -0.02em; }
h2 { margin: 0 0 0.75rem; font-size: 1.5rem; font-weight: 650; }
h3 { margin: 2rem 0 0.5rem; font-size: 1.0625rem; font-weight: 650; }
p { max-width: 44rem; margin: 0.5rem 0; }
a { color: var(--link); text-underline-offset: 0.15em; text-decoration-thickness: 0.06em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
code { font: 0.8125rem/1.4 ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
small { font-size: 0.8125rem; color: var(--quiet); }
.hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; top: 0.5rem; left: 0.5rem; padding: 0.5rem 1rem; background: var(--paper); z-index: 2; }
.quiet { color: var(--quiet); }
.page { display: grid; gap: 2rem; }
main { min-width: 0; }
main > section { padding-block: 2.25rem; border-top: 1px solid var(--line); }
main > section:first-child { border-top: 0; padding-top: 1.5rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0; padding: 0; font-size: 0.9375rem; }
nav a { display: inline-block; padding-block: 0.25rem; overflow-wrap: anywhere; }
@media (min-width: 68rem) {
  .page { grid-template-columns: 12rem minmax(0, 1fr); gap: 3rem; }
  nav ul { position: sticky; top: 2rem; flex-direction: column; padding-top: 1.5rem; }
  nav a { text-decoration: none; }
  nav a:hover { text-decoration: underline; }
}
.verdict { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.25rem; padding: 1rem 1.25rem; border-left: 0.375rem solid currentColor; }
.verdict p { margin: 0; font-size: 1.25rem; color: var(--ink); }
.verdict .word { font-weight: 700; }
.verdict.pass { color: var(--good); background: var(--good-paper); }
.verdict.fail, .verdict.error { color: var(--bad); background: var(--bad-paper); }
.verdict.not_assessable { color: var(--unknown); background: var(--unknown-paper); }
.verdict.waived { color: var(--waived); background: var(--waived-paper); }
.tiles { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0 1.5rem; margin: 1.25rem 0 0; padding: 0; }
.tiles li { padding-block: 0.5rem; border-top: 2px solid var(--line); }
.tiles b { display: block; font-size: 2rem; font-weight: 600; line-height: 1.15; font-variant-numeric: tabular-nums; letter-spacing: -0.02em; }
.tiles small { display: block; }
.status { white-space: nowrap; font-weight: 600; }
.status.pass { color: var(--good); }
.status.fail, .status.error { color: var(--bad); }
.status.not_assessable { color: var(--unknown); }
.status.waived { color: var(--waived); }
.severity { font-size: 0.8125rem; font-weight: 600; padding: 0.0625rem 0.4375rem; border: 1px solid currentColor; border-radius: 1rem; }
.severity.high { color: var(--bad); }
.severity.medium { color: var(--middling); }
.severity.low { color: var(--unknown); }
.steps { margin: 0.5rem 0; padding-left: 1.5rem; max-width: 54rem; }
.steps li { padding-block: 0.5rem; }
.steps li::marker { font-variant-numeric: tabular-nums; color: var(--quiet); }
.minded { margin-top: 2rem; padding: 0.25rem 1.25rem 0.75rem; border-left: 0.375rem solid var(--middling); background: var(--middling-paper); }
.minded h3 { margin-top: 0.75rem; color: var(--middling); }
.minded ul { margin: 0; padding-left: 1.125rem; }
.minded li { overflow-wrap: anywhere; max-width: 54rem; }
.note { padding-left: 0.75rem; border-left: 3px solid var(--middling-fill); overflow-wrap: anywhere; }
dl { display: grid; gap: 0.375rem 2rem; margin: 0.75rem 0; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
dt { color: var(--quiet); font-size: 0.8125rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.rule dl { display: block; max-width: 54rem; }
.rule dl > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 1rem; padding-block: 0.25rem; }
.scroll { overflow-x: auto; margin-block: 0.75rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; line-height: 1.4; }
caption { text-align: left; color: var(--quiet); padding-bottom: 0.25rem; }
th, td { padding: 0.4375rem 0.75rem 0.4375rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; font-size: 0.8125rem; vertical-align: bottom; border-bottom-width: 2px; }
tbody th { font-weight: 600; min-width: 6.5rem; }
tbody :is(th, td):not(.number) { overflow-wrap: anywhere; }
.ages tbody th, .digits tbody th, .days tbody th, .statements tbody th, .answers tbody th { min-width: 0; }
td { min-width: 4rem; }
td > small, th > small { display: block; font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.number + :not(.number) { padding-left: 0.75rem; }
thead .wide { min-width: 10rem; width: 34%; }
.repositories thead .wide { width: 14%; min-width: 6rem; }
td.wide { vertical-align: middle; }
.bar { display: block; width: 100%; height: 0.75rem; }
.track { fill: var(--track); }
.good { fill: var(--good-fill); }
.bad { fill: var(--bad-fill); }
.middling { fill: var(--middling-fill); }
rect.unknown { fill: var(--unknown-fill); }
.digits .digit b { font-size: 1.25rem; line-height: 1; }
.ages tbody th, .days tbody th { font-weight: 400; white-space: nowrap; }
.matrix { min-width: 46rem; }
.reasons, .gaps { min-width: 36rem; }
.servers, .repositories { min-width: 46rem; }
.repositories tbody :is(th, td):nth-child(-n+3) { min-width: 8.75rem; }
.statements { min-width: 48rem; }
.matrix :is(td, th):nth-child(n+3):nth-child(-n+7) { white-space: nowrap; min-width: 0; width: 3.25rem; font-variant-numeric: tabular-nums; }
.matrix tbody th { min-width: 9rem; }
.matrix td:nth-child(2) { min-width: 9.5rem; }
.trends td:nth-child(2) { min-width: 7rem; }
.trends th { white-space: nowrap; }
.p { color: var(--good); }
.f, .e { color: var(--bad); font-weight: 700; }
.n { color: var(--unknown); }
.notes { font-size: 0.875rem; color: var(--quiet); padding-left: 1.5rem; max-width: 54rem; }
.multiple { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: 0 1rem; align-items: end; padding-block: 0.5rem; }
.multiple > div { display: flex; flex-direction: column; line-height: 1.3; font-size: 0.875rem; }
.multiple > div span { font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.columns { display: block; width: 100%; height: 3.25rem; }
.columns g:hover { opacity: 0.7; }
.axis { display: flex; justify-content: space-between; margin-left: 10rem; color: var(--quiet); font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
details { margin-block: 0.5rem; }
summary { cursor: pointer; padding-block: 0.375rem; overflow-wrap: anywhere; }
.rule p a { white-space: nowrap; }
details.rule { margin: 0; border-bottom: 1px solid var(--line); }
details.rule > summary { padding-block: 0.625rem; }
details.rule[open] { padding-bottom: 1rem; }
.rule .id { display: inline-block; min-width: 2.75rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.rule .title { font-weight: 600; }
.rule .counts { margin-left: 0.75rem; font-size: 0.875rem; }
.counts > span + span { margin-left: 0.875rem; }
table.findings, table.answers { min-width: 50rem; }
table.findings td:nth-child(3) { min-width: 16rem; }
table.findings td:nth-child(5) { min-width: 8rem; }
table.findings td:nth-child(4) { min-width: 11rem; color: var(--quiet); }
.findings td:last-child { min-width: 5rem; }
.answers .address { min-width: 16rem; }
:target { background: var(--middling-paper); }
h2:target { background: none; }
form { display: flex; flex-wrap: wrap; gap: 0.75rem 1rem; align-items: end; margin-block: 1rem; padding: 1rem 1.25rem; background: var(--raised); }
form[hidden] { display: none; }
form label { display: flex; flex-direction: column; gap: 0.125rem; font-size: 0.8125rem; color: var(--quiet); max-width: 100%; }
form label:first-child { flex: 1 1 16rem; }
input, select, button { font: inherit; font-size: 1rem; color: var(--ink); background: var(--paper); max-width: 100%; }
input, select, button { border: 1px solid var(--quiet); border-radius: 4px; padding: 0.375rem 0.625rem; }
::placeholder { color: var(--quiet); opacity: 1; }
button { cursor: pointer; }
output { flex-basis: 100%; font-size: 0.875rem; color: var(--quiet); }
@media (max-width: 40rem) {
  h1 { font-size: 1.75rem; }
  .multiple { grid-template-columns: minmax(0, 1fr); }
  .multiple > div { flex-direction: row; flex-wrap: wrap; gap: 0 0.75rem; align-items: baseline; padding-bottom: 0.375rem; }
  .axis { margin-left: 0; }
  .rule dl > div { grid-template-columns: minmax(0, 1fr); }
  .rule .counts { display: block; margin-left: 0; }
  thead .wide { min-width: 4rem; }
  .digits .wide { display: none; }
  .digits td, .ages td { min-width: 0; }
  .digits thead th, .ages thead th { white-space: normal; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --raised: #ffffff; --ink: #000000; --quiet: #404040; --line: #bbbbbb; --link: #000000;
    --good: #0f5a2f; --bad: #9c1c15; --middling: #704200; --unknown: #404040; --waived: #40336b;
    --good-fill: #4a9d6e; --bad-fill: #c8453b; --middling-fill: #b9811f; --unknown-fill: #8b98a5; --track: #e4e4e4;
    --bad-paper: #ffffff; --middling-paper: #ffffff; --good-paper: #ffffff; --unknown-paper: #ffffff; --waived-paper: #ffffff;
  }
  @page { margin: 16mm 14mm; }
  html { font-size: 9.5pt; }
  nav, form, .skip { display: none !important; }
  .page { display: block; padding: 0; }
  body > header, body > footer { padding-inline: 0; }
  body > header { padding-top: 0; }
  main > section { padding-block: 1rem; }
  h2, h3, summary { break-after: avoid; }
  tr, .multiple, .verdict, .tiles, .steps li { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  table, table.findings, table.answers, .matrix { min-width: 0; font-size: 8pt; }
  .servers, .repositories, .reasons, .gaps, .statements { min-width: 0; }
  .tiles { grid-template-columns: repeat(5, 1fr); }
  td, table.findings td, table.answers .address, .matrix tbody th, .repositories tbody :is(th, td):nth-child(-n+3) { min-width: 0; }
  table.answers code { font-size: 6.5pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  details:not(.bulk)::details-content { content-visibility: visible; block-size: auto; display: block; }
  details.bulk > summary::after { content: " (too long for paper: see the file on a screen)"; color: var(--quiet); font-weight: 400; }
  a { text-decoration: none; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
"""

SCRIPT = """
(function () {
  "use strict";
  var form = document.getElementById("filter");
  if (!form) { return; }
  var groups = Array.prototype.map.call(document.querySelectorAll("details[data-severity]"), function (group) {
    return { group: group, rows: Array.prototype.slice.call(group.querySelectorAll("tr[data-status]")), texts: null, was: group.open };
  });
  var total = groups.reduce(function (sum, one) { return sum + one.rows.length; }, 0);
  var field = function (name) { var found = document.getElementById("filter-" + name); return found ? found.value : ""; };

  function texts(one) {
    if (!one.texts) {
      var title = one.group.firstElementChild.textContent;
      one.texts = one.rows.map(function (row) { return (title + " " + row.textContent).toLowerCase(); });
    }
    return one.texts;
  }

  function narrow() {
    var words = field("search").toLowerCase().split(/\\s+/).filter(Boolean);
    var status = field("status"), severity = field("severity"), server = field("server"), shown = 0;
    var narrowed = words.length > 0 || status !== "" || severity !== "" || server !== "";
    groups.forEach(function (one) {
      var fits = severity === "" || one.group.dataset.severity === severity, some = 0;
      one.rows.forEach(function (row, number) {
        var seen = fits && (status === "" || row.dataset.status === status) && (server === "" || row.dataset.server === server) &&
          (words.length === 0 || words.every(function (word) { return texts(one)[number].indexOf(word) >= 0; }));
        if (row.hidden === seen) { row.hidden = !seen; }
        if (seen) { some += 1; }
      });
      one.group.hidden = some === 0;
      shown += some;
      one.some = some;
    });
    groups.forEach(function (one) { one.group.open = narrowed && shown <= 200 ? one.some > 0 : one.was; });
    document.querySelectorAll(".severities").forEach(function (part) {
      part.hidden = !part.querySelector("details:not([hidden])");
    });
    var many = shown === 1 ? " finding" : " findings";
    document.getElementById("filter-shown").textContent = narrowed ? shown + " of " + total + " findings shown" : total + many;
  }

  var waiting = 0;
  form.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(narrow, 120); });
  form.addEventListener("reset", function () { setTimeout(narrow, 0); });
  form.addEventListener("submit", function (event) { event.preventDefault(); narrow(); });
  form.hidden = false;
  narrow();
}());
"""
