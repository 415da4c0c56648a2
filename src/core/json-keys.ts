import { endOfString, isKey } from "./json-bounds.ts";

/**
 * Whether an object of a JSON text has a key twice, however the key is spelled. RFC 8259 §4 leaves open what that means,
 * and parsers differ: JSON.parse takes the last value, others the first. `value` is what the text was read as. Linear in
 * the text's length.
 */
export function hasRepeatedKeys(text: string, value: unknown): boolean {
  let keys = 0;
  for (let at = text.indexOf('"'); at !== -1;) {
    const end = endOfString(text, at + 1);
    if (isKey(text, end)) keys += 1;
    at = text.indexOf('"', end);
  }
  return keys !== fieldsIn(value);
}

/** The fields of all objects below a value. Not recursive. */
function fieldsIn(value: unknown): number {
  let fields = 0;
  const open = [value];
  while (open.length > 0) {
    const each = open.pop();
    if (typeof each !== "object" || each === null) continue;
    const inner: readonly unknown[] = Array.isArray(each) ? each : Object.values(each);
    if (!Array.isArray(each)) fields += inner.length;
    for (const one of inner) if (typeof one === "object" && one !== null) open.push(one);
  }
  return fields;
}
