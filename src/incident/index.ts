export { type Following, type FollowingReplica, followReplicas } from "./follow.ts";
export {
  type FailOpen,
  type GateReplica,
  type StoredDocument,
  type SwitchCluster,
  SwitchRefused,
  WriteConflict,
} from "./ports.ts";
export {
  confirmSwitch,
  type EditOptions,
  inForce,
  problemText,
  type SwitchEdit,
  switchOff,
  switchOn,
} from "./switch.ts";
