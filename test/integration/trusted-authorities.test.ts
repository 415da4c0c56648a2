import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { trustAuthorities, type TrustedAuthorities } from "../../src/outbound/index.ts";
import { createTestCertificate, type TestCertificate } from "../support/oci-certificate.ts";
import { closeAfterEach, LOCAL, openClient, openRegistry, REPO, soon } from "../support/oci-client.ts";

closeAfterEach();

const UNTRUSTED = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mc-authorities-"));
  file = join(folder, "ca.pem");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** As an editor does, so that nobody reads half a file. */
function put(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe("authorities for every connection", () => {
  let one: TestCertificate;
  let other: TestCertificate;
  let servers: Server[];
  let trusted: TrustedAuthorities | undefined;
  let problems: string[];

  beforeEach(async () => {
    [one, other] = await Promise.all([createTestCertificate(), createTestCertificate()]);
    servers = [];
    problems = [];
  });
  afterEach(() => {
    trusted?.close();
    for (const server of servers) server.close();
  });

  function trust(text: string): void {
    put(text);
    trusted = trustAuthorities({ file, onProblem: (message) => problems.push(message) });
  }

  /** The status, or the code of the failure, as a library gets it that knows nothing of the file. */
  async function ask({ cert, key }: TestCertificate): Promise<unknown> {
    const server = createServer({ cert, key }, (_, response) => response.end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve) => {
      get({ host: "127.0.0.1", port, agent: false }, (answer) => resolve(answer.resume().statusCode)).on(
        "error",
        ({ code }: NodeJS.ErrnoException) => resolve(code),
      );
    });
  }

  it("every certificate of the file is trusted, and no other", async () => {
    const stranger = await createTestCertificate();
    trust(`# ours\n${one.ca}\n${other.ca}`);
    expect(await Promise.all([one, other, stranger].map(ask))).toEqual([200, 200, UNTRUSTED]);
  });

  it("the file changes: new connections follow it", async () => {
    trust(one.ca);
    put(other.ca);
    trusted!.refresh();
    expect(await Promise.all([one, other].map(ask))).toEqual([UNTRUSTED, 200]);
    expect(problems).toEqual([]);
  });

  it.each([
    ["is empty", ""],
    ["holds a key as well", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"],
    [
      "holds no certificate in the frame of one",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ],
  ])("a new text that %s: said once, and the one before stays", async (_, text) => {
    trust(one.ca);
    put(text === "" ? text : `${one.ca}${text}`);
    trusted!.refresh();
    trusted!.refresh();
    expect(problems).toEqual([expect.stringContaining(file)]);
    expect(await ask(one)).toBe(200);
  });

  it("the file is gone: said once, and the last text stays", async () => {
    trust(one.ca);
    rmSync(file);
    trusted!.refresh();
    trusted!.refresh();
    expect(problems).toEqual([expect.stringContaining("ENOENT")]);
    expect(await ask(one)).toBe(200);
  });

  it("a first text that is none: refused", () => {
    expect(() => trust("rules: []\n")).toThrow("expected certificates in PEM, and nothing else");
  });

  it("ended: what was trusted by it is not any more", async () => {
    trust(one.ca);
    trusted!.close();
    expect(await ask(one)).toBe(UNTRUSTED);
  });
});

describe("authorities of one registry", () => {
  it("the file changes: the next request follows it", async () => {
    const registry = await openRegistry({ tls: true });
    const digest = registry.pushImage(REPO, { tag: "v1" });
    put((await createTestCertificate()).ca);
    const problems: string[] = [];
    const client = openClient(
      {
        hosts: { [registry.host]: { ...LOCAL, plainHttpUnsafe: false, caFile: file } },
        limits: { retries: 0 },
      },
      { onProblem: (message) => problems.push(message) },
    );
    const ref = { registry: registry.host, repository: REPO, tag: "v1" };
    await expect(client.resolve(ref, {}, soon())).rejects.toMatchObject({ code: "registry/unavailable" });
    put(registry.ca!);
    expect(await client.resolve(ref, {}, soon())).toBe(digest);
    put("rules: []\n");
    expect(await client.resolve(ref, {}, soon())).toBe(digest);
    expect(problems).toEqual([`${file}: expected certificates in PEM, and nothing else`]);
  });
});
