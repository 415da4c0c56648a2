import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";

import { createTestCertificate, type TestCertificate } from "../test/support/oci-certificate.ts";
import { createOciStore, type OciStore } from "../test/support/oci-store.ts";
import { type ImageCounts, publishImages, type SignedImages } from "./images.ts";

/** What the registry holds, and what it shows as its certificate. */
export interface Contents {
  readonly store: OciStore;
  readonly certificate: TestCertificate;
  readonly signed: SignedImages;
}

type Repository = ReturnType<OciStore["repository"]>;
interface Kept extends Omit<Contents, "store"> {
  readonly counts: ImageCounts;
  readonly address: string;
  readonly repositories: readonly (readonly [name: string, held: Repository])[];
}

/** Contents from a file where it holds as many images, else made anew and written there; `address` as in the certificate. */
export async function contentsFrom(file: string, counts: ImageCounts, address: string): Promise<Contents> {
  const kept = existsSync(file) ? (deserialize(readFileSync(file)) as Kept) : undefined;
  const isSame = kept?.address === address && JSON.stringify(kept.counts) === JSON.stringify(counts);
  if (kept !== undefined && isSame) return restored(kept);
  const store = createOciStore();
  const signed = await publishImages(store, counts);
  const certificate = await createTestCertificate(address);
  const names = new Set(signed.images.map(({ repository }) => repository));
  const repositories = [...names].map((name) => [name, store.repository(name)] as const);
  writeFileSync(file, serialize({ counts, address, certificate, signed, repositories } satisfies Kept));
  return { store, certificate, signed };
}

function restored({ certificate, signed, repositories }: Kept): Contents {
  const store = createOciStore();
  for (const [name, held] of repositories) Object.assign(store.repository(name), held);
  return { store, certificate, signed };
}
