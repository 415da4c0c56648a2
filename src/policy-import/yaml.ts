/** A value of the policy that is written. */
export type Plain =
  | string
  | number
  | boolean
  | readonly Plain[]
  | { readonly [key: string]: Plain | undefined };

/** Text that every YAML reads as itself without quotes. */
const BARE = /^[A-Za-z][\w./@-]*(?::\/\/[\w./@-]+)?$/;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A map as the lines of block YAML, each list of short texts in one line. */
export function yamlLines(value: { readonly [key: string]: Plain | undefined }): string[] {
  return Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : fieldLines(key, each)));
}

/** An entry of a list: the map's lines behind a dash. */
export function itemLines(value: { readonly [key: string]: Plain | undefined }): string[] {
  return yamlLines(value).map((line, at) => (at === 0 ? `- ${line}` : `  ${line}`));
}

function fieldLines(key: string, value: Plain): string[] {
  const name = `${scalar(key)}:`;
  if (typeof value === "string" && value.includes("\n")) return [`${name} |`, ...block(value)];
  if (typeof value !== "object") return [`${name} ${scalar(value)}`];
  if (isList(value)) {
    if (value.every((each) => typeof each !== "object"))
      return [`${name} [${value.map((each) => scalar(each as string)).join(", ")}]`];
    return [
      name,
      ...value.flatMap((each) => itemLines(each as { readonly [key: string]: Plain })).map(indent),
    ];
  }
  return Object.keys(value).length === 0 ? [`${name} {}`] : [name, ...yamlLines(value).map(indent)];
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

function block(text: string): string[] {
  return text.trimEnd().split("\n").map(indent);
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  return BARE.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);
}

function indent(line: string): string {
  return `  ${line}`;
}
