/** Of postject, which ships no types. */
declare module "postject" {
  /** Puts bytes into a copy of Node.js, under the name that its fuse looks for. Source: Node.js, "Single executable applications". */
  export function inject(
    file: string,
    resource: string,
    bytes: Buffer,
    options: { readonly sentinelFuse: string; readonly machoSegmentName?: string },
  ): Promise<void>;
}
