{{- /* {{ include "mc-presync.hook" . }} in a template of the chart that uses this one. */ -}}
{{- define "mc-presync.hook" -}}
{{- $values := .Values.mcPresync | default dict }}
{{- if eq ($values.kind | default "Job") "Pod" }}
{{- include "mc-presync.pod" $values }}
{{- else }}
{{- include "mc-presync.job" $values }}
{{- end }}
{{- end }}

{{- define "mc-presync.job" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: mc-presync
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
    argocd.argoproj.io/sync-wave: "-100"
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 300
  podFailurePolicy:
    rules:
      - action: FailJob
        onExitCodes: { containerName: mc, operator: In, values: [10, 12] }
  template:
    metadata:
      labels: { app.kubernetes.io/name: mc-presync }
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: mc
          image: {{ required "mcPresync.image is needed, by digest" .image }}
          args: [presync, --gate, {{ .gate | default "https://mc-gate.mc-gate.svc" }}, --timeout, "60"]
          terminationMessagePolicy: FallbackToLogsOnError
          env:
            - name: MC_GATE_CA
              value: {{ required "mcPresync.ca is needed" .ca | quote }}
          resources:
            requests: { cpu: 50m, memory: 64Mi }
            limits: { memory: 192Mi }
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

{{- define "mc-presync.pod" -}}
apiVersion: v1
kind: Pod
metadata:
  name: mc-presync
  labels: { app.kubernetes.io/name: mc-presync }
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
    argocd.argoproj.io/sync-wave: "-100"
spec:
  activeDeadlineSeconds: 120
  restartPolicy: Never
  automountServiceAccountToken: false
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: mc
      image: {{ required "mcPresync.image is needed, by digest" .image }}
      args: [presync, --gate, {{ .gate | default "https://mc-gate.mc-gate.svc" }}, --timeout, "60"]
      terminationMessagePolicy: FallbackToLogsOnError
      env:
        - name: MC_GATE_CA
          value: {{ required "mcPresync.ca is needed" .ca | quote }}
      resources:
        requests: { cpu: 50m, memory: 64Mi }
        limits: { memory: 192Mi }
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
