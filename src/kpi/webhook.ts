import { createHmac, timingSafeEqual } from "node:crypto";

import { z } from "zod";

import { parseJson } from "../core/index.ts";
import type { RunFact } from "./evaluate-run.ts";
import { Run } from "./github.ts";

const MIN_SECRET = 16;

/** A run that GitHub says has ended. */
export interface EndedRun {
  readonly run: RunFact;
  readonly repository: { readonly id: number; readonly name: string };
  readonly owner: string;
}

/** What a webhook is. Only one with the right signature is read. */
export type ReadWebhook =
  | { readonly outcome: "forged" | "malformed" | "ignored" }
  | { readonly outcome: "accepted"; readonly ended: EndedRun };

/** A request, unread. */
export interface WebhookRequest {
  readonly body: Buffer;
  /** `X-Hub-Signature-256`. */
  readonly signature: string | undefined;
  /** `X-GitHub-Event`. */
  readonly event: string | undefined;
}

const Event = z.object({
  action: z.string(),
  workflow_run: Run,
  repository: z.object({
    id: z.int(),
    full_name: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/),
    owner: z.object({ login: z.string() }),
  }),
});

/** The secret of webhooks, as it is in a file; undefined for one that can be guessed. */
export function webhookSecret(text: string): Buffer | undefined {
  const secret = Buffer.from(text.replace(/\r?\n$/, ""));
  return secret.byteLength < MIN_SECRET ? undefined : secret;
}

/** Reads a webhook. Source: docs.github.com, "Validating webhook deliveries". */
export function readWebhook({ body, signature, event }: WebhookRequest, secret: Buffer): ReadWebhook {
  if (!isSigned(body, signature, secret)) return { outcome: "forged" };
  if (event !== "workflow_run") return { outcome: "ignored" };
  const read = readEvent(body);
  if (read === undefined) return { outcome: "malformed" };
  if (read.action !== "completed") return { outcome: "ignored" };
  const { id, full_name: name, owner } = read.repository;
  return {
    outcome: "accepted",
    ended: { run: read.workflow_run, repository: { id, name }, owner: owner.login },
  };
}

/** Whether the signature is over exactly these bytes. Both sides have the same length, and are compared in constant time. */
function isSigned(body: Buffer, signature: string | undefined, secret: Buffer): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(signature ?? "")?.[1];
  const expected = createHmac("sha256", secret).update(body).digest();
  return hex !== undefined && timingSafeEqual(Buffer.from(hex, "hex"), expected);
}

function readEvent(body: Buffer): z.output<typeof Event> | undefined {
  try {
    return Event.safeParse(parseJson(body.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}
