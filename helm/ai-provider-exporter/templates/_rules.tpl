{{/* A file of rules as it is shipped, or with the changes of `rules`: call it with (list $ TEXT OMITTED), where OMITTED are
keys that the rules of the destination do not have. */}}
{{- define "exporter.ruleGroups" -}}
{{- $rules := (index . 0).Values.rules -}}
{{- $text := index . 1 -}}
{{- $omitted := index . 2 -}}
{{- if or $omitted $rules.alerts $rules.keepFiringFor $rules.labels $rules.annotations $rules.runbookUrlPrefix $rules.dashboardUrlPrefix -}}
{{- $groups := list -}}
{{- range $group := (fromYaml $text).groups -}}
{{- $kept := list -}}
{{- range $rule := $group.rules -}}
{{- $change := get $rules.alerts ($rule.alert | default "") | default dict -}}
{{- if not (and (hasKey $change "enabled") (not $change.enabled)) -}}
{{- $kept = append $kept (include "exporter.rule" (list $rule $change $rules $omitted) | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- if $kept -}}
{{- $groups = append $groups (merge (dict "rules" $kept) $group) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "groups" $groups) -}}
{{- else -}}
{{- $text -}}
{{- end -}}
{{- end -}}

{{/* One rule with its changes; a recording rule has none. */}}
{{- define "exporter.rule" -}}
{{- $rule := index . 0 -}}
{{- $change := index . 1 -}}
{{- $rules := index . 2 -}}
{{- range index . 3 -}}{{- $rule = omit $rule . -}}{{- end -}}
{{- if $rule.alert -}}
{{- $severity := ternary (dict "severity" $change.severity) dict (hasKey $change "severity") -}}
{{- $labels := merge (dict) $severity ($change.labels | default dict) $rules.labels ($rule.labels | default dict) -}}
{{- $annotations := $rule.annotations | default dict -}}
{{- range $name, $prefix := dict "runbook_url" $rules.runbookUrlPrefix "dashboard_url" $rules.dashboardUrlPrefix -}}
{{- if and $prefix (hasKey $annotations $name) -}}
{{- $annotations = merge (dict $name (printf "%s%s" $prefix (get $annotations $name))) $annotations -}}
{{- end -}}
{{- end -}}
{{- $annotations = merge (dict) ($change.annotations | default dict) $rules.annotations $annotations -}}
{{- $rule = merge (dict "labels" $labels "annotations" $annotations) $rule -}}
{{- with $change.for -}}{{- $_ := set $rule "for" . -}}{{- end -}}
{{- with $change.keepFiringFor | default $rules.keepFiringFor -}}
{{- $_ := set $rule "keep_firing_for" . -}}
{{- end -}}
{{- end -}}
{{- range index . 3 -}}{{- $rule = omit $rule . -}}{{- end -}}
{{- toYaml $rule -}}
{{- end -}}

{{/* Every file of rules as an object: call it with (list $ APIVERSION KIND OVERRIDES OMITTED). */}}
{{- define "exporter.ruleObjects" -}}
{{- $root := index . 0 -}}
{{- range $path, $_ := $root.Files.Glob "files/rules/*.yaml" }}
---
apiVersion: {{ index $ 1 }}
kind: {{ index $ 2 }}
{{ include "exporter.metadata" (list $root (include "exporter.suffixed" (list $root (base $path | trimSuffix ".yaml" | trimPrefix "ai-provider-"))) (index $ 3)) }}
spec:
  {{- include "exporter.ruleGroups" (list $root ($root.Files.Get $path) (index $ 4)) | nindent 2 }}
{{- end }}
{{- with $root.Values.rules.additionalGroups }}
---
apiVersion: {{ index $ 1 }}
kind: {{ index $ 2 }}
{{ include "exporter.metadata" (list $root (include "exporter.suffixed" (list $root "additional")) (index $ 3)) }}
spec:
  groups:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}
