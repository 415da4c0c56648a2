import { foldName, EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import type { Pull, Review } from "../../outbound/index.ts";
import type { Waiver } from "../../waivers/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { problemLine } from "../problems.ts";
import { print, say } from "../terminal.ts";
import { withGitHub } from "../with-github.ts";
import { readWaivers } from "./documents.ts";

export interface VerifyOptions {
  readonly repo: string;
  readonly pull: number;
  /** The document before the change: only what differs from it is checked. */
  readonly base?: string;
  /** `NAME=LOGIN`, where a person's name in the document is not their login. */
  readonly login: readonly string[];
  readonly output: "text" | "json";
}

/** An approval that the review does not bear out. */
interface Unfounded {
  readonly waiver: Waiver;
  readonly by: string;
  readonly rule: string;
  readonly message: string;
}

/** `mc waivers verify`: compares who approved by the document with who approved the pull request. */
export async function waiversVerify(file: string, options: VerifyOptions): Promise<ExitCode> {
  const { output, base, pull: number } = options;
  const { waivers, problems } = readWaivers(file);
  const changed = base === undefined ? waivers : changedSince(readWaivers(base).waivers, waivers);
  const logins = loginsOf(options.login);
  return withGitHub(options, async ({ github }) => {
    const [pull, reviews] = await Promise.all([github.pull(number), github.reviews(number)]);
    const found = changed.flatMap((waiver) => unfounded(waiver, { pull, reviews, logins }));
    const told = [
      ...problems,
      ...found.map(({ waiver, rule, message }) => ({ ...waiver.place, path: waiver.id, rule, message })),
    ].map((each) => ({ file, ...each }));
    if (output === "json") print(jsonAnswer({ waivers: changed.map(({ id }) => id), problems: told }));
    else for (const each of told) print(problemLine(each));
    say(`${changed.length} waiver(s) compared with the reviews of pull request ${number}.`);
    return told.length === 0 ? EXIT.allowed : EXIT.refused;
  });
}

interface Reviewed {
  readonly pull: Pull;
  readonly reviews: readonly Review[];
  readonly logins: ReadonlyMap<string, string>;
}

/** What is wrong with the approvals of one waiver. */
function unfounded(waiver: Waiver, { pull, reviews, logins }: Reviewed): Unfounded[] {
  return waiver.approvals.flatMap(({ by }) => {
    const login = logins.get(foldName(by)) ?? foldName(by).replace(/^@/, "");
    const why = whyNot(login, pull, reviews);
    return why === undefined
      ? []
      : [{ waiver, by, rule: "not-reviewed", message: `The approval by ${by}: ${why}.` }];
  });
}

/** The last word of a person counts, and only on what is merged; a program approves nothing. */
function whyNot(login: string, { user, head }: Pull, reviews: readonly Review[]): string | undefined {
  if (user !== null && foldName(user.login) === login) return `${login} wrote the pull request`;
  const own = reviews.filter((review) => review.user !== null && foldName(review.user.login) === login);
  const last = own.findLast(({ state }) => ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].includes(state));
  if (last === undefined) return `${login} did not review the pull request`;
  if (last.user?.type !== "User") return `${login} is not a person`;
  if (last.state !== "APPROVED")
    return `the latest review of ${login} is ${last.state.toLowerCase().replace("_", " ")}`;
  return last.commit_id === head.sha ? undefined : `${login} approved an earlier commit`;
}

/** Waivers that are new, or say something else; where they are does not matter. */
function changedSince(before: readonly Waiver[], after: readonly Waiver[]): Waiver[] {
  const known = new Set(before.map(sameness));
  return after.filter((waiver) => !known.has(sameness(waiver)));
}

function sameness(waiver: Waiver): string {
  return JSON.stringify({ ...waiver, place: undefined });
}

function loginsOf(texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const [, name, login] = /^([^=]+)=([A-Za-z0-9-]{1,39})$/.exec(text) ?? [];
      if (name === undefined || login === undefined)
        throw new UsageError(`--login ${text} is not NAME=LOGIN`);
      return [foldName(name), foldName(login)] as const;
    }),
  );
}
