import { Command, Help, type Option } from "commander";

import { addAdopt } from "./adopt/commands.ts";
import { addAudit } from "./audit/commands.ts";
import { addCompletion } from "./completion/commands.ts";
import { addDrift } from "./drift/commands.ts";
import { addEnforce } from "./enforce/commands.ts";
import { addEvidence } from "./evidence/commands.ts";
import { addFleet } from "./fleet/commands.ts";
import { addForward } from "./forward/commands.ts";
import { addKpi } from "./kpi/commands.ts";
import { addOpenLogs } from "./open-logs/commands.ts";
import { EXIT_HELP, type Finish } from "./options.ts";
import { addPipeline } from "./pipeline/commands.ts";
import { addPolicy } from "./policy/commands.ts";
import { addPrComment } from "./pr-comment/commands.ts";
import { addPreflight } from "./preflight/commands.ts";
import { addPresync } from "./presync/commands.ts";
import { addPromotion } from "./promotion/commands.ts";
import { addRecord } from "./record/commands.ts";
import { addRevocations } from "./revocations/commands.ts";
import { addServe } from "./serve/command.ts";
import { addSettings } from "./settings/commands.ts";
import { addTickets } from "./tickets/commands.ts";
import { addVerifyCommands } from "./verify/commands.ts";
import { addVersion } from "./version/commands.ts";
import { addWaivers } from "./waivers/commands.ts";

/** The table of commands. Each one's code is loaded when it is called, so that help is quick. */
export function buildProgram(version: string, finish: Finish): Command {
  const program = new Command("mc")
    .description("Decides which container images may run: signatures, provenance, waivers.")
    .version(version)
    .addHelpText("after", EXIT_HELP)
    .configureHelp({ optionDescription: describeOption })
    .exitOverride()
    .hook("preAction", (_, command) => refuseEmptyLists(command));
  addServe(program, finish);
  addVerifyCommands(program, finish);
  addPreflight(program, finish);
  addAudit(program, finish);
  addPresync(program, finish);
  addForward(program, finish);
  addPipeline(program, finish);
  addOpenLogs(program, finish);
  addPrComment(program, finish);
  addPolicy(program, finish);
  addWaivers(program, finish);
  addRevocations(program, finish);
  addRecord(program, finish);
  addEvidence(program, finish);
  addPromotion(program, finish);
  addFleet(program, finish);
  addKpi(program, finish);
  addTickets(program, finish);
  addSettings(program, finish);
  addAdopt(program, finish);
  addDrift(program, finish);
  addEnforce(program, finish);
  addVersion(program, finish);
  addCompletion(program, finish);
  hintAtHelp(program, "mc");
  return program;
}

/** As commander describes options, and which of them must be given. */
function describeOption(this: Help, option: Option): string {
  const described = Help.prototype.optionDescription.call(this, option).replace(" (default: [])", "");
  return option.mandatory ? `${described} (required)` : described;
}

/** A list that must be given has an empty one as default, which commander takes for a value. */
function refuseEmptyLists(command: Command): void {
  const absent = command.options.find(
    (option) => option.mandatory && isEmptyList(command.getOptionValue(option.attributeName())),
  );
  if (absent !== undefined) command.error(`error: required option '${absent.flags}' not specified`);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Has each command answer a wrong usage with a hint at its own help. */
function hintAtHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(${path} --help says more)`);
  for (const each of command.commands) hintAtHelp(each, `${path} ${each.name()}`);
}
