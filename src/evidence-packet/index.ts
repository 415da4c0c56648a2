export { exportPacket, type ExportOptions, type ExportReport } from "./export.ts";
export { PacketPath, SIGNATURE } from "./manifest.ts";
export type { AttachedFile, DocumentCommit, DocumentHistory, PacketWindow } from "./ports.ts";
export { checkPacket, type PacketCheck, signatureText } from "./verify.ts";
