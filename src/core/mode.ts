/**
 * What a refusal does in a namespace: `enforce` denies, `advisory` warns, `off` does not look.
 * Read from the namespace label `mc-gate.dev/mode`.
 */
export const MODES = ["enforce", "advisory", "off"] as const;
/** One of MODES. */
export type Mode = (typeof MODES)[number];

/** The namespace label that carries the mode. */
export const MODE_LABEL = "mc-gate.dev/mode";

/** The mode that a label's value spells, or undefined where it spells none. */
export function parseMode(text: string | undefined): Mode | undefined {
  return MODES.find((mode) => mode === text);
}

/**
 * The mode that a namespace's label asks for; undefined where it has no label. A value that spells no mode counts as
 * `enforce`, everywhere: a typing error opens nothing.
 */
export function modeOfLabel(label: string | undefined): Mode | undefined {
  return label === undefined ? undefined : (parseMode(label) ?? "enforce");
}

const STRICTNESS: readonly Mode[] = ["off", "advisory", "enforce"];

/** The stricter of two modes. */
export function stricterMode(one: Mode, other: Mode): Mode {
  return STRICTNESS.indexOf(other) > STRICTNESS.indexOf(one) ? other : one;
}
