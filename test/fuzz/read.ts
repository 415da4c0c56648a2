/** The value at a path of own keys; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((here, key) => {
    const has = typeof here === "object" && here !== null && Object.hasOwn(here, key);
    return has ? (here as Readonly<Record<string, unknown>>)[key] : undefined;
  }, value);
}

/** The text at a path; undefined where something else stands there. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}
