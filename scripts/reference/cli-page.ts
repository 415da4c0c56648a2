import type { Argument, Command, Option } from "commander";

import { buildProgram } from "../../src/cli/program.ts";
import { block, code, page, table } from "./markdown.ts";

/** Every command with its arguments and options, from the program itself. */
export function cliPage(): string {
  const program = buildProgram("0.0.0", () => Promise.resolve());
  const commands = leaves(program, "mc");
  if (commands.length === 0) throw new Error("the program has no commands");
  const index = commands.map(({ name, command }) => [
    `[${code(name)}](#${anchor(name)})`,
    command.description(),
  ]);
  return page(
    "Command line",
    "`mc` from the package, or `npm run -s mc -- …` from a checkout. Every command takes `--help`.",
    table(["Command", "Does"], index),
    table(["Exit code", "Means"], EXITS),
    ...commands.map(section),
    JSON_ANSWERS,
    JSON_OF_VERIFY,
    JSON_OF_ADOPT,
  );
}

const JSON_ANSWERS = `## JSON answers

\`-o json\` prints one object with \`version\`, which is that of its form: a change that readers must know of raises it.
Problems have \`file\`, \`line\`, \`column\`, \`path\`, \`message\`, \`rule\`. What a command says on standard error is for people.

${table(
  ["Command", "Fields next to `version`"],
  [
    ["`mc … lint`", "`problems`; of policies and settings also `dangers`"],
    ["`mc … migrate`", "`files[]`: `file`, `written`, `renamed`, `diff`, `problems`"],
    [
      "`mc policy explain`",
      "`image`, `digest`, `namespace`, `decision`, `mode`, `objections`, `unmatched`, `rules[]` with `gates[]`, `searched`, `rejections`, `gaps`, `voided`",
    ],
    [
      "`mc policy diff`",
      "`verdict` (same, equal, stricter, other, weaker), `changes[]` (problems with `kind`), `signers[]` with `change`, `authority`, `rule`, `gate`",
    ],
    [
      "`mc policy test`",
      "`passed`, `failed`, `cases[]` with `file`, `line`, `name`, `isAsExpected`, `expected`, `actual`, `messages`",
    ],
    [
      "`mc policy replay`",
      "`decisions`, `changes` (a number each), `groups[]` with `change`, `namespace`, `kind`, `name`, `owners`, `decisions`, `uid`, `images`, `reasons`; `ungrouped`, `problems`, `problemCount`",
    ],
    ["`mc policy import`", "`policy` (its text), `losses`, `impassable`"],
    ["`mc waivers list`", "`at`, `waivers[]` with `state`, `approvals` and `ignored` (a reason, or null)"],
    [
      "`mc waivers audit`",
      "`at`, `waivers`, `active`, `ending`, `expired`, `expiredAndHit`, `unused`, `overlapping`, `widest`, `problems`; null where it is not known",
    ],
    ["`mc waivers add`, `renew`, `expire`, `approve`", "`written`, `entry`, `diff`, `problems`"],
    ["`mc waivers remind`", "`issue`, `url`, `closed`, `slack`, `applied`, `body`"],
    ["`mc waivers verify`", "`waivers` (ids), `problems`"],
    ["`mc revocations plan`", "`voids`, `images[]` with `effect` and `because`, `notLookedAt`"],
    [
      "`mc revocations add`",
      "`written`, `entries`, `document` (its text, if it was not written), `problems`",
    ],
    ["`mc verify-bundle`", "`verified`, `problem` (or null)"],
    ["`mc presync`", "`decision`, `exitCode`, `retry`, `reason`, `images`, `warnings`"],
    [
      "`mc open-logs`",
      "`outcome` (succeeded, failed, running), `run`, `failure` with `job`, `conclusion`, `step`, `url` (or null), `url`",
    ],
    [
      "`mc pr-comment`",
      "`pull`, `commit`, `verdict` (blocked, unknown, failed, advice, passed), `change` (create, update, keep, skip), `applied`, `body`",
    ],
    [
      "`mc preflight`",
      "`at`, `until`, `namespaces[]` with `mode` and `leftOut`, `counts`, `workloads[]` with `owner`, `outcome`, `objections`, `waived`, `expired`, `forecast[]` (the same), `notSeen[]`",
    ],
    [
      "`mc audit`",
      "`at`, `until`, `counts`, `countsByMode`, `kinds`, `found[]` with `owner`, `place`, `named`, `judged`, `running`, `pods`, `state`, `isStatic`, `findings`, `notListed`, `nodeImages` with `unaccounted[]`, `nodes`, `partly`, `notSeen[]`",
    ],
    ["`mc plan`", "`summary`, `pipelines`, `unread`"],
    [
      "`mc evidence export`",
      "`folder`, `decisions`, `unverified`, `manifest`, `unknown[]`, `problems`, `unsigned`",
    ],
    ["`mc evidence verify`", "`verified`, `sha256`, `files`, `notHeld[]`, `differences[]`, `signature`"],
    ["`mc drift`", "`replicas`, `differences`, `unknown`, `skipped`, `counts`"],
    [
      "`mc enforce status`",
      "`switches[]`, or `problems[]` of a document that cannot be read; `failOpen`, `following` with `replicas[]`; absent if not known",
    ],
    ["`mc enforce off`, `on`, `confirm`", "`switches[]`, `following`; absent if not waited for"],
    [
      "`mc version`",
      "`build` (`version`, `form`, `commit` with `id`, `at`, `modified`, or null), `node`, `documents`, `publicGoodRoot`",
    ],
  ],
)}`;

