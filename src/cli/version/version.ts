import { isSea } from "node:sea";
import { fileURLToPath } from "node:url";

import packageFile from "../../../package.json" with { type: "json" };
import { EXIT, type ExitCode, formatInstant } from "../../core/index.ts";
import { API_VERSION } from "../../documents/index.ts";
import { publicGoodSeed } from "../../trust/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print } from "../terminal.ts";
import { type Commit, commitOf } from "./commit.ts";

/** Put in by rolldown.config.ts; null where the build had no checkout, absent where the source runs. */
declare const MC_BUILT_FROM: Commit | null | undefined;

/** What runs, and where it comes from. */
export interface BuildInfo {
  readonly version: string;
  /** `bundle` is the npm package and the image, `executable` one file with Node.js, `source` a checkout. */
  readonly form: "bundle" | "executable" | "source";
  readonly commit: Commit | undefined;
}

/** `mc version`. */
export function version({ output }: { readonly output: "text" | "json" }): ExitCode {
  const build = buildInfo();
  print(output === "json" ? versionJson(build) : versionText(build));
  return EXIT.allowed;
}

function buildInfo(): BuildInfo {
  const { version: number } = packageFile;
  if (typeof MC_BUILT_FROM !== "undefined")
    return {
      version: number,
      form: isSea() ? "executable" : "bundle",
      commit: MC_BUILT_FROM ?? undefined,
    };
  const commit = commitOf(fileURLToPath(new URL("../../..", import.meta.url)));
  return { version: number, form: "source", commit };
}

/** For people: a line for each part. */
export function versionText({ version: number, form, commit }: BuildInfo): string {
  const changed = commit?.modified === true ? ", with local changes" : "";
  const from = commit === undefined ? "unknown" : `${commit.id} of ${commit.at}${changed}`;
  return [
    `mc-gate ${number} (${form})`,
    `commit: ${from}`,
    `Node.js: ${process.versions.node} on ${process.platform}/${process.arch}`,
    `documents: ${API_VERSION}`,
    `public-good trust root shipped: ${formatInstant(publicGoodSeed().since)}`,
  ].join("\n");
}

/** The same as stable JSON; what is not known is null. */
export function versionJson({ version: number, form, commit }: BuildInfo): string {
  const { platform, arch, versions } = process;
  return jsonAnswer({
    build: { version: number, form, commit: commit ?? null },
    node: { version: versions.node, platform, arch },
    documents: [API_VERSION],
    publicGoodRoot: publicGoodSeed().since,
  });
}
