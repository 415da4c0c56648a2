import { Agent } from "node:https";

import type { CloudProvider } from "./provider.ts";

const HOSTS =
  /^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2})\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws)$/;
const EARLY = 10 * 60 * 1000; // tokens live 12 hours

/** Amazon ECR by the pod's IAM role (IRSA, Pod Identity) or whatever else the SDK finds. */
export const ecr: CloudProvider = {
  name: "Amazon ECR",
  hosts: HOSTS,
  async fetch({ registry, signal }) {
    const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
    const httpsAgent = new Agent({ keepAlive: true, proxyEnv: process.env }); // the SDK itself reads no proxy variables
    const requestHandler = { httpsAgent };
    const region = HOSTS.exec(registry)?.[1];
    const client = new ECRClient({ ...(region !== undefined && { region }), maxAttempts: 2, requestHandler });
    try {
      const answer = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal });
      const [data] = answer.authorizationData ?? [];
      const pair = Buffer.from(data?.authorizationToken ?? "", "base64").toString("utf8");
      const colon = pair.indexOf(":");
      if (colon < 1) throw new Error("no authorization token in the answer");
      const auth = {
        kind: "password",
        registry,
        username: pair.slice(0, colon),
        password: pair.slice(colon + 1),
      } as const;
      return { auth, until: (data?.expiresAt?.getTime() ?? 0) - EARLY };
    } finally {
      client.destroy();
      httpsAgent.destroy();
    }
  },
};
