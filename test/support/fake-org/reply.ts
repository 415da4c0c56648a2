/** An answer of the fake. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

export const NOT_FOUND: Reply = { status: 404, body: { message: "Not Found" } };

export function ok(body: unknown, status = 200): Reply {
  return { status, body };
}

export function refused(message: string, status = 422): Reply {
  return { status, body: { message } };
}
