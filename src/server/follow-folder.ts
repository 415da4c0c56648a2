import { watch } from "node:fs";

const POLL_MS = 30_000;
const SETTLE_MS = 100;

/**
 * Calls `reload` after a folder has changed. The folder is watched, not its files: the kubelet swaps a mounted Secret or
 * ConfigMap by a symbolic link. Returns what ends it. Throws where the folder cannot be watched.
 */
export function followFolder(folder: string, reload: () => void): () => void {
  let settling: NodeJS.Timeout | undefined;
  const watcher = watch(folder, () => {
    clearTimeout(settling);
    settling = setTimeout(reload, SETTLE_MS).unref();
  });
  const poll = setInterval(reload, POLL_MS).unref(); // file events get lost on some file systems
  return () => {
    watcher.close();
    clearInterval(poll);
    clearTimeout(settling);
  };
}
