import { readFileSync } from "node:fs";

import type { Finding } from "../../../src/core/index.ts";
import {
  coveringWaiver,
  endWaiver,
  lintWaivers,
  MAX_LIFE,
  parseWaivers,
  type Waiver,
  waiverWeakenings,
  type WaiverRegistry,
  writtenWaiver,
} from "../../../src/waivers/index.ts";
import { yamlTexts } from "../generate/yaml-texts.ts";
import { hasPlaces } from "../problems.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const SUBJECT = { image: "as written", place: 'container "web"' };

/** Waivers: what cannot be read is none, and none counts for longer, for more or for others than it may. */
export function open(): AnyTarget {
  const sample = readFileSync("policy/waivers.yaml", "utf8").replaceAll(/^ *#.*\n/gm, "");
  return target({
    inputs: yamlTexts([sample]),
    call: parseWaivers,
    check: (parsed, text) => {
      const linted = lintWaivers(text);
      if (!parsed.ok) return hold(hasPlaces(linted, text), "it cannot be read, and nothing is wrong with it");
      hold(
        parsed.value.problems.length === 0 || hasPlaces(linted, text),
        "a problem has no place in the text",
      );
      hold(waiverWeakenings(text, text).length === 0, "it is weaker than itself");
      for (const waiver of parsed.value.waivers) checkWaiver(waiver, parsed.value);
      checkEnd(parsed.value.waivers[0], text);
    },
  });
}

function checkWaiver(waiver: Waiver, registry: WaiverRegistry): void {
  const { from, until, digest } = waiver;
  const life = until.getTime() - from.getTime();
  hold(life > 0 && life <= MAX_LIFE[waiver.class], "it counts for longer than its class may");
  hold(waiver.owners.length > 0, "nobody answers for it");
  hold(registry.waivers.filter(({ id }) => id === waiver.id).length === 1, "its id is another's, too");
  hold(registry.byDigest.get(digest)?.includes(waiver) === true, "it is not found by its digest");
  const covers = (now: Date, differing: Partial<Finding> = {}): boolean =>
    coveringWaiver(registry, { ...findingFor(waiver), ...differing }, circumstance(waiver, now)) !==
    undefined;
  hold(covers(from) && covers(new Date(until.getTime() - 1)), "it does not count within its window");
  const others = registry.byDigest.get(digest)!.filter((each) => each !== waiver);
  if (others.length > 0) return;
  hold(!covers(until) && !covers(new Date(from.getTime() - 1)), "it counts outside of its window");
  hold(!covers(from, { code: "revocation/digest" }), "it sets a revocation aside");
}

function findingFor(waiver: Waiver): Finding {
  const code = CODES[waiver.class];
  return {
    kind: "finding",
    code,
    subject: SUBJECT,
    digest: waiver.digest,
    ids: waiver.findings ?? [],
    message: "x",
  };
}

const CODES = {
  vulnerability: "vulnerability/blocked",
  sbom: "sbom/missing",
  signature: "signature/missing",
  provenance: "provenance/missing",
  promotable: "promotable/refused",
} as const;

function circumstance({ image, namespaces }: Waiver, now: Date): Parameters<typeof coveringWaiver>[2] {
  return { image: image ?? "ghcr.io/acme/app", namespace: namespaces?.[0] ?? "shop", now };
}

/** An edit either says why not, or gives a document in which the waiver ends no later than before. */
function checkEnd(waiver: Waiver | undefined, text: string): void {
  if (waiver === undefined) return;
  const written = writtenWaiver(text, waiver.id);
  hold(written !== undefined, "a waiver that counts is not found in its text");
  const half = new Date((waiver.from.getTime() + waiver.until.getTime()) / 2);
  const edited = endWaiver(text, written, half);
  if (!edited.ok) return;
  const again = parseWaivers(edited.value);
  hold(again.ok, "an edit that was let through cannot be read");
  const ended = again.value.waivers.find(({ id }) => id === waiver.id);
  hold(ended === undefined || ended.until <= waiver.until, "a waiver that was ended lasts longer");
}
