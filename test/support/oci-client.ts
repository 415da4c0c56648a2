import { afterEach } from "vitest";

import type { Attachments, Digest, PinnedImage } from "../../src/core/index.ts";
import {
  createRegistryClient,
  type RegistryClient,
  type RegistryDeps,
  RegistrySettings,
} from "../../src/registry/index.ts";
import { type OciRegistry, type OciRegistryOptions, startOciRegistry } from "./oci-registry.ts";

/** A Sigstore bundle's media type. */
export const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
/** A simple signing payload's media type. */
export const SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
/** A DSSE envelope's media type. */
export const DSSE = "application/vnd.dsse.envelope.v1+json";
/** Wants every attestation. */
export const EVERYTHING = { wantsPredicate: () => true };
/** The repository that tests use. */
export const REPO = "team/app";

/** How the pair is made. */
export interface PairOptions {
  readonly registry?: OciRegistryOptions;
  /** Settings besides those that let the client reach the registry. */
  readonly settings?: { readonly limits?: object; readonly [key: string]: unknown };
  /** Settings of the registry's host besides plain HTTP and loopback. */
  readonly host?: object;
  readonly deps?: RegistryDeps;
}

/** A registry and a client that may reach it; both end with the test. */
export interface Pair {
  readonly registry: OciRegistry;
  readonly client: RegistryClient;
  readonly image: (digest: Digest) => PinnedImage;
  /** An ordinary image without anything attached. */
  readonly subject: Digest;
}

const running: { readonly close: () => Promise<void> }[] = [];

/** Closes at the end of each test what it has opened. Call once in a file that uses this module. */
export function closeAfterEach(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()));
  });
}

/** Starts a registry that ends with the test. */
export async function openRegistry(options: OciRegistryOptions = {}): Promise<OciRegistry> {
  const registry = await startOciRegistry(options);
  running.push(registry);
  return registry;
}

/** Makes a client that ends with the test. */
export function openClient(settings: unknown, deps: RegistryDeps = {}): RegistryClient {
  const client = createRegistryClient(RegistrySettings.parse(settings), deps);
  running.push(client);
  return client;
}

/** Starts both. */
export async function openPair({ registry: options, settings, host, deps }: PairOptions = {}): Promise<Pair> {
  const registry = await openRegistry(options);
  const hosts = { [registry.host]: { ...LOCAL, ...host } };
  const client = openClient({ ...settings, hosts: { ...hosts, ...settingsHosts(settings) } }, deps);
  return {
    registry,
    client,
    image: (digest) => ({ registry: registry.host, repository: REPO, digest }),
    subject: registry.pushImage(REPO, { tag: "v1" }),
  };
}

/** Host settings that let a client reach a test registry over plain HTTP. */
export const LOCAL = { plainHttpUnsafe: true, allowLoopbackUnsafe: true };

/** A deadline far enough away. */
export function soon(milliseconds = 60_000): AbortSignal {
  return AbortSignal.timeout(milliseconds);
}

/** The code of the fault or of the first gap that attachments end with; `no fault` where there is neither. */
export async function unreadCodeOf(work: Promise<Attachments>): Promise<string> {
  const code = await codeOf(work);
  return code === "no fault" ? ((await work).gaps[0]?.code ?? code) : code;
}

/** The code of the fault that work ends with; `no fault` where it succeeds. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "no fault",
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : String(error)),
  );
}

/** Bytes as text, with their form. */
export function texts(found: readonly { form: string; bytes: Uint8Array }[]): [string, string][] {
  return found.map(({ form, bytes }) => [form, Buffer.from(bytes).toString("utf8")]);
}

function settingsHosts(settings: PairOptions["settings"]): object {
  const hosts = settings?.["hosts"];
  return typeof hosts === "object" && hosts !== null ? hosts : {};
}
