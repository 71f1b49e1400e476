{{- define "exporter.metricsPath" -}}
{{- include "exporter.prefix" . }}/metrics
{{- end -}}

{{/* Fields of `scrape` that are set, under their names elsewhere: call it with (list $ (dict OURS THEIRS …)). */}}
{{- define "exporter.scrapeFields" -}}
{{- $scrape := (index . 0).Values.scrape -}}
{{- $fields := dict -}}
{{- range $ours, $theirs := index . 1 -}}
{{- with get $scrape $ours -}}
{{- $_ := set $fields $theirs . -}}
{{- end -}}
{{- end -}}
{{- with $fields -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{- define "exporter.scrapeLimits" -}}
{{- include "exporter.scrapeFields" (list . (dict "sampleLimit" "sampleLimit" "targetLimit" "targetLimit" "labelLimit" "labelLimit" "labelNameLengthLimit" "labelNameLengthLimit" "labelValueLengthLimit" "labelValueLengthLimit" "protocols" "scrapeProtocols")) -}}
{{- end -}}

{{/* The endpoint of a ServiceMonitor or PodMonitor. */}}
{{- define "exporter.operatorEndpoint" -}}
port: http
path: {{ include "exporter.metricsPath" . }}
scheme: {{ include "exporter.scheme" . }}
{{- with include "exporter.scrapeFields" (list . (dict "interval" "interval" "timeout" "scrapeTimeout" "tlsConfig" "tlsConfig" "basicAuth" "basicAuth" "authorization" "authorization" "proxyUrl" "proxyUrl" "honorLabels" "honorLabels" "relabelings" "relabelings" "metricRelabelings" "metricRelabelings")) }}
{{ . }}
{{- end }}
{{- end -}}
