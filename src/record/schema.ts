import { z } from "zod";

import { Digest } from "../core/index.ts";
import { RECORD_VERSION } from "./chain.ts";
import { FACT_TYPES } from "./facts.ts";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Short = z.string().max(512);
const Long = z.string().max(16_384);
const Ids = z.array(Short).max(256);

const Place = z
  .object({
    version: z.literal(RECORD_VERSION).describe("Version of the form of the lines."),
    chain: z
      .string()
      .max(320)
      .describe("POD/8 hex digits: the lines of one replica, over restarts where files are kept."),
    number: z.int().min(1).describe("One more than the line before."),
    previous: Hash.optional().describe(
      "SHA-256 of the line before, without the name of its user; absent in the first line of a chain.",
    ),
  })
  .describe("Where the line is in its chain.");

const Line = z.object({
  level: z.literal("info"),
  time: z.int().describe("When it was written, ms since 1970."),
  pid: z.int(),
  hostname: Short.describe("The replica: the name of its pod."),
  record: Place,
});

const ByPerson = Line.extend({
  userHash: z
    .string()
    .max(64)
    .optional()
    .describe("Represents the user where the name is not written, or erased."),
  userSalt: z.string().max(64).optional().describe("Salt of userHash; written and erased with the name."),
});

const Fault = z.object({ code: Short, message: Long }).describe("What could not be known.");
const FactOrFault = z.object({
  facts: Digest.nullish().describe("Digest of the fact; null where there is none."),
  fault: Fault.optional(),
});

const Basis = z
  .object({
    at: z.iso.datetime().describe("The instant by which it was judged."),
    askedMode: z.enum(["enforce", "advisory", "off"]).describe("The mode before any switch."),
    documents: z
      .object({
        policy: Digest.optional(),
        waivers: Digest.optional(),
        revocations: Digest.optional(),
        enforcement: Digest.optional(),
      })
      .describe("Digests of the texts in force; absent where there was none."),
    trust: z
      .union([Digest, z.object({ fault: Fault })])
      .describe("Digest of the fact with the trust material: generation, roots by digest, keys."),
    subjects: z
      .array(z.object({ image: Long, place: Long, advice: Long.optional() }))
      .max(64)
      .describe("The images, as they were written, each once."),
    tags: z
      .array(z.object({ tag: Long, digest: Digest.nullish(), fault: Fault.optional() }))
      .max(64)
      .optional(),
    contents: z
      .array(FactOrFault.extend({ image: Long }))
      .max(64)
      .optional(),
    evidence: z
      .array(
        FactOrFault.extend({
          image: Long,
          wants: z
            .object({
              predicateTypes: z.array(Long),
              predicateTexts: z.array(Long),
              acceptsPartial: z.boolean(),
            })
            .describe("What the rules asked for: what was not asked for was not read."),
          thorough: z.literal(true).optional().describe("It was looked up once more before it refused."),
          collectedAt: z.iso.datetime().optional(),
          ageMs: z.number().optional(),
          trustGeneration: Short.optional(),
          ofOthers: z.literal(true).optional().describe("Its registry may show more to this workload."),
          stale: Fault.optional().describe("Why older evidence was used."),
        }),
      )
      .max(64),
    approvals: z
      .array(FactOrFault.extend({ approval: Digest }))
      .max(64)
      .optional(),
  })
  .describe("What it takes to judge it again.");

const Objection = z.object({
  kind: z.enum(["finding", "fault"]),
  code: Short,
  image: Long.optional(),
  digest: Digest.optional(),
  rule: Short.optional(),
  gate: Short.optional(),
  ids: z.array(Short).max(64).optional(),
  message: Long,
});

const Decision = ByPerson.extend({
  msg: z.literal("decision"),
  uid: Short.describe("Of the AdmissionReview, as in the API server's audit log."),
  namespace: Short,
  kind: Short,
  name: Short,
  operation: Short.describe("Empty where the review could not be read."),
  dryRun: z.boolean(),
  caller: z.enum(["verified", "unverified"]).describe("Whether the sender proved to be the API server."),
  user: Short.optional().describe("Who sent the request to the API server."),
  decision: z.enum(["allow", "warn", "deny"]),
  mode: z
    .enum(["enforce", "advisory", "off"])
    .describe("The mode by which it was decided, switches included."),
  codes: Ids,
  images: z.array(Long).max(16),
  digests: Ids,
  rules: Ids.optional(),
  waivers: Ids,
  switches: Ids.optional(),
  objections: z.array(Objection).max(64).optional(),
  waived: z
    .array(z.object({ code: Short, image: Long, waiver: Short, until: z.iso.datetime() }))
    .max(64)
    .optional(),
  omitted: z.record(z.string(), z.int()).optional().describe("How many entries its lists leave out."),
  message: Long.optional(),
  ms: z.int(),
  basis: Basis.optional(),
  replayable: z.boolean().describe("Whether the record holds all that it takes to judge it again."),
  notReplayableBecause: Long.optional(),
});

