{{- /* At most 63 characters, since the Job's name becomes a label of its pods. An Application outside of Argo CD's own namespace is NAMESPACE_NAME. */ -}}
{{- define "mc-presync.name" -}}
{{- $application := .Values.application | default .Release.Name -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if or (gt (len $application) 52) (contains "_" $application) -}}
{{- printf "%s-%s-mc-presync" ($application | replace "_" "-" | trunc 43 | trimAll "-.") (sha256sum $application | trunc 8) -}}
{{- else -}}
{{- printf "%s-mc-presync" $application -}}
{{- end -}}
{{- end }}

{{- define "mc-presync.hook" -}}
argocd.argoproj.io/hook: PreSync
# A name that stays is replaced: each attempt asks again, so that a waiver granted between two attempts counts.
argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
# The lowest 32-bit number: other hooks run later.
argocd.argoproj.io/sync-wave: "-2147483648"
{{- end }}

{{- define "mc-presync.pod-spec" -}}
restartPolicy: Never
automountServiceAccountToken: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
containers:
  - name: mc
    image: {{ required "image is needed, by digest" .Values.image }}
    args: [presync, --gate, {{ .Values.gate | quote }}, --timeout, "60"]
    terminationMessagePolicy: FallbackToLogsOnError
    env:
      - name: MC_GATE_CA
        value: {{ required "ca is needed: PEM of the authority of the gate's certificate" .Values.ca | quote }}
    resources: {{- toYaml .Values.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: { drop: [ALL] }
    volumeMounts:
      - { name: token, mountPath: /var/run/mc, readOnly: true }
volumes:
  - name: token
    projected:
      sources:
        - serviceAccountToken: { audience: mc-gate, expirationSeconds: 600, path: token }
{{- end }}
