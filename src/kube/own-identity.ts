import { z } from "zod";

import type { KubeClient } from "./client/client.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";

const GROUP = "authentication.k8s.io";
const TOKEN_SECONDS = 600;

const Self = z.object({
  status: z.object({ userInfo: z.object({ username: z.string().min(1).max(1024) }) }),
});
const Token = z.object({ status: z.object({ token: z.string().min(1) }) });

/** Whom the API server takes this client for. Rejects with KubeError. Source: k8s.io/api/authentication/v1, SelfSubjectReview. */
export async function readOwnUser(client: KubeClient): Promise<string> {
  const answer = await client.call({
    method: "POST",
    path: resourcePath({ group: GROUP, resource: "selfsubjectreviews" }),
    body: { apiVersion: `${GROUP}/v1`, kind: "SelfSubjectReview" },
  });
  return readAnswer(Self, "SelfSubjectReview", answer).status.userInfo.username;
}

/** A token of a service account for one audience, for ten minutes. Rejects with KubeError. */
export async function requestToken(
  client: KubeClient,
  {
    namespace,
    serviceAccount,
    audience,
  }: { readonly namespace: string; readonly serviceAccount: string; readonly audience: string },
): Promise<string> {
  const answer = await client.call({
    method: "POST",
    path: `${resourcePath({ resource: "serviceaccounts", namespace, name: serviceAccount })}/token`,
    body: {
      apiVersion: `${GROUP}/v1`,
      kind: "TokenRequest",
      spec: { audiences: [audience], expirationSeconds: TOKEN_SECONDS },
    },
  });
  return readAnswer(Token, "TokenRequest", answer).status.token;
}
