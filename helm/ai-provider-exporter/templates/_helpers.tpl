{{- define "exporter.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "exporter.fullname" -}}
{{- $name := include "exporter.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The full name and a suffix, 63 characters at most: call it with (list $ "suffix"). */}}
{{- define "exporter.suffixed" -}}
{{- $root := index . 0 -}}
{{- $suffix := index . 1 -}}
{{- printf "%s-%s" (include "exporter.fullname" $root | trunc (int (sub 62 (len $suffix))) | trimSuffix "-") $suffix -}}
{{- end -}}

{{- define "exporter.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{/* What a workload selects by can never change: no version in here. */}}
{{- define "exporter.selector" -}}
{{- with .Values.selectorOverride -}}
{{- toYaml . -}}
{{- else -}}
{{- include "exporter.identity" . -}}
{{- end -}}
{{- end -}}

{{- define "exporter.identity" -}}
app.kubernetes.io/name: {{ include "exporter.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "exporter.labels" -}}
{{- $own := dict
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") -}}
{{- toYaml (merge (include "exporter.selector" . | fromYaml) (include "exporter.identity" . | fromYaml) $own .Values.commonLabels) -}}
{{- end -}}

{{/* Kubernetes' metadata of an object: call it with (list $ NAME OVERRIDES), where overrides may have namespace, labels,
annotations, and release: true, which adds the label that kube-prometheus-stack selects by. Nobody overrides the selector. */}}
{{- define "exporter.metadata" -}}
{{- $root := index . 0 -}}
{{- $more := index . 2 -}}
{{- $labels := merge (include "exporter.selector" $root | fromYaml) ($more.labels | default dict) (include "exporter.labels" $root | fromYaml) -}}
{{- if and $more.release $root.Values.releaseLabel -}}
{{- $labels = merge $labels (dict "release" $root.Release.Name) -}}
{{- end -}}
metadata:
  name: {{ index . 1 | quote }}
  namespace: {{ $more.namespace | default (include "exporter.namespace" $root) | quote }}
  labels:
    {{- toYaml $labels | nindent 4 }}
  {{- with merge (dict) ($more.annotations | default dict) $root.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "exporter.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "exporter.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "exporter.image" -}}
{{- $image := .Values.image -}}
{{- $registry := .Values.global.imageRegistry | default $image.registry -}}
{{- $repository := ternary (printf "%s/%s" $registry $image.repository) $image.repository (ne $registry "") -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository ($image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "exporter.workloadKind" -}}
{{- ternary "StatefulSet" "Deployment" .Values.sharding.enabled -}}
{{- end -}}

{{/* Without a slash at its end: empty, or /SOMETHING. */}}
{{- define "exporter.prefix" -}}
{{- $path := .Values.web.routePrefix | default (get (urlParse .Values.web.externalUrl) "path") -}}
{{- with trimAll "/" $path }}/{{ . }}{{ end -}}
{{- end -}}

{{- define "exporter.hasConfig" -}}
{{- if or .Values.config .Values.existingConfig.configMap .Values.existingConfig.secret }}true{{ end -}}
{{- end -}}

{{- define "exporter.configVolume" -}}
{{- if .Values.existingConfig.secret -}}
secret: {secretName: {{ .Values.existingConfig.secret | quote }}, defaultMode: 0440, items: [{key: {{ .Values.existingConfig.key | quote }}, path: config.yaml}]}
{{- else if .Values.existingConfig.configMap -}}
configMap: {name: {{ .Values.existingConfig.configMap | quote }}, items: [{key: {{ .Values.existingConfig.key | quote }}, path: config.yaml}]}
{{- else -}}
configMap: {name: {{ include "exporter.fullname" . | quote }}}
{{- end -}}
{{- end -}}

{{/* The Secret whose entries are keys: the user's, or that of the External Secrets Operator. */}}
{{- define "exporter.keysSecret" -}}
{{- if .Values.keys.externalSecret.enabled -}}
{{- include "exporter.suffixed" (list . "keys") -}}
{{- else -}}
{{- .Values.keys.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "exporter.hasKeys" -}}
{{- if or (include "exporter.keysSecret" .) .Values.keys.variables }}true{{ end -}}
{{- end -}}

{{- define "exporter.webSecret" -}}
{{- if .Values.web.config -}}
{{- include "exporter.suffixed" (list . "web") -}}
{{- else -}}
{{- .Values.web.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "exporter.hasCa" -}}
{{- if or .Values.ca.bundle .Values.ca.existingConfigMap .Values.ca.existingSecret }}true{{ end -}}
{{- end -}}
