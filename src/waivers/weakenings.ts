import { isDeepStrictEqual } from "node:util";

import type { Problem } from "../core/index.ts";
import { parseWaivers, type Waiver } from "./registry.ts";

/**
 * Where `after` sets more aside than `before`: new waivers, and ones that became wider or longer. A `before` that is not
 * known, or cannot be read, held no waiver. What is wrong with an `after` that cannot be read.
 */
export function waiverWeakenings(before: string | undefined, after: string): Problem[] {
  const now = parseWaivers(after);
  if (!now.ok) return [...now.problems];
  const old = before === undefined ? undefined : parseWaivers(before);
  const known = new Map(old?.ok ? old.value.waivers.map((waiver) => [waiver.id, waiver] as const) : []);
  return now.value.waivers.flatMap((waiver) => {
    const message = widening(known.get(waiver.id), waiver);
    return message === undefined
      ? []
      : [{ ...waiver.place, path: waiver.id, rule: "weaker-waiver", message }];
  });
}

function widening(old: Waiver | undefined, waiver: Waiver): string | undefined {
  if (old === undefined) return "A new waiver admits an image.";
  if (waiver.until > old.until) return "It would count longer than before.";
  if (waiver.from < old.from) return "It would count earlier than before.";
  return isDeepStrictEqual(scopeOf(old), scopeOf(waiver)) ? undefined : "It would cover something else.";
}

function scopeOf({ class: kind, digest, image, findings, namespaces }: Waiver): unknown {
  return [kind, digest, image, findings, namespaces];
}
