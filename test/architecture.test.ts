import { readFileSync } from "node:fs";
import { globSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";

import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";

/** Folder of src → what it may import: other folders (through their index.ts) and packages. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: ["zod", "re2js"],
  documents: ["core", "yaml", "zod"],
  workloads: ["core", "zod"],
  policy: ["core", "documents", "@bufbuild/cel", "zod"],
  waivers: ["core", "documents", "zod"],
  revocations: ["core", "documents", "zod"],
  verify: [
    "core",
    "@sigstore/bundle",
    "@sigstore/core",
    "@sigstore/verify",
    "@sigstore/protobuf-specs",
    "@noble/curves",
    "zod",
  ],
  import: ["core", "documents", "policy", "zod"],
  adoption: ["core", "zod"],
  gate: ["core", "policy", "revocations", "waivers", "lru-cache"],
  admission: ["core", "gate", "workloads", "fastify", "zod"],
  presync: ["core", "gate", "admission", "workloads", "fastify", "zod"],
  argocd: ["core", "undici", "zod"],
  notify: ["core", "undici", "zod"],
  registry: ["core", "undici", "zod", "@aws-sdk/client-ecr", "@azure/identity", "google-auth-library"],
  trust: ["core", "@sigstore/tuf", "@sigstore/protobuf-specs", "zod"],
  kube: ["core", "@kubernetes/client-node", "undici", "zod"],
  offload: ["core"],
  "evidence-files": ["core", "lru-cache", "zod"],
  metrics: ["core", "prom-client"],
  server: ["core", "fastify", "@peculiar/x509", "reflect-metadata", "zod"],
  cli: [
    "core",
    "documents",
    "workloads",
    "import",
    "adoption",
    "policy",
    "revocations",
    "waivers",
    "verify",
    "offload",
    "evidence-files",
    "gate",
    "admission",
    "presync",
    "argocd",
    "notify",
    "registry",
    "trust",
    "kube",
    "metrics",
    "server",
    "commander",
    "pino",
    "zod",
  ],
};

const LEAST_FILES = 20;

interface Import {
  readonly file: string;
  readonly target: string;
}

function sources(): string[] {
  return globSync("src/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
}

function importsOf(file: string, source: string): Import[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(file, source).module;
  const targets = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...dynamicImports.map(({ moduleRequest }) =>
      source.slice(moduleRequest.start + 1, moduleRequest.end - 1),
    ),
  ];
  return targets.map((target) => ({ file, target }));
}

function folderOf(path: string): string {
  return path.split(sep)[1]!;
}

function packageName(target: string): string {
  return target.split("/", target.startsWith("@") ? 2 : 1).join("/");
}

function violation({ file, target }: Import): string | undefined {
  if (target.startsWith("node:")) return undefined;
  const from = folderOf(file);
  if (!target.startsWith(".")) return notAllowed(file, from, packageName(target));
  const path = normalize(join(dirname(file), target));
  const to = folderOf(path);
  if (to === from || (from === "cli" && path === "package.json")) return undefined;
  if (!path.endsWith(`${to}${sep}index.ts`)) return `${file}: reach ${to} through its index.ts`;
  return notAllowed(file, from, to);
}

function notAllowed(file: string, from: string, to: string): string | undefined {
  return MAY_IMPORT[from]?.includes(to) ? undefined : `${file}: ${from} may not import ${to}`;
}

describe("architecture", () => {
  const files = sources();

  it("reads the whole tree", () => {
    expect(files.length).toBeGreaterThanOrEqual(LEAST_FILES);
  });

  it("lets imports run one way, through index.ts, and gives each package one home", () => {
    const imports = files.flatMap((file) => importsOf(file, readFileSync(file, "utf8")));
    expect(imports.map(violation).filter((each) => each !== undefined)).toEqual([]);
  });

  it.each([
    ["src/core/a.ts", "../policy/index.ts", "core may not import policy"],
    ["src/gate/a.ts", "../policy/judge.ts", "reach policy through its index.ts"],
    ["src/policy/a.ts", "fastify", "policy may not import fastify"],
    ["src/admission/a.ts", "@sigstore/verify", "admission may not import @sigstore/verify"],
    ["src/unlisted/a.ts", "../core/index.ts", "unlisted may not import core"],
  ])("sees a planted violation: %s → %s", (file, target, message) => {
    expect(violation({ file, target })).toContain(message);
  });

  it("reads JSON in one place, since V8 misreads some keys", () => {
    const readers = files.filter((file) => readFileSync(file, "utf8").includes("JSON.parse("));
    expect(readers).toEqual([join("src", "core", "json.ts")]);
  });

  it("makes no signals of several by AbortSignal.any, which keeps some of them for ever", () => {
    expect(files.filter((file) => readFileSync(file, "utf8").includes("AbortSignal.any("))).toEqual([]);
  });

  it("lets only src/verify make verified values", () => {
    const makers = files.filter((file) => /as (?:readonly )?Verified</.test(readFileSync(file, "utf8")));
    expect(makers.filter((file) => !file.startsWith(join("src", "verify")))).toEqual([]);
  });
});
