import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildBundle } from "../../bench/build.ts";
import { type RegistryServer, startRegistry } from "../e2e/support/registries.ts";
import { type FakePackages, startFakePackages } from "../support/fake-packages.ts";
import { publicKeyOf } from "../support/signed-layers.ts";
import { GITHUB_ISSUER, RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";
import { type Front, startFront } from "./front.ts";
import { createSigners, mint, type Minted, type Signers, upload } from "./mint.ts";
import { Mc } from "./processes.ts";

export const VERIFIER = "https://acme.test/promoter";

/** An image that is in one of the registries. */
export interface Placed extends Minted {
  /** `host/repository@digest`, as the journal has it. */
  readonly key: string;
  readonly front: Front;
  /** The registry behind the front. */
  readonly behind: string;
  readonly hasReferrers: boolean;
}

/** Two registries full of images, and who asks about them. */
export interface World {
  readonly mc: Mc;
  readonly images: readonly Placed[];
  readonly fronts: readonly Front[];
  readonly github: FakePackages;
  /** Sources and documents of a backfill. */
  readonly backfill: (journal: string, ...more: readonly string[]) => string[];
  readonly promote: (journal: string, ...more: readonly string[]) => string[];
  readonly write: (name: string, text: string) => void;
  readonly stop: () => Promise<void>;
}

/** Starts CNCF distribution, whose images GitHub's API lists, and a registry with the referrers API, and fills them. */
export async function startWorld(count: number): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "mc-population-"));
  const signers = await createSigners();
  const github = await startFakePackages("acme");
  const servers: [RegistryServer, RegistryServer] = [
    await startRegistry({ referrers: false }),
    await startRegistry({ referrers: true }),
  ];
  const fronts = [await startFront(servers[0].host), await startFront(servers[1].host)] as const;
  const timed = await mint(Math.ceil(count / 2), signers, github);
  const untimed = await mint(Math.floor(count / 2), signers);
  await upload(timed, servers[0].host, false);
  await upload(untimed, servers[1].host, true);
  const place = (at: 0 | 1, all: readonly Minted[]): Placed[] =>
    all.map((each) => ({
      ...each,
      key: `${fronts[at].host}/${each.repository}@${each.digest}`,
      front: fronts[at],
      behind: servers[at].host,
      hasReferrers: at === 1,
    }));
  const images = [...place(0, timed.images), ...place(1, untimed.images)];
  for (const { kind, digest, front } of images) if (kind === "unknown") front.sick.add(digest.slice(7));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  writeDocuments(write, signers, fronts);
  return {
    mc: new Mc(folder, buildBundle(folder)),
    images,
    fronts,
    github,
    write,
    ...commandsOf(fronts, github),
    stop: async () => {
      await Promise.all([...fronts, ...servers].map((each) => each.stop()));
      await github.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function commandsOf([timed, untimed]: readonly [Front, Front], github: FakePackages) {
  const by = [
    "--policy",
    "policy.yaml",
    "--registries",
    "registries.yaml",
    "--revocations",
    "revocations.yaml",
  ];
  const owner = ["--github", "acme", "--github-api", github.url, "--github-registry", timed.host];
  const judging = [...by, ...owner, "--namespace", "build", "-o", "json"];
  const said = ["--policy-uri", "https://acme.test/policy.yaml", "--key", "promoter.pem"];
  return {
    backfill: (journal: string, ...more: readonly string[]) => [
      "backfill",
      "run",
      ...judging,
      "--catalog",
      untimed.host,
      "--journal",
      journal,
      ...more,
    ],
    promote: (journal: string, ...more: readonly string[]) => [
      "promote",
      ...judging,
      ...said,
      ...(more.includes("--verifier") ? [] : ["--verifier", VERIFIER]),
      "--journal",
      journal,
      "--yes",
      ...more,
    ],
  };
}

function writeDocuments(
  write: World["write"],
  { sigstore, builder }: Signers,
  fronts: readonly Front[],
): void {
  const promoter = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const pem = promoter.publicKey.export({ format: "pem", type: "spki" }).toString();
  const images = fronts.map(({ host }) => `${host}/**`);
  const keyless = { trustRoot: "test", issuer: GITHUB_ISSUER, identity: RELEASE_WORKFLOW };
  const promotable = {
    anyOf: ["promoter"],
    verifiers: [VERIFIER],
    policies: "inForce",
    judgedFor: ["build"],
  };
  const policy = {
    trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
    authorities: {
      builder: { key: { pem: publicKeyOf(builder).pem, transparencyLogNotRequiredUnsafe: true } },
      release: { keyless },
      promoter: { key: { pem, transparencyLogNotRequiredUnsafe: true } },
    },
    rules: [
      {
        name: "built",
        images,
        namespaces: ["build"],
        require: { provenance: { anyOf: ["builder", "release"] } },
      },
      { name: "promoted", images, namespaces: ["prod"], require: { promotable } },
    ],
  };
  const hosts = fronts.map(({ host }) => [host, { plainHttpUnsafe: true, allowLoopbackUnsafe: true }]);
  write("promoter.pem", promoter.privateKey.export({ format: "pem", type: "pkcs8" }).toString());
  write("builder.pub", publicKeyOf(builder).pem);
  write("policy.yaml", JSON.stringify(policy));
  write("revocations.yaml", "revocations: []\n");
  write("registries.yaml", JSON.stringify({ hosts: Object.fromEntries(hosts) }));
}
