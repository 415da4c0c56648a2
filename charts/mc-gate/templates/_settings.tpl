{{- /* The settings document. Everything that decides about its text is read here, so that its checksum is never forgotten. */ -}}
{{- define "mc-gate.settings" -}}
{{- $name := include "mc-gate.fullname" . -}}
{{- $certificate := dict "mode" "directory" "directory" "/etc/mc-gate/tls" -}}
{{- if eq .Values.certificate.mode "selfManaged" -}}
{{- $certificate = dict "mode" "selfManaged" "secret" (include "mc-gate.tlsSecret" .) "service" $name "webhookConfiguration" $name -}}
{{- end -}}
{{- $cluster := dict
      "namespace" .Release.Namespace
      "webhookConfiguration" $name
      "defaultMode" (include "mc-gate.defaultMode" .)
      "policy" (dict "configMap" (include "mc-gate.policyConfigMap" .) "key" "policy.yaml")
      "waivers" (dict "configMap" (include "mc-gate.waiversConfigMap" .) "key" "waivers.yaml")
      "revocations" (dict "configMap" (include "mc-gate.revocationsConfigMap" .) "key" "revocations.yaml")
      "enforcement" (dict "configMap" (include "mc-gate.enforcementConfigMap" .) "key" "enforcement.yaml")
      "settings" (dict "configMap" (printf "%s-settings" $name) "key" "settings.yaml")
      "pullSecrets" .Values.pullSecrets.names
      "workloadPullSecrets" .Values.pullSecrets.workloads -}}
{{- $workloads := list -}}
{{- range .Values.webhook.workloads -}}
{{- $workloads = append $workloads (pick . "group" "kind" "path") -}}
{{- end -}}
{{- $server := dict "port" .Values.server.port "probePort" .Values.server.probePort "certificate" $certificate -}}
{{- if .Values.server.fallback.enabled -}}
{{- $server = set $server "fallback" (dict "port" .Values.server.fallback.port "service" $name) -}}
{{- end -}}
{{- with .Values.server.address -}}
{{- $server = set $server "address" . -}}
{{- end -}}
{{- if .Values.callers.clientCAConfigMap -}}
{{- $server = set $server "callers" (dict "caFile" "/etc/mc-gate/callers/ca.crt" "allowedNames" .Values.callers.allowedNames) -}}
{{- end -}}
{{- $own := dict "server" $server "cluster" $cluster "workloads" $workloads "evidence" (dict "folder" "/tmp/evidence") -}}
{{- if .Values.argocd.enabled -}}
{{- $argocd := dict "operations" (dict "exempt" .Values.argocd.operationGate.exempt "prewarm" (and .Values.argocd.operationGate.enabled .Values.argocd.operationGate.prewarm)) -}}
{{- with .Values.image.digest -}}
{{- $argocd = set $argocd "hookDigests" (list .) -}}
{{- end -}}
{{- $own = set $own "argocd" (merge (deepCopy .Values.argocd.settings) $argocd) -}}
{{- end -}}
{{- if or .Values.state.enabled .Values.drift.enabled -}}
{{- $own = set $own "state" dict -}}
{{- end -}}
{{- if .Values.record.enabled -}}
{{- $own = set $own "record" (merge (dict "folder" "/var/lib/mc-gate/record") (pick .Values.record "folderMib" "fileMib" "keep" "userNames")) -}}
{{- end -}}
{{- with .Values.logLevel -}}
{{- $own = set $own "log" (dict "level" .) -}}
{{- end -}}
{{ merge $own (deepCopy .Values.settings) | toYaml }}
{{- end }}
