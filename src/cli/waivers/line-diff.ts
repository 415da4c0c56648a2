const CONTEXT = 3;

/** What changed between two texts as one hunk of a unified diff: everything between the first and the last change. */
export function lineDiff(before: string, after: string): string {
  const [old, now] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const lead = old.slice(Math.max(0, head - CONTEXT), head);
  const trail = tail === 0 ? [] : old.slice(-tail).slice(0, CONTEXT);
  const gone = old.slice(head, old.length - tail);
  const fresh = now.slice(head, now.length - tail);
  const from = head - lead.length + 1;
  const size = lead.length + trail.length;
  return [
    `@@ -${from},${size + gone.length} +${from},${size + fresh.length} @@`,
    ...lead.map((line) => ` ${line}`),
    ...gone.map((line) => `-${line}`),
    ...fresh.map((line) => `+${line}`),
    ...trail.map((line) => ` ${line}`),
  ].join("\n");
}
