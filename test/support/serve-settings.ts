import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createTestCertificate } from "./oci-certificate.ts";

/** What `mc serve` is started with. */
export interface ServeSettings {
  /** The settings document. */
  readonly file: string;
  /** PEM of the authority that its certificate comes from. */
  readonly ca: string;
}

/** Writes certificate, key and settings of a `mc serve` on free ports of this machine into a folder. */
export async function writeServeSettings(folder: string, more: object): Promise<ServeSettings> {
  const { ca, cert, key } = await createTestCertificate();
  writeFileSync(join(folder, "tls.crt"), cert);
  writeFileSync(join(folder, "tls.key"), key);
  const certificate = { mode: "directory", directory: folder };
  const server = { address: "127.0.0.1", port: 0, probePort: 0, drain: "1s", certificate };
  const file = join(folder, "settings.json");
  writeFileSync(file, JSON.stringify({ server, ...more }));
  return { file, ca };
}
