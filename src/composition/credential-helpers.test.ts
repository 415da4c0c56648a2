import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { credentialHelpers } from "./credential-helpers.ts";

const FROM = `docker's credential helper "desktop"`;

describe("docker's credential helpers", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mc-helpers-"));
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"]}`);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A helper that notes what it is asked. */
  function helper(name: string, script: string): void {
    const file = join(folder, `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\nread server\necho "$1 $server" >> ${folder}/asked\n${script}\n`);
    chmodSync(file, 0o755);
  }

  function config(document: unknown): string {
    const file = join(folder, "config.json");
    writeFileSync(file, typeof document === "string" ? document : JSON.stringify(document));
    return file;
  }

  const asked = (): string[] => readFileSync(join(folder, "asked"), "utf8").trim().split("\n");

  it("the store is asked for a registry once, by its name", async () => {
    helper("desktop", `echo '{"ServerURL":"x","Username":"ana","Secret":"s3"}'`);
    const credentials = credentialHelpers(config({ credsStore: "desktop" }));
    const auth = { from: FROM, kind: "password", registry: "ghcr.io", username: "ana", password: "s3" };
    expect(await credentials("ghcr.io")).toEqual([auth]);
    expect(await credentials("ghcr.io")).toEqual([auth]);
    expect(asked()).toEqual(["get ghcr.io"]);
  });

  it("a registry's own helper comes before the store", async () => {
    helper("desktop", "exit 1");
    helper("ecr-login", `echo '{"Username":"AWS","Secret":"t"}'`);
    const file = config({
      credsStore: "desktop",
      credHelpers: { "1.dkr.ecr.eu-1.amazonaws.com": "ecr-login" },
    });
    const auths = await credentialHelpers(file)("1.dkr.ecr.eu-1.amazonaws.com");
    expect(auths).toMatchObject([{ username: "AWS" }]);
  });

  it("a registry with an empty helper is left to the file, and the store is not asked", async () => {
    helper("desktop", "exit 1");
    const credentials = credentialHelpers(config({ credsStore: "desktop", credHelpers: { "ghcr.io": "" } }));
    expect(await credentials("ghcr.io")).toEqual([]);
    await expect(credentials("quay.io")).rejects.toThrow("ended with exit code 1");
    expect(asked()).toEqual(["get quay.io"]);
  });

  it("Docker Hub goes by its old address", async () => {
    helper("desktop", `echo '{"Username":"ana","Secret":"s3"}'`);
    expect(await credentialHelpers(config({ credsStore: "desktop" }))("docker.io")).toMatchObject([
      { registry: "docker.io" },
    ]);
    expect(asked()).toEqual(["get https://index.docker.io/v1/"]);
  });

  it("a token is an identity token", async () => {
    helper("desktop", `echo '{"Username":"<token>","Secret":"refresh"}'`);
    expect(await credentialHelpers(config({ credsStore: "desktop" }))("x.azurecr.io")).toEqual([
      { from: FROM, kind: "identity-token", registry: "x.azurecr.io", identityToken: "refresh" },
    ]);
  });

  it("one that has no credential for a registry gives none", async () => {
    helper("desktop", `echo "credentials not found in native keychain"; exit 1`);
    expect(await credentialHelpers(config({ credsStore: "desktop" }))("ghcr.io")).toEqual([]);
  });

  it.each([
    ["a file without helpers", {}],
    ["an empty store", { credsStore: "" }],
    ["a file that is none", "no JSON"],
  ])("%s: nobody is asked", async (_, document) => {
    expect(await credentialHelpers(config(document))("ghcr.io")).toEqual([]);
  });

  const LONG_MS = 120_000;
  it.each<[string, string, number, string]>([
    ["ends badly", "echo secret; exit 3", LONG_MS, "ended with exit code 3"],
    ["answers with something else", "echo secret", LONG_MS, "answered without a credential"],
    ["answers without end", "yes secret", LONG_MS, "cannot be used (ERR_CHILD_PROCESS_STDIO_MAXBUFFER)"],
    ["does not answer", "exec sleep 300", 300, "did not answer within 0.3 s"],
  ])("one that %s: said, without its words", async (_, script, limitMs, why) => {
    helper("desktop", script);
    const outcome = credentialHelpers(config({ credsStore: "desktop" }), limitMs)("ghcr.io");
    await expect(outcome).rejects.toMatchObject({
      code: "registry/forbidden",
      message: `docker's credential helper "desktop" ${why}`,
    });
  });

  it("one that is not there: said", async () => {
    await expect(credentialHelpers(config({ credsStore: "absent" }))("ghcr.io")).rejects.toThrow(
      `docker's credential helper "absent" cannot be used (ENOENT)`,
    );
  });

  it.each(["../../bin/evil", "-x", "a b"])("%j as its name: not started", async (name) => {
    await expect(credentialHelpers(config({ credsStore: name }))("ghcr.io")).rejects.toThrow(
      "has no name of a helper",
    );
  });
});
