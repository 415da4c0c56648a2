import { EXIT, type ExitCode } from "../../core/index.ts";
import { type CaseResult, readCases, runCases } from "../../policy-work/index.ts";
import { describedSigners, parsePolicy } from "../../policy/index.ts";
import { NO_REVOCATIONS, parseRevocations } from "../../revocations/index.ts";
import { NO_WAIVERS } from "../../waivers/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { accepted } from "../problems.ts";
import { colour, print, readText, say } from "../terminal.ts";
import { testedWaivers } from "./documents.ts";

/** What `mc policy test` takes. */
export interface TestOptions {
  readonly policy: string;
  readonly waivers?: string;
  readonly revocations?: string;
  readonly output: "text" | "json";
}

interface FileResult extends CaseResult {
  readonly file: string;
}

/** `mc policy test`: what a policy says of images that files of cases describe, against what they expect. */
export async function policyTest(files: readonly string[], options: TestOptions): Promise<ExitCode> {
  const text = readText(options.policy);
  const policy = accepted(options.policy, parsePolicy(text));
  const signerOf = accepted(options.policy, describedSigners(text));
  const { waivers, revocations } = options;
  const documents = {
    policy,
    signerOf,
    waivers: waivers === undefined ? NO_WAIVERS : testedWaivers(waivers),
    revocations:
      revocations === undefined
        ? NO_REVOCATIONS
        : accepted(revocations, parseRevocations(readText(revocations))),
  };
  const read = files.map((file) => ({ file, cases: accepted(file, readCases(readText(file), signerOf)) }));
  const results: FileResult[] = [];
  for (const { file, cases } of read)
    results.push(...(await runCases(cases, documents)).map((each) => ({ file, ...each })));
  const failed = results.filter(({ isAsExpected }) => !isAsExpected).length;
  if (options.output === "json")
    print(jsonAnswer({ passed: results.length - failed, failed, cases: results }));
  else {
    for (const each of results) print(resultText(each));
    say(`${results.length - failed} of ${results.length} cases as expected.`);
  }
  return failed === 0 ? EXIT.allowed : EXIT.refused;
}

function resultText({ file, line, name, isAsExpected, expected, actual, messages }: FileResult): string {
  if (isAsExpected) return `${colour("green", "ok   ")}  ${name}`;
  const rows = (["decision", "codes", "waived"] as const).flatMap((key) => {
    const [wanted, got] = [expected[key], actual[key]].map(written);
    if (wanted === got) return [`    ${key}: ${got}`];
    return [colour("red", `  - ${key}: ${wanted}`), colour("green", `  + ${key}: ${got}`)];
  });
  const why = messages.map((message) => `    because ${message}`);
  return [`${colour("red", "wrong")}  ${name} (${file}:${line})`, ...rows, ...why].join("\n");
}

function written(value: string | readonly string[]): string {
  if (typeof value === "string") return value;
  return value.length === 0 ? "none" : value.join(", ");
}
