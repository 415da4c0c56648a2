/** What is fuzzed: a name, and the module whose `open` makes the target. A new one is a file and a line. */
export const TARGETS: Readonly<Record<string, URL>> = Object.fromEntries(
  [
    "references",
    "json",
    "review",
    "http",
    "policy",
    "waivers",
    "revocations",
    "registry",
    "bundles",
    "predicates",
    "challenges",
    "docker-config",
    "verdict-question",
    "operation",
    "manifests",
    "yaml-manifests",
    "kept-files",
    "patterns",
    "cel",
  ].map((name) => [name, new URL(`./targets/${name}.ts`, import.meta.url)]),
);
