import { afterAll, describe, expect, it } from "vitest";

import { type AttachmentBatch, digestOf } from "../../src/core/index.ts";
import { createVerifier } from "../../src/verify/index.ts";
import { PoolWorker } from "../../src/verify/pool/pool-worker.ts";
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

  it("says of what a limit kept from being verified that it may be anything of its type", async () => {
    const hostile = hostileBundle(6_000);
    const annotations = { "dev.sigstore.bundle.predicateType": "https://spdx.dev/Document" };
    const found = attachmentsOf(subject, [hostile, { ...hostile, annotations }]);
    const { gaps } = await verifier.verify(found, material(), now);
    expect(gaps).toMatchObject([
      { code: "limits/exceeded", message: /was not verified: / },
      { code: "limits/exceeded", predicateType: "https://spdx.dev/Document" },
    ]);
    expect(gaps[0]).not.toHaveProperty("predicateType");
  });

  it("verifies what comes in batches, one after the other, with what was not read of each", async () => {
    const steps: string[] = [];
    const gap = { code: "registry/unavailable", message: "down", count: 1 } as const;
    async function* rest(): AsyncGenerator<AttachmentBatch> {
      for (const at of [1, 2]) {
        steps.push(`reads batch ${at}`);
        yield { found: attachmentsOf(subject, [good]).found, skipped: [], gaps: [gap] };
        steps.push(`batch ${at} is verified`);
      }
    }
    const attachments = { ...attachmentsOf(subject, [good]), rest: rest() };
    const { signatures, gaps } = await verifier.verify(attachments, material(), now);
    expect([signatures.length, gaps]).toEqual([3, [{ ...gap, count: 2 }]]);
    expect(steps).toEqual(["reads batch 1", "batch 1 is verified", "reads batch 2", "batch 2 is verified"]);
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

  it("rejects an attachment that a thread never comes to an end with", async () => {
    const script = new URL("data:text/javascript,for(;;){}");
    const idle = Promise.withResolvers<void>();
    const endless = new PoolWorker({ limitMs: 200, heapMib: 64, onIdle: idle.resolve, script });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const attachment = attachmentsOf(subject, [good]).found[0]!;
    const about = { subject, predicateTexts: [] };
    const trust = material();
    const job = { id: 1, attachment, about, generation: trust.generation };
    endless.start({ job, trust, resolve, reject });
    expect(await promise).toMatchObject({
      rejection: { reason: "too-large", message: "verifying it took longer than 200 ms (verify.limit)" },
    });
    await idle.promise;
    await endless.close();
  });

  it("refuses work past its queue as busy", async () => {
    const narrow = createVerifier({ workers: 1, queue: 1 });
    const answer = narrow.verify(attachmentsOf(subject, [good, good, good]), material(), now);
    await expect(answer).rejects.toMatchObject({ code: "limits/overloaded" });
    await narrow.close();
  });

  it("keeps no namespace from having its image verified, however much of another's waits", async () => {
    const pool = createVerifier({ workers: 1, queue: 32 });
    const trust = material();
    const twelve = attachmentsOf(
      subject,
      Array.from({ length: 12 }, () => good),
    );
    const ended: string[] = [];
    const verify = (share: string, name: string, found = attachmentsOf(subject, [good])): Promise<void> =>
      pool.verify(found, trust, now, { share }).then(
        () => void ended.push(name),
        ({ code }: { code: string }) => void ended.push(`${name}: ${code}`),
      );
    const subjects = ["a", "b", "c"].map((name) => ({ ...twelve, subject: digestOf(name) }));
    const flood = subjects.map((found, at) => verify("flood", `flood ${at + 1}`, found));
    await Promise.all([...flood, verify("shop", "shop")]);
    expect(ended).toEqual(["flood 2: limits/overloaded", "flood 3: limits/overloaded", "shop", "flood 1"]);
    ended.length = 0;
    const one = attachmentsOf(subject, [good]);
    const many = Array.from({ length: 12 }, (_, at) =>
      verify("flood", "flood", { ...one, subject: digestOf(`many ${at}`) }),
    );
    await Promise.all([...many, verify("shop", "shop")]);
    expect([ended.length, ended.indexOf("shop")]).toEqual([13, 2]);
    await pool.close();
  });
});
