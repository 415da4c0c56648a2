const NESTED = "\u0001json";

/**
 * A value in which texts that hold a JSON object, plain or in base64, are opened: so that changes reach what is signed and
 * what is logged, and not only its encoding.
 */
export function parsedOr(value: unknown): unknown {
  if (typeof value === "string") return opened(value);
  if (Array.isArray(value)) return value.map(parsedOr);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, parsedOr(each)]));
}

/** The inverse: what was opened is closed again as it was, and a closed value at the top is a text. */
export function retied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(retied);
  if (typeof value !== "object" || value === null) return value;
  if (!Object.hasOwn(value, NESTED)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, retied(each)]));
  }
  const { [NESTED]: how, content } = value as Readonly<Record<string, unknown>>;
  const text = JSON.stringify(retied(content) ?? null);
  return how === "base64" ? Buffer.from(text).toString("base64") : text;
}

function opened(text: string): unknown {
  const base64 = text.startsWith("ey") ? Buffer.from(text, "base64").toString("utf8") : undefined;
  const json = base64 ?? text;
  if (!json.startsWith("{")) return text;
  try {
    const content = parsedOr(JSON.parse(json));
    return { [NESTED]: base64 === undefined ? "plain" : "base64", content };
  } catch {
    return text;
  }
}
