import type { NewObject } from "./fake-api-store.ts";

/** The collection of a namespace's Secrets or ServiceAccounts in the API server. */
export function collectionOf(namespace: string, resource: "secrets" | "serviceaccounts"): string {
  return `/api/v1/namespaces/${namespace}/${resource}`;
}

/** A Secret with credentials for registries, the registry's name as the user, as `kubectl create secret docker-registry` makes it. */
export function dockerSecret(namespace: string, name: string, registries: readonly string[]): NewObject {
  const auths = registries.map((registry) => [
    registry,
    { username: `${namespace}-${name}`, password: "s3cret" },
  ]);
  return rawSecret(namespace, name, {
    ".dockerconfigjson": JSON.stringify({ auths: Object.fromEntries(auths) }),
  });
}

/** A Secret with these texts. */
export function rawSecret(
  namespace: string,
  name: string,
  texts: Readonly<Record<string, string>>,
): NewObject {
  const data = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
  return { metadata: { name, namespace }, data: Object.fromEntries(data) };
}
