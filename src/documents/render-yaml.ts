import { Document } from "yaml";

/** A value as one YAML document; text of several lines is as it is. */
export function renderYaml(value: unknown): string {
  return new Document(value, { version: "1.2", compat: "yaml-1.1" }).toString({
    lineWidth: 0,
    blockQuote: "literal",
  });
}
