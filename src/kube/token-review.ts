import { z } from "zod";

import type { KubeClient } from "./client/client.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";

const GROUP = "authentication.k8s.io";
const DEADLINE_MS = 5000;

const User = z.object({
  /** Empty if the token is unknown: Go writes such a user as `{}`. */
  username: z.string().max(1024).default(""),
  uid: z.string().max(1024).optional(),
  groups: z.array(z.string().max(1024)).max(10_000).default([]),
  extra: z.record(z.string(), z.array(z.string())).default({}),
});
const Review = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    audiences: z.array(z.string()).default([]),
    user: User.optional(),
  }),
});

/** Whom a token represents. */
export type TokenUser = z.infer<typeof User>;

/**
 * Whom a token represents that was made for one of these audiences; undefined where the API server does not take it.
 * Rejects with KubeError where it cannot be asked. Source: k8s.io/api/authentication/v1, TokenReview: an API server
 * that knows of audiences says which of them fit, and one that says none has not checked them.
 */
export function createTokenReview(
  client: KubeClient,
): (token: string, audiences: readonly string[]) => Promise<TokenUser | undefined> {
  return async (token, audiences) => {
    const answer = await client.call({
      method: "POST",
      path: resourcePath({ group: GROUP, resource: "tokenreviews" }),
      deadlineMs: DEADLINE_MS,
      body: { apiVersion: `${GROUP}/v1`, kind: "TokenReview", spec: { token, audiences } },
    });
    const { status } = readAnswer(Review, "TokenReview", answer);
    const fits = status.audiences.some((each) => audiences.includes(each));
    const { authenticated, user } = status;
    return authenticated && fits && user?.username !== "" ? user : undefined;
  };
}
