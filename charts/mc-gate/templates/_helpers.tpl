{{- define "mc-gate.name" -}}
{{ .Values.nameOverride | default .Chart.Name }}
{{- end }}

{{- /* The name of all objects, as `helm create` builds it. It leaves room for the longest suffix within 63 characters. */ -}}
{{- define "mc-gate.fullname" -}}
{{- $name := include "mc-gate.name" . -}}
{{- $usual := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{ .Values.fullnameOverride | default $usual | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "mc-gate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "mc-gate.fullname" .) }}
{{- else -}}
{{ required "serviceAccount.name is needed with serviceAccount.create=false" .Values.serviceAccount.name }}
{{- end -}}
{{- end }}

{{- define "mc-gate.selector" -}}
app.kubernetes.io/name: {{ include "mc-gate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mc-gate.ownLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{ include "mc-gate.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- /* The chart's own labels or annotations, and those of a value. None is dropped or replaced without a word. */ -}}
{{- define "mc-gate.extended" -}}
{{- $all := fromYaml .own -}}
{{- range $key, $value := .more -}}
{{- if hasKey $all $key }}{{ fail (printf "%s sets %s, which the chart sets itself" $.value $key) }}{{ end -}}
{{- $_ := set $all $key $value -}}
{{- end -}}
{{- with $all }}{{ toYaml . }}{{ end -}}
{{- end }}

{{- define "mc-gate.labels" -}}
{{ include "mc-gate.extended" (dict "own" (include "mc-gate.ownLabels" .) "more" .Values.commonLabels "value" "commonLabels") }}
{{- end }}

{{- define "mc-gate.podLabels" -}}
{{ include "mc-gate.extended" (dict "own" (include "mc-gate.labels" .) "more" .Values.podLabels "value" "podLabels") }}
{{- end }}

{{- /* image.registry, else global.imageRegistry, takes the place of the registry in image.repository. */ -}}
{{- define "mc-gate.image" -}}
{{- $repository := .Values.image.repository -}}
{{- with .Values.image.registry | default (.Values.global).imageRegistry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) (regexReplaceAll "^([^/]*[.:][^/]*|localhost)/" $repository "") -}}
{{- end -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* Names and `{ name: … }` alike, from each place where charts have them. */ -}}
{{- define "mc-gate.imagePullSecrets" -}}
{{- $names := list -}}
{{- range concat ((.Values.global).imagePullSecrets | default list) .Values.imagePullSecrets .Values.image.pullSecrets -}}
{{- if kindIs "map" . }}{{ $names = append $names .name }}{{ else }}{{ $names = append $names . }}{{ end -}}
{{- end -}}
{{- range $names | uniq }}
- name: {{ . }}
{{- end }}
{{- end }}

{{- define "mc-gate.tlsSecret" -}}
{{- if eq .Values.certificate.mode "provided" -}}
{{ required "certificate.secretName is needed with certificate.mode=provided" .Values.certificate.secretName }}
{{- else -}}
{{ include "mc-gate.fullname" . }}-tls
{{- end -}}
{{- end }}

{{- /*
Namespaces in which a mode holds: by label, and without one where it is the default. A label that spells no mode means
enforce, as the gate itself reads it; a selector that named the three words would ask nobody about such a namespace.
*/ -}}
{{- define "mc-gate.namespaceSelector" -}}
{{- $default := include "mc-gate.defaultMode" .root -}}
matchExpressions:
  {{- if eq .mode $default }}
  {{- $others := without (list "enforce" "advisory" "off") .mode }}
  - { key: mc-gate.dev/mode, operator: NotIn, values: {{ toJson $others }} }
  {{- else if eq .mode "enforce" }}
  - { key: mc-gate.dev/mode, operator: Exists }
  - { key: mc-gate.dev/mode, operator: NotIn, values: [advisory, "off"] }
  {{- else }}
  - { key: mc-gate.dev/mode, operator: In, values: [{{ .mode }}] }
  {{- end }}
  # The gate must be able to start while nobody answers for it, and so must what it needs itself.
  {{- $exempt := ternary .root.Values.defaultModeExempt list (and (eq .mode "enforce") (eq .mode $default)) }}
  - { key: kubernetes.io/metadata.name, operator: NotIn, values: {{ toJson (prepend $exempt .root.Release.Namespace) }} }
{{- end }}

{{- define "mc-gate.clientConfig" -}}
{{- $name := include "mc-gate.fullname" .root -}}
service:
  namespace: {{ .root.Release.Namespace }}
  name: {{ $name }}
  path: {{ .path }}
  port: 443
{{- if eq .root.Values.certificate.mode "provided" }}
caBundle: {{ required "certificate.caBundle is needed with certificate.mode=provided" .root.Values.certificate.caBundle | b64enc }}
{{- else if eq .root.Values.certificate.mode "selfManaged" }}
{{- /* The gate keeps the bundle; an upgrade must not take it away. */ -}}
{{- $live := lookup "admissionregistration.k8s.io/v1" "ValidatingWebhookConfiguration" "" $name }}
{{- range ($live.webhooks | default list) }}
{{- if and (eq .name $.name) .clientConfig.caBundle }}
caBundle: {{ .clientConfig.caBundle }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mc-gate.env" -}}
{{- $env := list -}}
{{- range $name := list "httpsProxy" "httpProxy" "noProxy" -}}
{{- with get $.Values.proxy $name }}{{ $env = append $env (dict "name" (snakecase $name | upper) "value" .) }}{{ end -}}
{{- end -}}
{{- if .Values.server.fallback.enabled -}}
{{- /* What the gate publishes its fallback endpoint as. */ -}}
{{- range $name, $field := dict "NAME" "metadata.name" "UID" "metadata.uid" "IPS" "status.podIPs" -}}
{{- $env = append $env (dict "name" (printf "MC_GATE_POD_%s" $name) "valueFrom" (dict "fieldRef" (dict "fieldPath" $field))) -}}
{{- end -}}
{{- end -}}
{{- with concat $env .Values.env }}{{ toYaml . }}{{ end -}}
{{- end }}