const JSON_OF_VERIFY = `## JSON of mc verify

${table(
  ["Field", "Holds"],
  [
    ["`version`", "1; a change that readers must know of raises it"],
    ["`results[].image`, `.place`", "the image as written, and its place in the object"],
    ["`results[].file`, `.line`", "the manifest and the line, if the image came from one"],
    [
      "`results[].object`, `.namespace`",
      "the object in it, such as `Pod shop/web-1`, and the namespace that it names",
    ],
    ["`results[].decision`", "`allow`, `warn` (advisory) or `deny`"],
    [
      "`results[].objections[]`",
      "`kind` (finding or fault), `code`, `message`, `fix`, `retry` (whether the same command may pass later)",
    ],
    ["`results[].waived[]`", "`code` of the finding; `id`, `owners` and `until` of the waiver"],
    ["`results[].evidence[]`", "who signed what, one clause each"],
  ],
)}`;

const JSON_OF_ADOPT = `## JSON of mc adopt argocd

${table(
  ["Field", "Holds"],
  [
    ["`version`", "2; a change that readers must know of raises it"],
    [
      "`applications[].kind`, `.namespace`, `.name`",
      "an Application, or an ApplicationSet for all its Applications",
    ],
    ["`applications[].file`, `.line`", "where it was read; null for an ApplicationSet that was not"],
    ["`applications[].fromCluster`", "whether it was read from a cluster, by its uid"],
    ["`applications[].hook`", "`yes`, `no`, `unknown` or `exempt`"],
    ["`applications[].by`", "`source`, `component`, `repository`, or null"],
    ["`applications[].lastSync`", "`ran`, `did-not-run` or `unknown`"],
    ["`applications[].generated`", "of an ApplicationSet: how many Applications of it were read"],
    ["`applications[].notes[]`", "further notes, one clause each"],
    [
      "`applications[].patch`, `.command`",
      "a JSON Patch as text and the command that applies it, if it came from a cluster",
    ],
    ["`files[].file`, `.diff`, `.written`", "a file that changes, how, and whether it was written"],
    ["`projects[].name`, `.allows`", "`yes`, `no`, `unknown` or `not read`"],
    ["`problems[]`", "what could not be read or changed in place: `file`, `line`, `rule`, `message`"],
  ],
)}`;

const EXITS = [
  ["0", "allowed; nothing is wrong"],
  ["10", "refused; a document has problems"],
  ["11", "undetermined; the [code](reason-codes.md) says whether the same command may pass later"],
  ["12", "invalid configuration or usage"],
];

interface Leaf {
  readonly name: string;
  readonly command: Command;
}

function leaves(command: Command, name: string): Leaf[] {
  if (command.commands.length === 0) return [{ name, command }];
  return command.commands.flatMap((each) => leaves(each, `${name} ${each.name()}`));
}

function section({ name, command }: Leaf): string {
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.map(optionRow)];
  const parts = [
    `## ${name}`,
    command.description(),
    block(`${name} ${command.usage()}`, "text"),
    rows.length === 0 ? "" : table(["Argument or option", "Default", "Meaning"], rows),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function argumentRow(argument: Argument): string[] {
  const name = `${argument.name()}${argument.variadic ? "…" : ""}`;
  return [code(argument.required ? `<${name}>` : `[${name}]`), "", argument.description];
}

function optionRow(option: Option): string[] {
  const choices = option.argChoices === undefined ? "" : ` (${option.argChoices.join(", ")})`;
  return [
    code(option.flags),
    option.mandatory ? "required" : defaultOf(option),
    `${option.description}${choices}`,
  ];
}

function defaultOf({ defaultValue }: Option): string {
  const isNothing =
    defaultValue === undefined ||
    defaultValue === false ||
    (Array.isArray(defaultValue) && defaultValue.length === 0);
  return isNothing ? "" : code(String(defaultValue));
}

function anchor(name: string): string {
  return name.replaceAll(" ", "-");
}
