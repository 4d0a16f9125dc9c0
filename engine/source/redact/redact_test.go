package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/source/redact"
)

const canary = "hunter2-canary"

func read(t *testing.T, text string) map[string]any {
	t.Helper()
	o := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func printed(t *testing.T, o any) string {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNoSecretIsLeft(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/canaries.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := redact.New()
	objects := 0
	for document := range strings.SplitSeq(string(text), "---\n") {
		objects++
		o := read(t, document)
		before := printed(t, o)
		if !strings.Contains(before, canary) && !strings.Contains(before, base64.StdEncoding.EncodeToString([]byte(canary))) {
			t.Errorf("no secret is in\n%s", document)
		}
		left := printed(t, r.Object(o))
		for _, form := range []string{"hunter2", "canary", base64.StdEncoding.EncodeToString([]byte(canary)), "12345678"} {
			if at := strings.Index(left, form); at >= 0 {
				t.Errorf("%s is left in %s", form, left[max(0, at-80):min(len(left), at+40)])
			}
		}
		if printed(t, o) != before {
			t.Errorf("the object was changed: %s", before)
		}
	}
	if objects < 17 {
		t.Errorf("%d objects", objects)
	}
}

func TestWhatIsLeft(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]string{
		// References to Secrets, and what is called like one and is none.
		`{apiVersion: v1, kind: Pod, spec: {automountServiceAccountToken: false, imagePullSecrets: [{name: a}], tolerations: [{key: a, operator: Equal, value: b}],
			volumes: [{secret: {secretName: a, defaultMode: 420, items: [{key: a, path: b}]}}, {projected: {sources: [{serviceAccountToken: {expirationSeconds: 3607, path: token}}]}}],
			containers: [{name: a, image: a, envFrom: [{secretRef: {name: a}}], env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: b}}}, {name: PGDATA, value: /data/pg}]}]}}`: "",
		`{apiVersion: v1, kind: PersistentVolume, metadata: {labels: {token: a}, annotations: {pv.kubernetes.io/bound-by-controller: "yes", data-guard.dev/exempt.a: "until=2027-01-01; by=a; reason=password: b"}},
			spec: {nfs: {server: nas, path: /a}, mountOptions: [nfsvers=4.1, hard], csi: {volumeHandle: a#b#c, volumeAttributes: {Server: nas, share: /a, subDir: b, storage.kubernetes.io/csiProvisionerIdentity: x}}}}`: "",
		`{apiVersion: storage.k8s.io/v1, kind: StorageClass, parameters: {archiveOnDelete: "false", type: gp3, csi.storage.k8s.io/node-stage-secret-name: a}}`:                          "",
		`{apiVersion: pingcap.com/v1alpha1, kind: Backup, spec: {cleanPolicy: Delete, s3: {secretName: s3, bucket: a, endpoint: "https://s3.example.com"}, replicas: 3, tls: true}}`:    "",
		`{apiVersion: v1, kind: Secret, metadata: {name: a, labels: {a: b}}, type: Opaque, data: {a: Yg==}}`:                                                                            `{apiVersion: v1, kind: Secret, metadata: {name: a, labels: {a: b}}, type: Opaque}`,
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {owner: helm}}, data: {release: x}}`:                                                                             `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {owner: helm}}}`,
		`{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: a, scope: Namespaced, versions: [{name: v1, schema: {openAPIV3Schema: {type: object}}}]}}`: `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: a, scope: Namespaced, versions: [{name: v1, schema: {}}]}}`,
		`{apiVersion: v1, kind: Pod, metadata: {annotations: {kubernetes.io/config.mirror: x}, managedFields: [{}]}}`:                                                                   `{apiVersion: v1, kind: Pod, metadata: {annotations: {kubernetes.io/config.mirror: x}}}`,
		`{apiVersion: a/v1, kind: A, spec: {password: "", token: null, secret: true}}`:                                                                                                  "",
		// Not the shape that the name promises: still no panic, and nothing of it.
		`{apiVersion: v1, kind: Secret, metadata: [], data: 1}`:                         `{apiVersion: v1, kind: Secret, metadata: []}`,
		`{apiVersion: 1, kind: [], metadata: {annotations: [], labels: 3}, spec: null}`: "",
	} {
		if want == "" {
			want = shown
		}
		if diff := cmp.Diff(read(t, want), redact.New().Object(read(t, shown))); diff != "" {
			t.Errorf("%s\n(-want +got)\n%s", shown, diff)
		}
	}
}

func TestEqualValuesStayEqualToOneRedactorAlone(t *testing.T) {
	t.Parallel()
	o := read(t, `{apiVersion: v1, kind: ConfigMap, data: {a: same, b: same, c: other, d: ""}}`)
	r := redact.New()
	first, second, stranger := r.Object(o)["data"].(map[string]any), r.Object(o)["data"].(map[string]any), redact.New().Object(o)["data"].(map[string]any)
	if first["a"] != first["b"] || first["a"] != second["a"] || first["a"] == first["c"] || first["a"] == stranger["a"] || first["d"] != "" {
		t.Errorf("%v %v %v", first, second, stranger)
	}
	if s := first["a"].(string); !strings.HasPrefix(s, "hmac:") || len(s) != len("hmac:")+32 {
		t.Error(s)
	}
}
