import { CALLS, DECISIONS } from "./admission-sections.ts";
import { type Board, variable } from "./grafana.ts";
import { DOCUMENTS, NOW } from "./state-sections.ts";
import { ARGOCD, EVIDENCE, PROCESS } from "./work-sections.ts";

/** The gate's own dashboard, from what to read first. */
export const GATE_BOARD: Board = {
  uid: "mc-gate",
  title: "MC Gate",
  description: "Decisions, latency, registries, documents and state of MC Gate.",
  tags: ["mc-gate", "kubernetes", "admission"],
  variables: [
    variable("cluster", "Cluster", "label_values(mc_gate_build_info, cluster)"),
    variable("namespace", "Namespace", 'label_values(mc_gate_build_info{cluster=~"$cluster"}, namespace)'),
    variable(
      "release",
      "Release",
      'label_values(mc_gate_build_info{cluster=~"$cluster", namespace=~"$namespace"}, job)',
    ),
  ],
  sections: [NOW, DECISIONS, EVIDENCE, DOCUMENTS, CALLS, ARGOCD, PROCESS],
};
