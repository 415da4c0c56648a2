export { catalogSource } from "./inventory/catalog-source.ts";
export { type ClusterObjects, clusterImages } from "./inventory/cluster-images.ts";
export type { Source } from "./inventory/found.ts";
export { githubSource } from "./inventory/github-source.ts";
export { imagesSource } from "./inventory/images-source.ts";
export { inventory, type InventoryOptions } from "./inventory/inventory.ts";
export type { InventoryEnd, InventoryLine } from "./inventory/lines.ts";
export type { ClusterGap, ClusterPort, NamedImage, PackagesPort, PackageVersion } from "./inventory/ports.ts";
