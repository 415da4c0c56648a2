import type { AuditedImage } from "../../audit/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { colour } from "../terminal.ts";
import type { Answer } from "./audit.ts";

/** Images that are spelled out, and images of nodes; JSON has 10,000 and all. */
const MAX_SHOWN = 200;

/** Each image that something is found of, and the sums. */
export function textReport(answer: Answer): string {
  const { found, notListed, nodeImages, gaps } = answer;
  const left = found.length + notListed - Math.min(found.length, MAX_SHOWN);
  return [
    ...found.slice(0, MAX_SHOWN).flatMap(block),
    ...(left > 0 ? [`and ${left} more image(s) with findings; -o json lists 10,000`] : []),
    ...nodeLines(nodeImages),
    ...gaps.map(({ what, why }) => `not seen: ${what}: ${why}`),
    sumLine(answer),
  ].join("\n");
}

function block({ namespace, owner, image, judged, pods, state, findings }: AuditedImage): string[] {
  const names = pods.names.join(", ");
  const more = pods.count - pods.names.length;
  return [
    `${coloured(state)}  ${namespace} ${owner.kind} ${owner.name}: ${image.where}`,
    `  ${judged}${judged === image.named ? "" : `, named as ${image.named}`}`,
    `  in ${pods.count} pod(s): ${names}${more > 0 ? ` and ${more} more` : ""}`,
    ...findings.map(({ kind, code, message, fix }) => `  ${kind}: ${message} (${code}). ${fix}`),
  ];
}

function coloured(state: AuditedImage["state"]): string {
  if (state === "allowed") return state;
  return colour(state === "refused" ? "red" : "yellow", state);
}

function nodeLines({ unaccounted, nodes, partly }: Answer["nodeImages"]): string[] {
  const revoked = unaccounted.filter(({ isRevoked }) => isRevoked);
  const left = revoked.length - MAX_SHOWN;
  const shown = revoked
    .slice(0, MAX_SHOWN)
    .map(({ digest, nodes: on }) => `${colour("red", "revoked")}  ${digest} lies on ${on} node(s)`);
  const all = `${unaccounted.length} image(s) on ${nodes} node(s) belong to no pod of now`;
  const part =
    partly > 0 ? `; ${partly} node(s) list 50 or more, which is what a kubelet lists at most by default` : "";
  return [
    ...shown,
    ...(left > 0 ? [`and ${left} more; -o json lists all`] : []),
    ...(nodes > 0 ? [all + part] : []),
  ];
}

function sumLine({ counts, kinds, until }: Answer): string {
  const { allowed, refused, unknown, waiting } = counts;
  const soon = kinds["ends-soon"] ?? 0;
  return `${allowed + refused + unknown} image(s) run: ${allowed} allowed, ${refused} refused, ${unknown} unknown; ${waiting} not begun; of the allowed, ${soon} not until ${until.toISOString()}`;
}

/** The answer as stable JSON; docs/reference/cli.md describes it. */
export function jsonReport({ at, until, countsByMode, gaps, found, ...rest }: Answer): string {
  return jsonAnswer({
    at: at.toISOString(),
    until: until.toISOString(),
    counts: rest.counts,
    countsByMode: Object.fromEntries(countsByMode),
    kinds: rest.kinds,
    found: found.map(({ image: { named, running, where }, ...each }) => ({
      ...each,
      place: where,
      named,
      running,
    })),
    notListed: rest.notListed,
    nodeImages: rest.nodeImages,
    notSeen: gaps,
  });
}
