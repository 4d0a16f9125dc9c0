package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/gatekeeper/doctor"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/policies"
)

// now is when the tests ask.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// loadOnce parses guard's policies, which takes a second.
var loadOnce = sync.OnceValues(func() ([]*policy.Policy, error) {
	loaded, _, err := policy.Load(policies.FS)
	return loaded, err
})

// load is guard's policies, in a list that the test may change.
func load(t *testing.T) []*policy.Policy {
	t.Helper()
	loaded, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(loaded)
}

// gatekeeperObjects is Gatekeeper as its manifest installs it, less what doctor does not look at, with the rules that
// the bundle ships.
const gatekeeperObjects = `
webhooks:
- metadata: {name: other-webhooks}
  webhooks:
  - {name: validate.other.example.com, failurePolicy: Ignore, rules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"]}]}
- metadata: {name: gatekeeper-validating-webhook-configuration}
  webhooks:
  - name: validation.gatekeeper.sh
    failurePolicy: Fail
    matchPolicy: Exact
    timeoutSeconds: 10
    clientConfig: {service: {name: gatekeeper-webhook-service, namespace: gatekeeper-system, path: /v1/admit}}
    namespaceSelector:
      matchExpressions:
      - {key: admission.gatekeeper.sh/ignore, operator: DoesNotExist}
      - {key: kubernetes.io/metadata.name, operator: NotIn, values: [gatekeeper-system]}
  - name: check-ignore-label.gatekeeper.sh
    failurePolicy: Fail
    clientConfig: {service: {name: gatekeeper-webhook-service, namespace: gatekeeper-system, path: /v1/admitlabel}}
    rules: [{apiGroups: [""], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [namespaces], scope: "*"}]
namespaces:
- metadata: {name: gatekeeper-system, labels: {admission.gatekeeper.sh/ignore: no-self-managing}}
- metadata: {name: shop}
- metadata: {name: web}
claims: {shop: 2}
deployments:
- metadata: {name: gatekeeper-controller-manager, namespace: gatekeeper-system}
  spec:
    template:
      spec:
        containers:
        - name: manager
          image: openpolicyagent/gatekeeper:v3.23.1
          command: [/manager]
          args: [--port=8443, --exempt-namespace=gatekeeper-system, --operation=webhook, --operation=mutation-webhook]
  status: {readyReplicas: 3}
- metadata: {name: gatekeeper-audit, namespace: gatekeeper-system}
  spec:
    template:
      spec:
        containers:
        - {name: manager, image: "openpolicyagent/gatekeeper:v3.23.1", command: [/manager], args: [--operation=audit, --operation=status]}
  status: {readyReplicas: 1}
services:
- metadata: {name: gatekeeper-webhook-service, namespace: gatekeeper-system}
endpointSlices:
- metadata: {name: gatekeeper-webhook-service-x, namespace: gatekeeper-system, labels: {kubernetes.io/service-name: gatekeeper-webhook-service}}
  endpoints: [{addresses: [192.0.2.1], conditions: {ready: true}}]
`

