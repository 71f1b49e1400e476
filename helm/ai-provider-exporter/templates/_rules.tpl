{{/* What is put into the templates of rules for a placeholder, from the values. A selector is followed by a comma, as are
labels: alerts/src/render.py does the same. */}}
{{- define "exporter.ruleTexts" -}}
{{- $rules := .Values.rules -}}
{{- $texts := merge (dict) $rules.values -}}
{{- /* Single quotes: it also stands inside quoted strings of annotations. */}}
{{- with $rules.selector -}}{{- $_ := set $texts "selector" (printf "%s, " (replace "\"" "'" .)) -}}{{- end -}}
{{- with $rules.groupLabels -}}{{- $_ := set $texts "group_labels" (printf "%s, " (join ", " .)) -}}{{- end -}}
{{- with $rules.keepFiringFor -}}{{- $_ := set $texts "keep_firing_for" . -}}{{- end -}}
{{- with $rules.runbookUrlPrefix -}}{{- $_ := set $texts "runbook_prefix" . -}}{{- end -}}
{{- with $rules.dashboardUrlPrefix -}}{{- $_ := set $texts "dashboard_prefix" . -}}{{- end -}}
{{- with $rules.boardUrlPrefix | default (trimSuffix "/" .Values.web.externalUrl) -}}{{- $_ := set $texts "board_prefix" . -}}{{- end -}}
{{- with include "exporter.otherJobs" . | fromYamlArray -}}{{- $_ := set $texts "job" (printf ".*%s.*|%s" $.Chart.Name (join "|" .)) -}}{{- end -}}
{{- toYaml $texts -}}
{{- end -}}

{{/* Jobs of our monitors whose names the rules would not know: those without the chart's name. */}}
{{- define "exporter.otherJobs" -}}
{{- $jobs := list (include "exporter.name" .) -}}
{{- if .Values.podMonitoring.enabled -}}{{- $jobs = append $jobs (include "exporter.fullname" .) -}}{{- end -}}
{{- $others := list -}}
{{- range $jobs -}}
{{- if not (contains $.Chart.Name .) -}}{{- $others = append $others . -}}{{- end -}}
{{- end -}}
{{- toYaml $others -}}
{{- end -}}

{{/* A shipped file as it is, or made from its templates where values ask for a change: call it with (dict "root" $ "file"
FILE "groups" TEMPLATES "omitted" KEYS), where the destination's rules do not have those keys. */}}
{{- define "exporter.ruleGroups" -}}
{{- $root := .root -}}
{{- $omitted := .omitted -}}
{{- $rules := $root.Values.rules -}}
{{- $texts := include "exporter.ruleTexts" $root | fromYaml -}}
{{- if or $omitted $texts $rules.alerts $rules.labels $rules.annotations -}}
{{- $defaults := ($root.Files.Get "files/rules/templates.json" | fromJson).values -}}
{{- $groups := list -}}
{{- range $group := .groups -}}
{{- $made := list -}}
{{- range $rule := $group.rules -}}
{{- $change := get $rules.alerts ($rule.alert | default "") | default dict -}}
{{- if not (and (hasKey $change "enabled") (not $change.enabled)) -}}
{{- $made = append $made (include "exporter.rule" (dict "template" $rule "change" $change "rules" $rules "defaults" $defaults "texts" $texts "omitted" $omitted) | fromJson) -}}
{{- end -}}
{{- end -}}
{{- if $made -}}
{{- $groups = append $groups (merge (dict "name" $group.group "rules" $made) (omit $group "group" "rules")) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "groups" $groups) -}}
{{- else -}}
{{- $root.Files.Get (printf "files/rules/%s" .file) -}}
{{- end -}}
{{- end -}}

