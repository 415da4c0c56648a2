import { afterAll, describe, expect, it } from "vitest";

import { createVerifier } from "../../src/verify/index.ts";
import { hostileBundle } from "../support/hostile.ts";
import { attachmentsOf, cosignSign, world } from "../support/signed-layers.ts";

const { sigstore, subject, now, material, release } = await world();
const good = await cosignSign.bundle(sigstore, release, subject);

describe("verification in worker threads", () => {
  const verifier = createVerifier({ workers: 1, limitMs: 1_000 });
  afterAll(verifier.close);

  it("finds what the synchronous face finds", async () => {
    const evidence = await verifier.verify(attachmentsOf(subject, [good]), material(), now);
    expect(evidence.signatures).toMatchObject([
      { form: "bundle", signer: { kind: "keyless" }, trustedTime: expect.any(Date) },
    ]);
  });

  it("refuses a bundle with 6,000 log entries unseen by the library, and still finds the good one", async () => {
    const layers = [hostileBundle(6_000), good];
    const evidence = await verifier.verify(attachmentsOf(subject, layers), material(), now);
    expect(evidence.signatures).toHaveLength(1);
    expect(evidence.rejections).toMatchObject([{ reason: "too-large" }]);
  });

  it("follows the trust material from one generation to the next", async () => {
    const found = attachmentsOf(subject, [good]);
    const distrust = { generation: "none", roots: [], keys: [] };
    expect((await verifier.verify(found, distrust, now)).signatures).toEqual([]);
    expect((await verifier.verify(found, material(), now)).signatures).toHaveLength(1);
  });

  it("answers unreadable trust material with a fault, never with 'unsigned'", async () => {
    const roots = [{ name: "bad", trustedRoot: "{", tlogThreshold: 1, ctlogThreshold: 1 } as const];
    const answer = verifier.verify(
      attachmentsOf(subject, [good]),
      { generation: "bad", roots, keys: [] },
      now,
    );
    await expect(answer).rejects.toMatchObject({ code: "trust/unavailable" });
    expect((await verifier.verify(attachmentsOf(subject, [good]), material(), now)).signatures).toHaveLength(
      1,
    );
  });

  it("replaces a worker that takes too long, and rejects only that attachment", async () => {
    const hasty = createVerifier({ workers: 1, limitMs: 1 });
    const evidence = await hasty.verify(attachmentsOf(subject, [good]), material(), now);
    expect(evidence.rejections).toMatchObject([
      { reason: "too-large", message: expect.stringContaining("longer than 1 ms") },
    ]);
    await hasty.close();
  });

  it("refuses work past its queue as busy", async () => {
    const narrow = createVerifier({ workers: 1, queue: 1 });
    const answer = narrow.verify(attachmentsOf(subject, [good, good, good]), material(), now);
    await expect(answer).rejects.toMatchObject({ code: "deadline/exceeded" });
    await narrow.close();
  });
});
