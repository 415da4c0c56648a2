import { readFileSync } from "node:fs";

import { composeGate } from "../../src/composition/compose.ts";
import type { Digest } from "../../src/core/index.ts";
import { type Imported, importPolicy } from "../../src/policy-import/index.ts";
import { RegistrySettings } from "../../src/registry/index.ts";
import { type OciRegistry, startOciRegistry } from "./oci-registry.ts";
import { cosignVuln, cycloneDx, spdx23, trivyReport } from "./predicates.ts";
import { publishLayer } from "./publish.ts";
import { sharedVerifier } from "./shared-verifier.ts";
import { attestation, cosignSign, publicKeyOf, slsaPredicate } from "./signed-layers.ts";
import type { BundleOptions } from "./sigstore-entries.ts";
import { createSigstore, type Identity, keyPair, type Sigstore } from "./sigstore.ts";

const FOLDER = "test/fixtures/import";
const GITHUB = "https://github.com/acme/app/.github/workflows/release.yml";
const SLSA = "https://slsa.dev/provenance/v1";
const VULN = "https://cosign.sigstore.dev/attestation/vuln/v1";

/** Who signed what, and where: every image of the tables of verdicts. */
const IMAGES = {
  unsigned: "acme/app",
  release: "acme/app",
  tagged: "acme/app",
  fork: "acme/app",
  gitlab: "acme/app",
  key: "acme/app",
  keyUnlogged: "acme/app",
  otherKey: "acme/app",
  keyAndRelease: "acme/app",
  keyAndOtherKey: "acme/app",
  provenance: "acme/app",
  otherBuilder: "acme/app",
  forkProvenance: "acme/app",
  releaseAndProvenance: "acme/app",
  sbomByKey: "acme/app",
  sbomByOtherKey: "acme/app",
  releaseAndSbom: "acme/app",
  scan: "acme/app",
  ownInstance: "acme/app",
  deep: "acme/team/app",
  base: "acme/base/alpine",
  legacy: "acme/legacy/app",
  elsewhere: "other/app",
} as const;
/** The name of an image of the tables. */
export type ImageName = keyof typeof IMAGES;

/** What foreign policies make of images of every kind. */
export interface ForeignPolicies {
  /** Texts of trusted_root.json by the names that fixtures use. */
  readonly trustRoots: ReadonlyMap<string, string>;
  /** A fixture with the registry, the keys and the identities of this world. */
  readonly fixture: (name: string) => string;
  readonly imported: (name: string, acceptLoss?: boolean) => Imported;
  /** `allow` or `deny` by image; `fault` where nothing could be known. */
  readonly verdicts: (
    policy: string,
    images: readonly ImageName[],
    namespace?: string,
  ) => Promise<Record<string, string>>;
}

/** The same with the registry of this machine that holds the images. */
export interface ImportWorld extends ForeignPolicies {
  readonly registry: OciRegistry;
}

/** Where images are, and by whose material they are judged. */
export interface ForeignPoliciesOptions {
  readonly host: string;
  readonly digests: Readonly<Partial<Record<ImageName, Digest>>>;
  readonly trustRoots: ReadonlyMap<string, string>;
  /** PEM of the public keys that fixtures name. */
  readonly pems: Readonly<Record<"KEY" | "OTHER_KEY", string>>;
}

/** The repository of an image of the tables. */
export function repositoryOf(name: ImageName): string {
  return IMAGES[name];
}

/** Starts the registry, and signs everything. */
export async function importWorld(): Promise<ImportWorld> {
  const registry = await startOciRegistry();
  const signers = await createSigners();
  const digests = Object.fromEntries(
    Object.entries(IMAGES).map(([name, repository]) => [name, registry.pushImage(repository)]),
  ) as Record<ImageName, Digest>;
  await signAll(registry, digests, signers);
  const { sigstore, own, who } = signers;
  const trustRoots = new Map([
    ["public-good", JSON.stringify(sigstore.trustedRoot)],
    ["acme-sigstore", JSON.stringify(own.trustedRoot)],
  ]);
  const pems = { KEY: publicKeyOf(who.key).pem, OTHER_KEY: publicKeyOf(who.otherKey).pem };
  return { registry, ...foreignPolicies({ host: registry.host, digests, trustRoots, pems }) };
}

/** Fixtures, what they are imported as, and the verdicts of that. */
export function foreignPolicies(options: ForeignPoliciesOptions): ForeignPolicies {
  const { trustRoots } = options;
  const fixture = (name: string): string => filledIn(readFileSync(`${FOLDER}/${name}.yaml`, "utf8"), options);
  return {
    trustRoots,
    fixture,
    imported: (name, acceptLoss = false) => {
      const imported = importPolicy(fixture(name), { trustRoots, acceptLoss });
      if (!imported.ok) throw new Error(JSON.stringify(imported.problems));
      return imported.value;
    },
    verdicts: (policy, images, namespace = "default") =>
      verdictsOf(policy, { ...options, images, namespace }),
  };
}

