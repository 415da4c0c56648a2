import type { FaultCode } from "../core/index.ts";

/** Pure functions by name, whose arguments and results can be copied between threads. */
export type TaskTable = Readonly<Record<string, (...input: never[]) => unknown>>;

/** One task for the thread. */
export interface TaskMessage {
  readonly id: number;
  readonly name: string;
  readonly input: readonly unknown[];
}

/** The outcome: a result, or a fault, which loses its class on the way. */
export type TaskAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly fault: { readonly code: FaultCode; readonly message: string } };
