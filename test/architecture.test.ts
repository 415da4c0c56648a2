import { existsSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

import { describe, expect, it } from "vitest";

import { floorOf, FLOORS } from "../scripts/architecture/floors.ts";
import {
  circleIn,
  folderOf,
  type Import,
  importedFile,
  importsOf,
  packageName,
  sourceFiles,
} from "../scripts/architecture/imports.ts";
import { folderArrows } from "../scripts/architecture/picture.ts";
import { FAULTS, FINDINGS } from "../src/core/index.ts";

/** Folder of src → what it may import: other folders (through their index.ts) and packages. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: ["zod", "re2js"],
  outbound: ["core", "undici", "zod"],
  documents: ["core", "yaml", "zod"],
  workloads: ["core", "zod"],
  verify: [
    "core",
    "@sigstore/bundle",
    "@sigstore/core",
    "@sigstore/verify",
    "@sigstore/protobuf-specs",
    "@noble/curves",
    "zod",
  ],
  registry: [
    "core",
    "outbound",
    "undici",
    "zod",
    "@aws-sdk/client-ecr",
    "@azure/identity",
    "google-auth-library",
  ],
  trust: ["core", "@sigstore/tuf", "@sigstore/protobuf-specs", "zod"],
  kube: ["core", "@kubernetes/client-node", "undici", "zod"],
  "evidence-files": ["core", "lru-cache", "zod"],
  offload: ["core"],
  signing: ["core", "@sigstore/sign", "@sigstore/bundle", "@noble/ciphers", "zod"],
  server: ["core", "fastify", "@peculiar/x509", "reflect-metadata"],
  metrics: ["core", "prom-client"],
  report: [],
  policy: ["core", "documents", "@bufbuild/cel", "zod"],
  waivers: ["core", "documents", "zod"],
  revocations: ["core", "documents", "zod"],
  enforcement: ["core", "documents", "zod"],
  gate: ["core", "policy", "revocations", "waivers", "enforcement", "lru-cache"],
  "policy-import": ["core", "documents", "policy", "workloads", "zod"],
  admission: ["core", "gate", "workloads", "fastify", "zod"],
  record: ["core", "gate", "zod"],
  guard: ["core", "admission", "zod"],
  incident: ["core", "enforcement"],
  argocd: ["core", "outbound", "gate", "admission", "workloads", "fastify", "undici", "zod"],
  composition: [
    "core",
    "outbound",
    "registry",
    "trust",
    "verify",
    "policy",
    "waivers",
    "revocations",
    "enforcement",
    "gate",
    "zod",
  ],
  pipeline: ["core", "documents", "zod"],
  "policy-work": [
    "core",
    "documents",
    "verify",
    "policy",
    "waivers",
    "revocations",
    "enforcement",
    "gate",
    "record",
    "zod",
  ],
  audit: ["core", "workloads", "zod"],
  promotion: ["core", "workloads", "zod"],
  "evidence-packet": ["core", "report", "record", "waivers", "revocations", "enforcement", "zod"],
  fleet: [
    "core",
    "outbound",
    "documents",
    "pipeline",
    "@octokit/core",
    "@octokit/plugin-paginate-rest",
    "@octokit/plugin-retry",
    "@octokit/plugin-throttling",
    "ignore",
    "zod",
  ],
  "pr-comment": ["core", "zod"],
  kpi: ["core", "outbound", "metrics", "report", "waivers", "fleet", "fastify", "zod"],
  serve: [
    "core",
    "outbound",
    "documents",
    "workloads",
    "registry",
    "trust",
    "kube",
    "evidence-files",
    "offload",
    "server",
    "metrics",
    "policy",
    "waivers",
    "revocations",
    "enforcement",
    "gate",
    "admission",
    "guard",
    "argocd",
    "composition",
    "incident",
    "record",
    "fastify",
    "pino",
    "zod",
  ],
  cli: [
    "core",
    "outbound",
    "documents",
    "workloads",
    "verify",
    "registry",
    "trust",
    "policy",
    "waivers",
    "revocations",
    "enforcement",
    "gate",
    "policy-import",
    "admission",
    "argocd",
    "composition",
    "incident",
    "pipeline",
    "pr-comment",
    "policy-work",
    "audit",
    "promotion",
    "evidence-packet",
    "fleet",
    "kpi",
    "server",
    "metrics",
    "signing",
    "record",
    "kube",
    "serve",
    "commander",
    "diff",
    "zod",
  ],
};

/** Packages with more than one home, and why. Every other package has exactly one. */
const SHARED: Readonly<Record<string, string>> = {
  zod: "a schema belongs beside what it reads",
  fastify: "each endpoint is a plugin of its own",
  undici: "each kind of host has rules of its own for addresses, credentials and bounds",
  "lru-cache": "evidence in memory and in files",
  "@sigstore/bundle": "bundles are read in verify and written in signing",
  "@sigstore/protobuf-specs": "trust roots are read in trust and used in verify",
};

/** Folders that may read package.json. */
const READS_ITS_VERSION = new Set(["cli", "serve"]);

const MIN_FILES = 200;

/** What is wrong with one import: reaching past an index, or over a border that the table does not open. */
function violation({ file, target }: Pick<Import, "file" | "target">): string | undefined {
  if (target.startsWith("node:")) return undefined;
  const from = folderOf(file);
  const path = importedFile({ file, target, isTypeOnly: false });
  if (path === undefined) return notAllowed(file, from, packageName(target));
  const to = folderOf(path);
  if (to === from) return commandViolation(file, path);
  if (READS_ITS_VERSION.has(from) && path === "package.json") return undefined;
  if (!path.endsWith(`${to}${sep}index.ts`)) return `${file}: reach ${to} through its index.ts`;
  return notAllowed(file, from, to);
}

function notAllowed(file: string, from: string, to: string): string | undefined {
  return MAY_IMPORT[from]?.includes(to) ? undefined : `${file}: ${from} may not import ${to}`;
}

/** What two groups of commands share stands beside their folders, in cli itself. */
function commandViolation(file: string, path: string): string | undefined {
  const [from, to] = [commandFolder(file), commandFolder(path)];
  const isBetween = from !== undefined && to !== undefined && from !== to;
  return isBetween ? `${file}: the commands of ${from} may not import those of ${to}` : undefined;
}

function commandFolder(path: string): string | undefined {
  const [, folder, command, ...rest] = path.split(sep);
  return folder === "cli" && rest.length > 0 ? command : undefined;
}

/** Arrows that do not lead to a lower floor. */
function upwards(arrows: ReadonlyMap<string, Iterable<string>>): string[] {
  return [...arrows].flatMap(([from, targets]) =>
    [...targets].filter((to) => floorOf(to) >= floorOf(from)).map((to) => `${from} → ${to}`),
  );
}

/** Which files each file loads; types are erased, so that they load nothing. */
function fileArrows(files: readonly string[]): Map<string, string[]> {
  return new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter(({ isTypeOnly }) => !isTypeOnly)
        .flatMap((each) => importedFile(each) ?? []),
    ]),
  );
}

