/**
 * How the keys of annotations begin that mark an image as a checkpoint. containerd restores a container from what its index or
 * manifest marks with `org.criu.checkpoint.container.name`, CRI-O also by its own older key; both then pull the image that the
 * checkpoint names. Sources: containerd 2, internal/cri/server/container_checkpoint_linux.go; CRI-O, server/container_restore.go;
 * checkpointctl, lib/metadata.go; podman-container-checkpoint(1), --create-image.
 */
const PREFIXES: readonly string[] = [
  "org.criu.checkpoint.",
  "io.kubernetes.cri-o.annotations.checkpoint.",
  "io.podman.annotations.checkpoint.",
];

/**
 * The first annotation of an index, of an entry of it, or of a manifest that says that it is a checkpoint. The key decides,
 * whatever its value: runtimes look for the key.
 */
export function checkpointAnnotation(document: unknown): string | undefined {
  const entries = fieldOf(document, "manifests");
  for (const part of [document, ...(Array.isArray(entries) ? entries : [])]) {
    const found = Object.keys(fieldOf(part, "annotations") ?? {}).find(isCheckpointKey);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isCheckpointKey(key: string): boolean {
  return PREFIXES.some((prefix) => key.startsWith(prefix));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
