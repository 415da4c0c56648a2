import type * as fc from "fast-check";

/** Longest that one call may take where its target says nothing else, ms. */
export const LIMIT_MS = 50;
/**
 * A call over the limit is made again this often, and counts where all are over it, also by the time that this thread had
 * the processor: the machine may be busy with others.
 */
const REPEATS = 20;

/** Something that reads what others wrote. */
export interface Target<Input, Answer> {
  readonly inputs: fc.Arbitrary<Input>;
  /** Longest that one call may take, ms, where most of it does not hold the main thread. */
  readonly limitMs?: number;
  /** The call that is measured. */
  readonly call: (input: Input) => Answer;
  /** Whether a throw is one of those that are documented; none is where absent. */
  readonly mayThrow?: (error: unknown) => boolean;
  /** Throws where an answer breaks a promise. Not measured. */
  readonly check?: (answer: Awaited<Answer>, input: Input) => void;
}

/** A target without its types, for the table. */
export interface AnyTarget {
  readonly inputs: fc.Arbitrary<unknown>;
  /** Milliseconds that the call took. Rejects where something is wrong. */
  readonly examine: (input: unknown) => Promise<number>;
}

/** A target for the table. */
export function target<Input, Answer>(made: Target<Input, Answer>): AnyTarget {
  return { inputs: made.inputs, examine: (input) => examine(made, input as Input) };
}

async function examine<Input, Answer>(made: Target<Input, Answer>, input: Input): Promise<number> {
  const { limitMs = LIMIT_MS } = made;
  const first = await once(made, input);
  if ("answer" in first) made.check?.(first.answer, input);
  const ms = first.ms <= limitMs ? first.ms : await quickest(made, input, first.ms);
  if (ms > limitMs) throw new Error(`it takes ${Math.round(ms)} ms, ${REPEATS} times out of ${REPEATS}`);
  return ms;
}

async function quickest<Input, Answer>(
  made: Target<Input, Answer>,
  input: Input,
  first: number,
): Promise<number> {
  const { limitMs = LIMIT_MS } = made;
  let least = first;
  for (let at = 1; at < REPEATS && least > limitMs; at++) {
    const before = process.threadCpuUsage();
    const { ms } = await once(made, input);
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, ms, (user + system) / 1000);
  }
  return least;
}

type Outcome<Answer> =
  | { readonly ms: number; readonly answer: Awaited<Answer> }
  | { readonly ms: number; readonly refused: true };

async function once<Input, Answer>(
  { call, mayThrow }: Target<Input, Answer>,
  input: Input,
): Promise<Outcome<Answer>> {
  const started = performance.now();
  try {
    const made = call(input);
    const answer = made instanceof Promise ? await made : made;
    return { ms: performance.now() - started, answer: answer as Awaited<Answer> };
  } catch (error) {
    const ms = performance.now() - started;
    if (mayThrow?.(error) === true) return { ms, refused: true };
    throw error;
  }
}

/** Throws where a promise is broken. */
export function hold(promise: boolean, what: string): asserts promise {
  if (!promise) throw new Error(what);
}