// clean is an installation of the policies in which each can fire, enforced as the recommended overlay has it.
func clean(t *testing.T, loaded []*policy.Policy) *doctor.Installation {
	t.Helper()
	in := &doctor.Installation{Namespace: "gatekeeper-system", Served: map[schema.GroupKind]doctor.Served{}}
	if err := yaml.Unmarshal([]byte(gatekeeperObjects), in); err != nil {
		t.Fatal(err)
	}
	hook := &in.Webhooks[1].Webhooks[0]
	convert(t, map[string]any{"rules": gatekeeper.WebhookRules(loaded)}, hook)
	for name, expression := range gatekeeper.MatchConditions() {
		convert(t, map[string]any{"matchConditions": []any{map[string]any{"name": name, "expression": expression}}}, hook)
	}
	hook.ClientConfig.CABundle = authority(t, now.AddDate(-1, 0, 0), now.AddDate(9, 0, 0))
	var pods []any
	for _, pod := range []string{"audit-0", "manager-0", "manager-1", "manager-2"} {
		pods = append(pods, map[string]any{"id": pod, "enforced": true, "observedGeneration": 1})
	}
	recommended := gatekeeper.Overlays()[1]
	for _, p := range loaded {
		template := plain(t, gatekeeper.Template(p))
		set(t, template, int64(1), "metadata", "generation")
		set(t, template, map[string]any{"created": true, "byPod": pods}, "status")
		in.Templates = append(in.Templates, template)
		for i, c := range gatekeeper.Constraints(p) {
			constraint := plain(t, c)
			set(t, constraint, int64(1), "metadata", "generation")
			set(t, constraint, map[string]any{"byPod": pods}, "status")
			complete, err := p.Schema.Complete(map[string]any{"severities": []any{string(p.Severities[i])}})
			if err != nil {
				t.Fatal(err)
			}
			set(t, constraint, complete, "spec", "parameters") // as the API server does
			if p.AuditOnly == "" {
				set(t, constraint, recommended.Action(p.Severities[i]), "spec", "enforcementAction")
			}
			in.Constraints = append(in.Constraints, constraint)
		}
		for _, n := range gatekeeper.Needs(p) {
			serve(in, schema.GroupVersionKind{Group: n.Group, Version: "v1", Kind: n.Kind}, n.Subresource)
		}
		for _, m := range p.Match.Kinds {
			for _, group := range m.APIGroups {
				for _, kind := range m.Kinds {
					serve(in, schema.GroupVersionKind{Group: group, Version: "v1", Kind: kind}, "")
				}
			}
		}
	}
	for _, kind := range gatekeeper.Reads(loaded) {
		serve(in, kind, "")
	}
	always, optional := gatekeeper.SyncSets(loaded)
	for _, sets := range []map[string]map[string]any{always, optional} {
		for _, set := range sets {
			in.SyncSets = append(in.SyncSets, plain(t, set))
		}
	}
	return in
}

// serve has the API server serve the kind, its subresources too.
func serve(in *doctor.Installation, kind schema.GroupVersionKind, subresource string) {
	global := []string{"Namespace", "Node", "PersistentVolume", "StorageClass", "VolumeAttachment", "VolumeSnapshotClass", "VolumeSnapshotContent", "CSINode"}
	if kind.Kind == "*" {
		return
	}
	resource := gatekeeper.Resource(kind.GroupKind())
	served, known := in.Served[kind.GroupKind()]
	if !known {
		served = doctor.Served{Resource: resource, Namespaced: !slices.Contains(global, kind.Kind), Subresources: []string{}}
	}
	if !slices.Contains(served.Versions, kind.Version) {
		served.Versions = append(served.Versions, kind.Version)
	}
	if subresource != "" {
		served.Subresources = append(served.Subresources, subresource)
	}
	in.Served[kind.GroupKind()] = served
}

func convert(t *testing.T, from, to any) {
	t.Helper()
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// plain is an object as a client gives it: numbers are int64.
func plain(t *testing.T, object map[string]any) unstructured.Unstructured {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var u unstructured.Unstructured
	if err := u.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	return u
}

func set(t *testing.T, u unstructured.Unstructured, value any, path ...string) {
	t.Helper()
	var clone any
	convert(t, value, &clone)
	if n, ok := value.(int64); ok {
		clone = n
	}
	if err := unstructured.SetNestedField(u.Object, clone, path...); err != nil {
		t.Fatal(err)
	}
}

// authority is a certificate in PEM that is valid from one moment to the other.
func authority(t *testing.T, from, to time.Time) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// copied shares nothing that a test changes.
func copied(in *doctor.Installation) *doctor.Installation {
	c := *in
	all := func(list []unstructured.Unstructured) []unstructured.Unstructured {
		var copies []unstructured.Unstructured
		for _, u := range list {
			copies = append(copies, *u.DeepCopy())
		}
		return copies
	}
	c.Templates, c.Constraints, c.SyncSets, c.Configs = all(in.Templates), all(in.Constraints), all(in.SyncSets), all(in.Configs)
	c.Webhooks, c.Namespaces, c.Claims, c.Served = slices.Clone(in.Webhooks), slices.Clone(in.Namespaces), maps.Clone(in.Claims), maps.Clone(in.Served)
	c.Deployments, c.Services, c.EndpointSlices = slices.Clone(in.Deployments), slices.Clone(in.Services), slices.Clone(in.EndpointSlices)
	for i := range c.Webhooks {
		c.Webhooks[i] = *in.Webhooks[i].DeepCopy()
	}
	for i := range c.Deployments {
		c.Deployments[i] = *in.Deployments[i].DeepCopy()
	}
	for i := range c.EndpointSlices {
		c.EndpointSlices[i] = *in.EndpointSlices[i].DeepCopy()
	}
	return &c
}
