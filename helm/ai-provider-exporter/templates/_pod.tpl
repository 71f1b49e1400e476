{{/* No chart version in here: a chart that changes nothing of the pod does not restart it. */}}
{{- define "exporter.podTemplate" -}}
metadata:
  labels:
    {{- toYaml (merge (include "exporter.selector" . | fromYaml) .Values.podLabels (omit (include "exporter.labels" . | fromYaml) "helm.sh/chart")) | nindent 4 }}
  {{- with include "exporter.podAnnotations" . | trim }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
spec:
  {{- include "exporter.podSpec" . | nindent 2 }}
{{- end -}}

{{/* The exporter reloads its configuration, its key files and its web configuration itself: none of them has a checksum in
here. Certificate authorities and variables are read once, when it starts. */}}
{{- define "exporter.podAnnotations" -}}
{{- $annotations := dict -}}
{{- with .Values.ca.bundle }}
{{- $_ := set $annotations "checksum/ca" (sha256sum .) }}
{{- end }}
{{- if and .Values.keys.env .Values.keys.externalSecret.enabled }}
{{- $_ := set $annotations "checksum/keys" (toYaml .Values.keys.externalSecret | sha256sum) }}
{{- end }}
{{- if .Values.scrape.annotations }}
{{- $annotations = merge $annotations (dict
  "prometheus.io/scrape" "true"
  "prometheus.io/port" (toString .Values.web.port)
  "prometheus.io/path" (printf "%s/metrics" (include "exporter.prefix" .))
  "prometheus.io/scheme" (include "exporter.scheme" .)) }}
{{- end }}
{{- with merge (dict) .Values.podAnnotations $annotations .Values.commonAnnotations }}
{{- toYaml . }}
{{- end }}
{{- end -}}

{{- define "exporter.podSpec" -}}
serviceAccountName: {{ include "exporter.serviceAccount" . | quote }}
automountServiceAccountToken: {{ .Values.automountServiceAccountToken }}
{{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ ternary . (get (ternary dict . (kindIs "string" .)) "name") (kindIs "string" .) | quote }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml (ternary (omit .Values.podSecurityContext "runAsUser" "runAsGroup" "fsGroup") .Values.podSecurityContext .Values.openshift) | nindent 2 }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
{{- range $field := list "priorityClassName" "runtimeClassName" "schedulerName" "dnsPolicy" }}
{{- with get $.Values $field }}
{{ $field }}: {{ . | quote }}
{{- end }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
{{- if kindIs "bool" .Values.hostUsers }}
hostUsers: {{ .Values.hostUsers }}
{{- end }}
{{- with .Values.extraInitContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: exporter
    {{- include "exporter.container" . | nindent 4 }}
  {{- with .Values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  {{- include "exporter.volumes" . | trim | nindent 2 }}
{{- range $field := list "dnsConfig" "hostAliases" "nodeSelector" "tolerations" "affinity" }}
{{- with get $.Values $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with .Values.topologySpreadConstraints }}
{{- $own := dict "labelSelector" (dict "matchLabels" (include "exporter.selector" $ | fromYaml)) }}
topologySpreadConstraints:
  {{- range . }}
  {{- $constraint := . }}
  {{- if not .labelSelector }}
  {{- $constraint = merge (dict) . $own }}
  {{- end }}
  - {{- toYaml $constraint | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "exporter.container" -}}
image: {{ include "exporter.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args:
  {{- include "exporter.arguments" . | nindent 2 }}
{{- with include "exporter.environment" . | trim }}
env:
  {{- . | nindent 2 }}
{{- end }}
{{- with include "exporter.environmentFrom" . | trim }}
envFrom:
  {{- . | nindent 2 }}
{{- end }}
ports:
  - name: http
    containerPort: {{ .Values.web.port }}
    {{- with .Values.web.hostPort }}
    hostPort: {{ . }}
    {{- end }}
livenessProbe:
  {{- include "exporter.probe" (list . "/-/healthy" .Values.livenessProbe) | nindent 2 }}
readinessProbe:
  {{- include "exporter.probe" (list . "/-/ready" .Values.readinessProbe) | nindent 2 }}
{{- if .Values.startupProbe }}
startupProbe:
  {{- include "exporter.probe" (list . "/-/healthy" .Values.startupProbe) | nindent 2 }}
{{- end }}
{{- range $field := list "lifecycle" "securityContext" "resources" }}
{{- with get $.Values $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
volumeMounts:
  {{- include "exporter.mounts" . | trim | nindent 2 }}
{{- end -}}

{{- define "exporter.environment" -}}
{{- if .Values.sharding.enabled }}
- name: POD_INDEX
  valueFrom: {fieldRef: {fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']"}}
{{- end }}
{{- if .Values.keys.env }}
{{- range $variable, $ref := .Values.keys.variables }}
- name: {{ $variable | quote }}
  valueFrom: {secretKeyRef: {name: {{ $ref.name | quote }}, key: {{ $ref.key | quote }}}}
{{- end }}
{{- end }}
{{- if include "exporter.hasCa" . }}
- name: SSL_CERT_FILE
  value: /etc/ai-provider-exporter/ca/ca.crt
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "exporter.environmentFrom" -}}
{{- if and .Values.keys.env (include "exporter.keysSecret" .) }}
- secretRef: {name: {{ include "exporter.keysSecret" . | quote }}}
{{- end }}
{{- with .Values.extraEnvFrom }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "exporter.mounts" -}}
- name: state
  mountPath: /var/lib/ai-provider-exporter
{{- range $volume := include "exporter.ownVolumes" . | fromYamlArray }}
- name: {{ $volume.name | quote }}
  mountPath: /etc/ai-provider-exporter/{{ $volume.name }}
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "exporter.volumes" -}}
{{- if not (and .Values.sharding.enabled .Values.state.persistence.enabled) }}
- name: state
  {{- if .Values.state.existingClaim }}
  persistentVolumeClaim: {claimName: {{ .Values.state.existingClaim | quote }}}
  {{- else if .Values.state.persistence.enabled }}
  persistentVolumeClaim: {claimName: {{ include "exporter.suffixed" (list . "state") | quote }}}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}
{{- with include "exporter.ownVolumes" . | trim }}
{{ . }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Each is mounted, for reading, in the directory of its name below /etc/ai-provider-exporter. */}}
{{- define "exporter.ownVolumes" -}}
{{- if include "exporter.hasConfig" . }}
- name: config
  {{- include "exporter.configVolume" . | nindent 2 }}
{{- end }}
{{- if and .Values.keys.files (include "exporter.hasKeys" .) }}
- name: keys
  projected:
    defaultMode: 0440
    sources:
      {{- with include "exporter.keysSecret" . }}
      - secret: {name: {{ . | quote }}}
      {{- end }}
      {{- range $variable, $ref := .Values.keys.variables }}
      - secret: {name: {{ $ref.name | quote }}, items: [{key: {{ $ref.key | quote }}, path: {{ $variable | quote }}}]}
      {{- end }}
{{- end }}
{{- with include "exporter.webSecret" . }}
- name: web
  secret: {secretName: {{ . | quote }}, defaultMode: 0440}
{{- end }}
{{- with .Values.web.tlsSecret }}
- name: tls
  secret: {secretName: {{ . | quote }}, defaultMode: 0440}
{{- end }}
{{- if include "exporter.hasCa" . }}
- name: ca
  {{- if .Values.ca.existingSecret }}
  secret: {secretName: {{ .Values.ca.existingSecret | quote }}, items: [{key: {{ .Values.ca.key | quote }}, path: ca.crt}]}
  {{- else }}
  configMap:
    name: {{ .Values.ca.existingConfigMap | default (include "exporter.suffixed" (list . "ca")) | quote }}
    items: [{key: {{ ternary "ca.crt" .Values.ca.key (ne .Values.ca.bundle "") | quote }}, path: ca.crt}]
  {{- end }}
{{- end }}
{{- end -}}