const GuardDecision = ByPerson.extend({
  msg: z.literal("guard decision"),
  uid: Short,
  user: Short.optional(),
  decision: z.enum(["allowed", "refused"]),
  reason: Short,
  operation: Short,
  name: Short,
  resource: Short,
  from: Short,
  to: Short,
  rules: Ids.optional(),
  dryRun: z.boolean(),
  caller: z.enum(["verified", "unverified"]),
}).describe("A change of a document, the settings or a namespace's mode.");

const Sync = ByPerson.extend({
  msg: z.literal("sync"),
  initiatedBy: Short.optional(),
  namespace: Short,
  application: Short,
  decision: Short,
  dryRun: z.boolean(),
  caller: z.enum(["verified", "unverified"]),
}).describe("An answer about an Argo CD sync; its workloads are judged again as they are admitted.");

const DocumentInForce = Line.extend({
  msg: z.literal("document"),
  document: z.enum(["policy", "waivers", "revocations", "enforcement"]),
  digest: Digest.describe("Of its text."),
  facts: Digest.describe("Digest of the fact with its name and text."),
  acceptedAt: z.iso.datetime(),
}).describe("A text came into force, or is in force as a file begins.");

const Begins = Line.extend({
  msg: z.literal("record begins"),
  why: z
    .enum(["start", "restart", "rotation"])
    .describe("start: a new chain. restart: another process continues one."),
  build: Short.describe("Version of the gate."),
  file: Short.optional(),
  torn: z
    .object({ file: Short, bytes: z.int() })
    .optional()
    .describe("Half a line at the end of the file before, which does not count."),
  notContinued: Long.optional().describe("Why a chain that was there is not continued."),
  lost: z
    .object({ from: z.int(), to: z.int(), lines: z.int(), because: Long })
    .optional()
    .describe("Lines before this one that could not be written to files."),
}).describe("A file or a process begins.");

const Removed = Line.extend({
  msg: z.literal("record removed"),
  file: Short,
  bytes: z.int(),
  because: z.enum(["days", "size"]),
}).describe("A file was removed, since it was too old or files took too much room.");

const Switched = Line.extend({
  msg: z.literal("switch"),
  change: z
    .enum(["off", "on", "closed"])
    .describe("closed: a replica put back failurePolicy, which someone had set to Ignore."),
  switch: Short.optional().describe("Its id in the document; absent where failurePolicy was put back."),
  scope: Short.describe("What it is about: all namespaces, a namespace, a rule, the webhooks."),
  by: z.string().max(1024),
  ticket: Short,
  reason: Long,
  from: z.iso.datetime().optional(),
  until: z.iso.datetime(),
  confirmedBy: z.string().max(1024).optional(),
  isRepeated: z.boolean().optional(),
}).describe("A switch of enforcement came into force, or ended, on this replica.");

/** A line of a chain. */
export const RecordLine = z.discriminatedUnion("msg", [
  Decision,
  GuardDecision,
  Sync,
  DocumentInForce,
  Begins,
  Removed,
  Switched,
]);
/** See the schema of the same name. */
export type RecordLine = z.infer<typeof RecordLine>;
/** A decision on a workload. */
export type DecisionLine = z.infer<typeof Decision>;

/** A line that is not in the chain, in files alone: decisions name it by its digest. */
export const FactLine = z.object({
  msg: z.literal("facts"),
  type: z.enum(FACT_TYPES),
  digest: Digest.describe("SHA-256 of `value` as canonical JSON (RFC 8785)."),
  value: z.unknown(),
});
/** See the schema of the same name. */
export type FactLine = z.infer<typeof FactLine>;

/** A line that says that names were taken out of the file before it. */
export const ErasedLine = z.object({ msg: z.literal("names erased"), at: z.iso.datetime() });

/** The JSON Schema of a line of the decision record. */
export function recordJsonSchema(): object {
  const schema = z.toJSONSchema(z.union([RecordLine, FactLine, ErasedLine]), {
    io: "input",
    target: "draft-7",
  });
  return { ...schema, title: "A line of MC Gate's decision record" };
}
