import { EXIT, type ExitCode, formatInstant, printable } from "../../core/index.ts";
import { discover, type Survey, SURVEY_STATES } from "../../fleet/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print, say, table } from "../terminal.ts";
import { discovering, withFleet, type WorkflowOptions } from "./connect.ts";

const MAX_WHY = 200;

/** `mc fleet discover`. */
export async function discoverFleet(options: WorkflowOptions): Promise<ExitCode> {
  return withFleet(options, async (github) => {
    const surveys = await discover(discovering(options, github));
    const counts = Object.fromEntries(
      SURVEY_STATES.map((state) => [state, surveys.filter((each) => each.state === state).length]),
    );
    const rows = surveys.map((survey) => ({
      repository: survey.repository.name,
      state: survey.state,
      detail: detailOf(survey),
    }));
    if (options.output === "json") print(jsonAnswer({ counts, repositories: rows }));
    else {
      print(
        table(
          ["REPOSITORY", "STATE", "DETAIL"],
          rows.map(({ repository, state, detail }) => [repository, state, detail]),
        ),
      );
      say(SURVEY_STATES.map((state) => `${counts[state]} ${state}`).join(", "));
    }
    if (surveys.length === 0) say("The token sees no repository of this organization.");
    return counts["unknown"] !== 0 || surveys.length === 0 ? EXIT.unknown : EXIT.allowed;
  });
}

function detailOf(survey: Survey): string {
  switch (survey.state) {
    case "candidate":
      return "";
    case "opted-out":
      return printable(`until ${formatInstant(survey.until)}, ${survey.owner}: ${survey.why}`, MAX_WHY);
    case "adopted":
      return survey.by === "ruleset"
        ? "by ruleset"
        : printable(
            survey.callers.map(({ file, ref, kind }) => `${file}@${ref} (${kind})`).join(", "),
            MAX_WHY,
          );
    case "skipped":
    case "unknown":
      return printable(survey.why, MAX_WHY);
  }
}
