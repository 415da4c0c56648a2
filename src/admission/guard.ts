import { z } from "zod";

import { asFault, printable, type Problem } from "../core/index.ts";
import { type AnsweredReview, pass, refuse } from "./response.ts";
import type { AdmissionRequest } from "./review.ts";

const MOST_PROBLEMS = 5;

/** A document that the gate reads from a ConfigMap, and what may be said against a new text of it. */
export interface GuardedDocument {
  readonly namespace: string;
  readonly configMap: string;
  /** The key in the ConfigMap's data. */
  readonly key: string;
  /** What rights call documents of this kind: `policies`. */
  readonly resource: string;
  readonly lint: (text: string) => readonly Problem[];
  /** Where the text is not plainly as strict as the one in force. */
  readonly weakenings: (text: string) => readonly Problem[];
  /** Approvals by this user in entries that the edit brings. */
  readonly ownApprovals: (text: string, user: string) => readonly Problem[];
}

/** A right of the group mc-gate.dev, which only says who may do something; there are no such objects. */
export interface EditRight {
  readonly verb: "weaken" | "lower";
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Who sends a request. Source: k8s.io/api/authentication/v1, UserInfo. */
export type Requester = AdmissionRequest["userInfo"];

/** Whether the cluster's authorizer grants a right. Rejects where it cannot be asked. */
export type May = (who: Requester, right: EditRight) => Promise<boolean>;

const ConfigMap = z.object({
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
});

/**
 * Refuses an edit that would put a broken document before the gate, that weakens one without the right to, or that the
 * editor approved, each with its line and rule. Other ConfigMaps pass, and so does a deletion: the last good document
 * stays in force.
 */
export async function guardDocuments(
  request: AdmissionRequest,
  documents: readonly GuardedDocument[],
  may: May,
): Promise<AnsweredReview> {
  const { uid, namespace, object } = request;
  const configMap = ConfigMap.safeParse(object);
  if (!configMap.success) return refuse(uid, "the ConfigMap cannot be read");
  const { metadata, data } = configMap.data;
  const guarded = documents.filter(
    (each) => each.namespace === namespace && each.configMap === metadata.name,
  );
  for (const document of guarded) {
    const complaint = await complaintOf(document, data?.[document.key], { request, may });
    if (complaint !== undefined) return refuse(uid, printable(complaint, 2048));
  }
  return pass(uid);
}

interface Edit {
  readonly request: AdmissionRequest;
  readonly may: May;
}

async function complaintOf(
  document: GuardedDocument,
  text: string | undefined,
  { request, may }: Edit,
): Promise<string | undefined> {
  const { configMap, key } = document;
  const unusable = `the gate cannot use this edit of ${configMap}, so the one before stays in force`;
  if (text === undefined) return `${unusable}: ${key} is missing`;
  const broken = document.lint(text);
  if (broken.length > 0) return `${unusable}: ${listed(key, broken)}`;
  const own = document.ownApprovals(text, request.userInfo.username);
  if (own.length > 0) return `this edit of ${configMap} is refused: ${listed(key, own)}`;
  const weaker = document.weakenings(text);
  if (weaker.length === 0) return undefined;
  const denied = await lacking(request, rightTo(document), may);
  return denied && `this edit of ${configMap} is refused: ${listed(key, weaker)} ${denied}`;
}

function rightTo({ resource, namespace, configMap }: GuardedDocument): EditRight {
  return { verb: "weaken", resource, namespace, name: configMap };
}

/** Why the requester may not; nothing where they may. What cannot be asked is not granted. */
export async function lacking(
  { userInfo }: AdmissionRequest,
  right: EditRight,
  may: May,
): Promise<string | undefined> {
  const { verb, resource, name } = right;
  try {
    if (await may(userInfo, right)) return undefined;
    return `It takes the right to ${verb} ${resource}.mc-gate.dev "${name}", which ${userInfo.username} does not have.`;
  } catch (error) {
    return `Whether ${userInfo.username} may ${verb} ${resource}.mc-gate.dev "${name}" could not be asked: ${asFault(error).message}.`;
  }
}

function listed(key: string, problems: readonly Problem[]): string {
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ line, column, path, rule, message }) => {
    return `${key}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message} [${rule}]`;
  });
  const more = problems.length - shown.length;
  return `${shown.join(" ")}${more > 0 ? ` And ${more} more.` : ""}`;
}
