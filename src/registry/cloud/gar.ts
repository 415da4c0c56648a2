import type { CloudProvider } from "./provider.ts";

const HOSTS = /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:(?:us|eu|asia)\.)?gcr\.io)$/;
const SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only";
const LIFE = 5 * 60 * 1000; // the library keeps its token for as long as it is valid

/** Google Artifact Registry by workload identity or whatever else the library finds. */
export const gar: CloudProvider = {
  name: "Google Artifact Registry",
  hosts: HOSTS,
  async fetch({ registry, now }) {
    const { GoogleAuth } = await import("google-auth-library");
    const token = await new GoogleAuth({ scopes: [SCOPE] }).getAccessToken();
    if (token === null || token === undefined || token === "") throw new Error("no access token");
    const auth = { kind: "password", registry, username: "oauth2accesstoken", password: token } as const;
    return { auth, until: now.getTime() + LIFE };
  },
};
