import { z } from "zod";

import { parseJson } from "../../core/index.ts";
import type { FleetPlan } from "./plan.ts";

const Text = z.string().max(100_000);
const Item = z.strictObject({
  id: z.int(),
  name: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/),
  defaultBranch: Text,
  wave: z.int().min(0).max(3),
  action: z.enum(["open", "update", "none", "left", "blocked"]),
  why: Text.exactOptional(),
  sources: Text,
  work: Text,
  hash: Text.exactOptional(),
  files: z.array(z.strictObject({ path: Text, text: z.string() })),
  reviewers: z.strictObject({ users: z.array(Text), teams: z.array(Text) }),
  notes: z.array(Text),
  pull: z
    .strictObject({ number: z.int(), state: z.enum(["open", "closed", "merged"]), head: Text, url: Text })
    .exactOptional(),
});
const Plan = z.strictObject({
  version: z.literal(1),
  campaign: z.strictObject({
    owner: Text,
    reusable: Text,
    commit: z.string().regex(/^[0-9a-f]{40}$/),
    version: Text,
    docs: Text,
    rollbackDocs: Text,
  }),
  items: z.array(Item).max(50_000),
  unknown: z.array(z.strictObject({ name: Text, why: Text })),
  requests: z.int(),
  plannedMs: z.number(),
});

/** Reads a saved plan; undefined where the text is not one. */
export function readPlan(text: string): FleetPlan | undefined {
  try {
    return Plan.safeParse(parseJson(text)).data;
  } catch {
    return undefined;
  }
}
