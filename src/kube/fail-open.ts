import { z } from "zod";

import { parseInstant, readJson } from "../core/index.ts";
import { CONFIGURATIONS } from "./certificate/ca-bundle.ts";
import type { KubeClient } from "./client/client.ts";
import { KubeError } from "./client/kube-error.ts";
import { readAnswer } from "./client/read-answer.ts";
import { readObject } from "./client/read-object.ts";
import { resourcePath } from "./client/resource-path.ts";

/** The annotation of the webhook configuration that says who had it fail open. */
const ANNOTATION = "mc-gate.dev/fail-open";
/** Whose failure refuses workloads. That of modes stays: a tenant must not label itself out while the gate is away. */
const SOFTENED = ["enforce.mc-gate.dev", "operations.mc-gate.dev"];

const Configuration = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }),
  webhooks: z.array(z.object({ name: z.string(), failurePolicy: z.string().nullish() })).nullish(),
});
type Configuration = z.infer<typeof Configuration>;
const Note = z.object({
  by: z.string().max(1024),
  reason: z.string().max(600),
  ticket: z.string().max(300),
  until: z.string().max(64),
});

/** Who had the webhooks fail open, why, and until when. */
export interface FailOpenNote {
  readonly by: string;
  readonly reason: string;
  readonly ticket: string;
  readonly until: Date;
}

/** Which configuration, and whether only to try. */
export interface FailOpenOptions {
  readonly name: string;
  readonly isDryRun: boolean;
}

/** What the annotation says; undefined where there is none. One that cannot be read is one by no known person. Rejects with KubeError. */
export async function readFailOpen(client: KubeClient, name: string): Promise<FailOpenNote | undefined> {
  const text = (await read(client, name)).metadata.annotations?.[ANNOTATION];
  return text === undefined ? undefined : noteIn(text);
}

/** Has the API server admit workloads that the gate does not answer, with the note as an annotation. Rejects with KubeError. */
export async function setFailOpen(
  client: KubeClient,
  note: FailOpenNote,
  { name, isDryRun }: FailOpenOptions,
): Promise<void> {
  const value = JSON.stringify({ ...note, until: note.until.toISOString() });
  const change = { name, isDryRun, failurePolicy: "Ignore", annotation: value } as const;
  await write(client, await read(client, name), change);
}

/** Puts back what `setFailOpen` did; whether there was something to put back. Rejects with KubeError. */
export async function endFailOpen(client: KubeClient, { name, isDryRun }: FailOpenOptions): Promise<boolean> {
  const found = await read(client, name);
  if (found.metadata.annotations?.[ANNOTATION] === undefined) return false;
  await write(client, found, { name, isDryRun, failurePolicy: "Fail", annotation: null });
  return true;
}

async function read(client: KubeClient, name: string): Promise<Configuration> {
  const found = await readObject(client, { ...CONFIGURATIONS, name });
  if (found === undefined) throw new KubeError(`there is no webhook configuration ${name}`, { status: 404 });
  return readAnswer(Configuration, "webhook configuration", found);
}

interface Change extends FailOpenOptions {
  readonly failurePolicy: "Fail" | "Ignore";
  readonly annotation: string | null;
}

/** Both in one write, which fails where the order of the webhooks has changed meanwhile. */
async function write(
  client: KubeClient,
  { metadata, webhooks }: Configuration,
  { name, isDryRun, failurePolicy, annotation }: Change,
): Promise<void> {
  const path = `/metadata/annotations/${ANNOTATION.replace("/", "~1")}`;
  const all = metadata.annotations ?? {};
  const note =
    annotation === null
      ? [{ op: "remove", path }]
      : [
          ...(metadata.annotations ? [] : [{ op: "add", path: "/metadata/annotations", value: all }]),
          { op: "add", path, value: annotation },
        ];
  const policies = (webhooks ?? []).flatMap((webhook, index) =>
    SOFTENED.includes(webhook.name)
      ? [
          { op: "test", path: `/webhooks/${index}/name`, value: webhook.name },
          { op: "replace", path: `/webhooks/${index}/failurePolicy`, value: failurePolicy },
        ]
      : [],
  );
  await client.call({
    method: "PATCH",
    path: resourcePath({ ...CONFIGURATIONS, name }),
    ...(isDryRun && { query: { dryRun: "All" } }),
    body: [...note, ...policies],
    contentType: "application/json-patch+json",
  });
}

function noteIn(text: string): FailOpenNote {
  const said = Note.safeParse(readJson(text)).data;
  const until = said === undefined ? undefined : parseInstant(said.until);
  if (said === undefined || until === undefined)
    return { by: "unknown", reason: "its annotation cannot be read", ticket: "unknown", until: new Date(0) };
  return { ...said, until };
}
