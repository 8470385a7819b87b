{{- define "gateway.name" -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "gateway.selector" -}}
app: {{ include "gateway.name" . }}
{{- end -}}

{{- define "gateway.labels" -}}
{{ include "gateway.selector" . }}
app.kubernetes.io/part-of: dashscope-gateway
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "gateway.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "gateway.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if .Values.ipv6 -}}
{{- $_ := set $config "HOST" "::" -}}
{{- $_ := set $config "ADMIN_LISTEN" "http://[::]:9464" -}}
{{- end -}}
{{- if .Values.apiKey.secretName -}}
{{- $_ := set $config "DASHSCOPE_API_KEY_FILE" (printf "/run/secrets/dashscope-gateway/%s" .Values.apiKey.secretKey) -}}
{{- end -}}
{{- if .Values.apiKey.callersMayOmitKey -}}
{{- $_ := set $config "CALLERS_MAY_OMIT_KEY" "true" -}}
{{- end -}}
{{- range $key, $value := $config }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- end -}}
