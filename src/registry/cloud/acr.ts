import { z } from "zod";

import { parseJson } from "../../core/index.ts";
import { statusFault } from "../http/failures.ts";
import type { CloudProvider } from "./provider.ts";

const HOSTS = /^[a-z0-9](?:[a-z0-9-]{3,61}[a-z0-9])\.azurecr\.(?:io|cn|us)$/;
const SCOPE = "https://containerregistry.azure.net/.default";
const LIFE = 60 * 60 * 1000; // the registry's refresh tokens live three hours
const Answer = z.object({ refresh_token: z.string().min(1).max(32_768) });

/**
 * Azure Container Registry by workload identity or whatever else the SDK finds: the Entra token is exchanged at
 * the registry for a refresh token. Source: Azure/acr docs/AAD-OAuth.md.
 */
export const acr: CloudProvider = {
  name: "Azure Container Registry",
  hosts: HOSTS,
  async fetch({ registry, exchange, now, signal }) {
    const { DefaultAzureCredential } = await import("@azure/identity");
    const { token } = await new DefaultAzureCredential().getToken(SCOPE, { abortSignal: signal });
    const form = new URLSearchParams({ grant_type: "access_token", service: registry, access_token: token });
    const answer = await exchange({
      method: "POST",
      url: new URL(`https://${registry}/oauth2/exchange`),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      limit: 64 * 1024,
      signal,
    });
    if (answer.status !== 200) throw statusFault(registry, answer.status);
    const { refresh_token: identityToken } = Answer.parse(parseJson(answer.body.toString("utf8")));
    return { auth: { kind: "identity-token", registry, identityToken }, until: now.getTime() + LIFE };
  },
};
