import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { runOrThrow } from "./process.ts";

/** A git repository in a folder of this machine. */
export interface GitRepository {
  /** `file://...`, as an Application's source names it. */
  readonly url: string;
  readonly folder: string;
  /** Replaces everything in it by these objects, one file for each; gives the new revision of the main branch. */
  readonly commit: (objects: readonly object[]) => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** Nothing of this machine's settings for git may count. */
const ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "e2e",
  GIT_AUTHOR_EMAIL: "e2e@example.invalid",
  GIT_COMMITTER_NAME: "e2e",
  GIT_COMMITTER_EMAIL: "e2e@example.invalid",
};

/** Makes a repository with these objects on its main branch. */
export async function makeRepository(objects: readonly object[]): Promise<GitRepository> {
  const { folder, save, remove } = await emptyRepository();
  const commit = (next: readonly object[]) =>
    save(async () => {
      for (const [index, each] of next.entries()) {
        await writeFile(join(folder, `${index}.json`), JSON.stringify(each, undefined, 2));
      }
    });
  await commit(objects);
  return { url: `file://${folder}`, folder, commit, remove };
}

/** Makes a repository that holds a chart with these values, as a platform fills them in. */
export async function makeChartRepository(
  chart: string,
  values: object,
): Promise<Pick<GitRepository, "url" | "remove">> {
  const { folder, save, remove } = await emptyRepository();
  await save(async () => {
    await cp(chart, folder, { recursive: true });
    const filled = { ...(parse(await readFile(join(chart, "values.yaml"), "utf8")) as object), ...values };
    await writeFile(join(folder, "values.yaml"), stringify(filled));
  });
  return { url: `file://${folder}`, remove };
}

interface EmptyRepository {
  readonly folder: string;
  /** Commits what `write` leaves in the emptied folder; gives the new revision. */
  readonly save: (write: () => Promise<void>) => Promise<string>;
  readonly remove: () => Promise<void>;
}

async function emptyRepository(): Promise<EmptyRepository> {
  const folder = await mkdtemp(join(tmpdir(), "mc-git-"));
  const git = (...args: string[]) => runOrThrow("git", ["-C", folder, ...args], { env: ENVIRONMENT });
  await git("init", "-q", "-b", "main");
  const save: EmptyRepository["save"] = async (write) => {
    await git("rm", "-rfq", "--ignore-unmatch", ".");
    await write();
    await git("add", "-A");
    await git("commit", "-q", "--allow-empty", "-m", "next");
    return (await git("rev-parse", "HEAD")).trim();
  };
  return { folder, save, remove: () => rm(folder, { recursive: true, force: true }) };
}
