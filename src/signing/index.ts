export { type KeySource, readPrivateKey } from "./private-key.ts";
export {
  createKeySigner,
  createKeylessSigner,
  type KeylessOptions,
  type Signed,
  type SigningServices,
  type StatementSigner,
} from "./signers.ts";
