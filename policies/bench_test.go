package policies_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/frameworks/constraint/pkg/client"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/reviews"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
)

// shop is one tenth of a namespace's manifests, ten objects, of which one or two have a problem.
const shop = `
{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv-%[1]d}, spec: {capacity: {storage: 10Gi}, accessModes: [ReadWriteOnce], claimRef: {namespace: ns-%[2]d, name: data-%[1]d}, persistentVolumeReclaimPolicy: Delete, csi: {driver: ebs.csi.aws.com, volumeHandle: vol-%[1]d}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-%[1]d, namespace: ns-%[2]d}, spec: {accessModes: [ReadWriteOnce], volumeName: pv-%[1]d, resources: {requests: {storage: 10Gi}}}, status: {phase: Bound}}
---
{apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, metadata: {name: va-%[1]d}, spec: {attacher: ebs.csi.aws.com, nodeName: node-%[2]d, source: {persistentVolumeName: pv-%[1]d}}, status: {attached: true}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db-%[1]d, namespace: ns-%[2]d}, spec: {replicas: 3, serviceName: db, template: {spec: {terminationGracePeriodSeconds: 120, containers: [{name: db, image: "postgres:17", volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]}]}}, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web-%[1]d, namespace: ns-%[2]d}, spec: {replicas: 2, template: {spec: {containers: [{name: web, image: "nginx:1.27"}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: app-%[1]d, namespace: ns-%[2]d}, spec: {replicas: 1, template: {spec: {containers: [{name: app, image: "app:1", volumeMounts: [{name: data, mountPath: /data}]}], volumes: [{name: data, persistentVolumeClaim: {claimName: data-%[1]d}}]}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: pod-%[1]d, namespace: ns-%[2]d, ownerReferences: [{kind: ReplicaSet, name: web, controller: true}]}, spec: {containers: [{name: web, image: "nginx:1.27"}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: svc-%[1]d, namespace: ns-%[2]d}, spec: {selector: {app: web}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: cm-%[1]d, namespace: ns-%[2]d}, data: {a: "1"}}
---
{apiVersion: v1, kind: Pod, metadata: {name: bare-%[1]d, namespace: ns-%[2]d}, spec: {containers: [{name: redis, image: "redis:7"}]}}
---
`

func manifests(objects int) []byte {
	var text strings.Builder
	for i := range objects / 10 {
		fmt.Fprintf(&text, shop, i, i/10)
	}
	return []byte(text.String())
}

func benchWorld(b *testing.B, objects int) *inventory.Inventory {
	b.Helper()
	r := source.Text("bench.yaml", manifests(objects))
	if len(r.Problems) > 0 {
		b.Fatal(r.Problems[0])
	}
	return inventory.New(r.Worlds[0].Objects, "")
}

func benchEvaluator(b *testing.B) *eval.Evaluator {
	b.Helper()
	var constraints []*eval.Constraint
	for _, p := range load(b) {
		c, err := eval.Default(p)
		if err != nil {
			b.Fatal(err)
		}
		constraints = append(constraints, c)
	}
	e, err := eval.New(constraints, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// BenchmarkReview times one review of all policies, on one core, in guard's evaluator and in the constraint
// framework's stock Rego driver with the same templates over the same 1,000 objects, and prints the ratio.
func BenchmarkReview(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	world := benchWorld(b, 1000)
	questions := review.States(world)
	evaluator := benchEvaluator(b)
	stock := stockClient(b, world)
	var ours, theirs time.Duration
	var oursN, theirsN int
	for b.Loop() {
		start := time.Now()
		if _, err := evaluator.Run(b.Context(), questions); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		oursN += len(questions)
		start = time.Now()
		for i := 0; i < len(questions); i += 20 {
			request := requestOf(b, questions[i+(i/20)%20])
			if _, err := stock.Review(b.Context(), request, reviews.EnforcementPoint("guard.test")); err != nil {
				b.Fatal(err)
			}
			theirsN++
		}
		theirs += time.Since(start)
	}
	perOurs := float64(ours.Nanoseconds()) / float64(oursN)
	perTheirs := float64(theirs.Nanoseconds()) / float64(theirsN)
	b.ReportMetric(perOurs/1000, "guard-us/review")
	b.ReportMetric(perTheirs/1000, "stock-us/review")
	b.ReportMetric(perTheirs/perOurs, "ratio")
	b.ReportMetric(0, "ns/op")
}

func stockClient(b *testing.B, world *inventory.Inventory) *client.Client {
	b.Helper()
	c := gatekeeperClient(b)
	for _, p := range load(b) {
		if _, err := c.AddTemplate(b.Context(), templateOf(b, p)); err != nil {
			b.Fatal(err)
		}
		constraint := gatekeeper.Constraints(p)[0]
		constraint["spec"].(map[string]any)["parameters"] = map[string]any{"unknown": "deny"}
		if _, err := c.AddConstraint(b.Context(), &unstructured.Unstructured{Object: normal(b, constraint).(map[string]any)}); err != nil {
			b.Fatal(err)
		}
	}
	for _, o := range world.Objects {
		if _, err := c.AddData(b.Context(), unstructuredOf(b, o)); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// BenchmarkObjects shows that cost grows with the number of objects and no faster: objects a second for 1,000 and
// 10,000, evaluation alone and the whole run from YAML text.
func BenchmarkObjects(b *testing.B) {
	for _, objects := range []int{1000, 10000} {
		b.Run(fmt.Sprintf("eval/%d", objects), func(b *testing.B) {
			questions := review.States(benchWorld(b, objects))
			evaluator := benchEvaluator(b)
			for b.Loop() {
				if _, err := evaluator.Run(b.Context(), questions); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(objects*b.N)/b.Elapsed().Seconds(), "objects/s")
		})
		b.Run(fmt.Sprintf("whole/%d", objects), func(b *testing.B) {
			text := manifests(objects)
			for b.Loop() {
				_, err := engine.Run(b.Context(), engine.Options{Paths: []string{source.Stdin}, Stdin: bytes.NewReader(text), Now: time.Now()})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(objects*b.N)/b.Elapsed().Seconds(), "objects/s")
		})
	}
}
