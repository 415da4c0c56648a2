import { EXIT, type ExitCode, printable } from "../../core/index.ts";
import {
  discover,
  isDue,
  nextWithdrawals,
  withdraw,
  type Withdrawal,
  withdrawals,
  type Withdrawn,
} from "../../fleet/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print, say, table } from "../terminal.ts";
import { discovering, withFleet, type WorkflowOptions } from "./connect.ts";

const MAX_WHY = 200;

export interface WithdrawOptions extends WorkflowOptions {
  readonly yes: boolean;
}

/** `mc fleet close` and `mc fleet rollback`. */
export async function withdrawCommand(options: WithdrawOptions, merged: boolean): Promise<ExitCode> {
  return withFleet(options, async (github) => {
    const surveys = await discover(discovering(options, github));
    const unknown = surveys
      .filter(({ state }) => state === "unknown")
      .map(({ repository }) => repository.name);
    const all = await withdrawals(surveys, github, merged);
    const due = dueOf(all, merged);
    const ended = options.yes ? await withdraw(due, github) : [];
    report({ due, ended, unknown }, options);
    if (unknown.length > 0 || ended.some(({ outcome }) => outcome === "unknown")) return EXIT.unknown;
    const isDone = all.filter(isDue).length === ended.filter(({ outcome }) => outcome !== "failed").length;
    return isDone ? EXIT.allowed : EXIT.refused;
  });
}

/** Closing disturbs no one and needs no waves. */
function dueOf(all: readonly Withdrawal[], merged: boolean): readonly Withdrawal[] {
  if (!merged) return all.filter(isDue);
  const { next, due } = nextWithdrawals(all);
  if (next.kind === "wait") say(`The next wave waits: ${next.why}.`);
  return due;
}

interface Report {
  readonly due: readonly Withdrawal[];
  readonly ended: readonly Withdrawn[];
  readonly unknown: readonly string[];
}

function report({ due, ended, unknown }: Report, { output, yes }: WithdrawOptions): void {
  const rows = due.map(({ repository, action, pull }) => ({
    repository: repository.name,
    action,
    url: pull.url,
  }));
  if (output === "json") {
    print(jsonAnswer({ written: yes, due: rows, outcomes: ended, unknown }));
    return;
  }
  if (yes)
    for (const { name, outcome, url, why } of ended)
      print([name, outcome, url ?? printable(why ?? "", MAX_WHY)].join("  "));
  else {
    print(
      table(
        ["REPOSITORY", "ACTION", "PULL REQUEST"],
        rows.map(({ repository, action, url }) => [repository, action, url]),
      ),
    );
    say("Nothing was written; give --yes.");
  }
  for (const name of unknown) say(`Unknown: ${name}.`);
}