interface Judging extends Pick<ForeignPoliciesOptions, "host" | "digests"> {
  readonly images: readonly ImageName[];
  readonly namespace: string;
}

async function verdictsOf(
  policy: string,
  { host, digests, images, namespace }: Judging,
): Promise<Record<string, string>> {
  const hosts = { [host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
  const composed = composeGate({
    registries: RegistrySettings.parse({ hosts }),
    publicGood: () => {
      throw new Error("no network");
    },
    now: () => new Date(),
    sharedVerifier,
  });
  const problems = composed.policy.offer(policy);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  composed.revocations.offer("revocations: []");
  const answers = images.map(async (name) => {
    const subjects = [{ image: `${host}/${IMAGES[name]}@${digests[name]}`, place: name }];
    const signal = AbortSignal.timeout(60_000);
    const request = { namespace, mode: () => "enforce" as const, subjects, access: {}, signal } as const;
    const { decision, objections } = await composed.gate.admit(request);
    return [name, objections.some(({ kind }) => kind === "fault") ? "fault" : decision] as const;
  });
  const verdicts = Object.fromEntries(await Promise.all(answers));
  await composed.close();
  return verdicts;
}

/** Keys are put in with the indentation of their mark. */
function filledIn(text: string, { host, pems }: ForeignPoliciesOptions): string {
  return text
    .replaceAll("registry.example", host)
    .replaceAll(/^( *)@(KEY|OTHER_KEY)@$/gm, (_, indent: string, name: string) =>
      pems[name as keyof typeof pems].trim().replaceAll(/^/gm, indent),
    );
}

type Who = "release" | "tagged" | "fork" | "gitlab" | "ownRelease" | "key" | "otherKey";

interface Signers {
  readonly sigstore: Sigstore;
  /** An instance of a company's own. */
  readonly own: Sigstore;
  readonly who: Readonly<Record<Who, Identity>>;
}

async function createSigners(): Promise<Signers> {
  const [sigstore, own] = [
    await createSigstore(),
    await createSigstore({ logUrl: "https://rekor.acme.test" }),
  ];
  const main = `${GITHUB}@refs/heads/main`;
  const gitlab = "https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main";
  const who = {
    release: await sigstore.identity({ san: main }),
    tagged: await sigstore.identity({
      san: `${GITHUB}@refs/tags/v1.2.3`,
      claims: { ref: "refs/tags/v1.2.3" },
    }),
    fork: await sigstore.identity({
      san: main.replace("acme", "mallory"),
      claims: { repository: "mallory/app" },
    }),
    gitlab: await sigstore.identity({ san: gitlab, issuer: "https://gitlab.com" }),
    ownRelease: await own.identity({ san: main }),
    key: keyPair(),
    otherKey: keyPair(),
  };
  return { sigstore, own, who };
}

/** Who signed which image. */
const SIGNED: readonly (readonly [image: ImageName, who: Who, how?: BundleOptions])[] = [
  ["release", "release"],
  ["tagged", "tagged"],
  ["fork", "fork"],
  ["gitlab", "gitlab"],
  ["key", "key"],
  ["keyUnlogged", "key", { rekor: "none" }],
  ["otherKey", "otherKey"],
  ["keyAndRelease", "key"],
  ["keyAndRelease", "release"],
  ["keyAndOtherKey", "key"],
  ["keyAndOtherKey", "otherKey"],
  ["releaseAndProvenance", "release"],
  ["releaseAndSbom", "release"],
  ["ownInstance", "ownRelease", { rekor: "none", timestamps: 1 }],
  ["deep", "release"],
  ["elsewhere", "release"],
];

/** Who attested what of which image. */
const ATTESTED: readonly (readonly [image: ImageName, who: Who, type: string, predicate: unknown])[] = [
  ["provenance", "release", SLSA, slsaPredicate()],
  ["otherBuilder", "release", SLSA, slsaPredicate({ builder: "https://builder.test/own" })],
  ["forkProvenance", "fork", SLSA, slsaPredicate({ repository: "https://github.com/mallory/app" })],
  ["releaseAndProvenance", "release", SLSA, slsaPredicate()],
  ["sbomByKey", "key", "https://spdx.dev/Document", spdx23()],
  ["sbomByOtherKey", "otherKey", "https://spdx.dev/Document", spdx23()],
  ["releaseAndSbom", "release", "https://cyclonedx.org/bom", cycloneDx()],
  ["scan", "release", VULN, cosignVuln(trivyReport([]))],
];

async function signAll(
  registry: OciRegistry,
  digests: Readonly<Record<ImageName, Digest>>,
  { sigstore, own, who }: Signers,
): Promise<void> {
  for (const [image, by, how] of SIGNED) {
    const layer = await cosignSign.bundle(by === "ownRelease" ? own : sigstore, who[by], digests[image], how);
    publishLayer(registry, IMAGES[image], digests[image], layer);
  }
  for (const [image, by, type, predicate] of ATTESTED) {
    const layer = await attestation(type, predicate).bundle(sigstore, who[by], digests[image]);
    publishLayer(registry, IMAGES[image], digests[image], layer);
  }
}
