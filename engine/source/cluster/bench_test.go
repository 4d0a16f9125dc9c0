package cluster_test

import (
	"fmt"
	"maps"
	"runtime"
	"testing"

	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

// BenchmarkRead lists 10,000 objects, half of them pods as a real API server sends them.
func BenchmarkRead(b *testing.B) {
	pod := objects(b, benchPod)[0]
	s := &clustertest.Server{Resources: clustertest.Builtin(), Aggregated: true}
	for i := range 5000 {
		meta := map[string]any{}
		maps.Copy(meta, pod["metadata"].(map[string]any))
		meta["name"], meta["uid"] = fmt.Sprintf("db-%d", i), fmt.Sprintf("p%d", i)
		s.Objects = append(s.Objects,
			map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod["spec"], "status": pod["status"]},
			map[string]any{
				"apiVersion": "v1", "kind": "PersistentVolumeClaim",
				"metadata": map[string]any{"name": meta["name"], "namespace": "shop", "uid": fmt.Sprintf("c%d", i)},
				"spec":     map[string]any{"accessModes": []any{"ReadWriteOnce"}, "volumeName": fmt.Sprintf("pv-%d", i)}, "status": map[string]any{"phase": "Bound"},
			})
	}
	c := open(b, s)
	b.ReportAllocs()
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		r, err := c.Read(b.Context(), []cluster.Want{{Kind: "Pod", Judge: []string{"a"}}, {Kind: "PersistentVolumeClaim", Judge: []string{"a"}}}, "")
		if err != nil || len(r.Judged) != 10000 {
			b.Fatal(err, len(r.Judged))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(r.Judged)), "kept-B/object")
	}
}

const benchPod = `
apiVersion: v1
kind: Pod
metadata:
  name: db
  namespace: shop
  labels: {app: db, apps.kubernetes.io/pod-index: "0", controller-revision-hash: db-7c9f4d5b6, statefulset.kubernetes.io/pod-name: db-0}
  creationTimestamp: "2026-01-01T00:00:00Z"
  resourceVersion: "123456"
  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: 8d3c5f8e-6a39-4a1c-9c3e-3f2f1c0d7a11, controller: true, blockOwnerDeletion: true}]
  managedFields: [{manager: kube-controller-manager, operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:containers": {'k:{"name":"db"}': {".": {}, "f:image": {}, "f:name": {}, "f:volumeMounts": {}}}}}}]
spec:
  nodeName: node-1
  serviceAccountName: default
  terminationGracePeriodSeconds: 30
  tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}, {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data-db-0}}, {name: token, projected: {defaultMode: 420, sources: [{serviceAccountToken: {expirationSeconds: 3607, path: token}}]}}]
  containers:
    - name: db
      image: postgres:17
      imagePullPolicy: IfNotPresent
      terminationMessagePath: /dev/termination-log
      terminationMessagePolicy: File
      env: [{name: PGDATA, value: /data/pg}, {name: POD_NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}}]
      resources: {limits: {cpu: "2", memory: 4Gi}, requests: {cpu: "1", memory: 2Gi}}
      volumeMounts: [{name: data, mountPath: /data}, {name: token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}]
status:
  phase: Running
  qosClass: Burstable
  podIP: 10.0.0.1
  conditions: [{type: Ready, status: "True", lastTransitionTime: "2026-01-01T00:00:00Z"}, {type: PodScheduled, status: "True", lastTransitionTime: "2026-01-01T00:00:00Z"}]
  containerStatuses: [{name: db, ready: true, restartCount: 0, image: "docker.io/library/postgres:17", imageID: "sha256:4f1", state: {running: {startedAt: "2026-01-01T00:00:00Z"}}}]
`
