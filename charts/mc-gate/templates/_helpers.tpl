{{- define "mc-gate.labels" -}}
app.kubernetes.io/name: mc-gate
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "mc-gate.selector" -}}
app.kubernetes.io/name: mc-gate
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mc-gate.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "mc-gate.tlsSecret" -}}
{{- if eq .Values.certificate.mode "provided" -}}
{{ required "certificate.secretName is needed with certificate.mode=provided" .Values.certificate.secretName }}
{{- else -}}
{{ .Release.Name }}-tls
{{- end -}}
{{- end }}

{{- define "mc-gate.policyConfigMap" -}}
{{ .Values.policy.existingConfigMap | default (printf "%s-policy" .Release.Name) }}
{{- end }}

{{- define "mc-gate.waiversConfigMap" -}}
{{ .Values.waivers.existingConfigMap | default (printf "%s-waivers" .Release.Name) }}
{{- end }}

{{- define "mc-gate.revocationsConfigMap" -}}
{{ .Values.revocations.existingConfigMap | default (printf "%s-revocations" .Release.Name) }}
{{- end }}

{{- /*
Namespaces in which a mode holds: by label, and without one where it is the default. A label that spells no mode means
enforce, as the gate itself reads it; a selector that named the three words would ask nobody about such a namespace.
*/ -}}
{{- define "mc-gate.namespaceSelector" -}}
matchExpressions:
  {{- if eq .mode .root.Values.defaultMode }}
  {{- $others := without (list "enforce" "advisory" "off") .mode }}
  - { key: mc-gate.dev/mode, operator: NotIn, values: {{ toJson $others }} }
  {{- else if eq .mode "enforce" }}
  - { key: mc-gate.dev/mode, operator: Exists }
  - { key: mc-gate.dev/mode, operator: NotIn, values: [advisory, "off"] }
  {{- else }}
  - { key: mc-gate.dev/mode, operator: In, values: [{{ .mode }}] }
  {{- end }}
  # The gate must be able to start while nobody answers for it, and so must what it needs itself.
  {{- $exempt := ternary .root.Values.defaultModeExempt list (and (eq .mode "enforce") (eq .mode .root.Values.defaultMode)) }}
  - { key: kubernetes.io/metadata.name, operator: NotIn, values: {{ toJson (prepend $exempt .root.Release.Namespace) }} }
{{- end }}

{{- define "mc-gate.clientConfig" -}}
service:
  namespace: {{ .root.Release.Namespace }}
  name: {{ .root.Release.Name }}
  path: {{ .path }}
  port: 443
{{- if eq .root.Values.certificate.mode "provided" }}
caBundle: {{ required "certificate.caBundle is needed with certificate.mode=provided" .root.Values.certificate.caBundle | b64enc }}
{{- else if eq .root.Values.certificate.mode "selfManaged" }}
{{- /* The gate keeps the bundle; an upgrade must not take it away. */ -}}
{{- $live := lookup "admissionregistration.k8s.io/v1" "ValidatingWebhookConfiguration" "" .root.Release.Name }}
{{- range ($live.webhooks | default list) }}
{{- if and (eq .name $.name) .clientConfig.caBundle }}
caBundle: {{ .clientConfig.caBundle }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
