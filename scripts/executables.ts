import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { inject } from "postject";
import { build, type OutputOptions, type RolldownOptions } from "rolldown";

import packageFile from "../package.json" with { type: "json" };
import shipped from "../rolldown.config.ts";

/** A platform that an executable is for. */
interface Target {
  readonly file: string;
  /** Where npm's package of its Node.js has the program; undefined where npm has none, and it is built on that platform. */
  readonly node?: string;
  /** Of that package, in the version that package.json pins. */
  readonly integrity?: string;
}

const TARGETS = {
  "linux-x64": {
    file: "mc-linux-x64",
    node: "bin/node",
    integrity:
      "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    file: "mc-linux-arm64",
    node: "bin/node",
    integrity:
      "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
  "win-x64": {
    file: "mc-win-x64.exe",
    node: "bin/node.exe",
    integrity:
      "sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==",
  },
  "darwin-arm64": { file: "mc-darwin-arm64" },
} satisfies Record<string, Target>;

/** A platform of `npm run build:executables`. */
export type TargetName = keyof typeof TARGETS;

const THREADS = ["verify-worker", "read-worker"] as const;
/** Tells Node.js where its program is. Source: Node.js, "Single executable applications". */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * Builds the executables of targets into a folder, and returns their paths: the program as one CommonJS file, the code of its
 * threads as assets, and Node.js of the version that runs this. Throws where Node.js of a target cannot be had or is not
 * the pinned one.
 */
export async function buildExecutables(names: readonly TargetName[], folder: string): Promise<string[]> {
  const work = mkdtempSync(join(tmpdir(), "mc-executables-"));
  try {
    await bundle(work);
    mkdirSync(folder, { recursive: true });
    const paths: string[] = [];
    for (const name of names) paths.push(await buildOne(name, work, folder));
    return paths;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function bundle(work: string): Promise<void> {
  const { input, ...config } = shipped as RolldownOptions & { readonly input: Record<string, string> };
  const output: OutputOptions = {
    ...(config.output as OutputOptions),
    dir: work,
    format: "cjs",
    codeSplitting: false,
    cleanDir: false,
  };
  // src/cli/main.ts checks the version of Node.js, which is a part of the executable
  const entries = {
    mc: "src/cli/start.ts",
    ...Object.fromEntries(THREADS.map((name) => [name, input[name]!])),
  };
  for (const entry of Object.entries(entries))
    await build({ ...config, input: Object.fromEntries([entry]), output });
}

async function buildOne(name: TargetName, work: string, folder: string): Promise<string> {
  const { file }: Target = TARGETS[name];
  const isOwn = isHost(name);
  const config = {
    main: join(work, "mc.js"),
    output: join(work, `${name}.blob`),
    disableExperimentalSEAWarning: true,
    useCodeCache: isOwn, // a cache counts on the platform that made it only
    assets: Object.fromEntries(THREADS.map((thread) => [`${thread}.js`, join(work, `${thread}.js`)])),
  };
  const configFile = join(work, `${name}.json`);
  writeFileSync(configFile, JSON.stringify(config));
  execFileSync(process.execPath, ["--experimental-sea-config", configFile], { stdio: "pipe" });
  const path = join(folder, file);
  copyFileSync(isOwn ? process.execPath : fetchNode(name, work), path);
  chmodSync(path, 0o755);
  const isMac = name.startsWith("darwin-");
  if (isMac) execFileSync("codesign", ["--remove-signature", path], { stdio: "pipe" });
  const options = { sentinelFuse: FUSE, ...(isMac && { machoSegmentName: "NODE_SEA" }) };
  await inject(path, "NODE_SEA_BLOB", readFileSync(config.output), options);
  if (isMac) execFileSync("codesign", ["--sign", "-", path], { stdio: "pipe" }); // macOS starts nothing unsigned
  return path;
}

/** The Node.js of another platform, by npm. */
function fetchNode(name: TargetName, work: string): string {
  const { node, integrity: pinned }: Target = TARGETS[name];
  if (node === undefined) throw new Error(`npm has no Node.js for ${name}: build it on that platform`);
  const version = packageFile.devDependencies.node;
  const spec = `node-${name}@${version}`;
  if (process.version !== `v${version}`)
    throw new Error(
      `this is Node.js ${process.version}; ${spec} needs v${version}: npm run build:executables`,
    );
  const text = execFileSync("npm", ["pack", spec, "--json", "--pack-destination", work], {
    encoding: "utf8",
  });
  const [{ filename } = { filename: "" }] = JSON.parse(text) as { readonly filename: string }[];
  const tarball = join(work, filename);
  const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  if (integrity !== pinned) throw new Error(`${spec} is ${integrity}, which is not pinned here`);
  const into = join(work, name);
  mkdirSync(into);
  execFileSync("tar", ["-xzf", tarball, "-C", into]);
  return join(into, "package", node);
}

function isHost(name: string): boolean {
  return name === `${process.platform.replace("win32", "win")}-${process.arch}`;
}

function isTarget(name: string): name is TargetName {
  return Object.hasOwn(TARGETS, name);
}

/** `npm run build:executables [-- TARGET...]`: all that can be built here where none is named, and SHA256SUMS. */
async function main(named: readonly string[]): Promise<void> {
  const here = Object.entries<Target>(TARGETS).filter(
    ([name, { node }]) => node !== undefined || isHost(name),
  );
  const names = named.length === 0 ? here.map(([name]) => name) : named;
  const unknown = names.filter((name) => !isTarget(name));
  if (unknown.length > 0)
    throw new Error(`no target: ${unknown.join(", ")}. There are ${Object.keys(TARGETS).join(", ")}.`);
  const folder = resolve("executables");
  rmSync(folder, { recursive: true, force: true });
  const paths = await buildExecutables(names.filter(isTarget), folder);
  const sums = paths.map((path) => {
    const sum = createHash("sha256").update(readFileSync(path)).digest("hex");
    return `${sum}  ${path.slice(folder.length + 1)}\n`;
  });
  writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
  process.stdout.write(sums.join(""));
}

if (import.meta.main) await main(process.argv.slice(2));
