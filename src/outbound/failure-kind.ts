import { printable } from "../core/index.ts";
import { ProxyError } from "./proxy-error.ts";

/** The kind of failure of a request, for a message: what the error says may quote what was sent. */
export function failureKind(error: unknown): string {
  if (error instanceof ProxyError) return error.message;
  const { code, name } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, name: "no Error" };
  return printable(typeof code === "string" ? code : name, 100);
}
