package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/gatekeeper/doctor"
	"github.com/data-guard/guard/engine/policy"
)

// doctorOf runs guard doctor on a cluster whose API server answers a path with the object, with 403 where that is "",
// and knows nothing else.
func doctorOf(t *testing.T, answers map[string]string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		answer, known := answers[r.URL.Path]
		code := http.StatusOK
		switch {
		case !known:
			code, answer = http.StatusNotFound, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}`
		case answer == "":
			code, answer = http.StatusForbidden, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "message": "no right\u001b[2J", "code": 403}`
		}
		w.WriteHeader(code)
		if _, err := fmt.Fprint(w, answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	kubeconfig := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "none",
		"clusters": [{"name": "c", "cluster": {"server": %q}}], "contexts": [{"name": "test", "context": {"cluster": "c"}}]}`, server.URL)
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	cmd := root()
	cmd.SetOut(&out)
	cmd.SetErr(&complaints)
	cmd.SetArgs(append([]string{"doctor", "--kubeconfig", kubeconfig, "--context", "test"}, args...))
	err = cmd.ExecuteContext(t.Context())
	return out.String(), complaints.String(), err
}

// bare is a cluster without Gatekeeper.
func bare() map[string]string {
	const webhooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
	return map[string]string{
		"/api":     `{"kind": "APIVersions", "versions": ["v1"]}`,
		"/apis":    `{"kind": "APIGroupList", "apiVersion": "v1", "groups": []}`,
		"/api/v1":  `{"kind": "APIResourceList", "groupVersion": "v1", "resources": [{"name": "persistentvolumeclaims", "kind": "PersistentVolumeClaim", "namespaced": true}]}`,
		"/version": `{"major": "1", "minor": "36"}`,
		webhooks:   `{"kind": "ValidatingWebhookConfigurationList", "apiVersion": "admissionregistration.k8s.io/v1", "items": []}`,
	}
}

func TestDoctorSaysOfEveryPolicyThatItCannotFire(t *testing.T) {
	t.Parallel()
	stdout, stderr, err := doctorOf(t, bare())
	if !errors.Is(err, errFindings) || stderr != "" {
		t.Errorf("error %v, said %s", err, stderr)
	}
	for _, want := range []string{
		"all policies: note: Gatekeeper's version cannot be seen: want 3.21 or newer\n",
		"protect-pvc-delete            no        -     ConstraintTemplate guardprotectpvcdelete does not exist\n",
		"                                              no webhook validation.gatekeeper.sh is configured: no request reaches Gatekeeper\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("want %q in\n%s", want, stdout)
		}
	}
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("Gatekeeper unknown: of %[1]d policies 0 can fire, 0 partly, %[1]d cannot, 0 cannot be told\n", len(policy.ForCluster(all))); !strings.HasSuffix(stdout, want) {
		t.Errorf("want %q below\n%s", want, stdout)
	}
}

func TestDoctorPrintsJSON(t *testing.T) {
	t.Parallel()
	stdout, _, err := doctorOf(t, bare(), "-o", "json", "--expect", "audit")
	var report doctor.Report
	if !errors.Is(err, errFindings) || json.Unmarshal([]byte(stdout), &report) != nil || report.Count(doctor.No) == 0 || report.Version != "unknown" {
		t.Errorf("error %v, printed %s", err, stdout)
	}
}

func TestDoctorNamesWhatItMayNotRead(t *testing.T) {
	t.Parallel()
	answers := bare()
	answers["/api/v1/namespaces"] = ""
	_, stderr, err := doctorOf(t, answers)
	if !errors.Is(err, errSaid) || !strings.HasPrefix(stderr, "error: read namespaces: ") || strings.Contains(stderr, "\x1b") {
		t.Errorf("error %v, said %q", err, stderr)
	}
}

func TestDoctorRefusesBadArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--expect", "everything"}, {"-o", "yaml"}, {"--context", "elsewhere"}, {"--policies", "nowhere"}} {
		if _, _, err := doctorOf(t, nil, args...); err == nil || errors.Is(err, errSaid) || errors.Is(err, errFindings) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, _, err := doctorOf(t, nil); err == nil || !strings.Contains(err.Error(), "read cluster: ") {
		t.Errorf("nothing there: %v", err)
	}
}
