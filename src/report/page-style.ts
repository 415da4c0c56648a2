/** How every page of ours looks: light and dark, on paper, on a phone. */
export const PAGE_STYLE = `
:root { --text: #1b1f24; --dim: #57606a; --ground: #ffffff; --soft: #f3f5f7; --line: #d0d7de; --link: #0757b8;
  --good: #1a7f37; --doubt: #9a6700; --bad: #c0262c; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ec; --dim: #9aa5b1; --ground: #0f1318; --soft: #1a2027; --line: #333c47; --link: #74b3ff;
    --good: #4ac26b; --doubt: #d8a33a; --bad: #ff7b78; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; color: var(--text); background: var(--ground);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h3 { font-size: 1rem; } a { color: var(--link); } .dim { color: var(--dim); }
.good strong { color: var(--good); } .doubt strong { color: var(--doubt); } .bad strong { color: var(--bad); }
.box { border: 1px solid var(--line); border-left: 4px solid var(--line); background: var(--soft); padding: .75rem 1rem; }
.box.good { border-left-color: var(--good); } .box.doubt { border-left-color: var(--doubt); } .box.bad { border-left-color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); min-width: 4rem; }
th { overflow-wrap: normal; } th button { all: unset; cursor: pointer; font-weight: 600; } th button:focus-visible { outline: 2px solid var(--link); }
input, textarea, pre { font: .875rem ui-monospace, monospace; color: inherit; background: var(--soft); border: 1px solid var(--line); padding: .4rem; }
pre { overflow-x: auto; white-space: pre-wrap; } svg { max-width: 100%; height: auto; } svg text { fill: var(--dim); font: 11px system-ui, sans-serif; }
svg .good { fill: var(--good); } svg .doubt { fill: var(--doubt); } svg .bad { fill: var(--bad); }
@media (max-width: 40rem) { body { padding: .6rem; } th, td { padding: .25rem .35rem; } }
@media print { :root { --text: #000; --dim: #444; --ground: #fff; --soft: #fff; --line: #999; } input { display: none; } body { max-width: none; }
  .scroll { overflow: visible; } }
`;
