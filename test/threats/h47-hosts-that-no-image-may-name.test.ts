import type { LookupAddress } from "node:dns";

import { describe, expect, it } from "vitest";

import type { RegistryDeps } from "../../src/registry/index.ts";
import {
  BUNDLE,
  closeAfterEach,
  codeOf,
  unreadCodeOf,
  EVERYTHING,
  LOCAL,
  openClient,
  openPair,
  openRegistry,
  REPO,
  soon,
} from "../support/oci-client.ts";

closeAfterEach();

/** A name service that gives each of these answers in turn, and the last one from then on. */
function answering(...answers: string[][]): RegistryDeps {
  let asked = 0;
  const lookup = (_name: string, _options: unknown, callback: unknown): void => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    const found: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    if (typeof callback === "function") callback(null, found);
  };
  return { lookup: lookup as NonNullable<RegistryDeps["lookup"]> };
}

describe("H47 hosts that no image may name", () => {
  it.each([
    "169.254.169.254",
    "169.254.170.2",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[::ffff:a9fe:a9fe]",
    "100.100.100.200",
    "0.0.0.0",
    "[::]",
    "224.0.0.1",
    "0xa9.254.169.254:80",
    "2852039166:80",
    "127.0.0.1:5000",
    "[::1]:5000",
    "127.1:5000",
  ])("%s is refused without a connection", async (registry) => {
    const client = openClient({ hosts: { [registry]: { plainHttpUnsafe: true } } });
    const work = client.resolve({ registry, repository: REPO }, {}, soon());
    await expect(work).rejects.toMatchObject({
      code: "registry/forbidden",
      message: expect.stringContaining("resolves to"),
    });
  });

  it.each([
    ["the metadata service", ["169.254.169.254"]],
    ["this machine", ["127.0.0.1"]],
    ["one good and one forbidden address", ["10.0.0.1", "169.254.169.254"]],
    ["an address in IPv6 clothes", ["::ffff:169.254.169.254"]],
  ])("a name that leads to %s is refused", async (_name, addresses) => {
    const client = openClient({}, answering(addresses));
    const work = client.resolve({ registry: "registry.example", repository: REPO }, {}, soon());
    expect(await codeOf(work)).toBe("registry/forbidden");
  });

  it("a name that changes its address between two requests is checked each time", async () => {
    const registry = await openRegistry();
    const name = `registry.example:${registry.host.split(":")[1]}`;
    const client = openClient({ hosts: { [name]: LOCAL } }, answering(["127.0.0.1"], ["169.254.169.254"]));
    registry.fault("/", { kind: "status", status: 404, headers: { connection: "close" } });
    expect(await client.resolve({ registry: name, repository: REPO }, {}, soon())).toBeUndefined();
    expect(await codeOf(client.resolve({ registry: name, repository: REPO }, {}, soon()))).toBe(
      "registry/forbidden",
    );
  });

  it.each([
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://[fd00:ec2::254]/latest",
    "http://0xa9fea9fe/latest",
    "http://127.0.0.1:1/",
    "http://localhost:1/",
    "gopher://example.com/",
  ])("a redirect to %s is not followed", async (to) => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/blobs/", { kind: "redirect", to });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/forbidden",
    );
  });

  it("a token service there is not asked", async () => {
    const { client, image, subject } = await openPair({
      registry: { auth: { kind: "token", realm: "http://169.254.169.254/token" } },
    });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/forbidden",
    );
  });

  it("with an allow list, no other host is asked, redirects included", async () => {
    const outside = await openRegistry();
    const { registry, image, subject } = await openPair();
    const listed = openClient({
      hosts: { [registry.host]: LOCAL, [outside.host]: LOCAL },
      allowedHosts: [registry.host],
    });
    const away = { registry: outside.host, repository: REPO, tag: "v1" };
    expect(await codeOf(listed.resolve(away, {}, soon()))).toBe("registry/forbidden");
    expect(await unreadCodeOf(listed.attachments(image(subject), {}, EVERYTHING, soon()))).toBe("no fault");
    registry.fault("/referrers/", { kind: "redirect", to: `${outside.url}/` });
    expect(await unreadCodeOf(listed.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/forbidden",
    );
    expect(outside.requests).toEqual([]);
  });

  it("no request carries anything of the gate's own", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    const names = new Set(registry.requests.flatMap(({ headers }) => Object.keys(headers)));
    expect([...names].toSorted()).toEqual(["accept", "accept-encoding", "connection", "host", "user-agent"]);
  });
});
