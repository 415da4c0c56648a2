import type { Placed } from "./world.ts";

const SUMMARY = "https://slsa.dev/verification_summary/v1";
const ACCEPT = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";

interface Listed {
  readonly digest: string;
}

/** The verifiers of all summaries that a registry lists for an image, read past the front and without any code of `mc`. */
export async function verifiersOf({ behind, repository, digest, hasReferrers }: Placed): Promise<string[]> {
  const base = `http://${behind}/v2/${repository}`;
  const list = hasReferrers ? `referrers/${digest}` : `manifests/${digest.replace(":", "-")}`;
  const found = await read<{ manifests: Listed[] }>(`${base}/${list}`);
  const verifiers: string[] = [];
  for (const { digest: manifest } of found?.manifests ?? []) {
    const { layers } = (await read<{ layers: Listed[] }>(`${base}/manifests/${manifest}`))!;
    const bundle = await read<{ dsseEnvelope: { payload: string } }>(`${base}/blobs/${layers[0]!.digest}`);
    const statement = JSON.parse(Buffer.from(bundle!.dsseEnvelope.payload, "base64").toString()) as {
      predicateType: string;
      predicate: { verifier: { id: string } };
    };
    if (statement.predicateType === SUMMARY) verifiers.push(statement.predicate.verifier.id);
  }
  return verifiers;
}

async function read<T>(url: string): Promise<T | undefined> {
  const answer = await fetch(url, { headers: { accept: ACCEPT } });
  const text = await answer.text();
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return JSON.parse(text) as T;
}
