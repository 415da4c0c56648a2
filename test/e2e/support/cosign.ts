import type { KeyObject } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { workflowToken, type WorkflowIdentity } from "./identities.ts";
import { pushText } from "./images.ts";
import { run, runOrThrow, type Outcome } from "./process.ts";
import { program } from "./programs.ts";
import type { SigstoreServer } from "./sigstore.ts";

/** The two layouts that cosign writes: tags `.sig` and `.att`, or a Sigstore bundle as a referrer. */
export type Layout = "legacy" | "bundle";

/** Who signs: a workflow, with a certificate of this Sigstore, or a key pair. */
export type Signer =
  | { readonly kind: "keyless"; readonly sigstore: SigstoreServer; readonly identity: WorkflowIdentity }
  | { readonly kind: "key"; readonly keys: KeyPair };

/** Paths of a cosign key pair without password. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly stop: () => Promise<void>;
}

/** An in-toto predicate and its type (a URI, or a name that cosign knows such as `slsaprovenance1`). */
export interface Predicate {
  readonly type: string;
  readonly predicate: unknown;
}

const OFFLINE = ["--allow-http-registry", "--allow-insecure-registry", "--yes"];

/** Runs the real cosign with a home of its own: no cache, no credentials, no configuration of the user's. */
export function cosign(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return inScratch((home) => {
    const own = { HOME: home, DOCKER_CONFIG: home, TUF_ROOT: join(home, "tuf"), COSIGN_PASSWORD: "" };
    return run(program("cosign"), args, { env: { ...own, ...env } });
  });
}

/** A fresh key pair in a folder of its own, which `stop` removes. */
export async function generateKeyPair(): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), "mc-keys-"));
  await runOrThrow(program("cosign"), ["generate-key-pair"], {
    cwd: folder,
    env: { COSIGN_PASSWORD: "", HOME: folder },
  });
  return {
    privateKey: join(folder, "cosign.key"),
    publicKey: join(folder, "cosign.pub"),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A key pair of cosign's from a private key of another kind, PKCS #8. */
export async function importKeyPair(privateKey: KeyObject): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), "mc-keys-"));
  await writeFile(join(folder, "key.pem"), privateKey.export({ format: "pem", type: "pkcs8" }));
  await runOrThrow(
    program("cosign"),
    ["import-key-pair", "--key", "key.pem", "--output-key-prefix", "cosign"],
    { cwd: folder, env: { COSIGN_PASSWORD: "", HOME: folder } },
  );
  return {
    privateKey: join(folder, "cosign.key"),
    publicKey: join(folder, "cosign.pub"),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

function keylessArguments(sigstore: SigstoreServer, layout: Layout): string[] {
  if (layout === "bundle")
    return ["--signing-config", sigstore.signingConfig, "--trusted-root", sigstore.trustedRoot];
  const services = ["--fulcio-url", sigstore.url, "--rekor-url", sigstore.url];
  return ["--use-signing-config=false", "--new-bundle-format=false", ...services];
}

function keyArguments(keys: KeyPair, layout: Layout): string[] {
  const format = layout === "legacy" ? ["--new-bundle-format=false"] : [];
  return ["--key", keys.privateKey, "--use-signing-config=false", "--tlog-upload=false", ...format];
}

/** A scratch folder for the time of `use`. */
async function inScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "mc-cosign-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs one signing command and throws if it fails, since a test that lacks its signature proves nothing. */
async function signing(
  command: readonly string[],
  signer: Signer,
  layout: Layout,
  image: string,
): Promise<void> {
  await inScratch(async (folder) => {
    const who =
      signer.kind === "key" ? keyArguments(signer.keys, layout) : keylessArguments(signer.sigstore, layout);
    if (signer.kind === "keyless") {
      const token = join(folder, "token"); // a long token on the command line is taken for the name of a file
      await writeFile(token, workflowToken(signer.identity));
      who.push("--identity-token", token);
    }
    const env = signer.kind === "keyless" && layout === "legacy" ? signer.sigstore.legacyEnvironment : {};
    const { code, stderr } = await cosign([...command, ...who, ...OFFLINE, image], env);
    if (code !== 0) throw new Error(`cosign ${command[0]} of ${image} ended with ${code}: ${stderr}`);
  });
}

/**
 * Signs `HOST/REPOSITORY@DIGEST`. As a bundle it becomes a referrer; where the registry has no referrers API, it goes
 * into the index at the tag `sha256-<hex>` instead. Legacy is the tag `sha256-<hex>.sig`.
 */
export async function signImage(image: string, signer: Signer, layout: Layout): Promise<void> {
  await signing(["sign"], signer, layout, image);
}

/** Pushes an image as `pushText` does, and signs it as a bundle. */
export async function pushSigned(registry: string, text: string, keys: KeyPair): Promise<string> {
  const image = await pushText(registry, text);
  await signImage(image, { kind: "key", keys }, "bundle");
  return image;
}

/** Attests a predicate about `HOST/REPOSITORY@DIGEST`: a bundle as for `signImage`, or the tag `sha256-<hex>.att`. */
export async function attestImage(
  image: string,
  signer: Signer,
  layout: Layout,
  what: Predicate,
): Promise<void> {
  await inScratch(async (folder) => {
    const file = join(folder, "predicate.json");
    await writeFile(file, JSON.stringify(what.predicate));
    await signing(["attest", "--predicate", file, "--type", what.type], signer, layout, image);
  });
}

/** SLSA v1 provenance of a GitHub Actions build, as actions/attest-build-provenance writes its predicate. */
export function slsaProvenance(identity: WorkflowIdentity): Predicate {
  const { repository, workflow = "release.yml", ref = "refs/heads/main" } = identity;
  const source = `https://github.com/${repository}`;
  const parameters = { workflow: { ref, repository: source, path: `.github/workflows/${workflow}` } };
  return {
    type: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://actions.github.io/buildtypes/workflow/v1",
        externalParameters: parameters,
        internalParameters: { github: { event_name: "push", runner_environment: "github-hosted" } },
        resolvedDependencies: [{ uri: `git+${source}@${ref}`, digest: { gitCommit: "a".repeat(40) } }],
      },
      runDetails: {
        builder: { id: "https://github.com/actions/runner/github-hosted" },
        metadata: { invocationId: `${source}/actions/runs/1/attempts/1` },
      },
    },
  };
}
