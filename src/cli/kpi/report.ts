import { EXIT, type ExitCode } from "../../core/index.ts";
import { kpiHtml, kpiJson, kpiMarkdown, kpiReads, kpisOf, look } from "../../kpi/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print, say } from "../terminal.ts";
import { withFleetClient } from "../with-fleet-client.ts";
import { writeOutput } from "../write-output.ts";
import { lookingFor, type SourceOptions } from "./source.ts";
import { memoryState, readState } from "./state-file.ts";

export interface ReportOptions extends SourceOptions {
  readonly state?: string;
  readonly out?: string;
  readonly output: "markdown" | "json" | "html";
}

/** `mc kpi report`. */
export async function reportCommand(options: ReportOptions): Promise<ExitCode> {
  const { org: owner, workflow: reusable, window: windowMs, state } = options;
  const of = { owner, reusable };
  const ledger = state === undefined ? memoryState(of) : await readState(state, of);
  const looking = lookingFor(options);
  return withFleetClient(options.githubApi, async (client) => {
    const now = new Date();
    const since = new Date(now.getTime() - windowMs);
    const known = {
      has: ledger.has,
      record: ledger.record,
      ran: (repository: number) => ledger.ranSince(repository, since.getTime()),
    };
    const found = await look({ ...looking, github: kpiReads(client), now, since, known });
    const kpis = kpisOf(found, ledger.answers(), { now: now.getTime(), windowMs });
    write(options, {
      markdown: () => kpiMarkdown(kpis, found),
      html: () => kpiHtml(kpis, found),
      json: () => `${jsonAnswer(kpiJson(kpis, found))}\n`,
    });
    if (found.repositories.length === 0) say("The token sees no repository of this organization.");
    if (kpis.adoption.unknown > 0)
      say(`${kpis.adoption.unknown} repositories are unknown: GitHub did not say.`);
    return found.repositories.length === 0 || kpis.adoption.unknown > 0 ? EXIT.unknown : EXIT.allowed;
  });
}

function write(
  { out, output }: ReportOptions,
  forms: Readonly<Record<ReportOptions["output"], () => string>>,
): void {
  const text = forms[output]();
  if (out === undefined) print(text.trimEnd());
  else writeOutput(out, text);
}
