import { z } from "zod";

import type { KubeClient } from "./client/client.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";

const GROUP = "authorization.k8s.io";
const RIGHTS_GROUP = "mc-gate.dev";
const DEADLINE_MS = 3_000;

const Review = z.object({ status: z.object({ allowed: z.boolean(), denied: z.boolean().default(false) }) });

/** Who asks, as an AdmissionReview tells it. */
export interface AccessSubject {
  readonly username: string;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A right in the group mc-gate.dev. */
export interface AskedRight {
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Whether the cluster's authorizer grants someone a right of the group mc-gate.dev. Rejects with KubeError where it
 * cannot be asked. Source: k8s.io/api/authorization/v1, SubjectAccessReview.
 */
export function createAccessReview(
  client: KubeClient,
): (who: AccessSubject, right: AskedRight) => Promise<boolean> {
  return async ({ username: user, uid, groups, extra }, right) => {
    const resourceAttributes = { group: RIGHTS_GROUP, ...right };
    const answer = await client.call({
      method: "POST",
      path: resourcePath({ group: GROUP, resource: "subjectaccessreviews" }),
      deadlineMs: DEADLINE_MS,
      body: {
        apiVersion: `${GROUP}/v1`,
        kind: "SubjectAccessReview",
        spec: { user, uid, groups, extra, resourceAttributes },
      },
    });
    const { allowed, denied } = readAnswer(Review, "SubjectAccessReview", answer).status;
    return allowed && !denied;
  };
}
