import type { RevocationEntry } from "../../revocations/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import type { NotLookedAt } from "../targets.ts";
import { colour, table } from "../terminal.ts";
import type { Hit } from "./hits.ts";

const MAX_PLACES = 5;

const WORDS = {
  refused: "would be refused",
  weakened: "loses evidence",
  void: "is already void",
  unknown: "cannot tell",
  untouched: "untouched",
} as const satisfies Record<Hit["effect"], string>;
const WORST: readonly Hit["effect"][] = ["refused", "unknown", "weakened", "void", "untouched"];

/** The plan for people: the worst first, what stays as it is only counted. */
export function planText(entries: readonly RevocationEntry[], hits: readonly Hit[]): string {
  const shown = hits
    .filter(({ effect }) => effect !== "untouched")
    .toSorted((a, b) => WORST.indexOf(a.effect) - WORST.indexOf(b.effect));
  const overview = table(
    ["THEN", "PODS", "PROMOTIONS", "NAMESPACE", "IMAGE"],
    shown.map((hit) => [
      WORDS[hit.effect],
      String(placesOf(hit, "pod").length),
      String(placesOf(hit, "promotion").length + hit.promotedBy.length),
      hit.namespace,
      hit.image,
    ]),
  );
  const digests = entries.flatMap(({ digest }) => digest ?? []);
  return [
    ...(digests.length > 1 ? [`${digests.length} digests would be void:`, ...digests.map(indent)] : []),
    ...(shown.length > 0 ? [overview, "", ...shown.flatMap(details)] : []),
    summary(hits),
  ].join("\n");
}

export function planJson(
  entries: readonly RevocationEntry[],
  hits: readonly Hit[],
  notLookedAt: readonly NotLookedAt[],
): string {
  const voids = entries.map(({ issuer, identity, sourceRepository, key, digest, from, until }) => ({
    issuer,
    identity,
    sourceRepository,
    key,
    digest,
    from,
    until,
  }));
  const images = hits.map((hit) => ({
    image: hit.image,
    namespace: hit.namespace,
    digests: hit.digests,
    effect: hit.effect,
    because: hit.because,
    pods: placesOf(hit, "pod"),
    promotions: [...placesOf(hit, "promotion"), ...hit.promotedBy],
  }));
  return jsonAnswer({ voids, images, notLookedAt });
}

function details(hit: Hit): string[] {
  const rows = [
    ...hit.because.map((why) => `because: ${why}`),
    ...listed("pod", placesOf(hit, "pod")),
    ...listed("promotion", [...placesOf(hit, "promotion"), ...hit.promotedBy]),
  ];
  return [
    `${colour(hit.effect === "refused" ? "red" : "yellow", WORDS[hit.effect])}  ${hit.image}`,
    ...rows.map(indent),
  ];
}

function listed(what: string, places: readonly string[]): string[] {
  const shown = places.slice(0, MAX_PLACES).map((text) => `${what}: ${text}`);
  const more = places.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more; -o json lists them all`] : shown;
}

function placesOf({ places }: Hit, kind: Hit["places"][number]["kind"]): string[] {
  return places.filter((place) => place.kind === kind).map(({ text }) => text);
}

function summary(hits: readonly Hit[]): string {
  const counts = WORST.map(
    (effect) => [hits.filter((hit) => hit.effect === effect).length, WORDS[effect]] as const,
  );
  const parts = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return `${hits.length} image(s) checked: ${parts.join(", ")}.`;
}

function indent(text: string): string {
  return `  ${text}`;
}
