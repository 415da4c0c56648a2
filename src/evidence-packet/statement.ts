import { MANIFEST } from "./manifest.ts";

/** Type of the predicate of a packet's statement. */
const PACKET_TYPE = "https://mc-gate.dev/evidence-packet/v1";

/** An in-toto statement (v1) whose only subject is the manifest, which names every other file by its hash. */
export function packetStatement(manifestSha256: string, window: object): object {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: MANIFEST, digest: { sha256: manifestSha256 } }],
    predicateType: PACKET_TYPE,
    predicate: { window },
  };
}