{{/* One rule, as JSON: its template with every placeholder filled in. A text may hold a placeholder: three times. Call it
with (dict "template" … "change" ITS-VALUES "rules" ALL-VALUES "defaults" TEXTS "texts" TEXTS "omitted" KEYS). */}}
{{- define "exporter.rule" -}}
{{- $template := .template -}}
{{- $change := .change -}}
{{- $rules := .rules -}}
{{- $own := dict -}}
{{- range $ours, $theirs := dict "severity" "severity" "for" "for" "keepFiringFor" "keep_firing_for" -}}
{{- if hasKey $change $ours -}}{{- $_ := set $own $theirs (get $change $ours) -}}{{- end -}}
{{- end -}}
{{- $texts := merge $own ($change.values | default dict) .texts $template.values .defaults -}}
{{- $rule := omit $template "values" -}}
{{- if $template.alert -}}
{{- $labels := merge (dict) ($change.labels | default dict) $rules.labels ($template.labels | default dict) -}}
{{- $annotations := merge (dict) ($change.annotations | default dict) $rules.annotations ($template.annotations | default dict) -}}
{{- $rule = merge (dict "labels" $labels "annotations" $annotations) $rule -}}
{{- end -}}
{{- $json := toJson $rule -}}
{{- range until 3 -}}
{{- range $name, $text := $texts -}}
{{- $json = replace (printf "${%s}" $name) (toString $text | toJson | trimPrefix "\"" | trimSuffix "\"") $json -}}
{{- end -}}
{{- end -}}
{{- $rule = fromJson $json -}}
{{- $_ := set $rule "expr" ($rule.expr | replace ", }" "}" | replace ", )" ")" | replace "{}" "") -}}
{{- range .omitted -}}{{- $rule = omit $rule . -}}{{- end -}}
{{- range list "for" "keep_firing_for" "labels" -}}
{{- if not (get $rule .) -}}{{- $rule = omit $rule . -}}{{- end -}}
{{- end -}}
{{- toJson $rule -}}
{{- end -}}

{{/* The rules as objects of an operator: call it with (list $ APIVERSION KIND OVERRIDES OMITTED). */}}
{{- define "exporter.ruleObjects" -}}
{{- $call := . -}}
{{- $root := index . 0 -}}
{{- $templates := $root.Files.Get "files/rules/templates.json" | fromJson -}}
{{- $files := list (dict "name" (include "exporter.fullname" $root) "file" "ai-provider.yaml" "groups" $templates.groups) -}}
{{- if $root.Values.rules.traffic -}}
{{- range $source := prepend $root.Values.rules.traffic "alerts" -}}
{{- $group := ternary "ai-traffic" (printf "ai-traffic-%s" $source) (eq $source "alerts") -}}
{{- $groups := list -}}
{{- range $templates.traffic -}}{{- if eq .group $group -}}{{- $groups = append $groups . -}}{{- end -}}{{- end -}}
{{- $name := include "exporter.suffixed" (list $root (printf "traffic-%s" $source)) -}}
{{- $files = append $files (dict "name" $name "file" (printf "traffic/%s.yaml" $source) "groups" $groups) -}}
{{- end -}}
{{- end -}}
{{- range $files }}
---
apiVersion: {{ index $call 1 }}
kind: {{ index $call 2 }}
{{ include "exporter.metadata" (list $root .name (index $call 3)) }}
spec:
  {{- include "exporter.ruleGroups" (merge (dict "root" $root "omitted" (index $call 4)) .) | nindent 2 }}
{{- end }}
{{- with $root.Values.rules.additionalGroups }}
---
apiVersion: {{ index $call 1 }}
kind: {{ index $call 2 }}
{{ include "exporter.metadata" (list $root (include "exporter.suffixed" (list $root "additional")) (index $call 3)) }}
spec:
  groups:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}

{{/* What is wrong with the names in `rules`, as a list of sentences. */}}
{{- define "exporter.ruleMistakes" -}}
{{- $mistakes := list -}}
{{- $templates := .Files.Get "files/rules/templates.json" | fromJson -}}
{{- $alerts := dict -}}
{{- range concat $templates.groups $templates.traffic -}}
{{- range .rules -}}
{{- if .alert -}}{{- $_ := set $alerts .alert .values -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $change := .Values.rules.alerts -}}
{{- if not (hasKey $alerts $name) -}}
{{- $mistakes = append $mistakes (printf "rules.alerts.%s: there is no such alert; write one of %s" $name (keys $alerts | sortAlpha | join ", ")) -}}
{{- else -}}
{{- range $value, $_ := $change.values -}}
{{- if not (hasKey (get $alerts $name) $value) -}}
{{- $mistakes = append $mistakes (printf "rules.alerts.%s.values.%s: the alert has no such value; write one of %s" $name $value (get $alerts $name | keys | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- /* Some have a value of their own here, and some are not those of rules. */}}
{{- $known := omit $templates.values "selector" "group_labels" "runbook_prefix" "dashboard_prefix" "board_prefix" "probe_interval" "grafana_datasource" "grafana_folder" "job" -}}
{{- range $value, $_ := .Values.rules.values -}}
{{- if not (hasKey $known $value) -}}
{{- $mistakes = append $mistakes (printf "rules.values.%s: the rules have no such value; write one of %s" $value (keys $known | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- toYaml $mistakes -}}
{{- end -}}
