import { createHash, createPublicKey, type KeyObject } from "node:crypto";

const LABEL = "mc-gate: a key that nobody holds";
/** DER of a SubjectPublicKeyInfo for a compressed point of P-256, up to the point. Source: RFC 5480. */
const BEFORE_POINT = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
const EVEN = Buffer.from([2]);

/**
 * A public key whose private half no one can know: its point is a hash, and not made from a secret. It is
 * where a foreign authority cannot be carried over, so that nothing passes in its name.
 */
export function nobodysKey(): string {
  for (let attempt = 0; ; attempt++) {
    const key = pointAt(createHash("sha256").update(`${LABEL} ${attempt}`).digest());
    if (key !== undefined) return key;
  }
}

/** Half of all numbers are not a coordinate of the curve. */
function pointAt(x: Buffer): string | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.concat([BEFORE_POINT, EVEN, x]), format: "der", type: "spki" });
    key = createPublicKey({ key: key.export({ format: "jwk" }), format: "jwk" });
  } catch {
    return undefined;
  }
  return key.export({ format: "pem", type: "spki" }).toString();
}
