import type { Campaign } from "../campaign.ts";
import type { Caller } from "../discovery/callers.ts";
import { ownersOf, reviewersOf } from "../discovery/codeowners.ts";
import { servicesIn } from "../discovery/services.ts";
import type { Contents, NamedText } from "../discovery/survey.ts";
import type { Repository, Reviewers } from "../ports.ts";
import { CALLER_FILES, callerText, upgraded } from "./caller-file.ts";

/** Folders whose owner decides about the gate. */
const GUARDED = [".github/workflows/", "policy/"] as const;

/** Files that a repository gets, and who is asked. */
export type Change =
  | {
      readonly kind: "change";
      readonly files: readonly NamedText[];
      readonly reviewers: Reviewers;
      readonly notes: readonly string[];
    }
  | { readonly kind: "none" }
  | { readonly kind: "blocked"; readonly why: string };

/** What a change is made from. */
export interface ChangeInput {
  readonly campaign: Campaign;
  readonly repository: Repository;
  readonly contents: Contents;
  readonly callers: readonly Caller[];
  /** Who owns the workflows where no line of CODEOWNERS does: `@acme/security`. */
  readonly defaultOwner: string | undefined;
}

/** What a repository would get. Callers are upgraded where they are; a new one gets a new file. */
export function changeFor(input: ChangeInput): Change {
  return input.callers.length > 0 ? upgrade(input) : introduction(input);
}

function upgrade({ campaign, contents, callers }: ChangeInput): Change {
  const old = callers.filter(({ ref }) => ref !== campaign.commit);
  if (old.length === 0) return { kind: "none" };
  const files: NamedText[] = [];
  for (const workflow of contents.workflows) {
    const here = old.filter(({ file }) => file === workflow.path);
    if (here.length === 0) continue;
    const text = upgraded(workflow, here, campaign);
    if (!text.ok)
      return { kind: "blocked", why: `${workflow.path} cannot be edited: ${text.problems[0]!.message}` };
    files.push({ path: workflow.path, text: text.value });
  }
  return { kind: "change", files, reviewers: reviewersFor(contents), notes: [] };
}

function introduction({ campaign, repository, contents, defaultOwner }: ChangeInput): Change {
  const taken = new Set(contents.tree.files.map(({ path }) => path));
  const path = CALLER_FILES.find((each) => !taken.has(each));
  if (path === undefined)
    return { kind: "blocked", why: `${CALLER_FILES.join(" and ")} are other workflows` };
  const services = servicesIn(contents.tree);
  const text = callerText({ campaign, defaultBranch: repository.defaultBranch, services: services.paths });
  const owners = ownersFile(contents, defaultOwner);
  return {
    kind: "change",
    files: [{ path, text }, ...(owners === undefined ? [] : [owners])],
    reviewers: reviewersFor(contents),
    notes: [
      ...(services.note === undefined ? [] : [services.note]),
      ...(owners === undefined && !isGuarded(contents) ? ["no line of CODEOWNERS covers the workflows"] : []),
    ],
  };
}

/** Teams of the repository's own organisation, and users; others cannot be asked, and administrators are instead. */
function reviewersFor({ codeowners }: Contents): Reviewers {
  return reviewersOf(codeowners === undefined ? [] : ownersOf(codeowners.text, CALLER_FILES[0]));
}

function isGuarded({ codeowners }: Contents): boolean {
  return GUARDED.every(
    (folder) => codeowners !== undefined && ownersOf(codeowners.text, `${folder}file.yml`).length > 0,
  );
}

/** CODEOWNERS with lines for the folders that no line covers; the last line that matches counts, so they are at the end. */
function ownersFile({ codeowners }: Contents, owner: string | undefined): NamedText | undefined {
  if (owner === undefined) return undefined;
  const { path, text } = codeowners ?? { path: ".github/CODEOWNERS", text: "" };
  const bare = GUARDED.filter((folder) => ownersOf(text, `${folder}file.yml`).length === 0);
  if (bare.length === 0) return undefined;
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const gap = text === "" || text.endsWith("\n") ? "" : end;
  return { path, text: text + gap + bare.map((folder) => `/${folder} ${owner}${end}`).join("") };
}
