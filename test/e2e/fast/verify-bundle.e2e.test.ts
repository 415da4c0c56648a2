import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { cosign, generateKeyPair, importKeyPair, type KeyPair } from "../support/cosign.ts";
import { GITHUB_ISSUER, subjectOf, workflowToken } from "../support/identities.ts";
import { run } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";

const IDENTITY = { repository: "acme/app" };
const ARTIFACT = "what was built\n";
const SIGNERS = ["keyless", "key"] as const;
/**
 * Kinds of keys that cosign signs with otherwise than with its own: by another hash function, or by another algorithm. Not
 * Ed25519: files that cosign signs with such a key, it cannot verify itself.
 */
const KEYS = {
  "P-384": () => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
  "P-521": () => generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey,
  "RSA 3072": () => generateKeyPairSync("rsa", { modulusLength: 3072 }).privateKey,
} as const;

function identity(who: string, issuer = GITHUB_ISSUER): string[] {
  return ["--certificate-identity", who, "--certificate-oidc-issuer", issuer];
}

/** The client protocol of the public sigstore-conformance suite, with bundles that the real cosign wrote. */
describe("mc verify-bundle", () => {
  let sigstore: SigstoreServer;
  let keys: Record<"ours" | "theirs", KeyPair>;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mc-blob-"));
    sigstore = await startSigstore();
    keys = { ours: await generateKeyPair(), theirs: await generateKeyPair() };
    await writeFile(file("artifact"), ARTIFACT);
    await writeFile(file("other"), "something else\n");
    await writeFile(file("token"), workflowToken(IDENTITY));
    for (const kind of SIGNERS) await sign(kind);
    const tampered = JSON.parse(await readFile(file("keyless.json"), "utf8"));
    tampered.messageSignature.signature = Buffer.from("forged").toString("base64");
    await writeFile(file("tampered.json"), JSON.stringify(tampered));
  });
  afterAll(async () => {
    await Promise.all([sigstore?.stop(), ...Object.values(keys ?? {}).map((each) => each.stop())]);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  function file(name: string): string {
    return join(folder, name);
  }

  async function sign(kind: (typeof SIGNERS)[number]): Promise<void> {
    const who = kind === "key" ? ["--key", keys.ours.privateKey] : ["--identity-token", file("token")];
    const services = ["--signing-config", sigstore.signingConfig, "--trusted-root", sigstore.trustedRoot];
    const args = [
      "sign-blob",
      "--yes",
      ...services,
      ...who,
      "--bundle",
      file(`${kind}.json`),
      file("artifact"),
    ];
    const { code, stderr } = await cosign(args);
    if (code !== 0) throw new Error(`cosign sign-blob: ${stderr}`);
  }

  function verifyBundle(bundle: string, artifact: string, ...flags: string[]): ReturnType<typeof run> {
    const root = ["--trusted-root", sigstore.trustedRoot];
    const args = ["verify-bundle", "--bundle", file(bundle), ...root, ...flags, artifact];
    return run(process.execPath, [join(PROJECT, "src/cli/main.ts"), ...args]);
  }

  const digest = `sha256:${createHash("sha256").update(ARTIFACT).digest("hex")}`;

  it.each(["path", "digest"])("takes a good bundle of a workflow, the artifact by %s", async (how) => {
    const artifact = how === "path" ? file("artifact") : digest;
    expect(await verifyBundle("keyless.json", artifact, ...identity(subjectOf(IDENTITY)))).toMatchObject({
      code: 0,
      stderr: "Verified.\n",
    });
  });

  it.each(["path", "digest"])("takes a good bundle of a key, the artifact by %s", async (how) => {
    const artifact = how === "path" ? file("artifact") : digest;
    expect(await verifyBundle("key.json", artifact, "--key", keys.ours.publicKey)).toMatchObject({ code: 0 });
  });

  it.each([
    ["another artifact", () => verifyBundle("keyless.json", file("other"), ...identity(subjectOf(IDENTITY)))],
    [
      "another digest",
      () => verifyBundle("keyless.json", `sha256:${"0".repeat(64)}`, ...identity(subjectOf(IDENTITY))),
    ],
    [
      "another identity",
      () => verifyBundle("keyless.json", file("artifact"), ...identity(`${subjectOf(IDENTITY)}x`)),
    ],
    [
      "another issuer",
      () =>
        verifyBundle("keyless.json", file("artifact"), ...identity(subjectOf(IDENTITY), "https://x.example")),
    ],
    [
      "a forged signature",
      () => verifyBundle("tampered.json", file("artifact"), ...identity(subjectOf(IDENTITY))),
    ],
    ["another key", () => verifyBundle("key.json", file("artifact"), "--key", keys.theirs.publicKey)],
    [
      "a key for a workflow's bundle",
      () => verifyBundle("keyless.json", file("artifact"), "--key", keys.ours.publicKey),
    ],
  ])("refuses %s", async (_, verified) => {
    expect(await verified()).toMatchObject({
      code: 10,
      stderr: expect.stringMatching(/^Not verified: .+\.\n$/),
    });
  });

  it.each(
    Object.entries(KEYS).flatMap(([kind, create]) =>
      [true, false].map((logged) => ({ kind, create, logged, where: logged ? "a log" : "no log" })),
    ),
  )(
    "takes a bundle by an imported $kind key that is in $where, and no other file's",
    async ({ create, logged }) => {
      const pair = await importKeyPair(create());
      try {
        const services = logged
          ? ["--signing-config", sigstore.signingConfig, "--trusted-root", sigstore.trustedRoot]
          : ["--use-signing-config=false", "--tlog-upload=false", "--new-bundle-format"];
        const args = [
          "sign-blob",
          "--yes",
          ...services,
          "--key",
          pair.privateKey,
          "--bundle",
          file("imported.json"),
        ];
        const { code, stderr } = await cosign([...args, file("artifact")]);
        if (code !== 0) throw new Error(`cosign sign-blob: ${stderr}`);
        const by = ["--key", pair.publicKey];
        expect(await verifyBundle("imported.json", file("artifact"), ...by)).toMatchObject({ code: 0 });
        expect(await verifyBundle("imported.json", file("other"), ...by)).toMatchObject({ code: 10 });
        expect(
          await verifyBundle("imported.json", file("artifact"), "--key", keys.theirs.publicKey),
        ).toMatchObject({ code: 10 });
      } finally {
        await pair.stop();
      }
    },
  );

  it("takes a statement by an imported Ed25519 key, which cosign signs as Ed25519ph, and no other file's", async () => {
    const pair = await importKeyPair(generateKeyPairSync("ed25519").privateKey);
    try {
      await writeFile(file("predicate"), "{}");
      const services = ["--use-signing-config=false", "--tlog-upload=false", "--new-bundle-format"];
      const what = ["--predicate", file("predicate"), "--type", "custom", "--bundle", file("statement.json")];
      const args = ["attest-blob", "--yes", ...services, "--key", pair.privateKey, ...what, file("artifact")];
      const { code, stderr } = await cosign(args);
      if (code !== 0) throw new Error(`cosign attest-blob: ${stderr}`);
      const by = ["--key", pair.publicKey];
      expect(await verifyBundle("statement.json", file("artifact"), ...by)).toMatchObject({ code: 0 });
      expect(await verifyBundle("statement.json", file("other"), ...by)).toMatchObject({ code: 10 });
    } finally {
      await pair.stop();
    }
  });

  it("says how it is called when it was called wrongly", async () => {
    expect(await verifyBundle("key.json", file("artifact"))).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("--certificate-identity"),
    });
  });
});
