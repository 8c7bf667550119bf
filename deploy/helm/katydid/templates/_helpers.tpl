{{- define "katydid.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What a selector goes by: (list $ "worker") */}}
{{- define "katydid.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "katydid.labels" -}}
{{- $root := index . 0 -}}
{{ include "katydid.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{- define "katydid.configMap" -}}
{{- .Values.locustfiles.existingConfigMap | default (printf "%s-locustfiles" (include "katydid.name" .)) -}}
{{- end -}}

{{/* "yes" where there are files to mount: workers of another master may take theirs from it. */}}
{{- define "katydid.hasFiles" -}}
{{- if or .Values.locustfiles.content .Values.locustfiles.existingConfigMap -}}
yes
{{- else if or (not .Values.worker.masterHost) (ne .Values.locustfiles.worker "-") -}}
{{- fail "no locustfile: --set-file 'locustfiles.content.locustfile\\.py=locustfile.py', or name a locustfiles.existingConfigMap" -}}
{{- end -}}
{{- end -}}

{{/* "yes" where the master loads goals.py. */}}
{{- define "katydid.hasGoals" -}}
{{- if or .Values.goals.failIf .Values.goals.findMax -}}
{{- if .Values.worker.masterHost -}}
{{- fail "goals are the master's, and worker.masterHost names one that is elsewhere" -}}
{{- end -}}
yes
{{- end -}}
{{- end -}}

{{/* What both kinds of pods have in common: (list $ .Values.worker) */}}
{{- define "katydid.pod" -}}
{{- $root := index . 0 -}}
{{- $own := index . 1 -}}
automountServiceAccountToken: false
enableServiceLinks: false # variables like LOCUST_… and KATYDID_… are options
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "katydid.podAnnotations" -}}
checksum/locustfiles: {{ .Values.locustfiles.content | toJson | sha256sum }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The pod of a worker, for a Deployment or a Job. */}}
{{- define "katydid.workerPod" -}}
metadata:
  labels: {{- include "katydid.labels" (list . "worker") | nindent 4 }}
  annotations: {{- include "katydid.podAnnotations" . | nindent 4 }}
spec:
  {{- include "katydid.pod" (list . .Values.worker) | nindent 2 }}
  {{- with .Values.worker.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    - {{ toYaml . | nindent 6 | trim }}
      labelSelector:
        matchLabels: {{- include "katydid.selector" (list $ "worker") | nindent 10 }}
    {{- end }}
  {{- end }}
  # At SIGTERM, users get the stop timeout, and then the last report goes.
  terminationGracePeriodSeconds: {{ add .Values.stopTimeout 20 }}
  restartPolicy: {{ ternary "OnFailure" "Always" .Values.headless.enabled }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
    {{- with .Values.worker.sysctls }}
    sysctls: {{- toYaml . | nindent 6 }}
    {{- end }}
  containers:
    - name: worker
      image: "{{ .Values.worker.image.repository }}:{{ .Values.worker.image.tag | default .Chart.AppVersion }}"
      imagePullPolicy: {{ .Values.worker.image.pullPolicy }}
      args:
        - --worker
        - --locustfile={{ if eq .Values.locustfiles.worker "-" }}-{{ else }}/mnt/locust/{{ .Values.locustfiles.worker }}{{ end }}
        - --master-host={{ .Values.worker.masterHost | default (printf "%s-master" (include "katydid.name" .)) }}
        {{- if .Values.headless.enabled }}
        - --exit-code-on-error=0 # the job is complete when the master says quit; its own exit code judges the test
        {{- else if .Values.worker.reconnectForever }}
        - --reconnect-forever
        {{- end }}
        {{- if .Values.metrics.enabled }}
        - --metrics-port={{ .Values.metrics.port }}
        - --metrics-host=0.0.0.0
        {{- end }}
        {{- range .Values.worker.args }}
        - {{ . | quote }}
        {{- end }}
      env:
        - {name: KATYDID_CACHE_DIR, value: /tmp/katydid}
        {{- with .Values.worker.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if .Values.metrics.enabled }}
      ports:
        - {name: metrics, containerPort: {{ .Values.metrics.port }}, protocol: TCP}
      {{- end }}
      {{- with .Values.worker.startupProbe }}
      startupProbe: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.worker.livenessProbe }}
      livenessProbe: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.worker.readinessProbe }}
      readinessProbe: {{- toYaml . | nindent 8 }}
      {{- end }}
      resources: {{- toYaml .Values.worker.resources | nindent 8 }}
      securityContext: {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        {{- if include "katydid.hasFiles" . }}
        - {name: locustfiles, mountPath: /mnt/locust, readOnly: true}
        {{- end }}
        - {name: scratch, mountPath: /tmp}
  volumes:
    {{- if include "katydid.hasFiles" . }}
    - name: locustfiles
      configMap: {name: {{ include "katydid.configMap" . }}}
    {{- end }}
    - name: scratch # compiled locustfiles
      emptyDir: {sizeLimit: {{ .Values.worker.cacheSize }}}
{{- end -}}

{{- define "katydid.masterPod" -}}
metadata:
  labels: {{- include "katydid.labels" (list . "master") | nindent 4 }}
  annotations: {{- include "katydid.podAnnotations" . | nindent 4 }}
spec:
  {{- include "katydid.pod" (list . .Values.master) | nindent 2 }}
  terminationGracePeriodSeconds: {{ add .Values.stopTimeout 30 }}
  restartPolicy: {{ ternary "Never" "Always" .Values.headless.enabled }}
  securityContext: {{- toYaml .Values.podSecurityContext | nindent 4 }}
  containers:
    - name: master
      image: "{{ .Values.master.image.repository }}:{{ .Values.master.image.tag }}"
      imagePullPolicy: {{ .Values.master.image.pullPolicy }}
      args:
        - --master
        - --locustfile=/mnt/locust/{{ .Values.locustfiles.master }}{{ if include "katydid.hasGoals" . }},/mnt/goals/goals.py{{ end }}
        - --stop-timeout={{ .Values.stopTimeout }}
        - --enable-rebalancing
        {{- with .Values.host }}
        - --host={{ . }}
        {{- end }}
        {{- if .Values.headless.enabled }}
        - --headless
        - --users={{ .Values.headless.users }}
        - --spawn-rate={{ .Values.headless.spawnRate }}
        - --run-time={{ .Values.headless.runTime }}
        - --expect-workers={{ .Values.worker.replicas }}
        {{- end }}
        {{- range .Values.goals.failIf }}
        - {{ printf "--fail-if=%s" . | quote }}
        {{- end }}
        {{- with .Values.goals.findMax }}
        - {{ printf "--find-max=%s" . | quote }}
        - --find-max-start={{ $.Values.goals.findMaxStart }}
        - --find-max-step={{ $.Values.goals.findMaxStep }}
        {{- end }}
        {{- range .Values.master.args }}
        - {{ . | quote }}
        {{- end }}
      env:
        - {name: PYTHONUNBUFFERED, value: "1"}
        {{- with .Values.master.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - {name: workers, containerPort: 5557, protocol: TCP}
        {{- if not .Values.headless.enabled }}
        - {name: web, containerPort: 8089, protocol: TCP}
        {{- end }}
      {{- if not .Values.headless.enabled }}
      readinessProbe:
        httpGet: {path: /, port: web}
        periodSeconds: 5
      livenessProbe:
        tcpSocket: {port: web}
        initialDelaySeconds: 30
        periodSeconds: 10
        failureThreshold: 6
      {{- end }}
      resources: {{- toYaml .Values.master.resources | nindent 8 }}
      securityContext: {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        - {name: locustfiles, mountPath: /mnt/locust, readOnly: true}
        {{- if include "katydid.hasGoals" . }}
        - {name: goals, mountPath: /mnt/goals, readOnly: true}
        {{- end }}
        - {name: scratch, mountPath: /tmp}
  volumes:
    - name: locustfiles
      configMap: {name: {{ include "katydid.configMap" . }}}
    {{- if include "katydid.hasGoals" . }}
    - name: goals
      configMap: {name: {{ include "katydid.name" . }}-goals}
    {{- end }}
    - name: scratch
      emptyDir: {}
{{- end -}}
