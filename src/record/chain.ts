import { hash, randomBytes } from "node:crypto";

import { createBoundedMap, type Digest } from "../core/index.ts";

/** The version of the form of a line. A change that readers must know of raises it. */
export const RECORD_VERSION = 1;
const SALT_BYTES = 12;
const MAX_USERS = 4096;

/** What one line says. */
export interface RecordEntry {
  /** The kind of the line, by which logs are searched, too. */
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Who asked, and under which key: the only personal data of a line. */
  readonly person?: { readonly key: "user" | "initiatedBy"; readonly name: string };
}

/** Where a line is in its chain. */
export interface ChainPlace {
  /** `POD/8 hex digits`: one replica's lines, over restarts where files are kept. */
  readonly chain: string;
  /** From 1; each line has one more than the line before. */
  readonly number: number;
  /** SHA-256 of the line before, hexadecimal; absent in the first line of a chain. */
  readonly previous?: string;
}

/** The end of a chain: what the next line has to follow. */
export interface ChainEnd {
  readonly chain: string;
  readonly number: number;
  readonly hash: string;
}

/** A line with its end. The text has no line break. */
export interface ChainedLine {
  readonly text: string;
  readonly number: number;
}

/** Where lines come from, and whether they name users. */
export interface ChainOptions {
  readonly pod: string;
  readonly pid: number;
  readonly now: () => Date;
  /** Whether names of users are written; else only their hash. */
  readonly namesUsers: boolean;
  /** Where another process ended; a new chain where absent. */
  readonly after?: ChainEnd | undefined;
}

/** A chain of lines: each names the hash of the one before. */
export interface Chain {
  readonly name: string;
  /** The next line. It counts from then on, whether it is written anywhere or not. */
  readonly next: (entry: RecordEntry) => ChainedLine;
}

/**
 * Begins a chain, or continues one. What is hashed is the line without the name of its user: the name is in the line's
 * end, with the salt of its hash, and can be taken out later without a trace in the chain.
 */
export function createChain({ pod, pid, now, namesUsers, after }: ChainOptions): Chain {
  const name = after?.chain ?? `${pod}/${randomBytes(4).toString("hex")}`;
  const hashed = createUserHashes();
  const replica = `,"pid":${pid},"hostname":${JSON.stringify(pod)},"msg":`;
  const chain = `,"record":{"version":${RECORD_VERSION},"chain":${JSON.stringify(name)},"number":`;
  let [number, previous] = [after?.number ?? 0, after?.hash];
  return {
    name,
    next({ msg, fields, person }) {
      number += 1;
      const before = previous === undefined ? "" : `,"previous":"${previous}"`;
      const user = person && hashed(person.name);
      const said = JSON.stringify(fields).slice(1, -1);
      // One object as text: to put it together as an object first costs as much as serialising it.
      const bare = `{"level":"info","time":${now().getTime()}${replica}"${msg}"${chain}${number}${before}}${said && ","}${said}${user === undefined ? "" : `,"userHash":"${user.hash}"`}}`;
      previous = hashOf(bare);
      if (user === undefined || !namesUsers) return { text: bare, number };
      return { text: bare.slice(0, -1) + nameEnd(person!.key, person!.name, user.salt), number };
    },
  };
}

/** SHA-256 of a line without the name of its user, hexadecimal. */
export function hashOf(bare: string): string {
  return hash("sha256", bare, "hex");
}

/** The hash that represents a user in a line without names. Without its salt it cannot be guessed from a list of names. */
export function userHash(name: string, salt: string): string {
  return hash("sha256", `${salt}:${name}`, "hex").slice(0, 32);
}

/** How a line that names its user ends, from the comma on. */
export function nameEnd(key: string, name: string, salt: string): string {
  return `,"${key}":${JSON.stringify(name)},"userSalt":"${salt}"}`;
}

/** The digest of a fact or a document, by its text. */
export function factDigest(text: string): Digest {
  return `sha256:${hash("sha256", text, "hex")}` as Digest;
}

interface HashedUser {
  readonly salt: string;
  readonly hash: string;
}

/** One salt for each user of a process: lines of one user can be told to be that, as long as the process runs. */
function createUserHashes(): (name: string) => HashedUser {
  const known = createBoundedMap<HashedUser>(MAX_USERS);
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const salt = randomBytes(SALT_BYTES).toString("hex");
    const made = { salt, hash: userHash(name, salt) };
    known.set(name, made);
    return made;
  };
}
