{{/* What the schema cannot say: each mistake is one sentence that names the value and the way out. */}}
{{- define "exporter.check" -}}
{{- $values := .Values -}}
{{- $mistakes := list -}}
{{- if not $values.image.repository -}}
{{- $mistakes = append $mistakes "image.repository is empty, and no image of this name is published; build the Dockerfile of this repository, push the image and set image.repository to it" -}}
{{- end -}}
{{- if gt (len (compact (list $values.config $values.existingConfig.configMap $values.existingConfig.secret))) 1 -}}
{{- $mistakes = append $mistakes "config, existingConfig.configMap and existingConfig.secret are three places for one file; set one of them" -}}
{{- end -}}
{{- if and $values.keys.existingSecret $values.keys.externalSecret.enabled -}}
{{- $mistakes = append $mistakes "keys.existingSecret and keys.externalSecret.enabled both name the Secret with the keys; set one of them" -}}
{{- end -}}
{{- if and $values.keys.externalSecret.enabled (not $values.keys.externalSecret.secretStoreRef.name) -}}
{{- $mistakes = append $mistakes "keys.externalSecret.secretStoreRef.name is empty; set it to the name of your SecretStore" -}}
{{- end -}}
{{- if and $values.keys.externalSecret.enabled (not (concat $values.keys.externalSecret.data $values.keys.externalSecret.dataFrom)) -}}
{{- $mistakes = append $mistakes "keys.externalSecret has neither data nor dataFrom; list the keys to read from the store" -}}
{{- end -}}
{{- if gt (len (compact (list $values.ca.bundle $values.ca.existingConfigMap $values.ca.existingSecret))) 1 -}}
{{- $mistakes = append $mistakes "ca.bundle, ca.existingConfigMap and ca.existingSecret are three places for one bundle; set one of them" -}}
{{- end -}}
{{- if and $values.web.config $values.web.existingSecret -}}
{{- $mistakes = append $mistakes "web.config and web.existingSecret are two places for one file; set one of them" -}}
{{- end -}}
{{- if and $values.state.existingClaim $values.state.persistence.enabled -}}
{{- $mistakes = append $mistakes "state.existingClaim and state.persistence.enabled are two volumes for one directory; set one of them" -}}
{{- end -}}
{{- if and $values.state.existingClaim $values.sharding.enabled -}}
{{- $mistakes = append $mistakes "state.existingClaim is one volume, and each shard needs its own; set state.persistence.enabled instead" -}}
{{- end -}}
{{- if and $values.sharding.enabled (not (semverCompare ">=1.28.0-0" .Capabilities.KubeVersion.Version)) -}}
{{- $mistakes = append $mistakes (printf "sharding.enabled needs Kubernetes 1.28 or newer, which labels the pods of a StatefulSet with their number; this is %s" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- $operators := list -}}
{{- range list "serviceMonitor" "podMonitor" "scrapeConfig" -}}
{{- if (get $values .).enabled -}}{{- $operators = append $operators . -}}{{- end -}}
{{- end -}}
{{- if gt (len $operators) 1 -}}
{{- $mistakes = append $mistakes (printf "%s would each scrape the same pods; enable one of them" (join " and " $operators)) -}}
{{- end -}}
{{- if and $values.web.existingSecret (not $values.web.scheme) -}}
{{- $mistakes = append $mistakes "web.scheme is empty, and the chart cannot see into web.existingSecret; write http or https" -}}
{{- end -}}
{{- $google := $values.podMonitoring -}}
{{- range list (list "basic_auth_users" "basicAuth" "basicAuth" "asks for a password") (list "tls_server_config" "tlsConfig" "tls" "serves TLS") -}}
{{- if get $values.web.config (index . 0) -}}
{{- if and (include "exporter.scrapedByOperator" $) (not (get $values.scrape (index . 1))) -}}
{{- $mistakes = append $mistakes (printf "web.config.%s %s, and scrape.%s is empty; Prometheus needs it" (index . 0) (index . 3) (index . 1)) -}}
{{- end -}}
{{- if and $google.enabled (not (get $google.endpoint (index . 2))) -}}
{{- $mistakes = append $mistakes (printf "web.config.%s %s, and podMonitoring.endpoint.%s is empty; Google's collector needs it" (index . 0) (index . 3) (index . 2)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $values.ingress.enabled (not $values.ingress.hosts) -}}
{{- $mistakes = append $mistakes "ingress.hosts is empty; list the host names of the board" -}}
{{- end -}}
{{- if and $values.route.enabled (not $values.route.parentRefs) -}}
{{- $mistakes = append $mistakes "route.parentRefs is empty; name the Gateway that the route belongs to" -}}
{{- end -}}
{{- if or $values.rules.alerts $values.rules.values -}}
{{- $mistakes = concat $mistakes (include "exporter.ruleMistakes" . | fromYamlArray) -}}
{{- end -}}
{{- with $mistakes -}}
{{- fail (printf "\n  %s" (join "\n  " .)) -}}
{{- end -}}
{{- end -}}

{{- define "exporter.scrapedByOperator" -}}
{{- range list "serviceMonitor" "podMonitor" "scrapeConfig" "vmServiceScrape" -}}
{{- if (get $.Values .).enabled }}true{{ end -}}
{{- end -}}
{{- end -}}

{{- define "exporter.scraped" -}}
{{- if or (include "exporter.scrapedByOperator" .) .Values.podMonitoring.enabled }}true{{ end -}}
{{- end -}}
