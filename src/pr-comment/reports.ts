import { z } from "zod";

import { FAULTS, FINDINGS, JsonLimitError, parseJson } from "../core/index.ts";

/** What a run may hand over for a service, by its file name; plain texts are folded, with this title. */
export const REPORT_FILES = {
  "report.json": "scan",
  "verify.json": "verify",
  "plan.txt": "Plan",
  "policy-diff.txt": "What the edit of the policy means",
  "replay.txt": "What the edit of the policy would have refused",
} as const;

/** The name of a file of a run. */
export type ReportFile = keyof typeof REPORT_FILES;

/** A file as it was read, or why it was not. All of it was written by the author of the pull request. */
export type FolderFile = { readonly service: string; readonly file: ReportFile } & (
  | { readonly text: string }
  | { readonly problem: string }
);

const MAX_TEXT = 500;
const MAX_LIST = 5000;

/** Text that is shown; it is cut, since no one reads more. */
const Text = z.string().transform((text) => text.slice(0, MAX_TEXT));
const Component = z.object({ name: Text, version: Text });
/** A library of a bill of materials. */
export type Component = z.output<typeof Component>;

/** Written by the job `scan` of .github/workflows/_reusable-ci-security.yml. */
const Scan = z.strictObject({
  version: z.literal(1),
  pull: z.int().min(0),
  service: Text,
  path: Text,
  mode: z.enum(["enforce", "advisory"]),
  issues: z.array(z.object({ code: Text, message: Text })).max(MAX_LIST),
  findings: z.int().min(0),
  sbom: z
    .object({ added: z.array(Component).max(MAX_LIST), removed: z.array(Component).max(MAX_LIST) })
    .nullable(),
});
/** What was found in a service. */
export type Scan = z.output<typeof Scan>;

/** `mc verify -o json`, as far as it is shown. */
const Verify = z.object({
  version: z.literal(1),
  results: z
    .array(
      z.object({
        image: Text,
        decision: z.enum(["allow", "warn", "deny"]),
        objections: z
          .array(z.object({ kind: z.enum(["finding", "fault"]), code: Text, message: Text }))
          .max(100),
        waived: z.array(z.object({ code: Text, id: Text, until: z.iso.datetime() })).max(100),
        evidence: z.array(Text).max(100),
      }),
    )
    .max(100),
});
/** What `mc verify` said of the images of a service. */
export type Verify = z.output<typeof Verify>;

/** What a run handed over. */
export interface Reports {
  readonly scans: readonly Scan[];
  readonly verified: readonly (Verify & { readonly service: string })[];
  /** Plain texts, each with its title. */
  readonly texts: readonly { readonly service: string; readonly title: string; readonly text: string }[];
  /** What could not be read: nothing good is said while there is any. */
  readonly unread: readonly { readonly service: string; readonly file: string; readonly why: string }[];
}

/** Reads what a run handed over. Nothing is thrown: what cannot be read is named. */
export function readReports(files: readonly FolderFile[]): Reports {
  const reports = { scans: [] as Scan[], verified: [] as Reports["verified"][number][] };
  const texts: Reports["texts"][number][] = [];
  const unread: Reports["unread"][number][] = [];
  for (const each of files) {
    const { service, file } = each;
    if ("problem" in each) unread.push({ service, file, why: each.problem });
    else if (file === "report.json") take(Scan, each, (scan) => reports.scans.push(scan), unread);
    else if (file === "verify.json")
      take(Verify, each, (verify) => reports.verified.push({ ...verify, service }), unread);
    else texts.push({ service, title: REPORT_FILES[file], text: each.text });
  }
  return { ...reports, texts, unread };
}

function take<T>(
  schema: z.ZodType<T>,
  { service, file, text }: { readonly service: string; readonly file: ReportFile; readonly text: string },
  put: (value: T) => void,
  unread: Reports["unread"][number][],
): void {
  try {
    put(schema.parse(parseJson(text)));
  } catch (error) {
    unread.push({ service, file, why: whyUnread(error) });
  }
}

function whyUnread(error: unknown): string {
  if (error instanceof JsonLimitError) return error.message;
  if (error instanceof SyntaxError) return "it is not JSON";
  if (error instanceof z.ZodError)
    return `${error.issues[0]!.path.map(String).join(".")} is not what is expected`;
  throw error;
}

/** A code of the gate's; what is none gets no advice. */
export function isKnownCode(code: string): code is keyof typeof FINDINGS | keyof typeof FAULTS {
  return Object.hasOwn(FINDINGS, code) || Object.hasOwn(FAULTS, code);
}
