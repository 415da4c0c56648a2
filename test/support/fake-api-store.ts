/** An object as the API server keeps it. */
export interface StoredObject {
  readonly [field: string]: unknown;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
    readonly [field: string]: unknown;
  };
}

/** What a test gives: the store adds the version. */
export interface NewObject {
  readonly [field: string]: unknown;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
}

/** A change, at its version. */
export interface StoredChange {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** The path of its collection: `/api/v1/namespaces/gate/configmaps`. */
  readonly collection: string;
  readonly object: StoredObject;
}

/** The objects of a fake API server, and their history. */
export interface FakeStore {
  readonly version: () => number;
  readonly list: (collection: string) => StoredObject[];
  readonly get: (collection: string, name: string) => StoredObject | undefined;
  readonly put: (collection: string, object: NewObject) => StoredObject;
  readonly remove: (collection: string, name: string) => void;
  /** Changes after a version; undefined where the history does not reach back so far. */
  readonly since: (version: number) => StoredChange[] | undefined;
  /** Forgets the history so far, as etcd does after five minutes. */
  readonly compact: () => void;
  readonly onChange: (listener: (change: StoredChange) => void) => () => void;
}

/** Whether a collection is the one that is wanted, or the part of it that lies in one namespace. */
export function isWithin(collection: string, wanted: string): boolean {
  return collection === wanted || collection.replace(/\/namespaces\/[^/]+(?=\/)/, "") === wanted;
}

/** An empty store at version 100. */
export function createFakeStore(): FakeStore {
  const objects = new Map<string, { collection: string; object: StoredObject }>();
  const history = createHistory();
  const change = (type: StoredChange["type"], collection: string, object: NewObject): StoredObject => {
    const version = history.version() + 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const key = `${collection}/${object.metadata.name}`;
    if (type === "DELETED") objects.delete(key);
    else objects.set(key, { collection, object: stored });
    history.add({ version, type, collection, object: stored });
    return stored;
  };
  const get = (collection: string, name: string): StoredObject | undefined =>
    objects.get(`${collection}/${name}`)?.object;
  return {
    ...history,
    get,
    list: (wanted) =>
      [...objects.values()]
        .filter(({ collection }) => isWithin(collection, wanted))
        .map(({ object }) => object),
    put(collection, object) {
      const isNew = get(collection, object.metadata.name) === undefined;
      return change(isNew ? "ADDED" : "MODIFIED", collection, object);
    },
    remove(collection, name) {
      const found = get(collection, name);
      if (found !== undefined) change("DELETED", collection, found);
    },
  };
}

interface History extends Pick<FakeStore, "version" | "since" | "compact" | "onChange"> {
  readonly add: (change: StoredChange) => void;
}

function createHistory(): History {
  const listeners = new Set<(change: StoredChange) => void>();
  let changes: StoredChange[] = [];
  let version = 100;
  let compactedTo = version;
  return {
    version: () => version,
    since: (from) => (from < compactedTo ? undefined : changes.filter((change) => change.version > from)),
    compact() {
      version += 1;
      compactedTo = version;
      changes = [];
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(change) {
      version = change.version;
      changes.push(change);
      for (const listener of listeners) listener(change);
    },
  };
}
