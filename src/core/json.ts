/**
 * JSON text as a value (RFC 8259). Throws SyntaxError where it is none.
 *
 * V8 (https://issues.chromium.org/issues/521080746) may read an escaped key as the start of its raw text, once a document
 * with that key was read before: `{"\"":1}` as `{"\\":1}`, and `{"im\u0061ge":…}` as a field of another name. So an image
 * could be hidden from the gate. Texts with an escaped key are therefore read again, key by key.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return hasEscapedKey(text) ? new Reader(text).value() : value;
}

/** JSON text, or UTF-8 bytes of it, as a value; undefined where it is none. See parseJson. */
export function readJson(json: string | Uint8Array): unknown {
  try {
    return parseJson(typeof json === "string" ? json : textOf(json));
  } catch {
    return undefined;
  }
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}

/** In JSON a backslash stands in strings only, and a string that a colon follows is a key. */
function hasEscapedKey(text: string): boolean {
  let at = text.indexOf("\\");
  while (at !== -1) {
    const end = endOfString(text, at);
    if (text[skipSpace(text, end)] === ":") return true;
    at = text.indexOf("\\", end);
  }
  return false;
}

/** The place after the closing quote of the string that holds `at`. */
function endOfString(text: string, at: number): number {
  let end = at;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end + 1;
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (" \t\n\r".includes(text[end] ?? ".")) end += 1;
  return end;
}

/** Reads a text that is known to be JSON. Texts on their own, keys among them, V8 reads as they are. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    const char = this.#peek();
    if (char === "{") return Object.fromEntries(this.#each("}", () => this.#field()));
    if (char === "[") return this.#each("]", () => this.value());
    return char === '"' ? this.#string() : this.#word();
  }

  #field(): [string, unknown] {
    this.#peek();
    const key = this.#string();
    this.#peek(); // the colon
    this.#at += 1;
    return [key, this.value()];
  }

  /** What stands between a bracket and its `closing` one. */
  #each<T>(closing: string, read: () => T): T[] {
    const items: T[] = [];
    this.#at += 1;
    while (this.#peek() !== closing) {
      items.push(read());
      if (this.#peek() === ",") this.#at += 1;
    }
    this.#at += 1;
    return items;
  }

  #string(): string {
    const start = this.#at;
    this.#at = endOfString(this.#text, start + 1);
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  /** A number, or one of the three names. */
  #word(): unknown {
    const start = this.#at;
    while (/[\w.+-]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    return JSON.parse(this.#text.slice(start, this.#at));
  }

  #peek(): string | undefined {
    this.#at = skipSpace(this.#text, this.#at);
    return this.#text[this.#at];
  }
}
