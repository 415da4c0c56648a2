import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";

import { describe, expect, it } from "vitest";

import { certificateHolder } from "./certificate-holder.ts";
import { authorityEndsOf, CA_LIFE_MS, LEAF_LIFE_MS } from "./certificate-set.ts";
import { nextCertificates } from "./next-certificates.ts";

const DAY = 86_400_000;
const names = ["mc-gate.mc-gate.svc"];
const start = new Date("2026-11-24T09:00:00Z");
const later = (ms: number): Date => new Date(start.getTime() + ms);
const at = (now: Date) => ({ names, now });
const first = await nextCertificates(undefined, at(start));

describe("self-managed certificates", () => {
  it("are issued once and kept", async () => {
    expect(first.changed).toBe(true);
    const again = await nextCertificates(first.set, at(later(DAY)));
    expect([again.changed, again.set]).toEqual([false, first.set]);
  });

  it("name the service, belong to their key, and are vouched for by the bundle", () => {
    const leaf = new X509Certificate(first.set.leaf.cert);
    expect(leaf.checkHost(names[0]!)).toBe(names[0]);
    expect(leaf.checkPrivateKey(createPrivateKey(first.set.leaf.key))).toBe(true);
    expect(leaf.verify(new X509Certificate(first.caBundle).publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
  });

  it("renew the leaf when a third of its life is left, and only the leaf", async () => {
    const early = await nextCertificates(first.set, at(later(LEAF_LIFE_MS * 0.6)));
    const due = await nextCertificates(first.set, at(later(LEAF_LIFE_MS * 0.7)));
    expect([early.changed, due.changed]).toEqual([false, true]);
    expect(due.set.ca).toEqual(first.set.ca);
    expect(due.set.leaf.cert).not.toBe(first.set.leaf.cert);
  });

  it("renew the authority with the old one in the bundle, and drop that a week later", async () => {
    const due = later(CA_LIFE_MS * 0.7);
    const renewed = await nextCertificates(first.set, at(due));
    expect(renewed.set.previousCa).toBe(first.set.ca.cert);
    expect(renewed.caBundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(authorityEndsOf(renewed.set)).toEqual([
      { authority: "current", end: new Date(due.getTime() + CA_LIFE_MS) },
      { authority: "previous", end: later(CA_LIFE_MS) },
    ]);
    expect(authorityEndsOf(first.set)).toHaveLength(1);
    const soon = await nextCertificates(renewed.set, at(new Date(due.getTime() + DAY)));
    const settled = await nextCertificates(renewed.set, at(new Date(due.getTime() + 8 * DAY)));
    expect([soon.changed, settled.changed, settled.set.previousCa]).toEqual([false, true, undefined]);
  });

  it("are issued anew when the service's name changes, or the Secret holds nonsense", async () => {
    const renamed = await nextCertificates(first.set, { names: ["gate.other.svc"], now: start });
    expect(new X509Certificate(renamed.set.leaf.cert).checkHost("gate.other.svc")).toBe("gate.other.svc");
    const broken = { ...first.set, leaf: { cert: "nonsense", key: "" } };
    expect((await nextCertificates(broken, at(start))).changed).toBe(true);
    const foreign = await nextCertificates(undefined, at(start));
    const mixed = { ...first.set, leaf: foreign.set.leaf };
    expect((await nextCertificates(mixed, at(start))).changed).toBe(true);
  });

  it("are taken by a TLS client that trusts the bundle", async () => {
    const holder = certificateHolder();
    const { set, caBundle } = await nextCertificates(undefined, at(new Date()));
    holder.offer(set.leaf);
    const server = createServer(holder.current(), (_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const code = await new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, ca: caBundle, servername: names[0]! };
      request(options, (response) => resolve(response.statusCode))
        .on("error", reject)
        .end();
    });
    server.close();
    expect(code).toBe(200);
  });

  it("never replace a good pair by a bad one", () => {
    const holder = certificateHolder();
    expect(() => holder.current()).toThrow("no certificate");
    holder.offer(first.set.leaf);
    expect(() => holder.offer({ cert: first.set.leaf.cert, key: first.set.ca.key })).toThrow(
      "does not match",
    );
    expect(holder.current()).toEqual(first.set.leaf);
  });
});
