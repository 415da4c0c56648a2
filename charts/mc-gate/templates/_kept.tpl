{{- /* What an upgrade keeps where its values say nothing about it: the documents and the default mode. */ -}}

{{- define "mc-gate.policyConfigMap" -}}
{{ .Values.policy.existingConfigMap | default (printf "%s-policy" (include "mc-gate.fullname" .)) }}
{{- end }}

{{- define "mc-gate.waiversConfigMap" -}}
{{ .Values.waivers.existingConfigMap | default (printf "%s-waivers" (include "mc-gate.fullname" .)) }}
{{- end }}

{{- define "mc-gate.revocationsConfigMap" -}}
{{ .Values.revocations.existingConfigMap | default (printf "%s-revocations" (include "mc-gate.fullname" .)) }}
{{- end }}

{{- define "mc-gate.enforcementConfigMap" -}}
{{ include "mc-gate.fullname" . }}-enforcement
{{- end }}

{{- /* Whether Helm talks to the cluster: `helm template` and Argo CD do not, and look everything up in vain. */ -}}
{{- define "mc-gate.seesCluster" -}}
{{- if lookup "v1" "Namespace" "" "kube-system" }}true{{ end -}}
{{- end }}

{{- /* That nothing was found means that something was lost, where a release is upgraded that Helm sees. */ -}}
{{- define "mc-gate.mustHaveBeenFound" -}}
{{- if and .root.Release.IsUpgrade (include "mc-gate.seesCluster" .root) -}}
{{ fail (printf "%s is empty, which keeps what is in the cluster, but there is no ConfigMap %s: set %s" .value .configMap .instead) }}
{{- end -}}
{{- end }}

{{- /*
The text of a document: the value's, else that of its ConfigMap in the cluster. A first installation begins with an empty
document. Nothing where the cluster cannot be seen: a document that is rendered then would replace the one in the cluster.
*/ -}}
{{- define "mc-gate.document" -}}
{{- $values := get .root.Values .name -}}
{{- $configMap := include (printf "mc-gate.%sConfigMap" .name) .root -}}
{{- if and $values.text $values.existingConfigMap -}}
{{ fail (printf "%s.text and %s.existingConfigMap exclude each other" .name .name) }}
{{- else if $values.existingConfigMap -}}
{{- else if $values.text -}}
{{ $values.text }}
{{- else -}}
{{- $live := lookup "v1" "ConfigMap" .root.Release.Namespace $configMap -}}
{{- if $live -}}
{{ dig "data" (printf "%s.yaml" .name) "" $live }}
{{- else -}}
{{- $instead := printf "%s.text or %s.existingConfigMap" .name .name -}}
{{- include "mc-gate.mustHaveBeenFound" (dict "root" .root "value" (printf "%s.text" .name) "configMap" $configMap "instead" $instead) -}}
{{- if include "mc-gate.seesCluster" .root }}{{ .empty }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* The mode of namespaces without a label: the value's, else the one in force, else off. */ -}}
{{- define "mc-gate.defaultMode" -}}
{{- if .Values.defaultMode -}}
{{ .Values.defaultMode }}
{{- else -}}
{{- $configMap := printf "%s-settings" (include "mc-gate.fullname" .) -}}
{{- $live := lookup "v1" "ConfigMap" .Release.Namespace $configMap -}}
{{- if $live -}}
{{- $kept := dig "cluster" "defaultMode" "off" (dig "data" "settings.yaml" "" $live | fromYaml) -}}
{{- if not (has $kept (list "enforce" "advisory" "off")) -}}
{{ fail (printf "defaultMode is empty, which keeps the mode in force, but ConfigMap %s says %v: set defaultMode" $configMap $kept) }}
{{- end -}}
{{ $kept }}
{{- else -}}
{{- include "mc-gate.mustHaveBeenFound" (dict "root" . "value" "defaultMode" "configMap" $configMap "instead" "defaultMode") -}}
off
{{- end -}}
{{- end -}}
{{- end }}
