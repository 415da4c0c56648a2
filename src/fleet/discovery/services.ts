import type { Tree } from "../ports.ts";

const MAX_SERVICES = 200;
const DOCKERFILE = /(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$/;
const NOT_OURS = /(?:^|\/)(?:node_modules|vendor|third_party|testdata|test|tests|fixtures|examples?)\//;

/** Services of a monorepo. */
export interface Services {
  /** Folders with a Dockerfile, each ending in a slash; none where the repository is one service, or it is unknown. */
  readonly paths: readonly string[];
  /** Why the whole repository is scanned, where that is not its own choice. */
  readonly note?: string;
}

/** Folders of services by their Dockerfiles. A Dockerfile at the top makes the whole repository a service. */
export function servicesIn({ files, isWhole }: Tree): Services {
  if (!isWhole)
    return { paths: [], note: "GitHub cut the list of its files: the whole repository is one service" };
  const found = files.map(({ path }) => path).filter((path) => DOCKERFILE.test(path) && !NOT_OURS.test(path));
  const folders = [...new Set(found.map((path) => path.slice(0, path.lastIndexOf("/") + 1)))].toSorted();
  if (folders.includes("") || folders.length < 2) return { paths: [] };
  if (folders.some((folder) => !/^[\w./-]+$/.test(folder)))
    return {
      paths: [],
      note: "a folder's name cannot be written as a path: the whole repository is one service",
    };
  if (folders.length <= MAX_SERVICES) return { paths: folders };
  return { paths: [], note: `more than ${MAX_SERVICES} services: the whole repository is one service` };
}