describe("architecture", () => {
  const files = sourceFiles();
  const imports = files.flatMap((file) => importsOf(file));

  it("reads the whole tree", () => {
    expect(files.length).toBeGreaterThanOrEqual(MIN_FILES);
  });

  it("lets each folder import only what its row names, through index.ts", () => {
    expect(imports.map(violation).filter((each) => each !== undefined)).toEqual([]);
  });

  it.each([
    ["src/core/a.ts", "../policy/index.ts", "core may not import policy"],
    ["src/gate/a.ts", "../policy/judge.ts", "reach policy through its index.ts"],
    ["src/policy/a.ts", "fastify", "policy may not import fastify"],
    ["src/admission/a.ts", "@sigstore/verify", "admission may not import @sigstore/verify"],
    ["src/unlisted/a.ts", "../core/index.ts", "unlisted may not import core"],
    ["src/cli/waivers/a.ts", "../verify/b.ts", "the commands of waivers may not import those of verify"],
  ])("sees a planted violation: %s → %s", (file, target, message) => {
    expect(violation({ file, target })).toContain(message);
  });

  it("puts every folder on one floor", () => {
    const folders = FLOORS.flatMap((floor) => floor.folders);
    expect(folders.toSorted()).toEqual([...new Set(files.map(folderOf))].toSorted());
    expect(Object.keys(MAY_IMPORT).toSorted()).toEqual(folders.toSorted());
  });

  it("draws no arrow up or along a floor", () => {
    expect(upwards(folderArrows())).toEqual([]);
  });

  it("sees a planted arrow up, and one along a floor", () => {
    const planted = new Map([
      ["core", ["gate"]],
      ["registry", ["kube"]],
      ["gate", ["policy"]],
    ]);
    expect(upwards(planted)).toEqual(["core → gate", "registry → kube"]);
  });

  it("loads no file in a circle", () => {
    expect(circleIn(fileArrows(files))).toBeUndefined();
  });

  it("sees a planted circle", () => {
    const planted = new Map([
      ["a", ["b", "c"]],
      ["b", ["c"]],
      ["c", ["d"]],
      ["d", ["b"]],
    ]);
    expect(circleIn(planted)).toEqual(["b", "c", "d", "b"]);
  });

  it("gives each package one home, but for those that are shared for a reason", () => {
    const homes = Map.groupBy(
      imports.filter(({ target }) => !target.startsWith(".") && !target.startsWith("node:")),
      ({ target }) => packageName(target),
    );
    const several = [...homes].filter(([, from]) => new Set(from.map(({ file }) => folderOf(file))).size > 1);
    expect(several.map(([name]) => name).toSorted()).toEqual(Object.keys(SHARED).toSorted());
  });

  it("permits nothing that is not used", () => {
    const used = new Set(
      imports.map((each) => {
        const path = importedFile(each);
        return `${folderOf(each.file)} ${path === undefined ? packageName(each.target) : folderOf(path)}`;
      }),
    );
    const permitted = Object.entries(MAY_IMPORT).flatMap(([from, targets]) =>
      targets.map((to) => `${from} ${to}`),
    );
    expect(permitted.filter((each) => !used.has(each))).toEqual([]);
  });

  it("has every file that the reading order of a verdict names", () => {
    const page = readFileSync("docs/architecture.md", "utf8");
    const named = [...page.matchAll(/\]\(\.\.\/(src\/[^)]+)\)/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThanOrEqual(12);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it("has no reason code that is never given", () => {
    const texts = files
      .filter((file) => !/(?:reason|fault)-codes\.ts$/.test(file))
      .map((file) => readFileSync(file, "utf8"));
    const codes = Object.keys({ ...FINDINGS, ...FAULTS });
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !texts.some((text) => text.includes(`"${code}"`)))).toEqual([]);
  });

  it("reads JSON in one place, since V8 misreads some keys", () => {
    const readers = files.filter((file) => readFileSync(file, "utf8").includes("JSON.parse("));
    // Pages have no other reader, and decide nothing.
    const inBrowser = [join("src", "evidence-packet", "page-script.ts"), join("src", "kpi", "report.ts")];
    expect(readers).toEqual([join("src", "core", "json.ts"), ...inBrowser]);
  });

  it("makes no signals of several by AbortSignal.any, which keeps some of them for ever", () => {
    expect(files.filter((file) => readFileSync(file, "utf8").includes("AbortSignal.any("))).toEqual([]);
  });

  it("lets only src/verify make verified values", () => {
    const makers = files.filter((file) => /as (?:readonly )?Verified</.test(readFileSync(file, "utf8")));
    expect(makers.filter((file) => !file.startsWith(join("src", "verify")))).toEqual([]);
  });

  it("lets only src/policy-work take evidence for verified", () => {
    const takers = files.filter((file) => readFileSync(file, "utf8").includes("assumeVerified"));
    expect([...new Set(takers.map(folderOf))]).toEqual(["policy-work", "verify"]);
  });
});
