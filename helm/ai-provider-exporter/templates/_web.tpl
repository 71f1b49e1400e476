{{- define "exporter.scheme" -}}
{{- .Values.web.scheme | default (ternary "http" "https" (empty .Values.web.config.tls_server_config)) -}}
{{- end -}}

{{- define "exporter.wantsClientCertificate" -}}
{{- $tls := .Values.web.config.tls_server_config | default dict -}}
{{- if or (hasPrefix "Require" ($tls.client_auth_type | default "")) $tls.client_allowed_sans }}true{{ end -}}
{{- end -}}

{{/* How the kubelet probes. It has no password and no certificate, and a rate limit would count it: then a TCP
connection has to do. */}}
{{- define "exporter.probeKind" -}}
{{- $web := .Values.web -}}
{{- if ne $web.probes "auto" -}}
{{- $web.probes -}}
{{- else if or $web.existingSecret $web.config.basic_auth_users $web.config.rate_limit (include "exporter.wantsClientCertificate" .) -}}
tcp
{{- else -}}
http
{{- end -}}
{{- end -}}

{{/* A probe of the pod: call it with (list $ PATH OVERRIDES). An override that says how to probe replaces ours. */}}
{{- define "exporter.probe" -}}
{{- $root := index . 0 -}}
{{- $overrides := index . 2 -}}
{{- $kind := include "exporter.probeKind" $root -}}
{{- $how := dict "httpGet" (dict "path" (printf "%s%s" (include "exporter.prefix" $root) (index . 1)) "port" "http") -}}
{{- if or $overrides.httpGet $overrides.tcpSocket $overrides.exec $overrides.grpc -}}
{{- $how = dict -}}
{{- else if eq $kind "tcp" -}}
{{- $how = dict "tcpSocket" (dict "port" "http") -}}
{{- else if eq (include "exporter.scheme" $root) "https" -}}
{{- $_ := set $how.httpGet "scheme" "HTTPS" -}}
{{- end -}}
{{- toYaml (merge $how $overrides) -}}
{{- end -}}

{{- define "exporter.arguments" -}}
- serve
- --web.listen-address=:{{ .Values.web.port }}
{{- if include "exporter.hasConfig" . }}
- --config.file=/etc/ai-provider-exporter/config/config.yaml
- --config.enable-auto-reload
{{- end }}
{{- if include "exporter.webSecret" . }}
- {{ printf "--web.config.file=/etc/ai-provider-exporter/web/%s" (ternary "web-config.yaml" .Values.web.key (empty .Values.web.existingSecret)) | quote }}
{{- end }}
{{- with .Values.web.externalUrl }}
- {{ printf "--web.external-url=%s" . | quote }}
{{- end }}
{{- with .Values.web.routePrefix }}
- {{ printf "--web.route-prefix=%s" . | quote }}
{{- end }}
{{- if .Values.web.enableLifecycle }}
- --web.enable-lifecycle
{{- end }}
{{- if .Values.sharding.enabled }}
- --shard=$(POD_INDEX)/{{ .Values.sharding.shards }}
{{- end }}
- --log.level={{ .Values.log.level }}
- --log.format={{ .Values.log.format }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}
