import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process of the bench, called by name with one value. */
export interface HelperProcess {
  readonly pid: number;
  readonly call: <T>(name: string, value?: unknown) => Promise<T>;
  readonly stop: () => void;
}

interface Call {
  readonly id: number;
  readonly name: string;
  readonly value: unknown;
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/**
 * Starts a file of this folder as a process of its own, so that its work is not the measured one's; by way of another
 * program where one is given, such as what runs a command elsewhere.
 */
export function startHelper(
  file: string,
  args: readonly string[] = [],
  via: readonly string[] = [],
): HelperProcess {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const [program, ...rest] = [...via, process.execPath, script] as const;
  const child = spawn(program, [...rest, ...args], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on("message", (message) => settle(waiting, message as Reply));
  child.on("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`));
  });
  return {
    pid: child.pid ?? 0,
    call: <T>(name: string, value?: unknown) => {
      const reply = Promise.withResolvers<unknown>();
      lastId += 1;
      waiting.set(lastId, reply);
      send(child, { id: lastId, name, value });
      return reply.promise as Promise<T>;
    },
    stop: () => void child.kill(),
  };
}

/** Answers the calls of the process that started this one, and ends with it. */
export function answerCalls(handlers: Readonly<Record<string, (value: never) => unknown>>): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (message) => void answer(message as Call, handlers));
}

async function answer(
  { id, name, value }: Call,
  handlers: Readonly<Record<string, (value: never) => unknown>>,
): Promise<void> {
  try {
    process.send?.({ id, value: await handlers[name]!(value as never) } satisfies Reply);
  } catch (error) {
    process.send?.({ id, error: String(error) } satisfies Reply);
  }
}

function settle(waiting: Map<number, PromiseWithResolvers<unknown>>, { id, value, error }: Reply): void {
  const reply = waiting.get(id);
  waiting.delete(id);
  if (error === undefined) reply?.resolve(value);
  else reply?.reject(new Error(error));
}

function send(child: ChildProcess, call: Call): void {
  child.send(call);
}
