const END = "\r\n\r\n";

/** One request or answer, as it stands on the wire. */
export interface RawMessage {
  /** Everything before the body, in latin1. */
  readonly head: string;
  readonly body: Buffer;
}

/**
 * Cuts a stream of bytes into messages with a `content-length`, or none. No more of HTTP/1.1 than both ends of the
 * bench use: a whole parser would cost more than what it measures.
 */
export function createMessageReader(onMessage: (message: RawMessage) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf(END);
      if (end < 0) return;
      const head = rest.toString("latin1", 0, end);
      const from = end + END.length;
      const until = from + lengthOf(head);
      if (rest.length < until) return;
      const body = rest.subarray(from, until);
      rest = rest.subarray(until);
      onMessage({ head, body });
    }
  };
}

function lengthOf(head: string): number {
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}

/** An answer or request with its body, ready to be written. */
export function rawMessage(
  firstLine: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Buffer {
  const lines = Object.entries({ ...headers, "content-length": String(body.length) });
  const head = [firstLine, ...lines.map(([name, value]) => `${name}: ${value}`)].join("\r\n");
  return Buffer.concat([Buffer.from(head + END, "latin1"), body]);
}
