package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/data-guard/guard/e2e/cluster"
)

// TestVersions: what runs is what the policies were tested with, and what the servers call themselves.
func TestVersions(t *testing.T) {
	t.Parallel()
	pinned := func(file, module string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`(?m)^\s+` + regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(text)
		if m == nil {
			t.Fatalf("%s does not pin %s", file, module)
		}
		return string(m[1])
	}
	servers, own := filepath.Join("servers", "go.mod"), filepath.Join(root, "go.mod")
	for _, module := range []string{"github.com/open-policy-agent/gatekeeper/v3", "github.com/open-policy-agent/frameworks/constraint", "github.com/open-policy-agent/opa"} {
		if pinned(servers, module) != pinned(own, module) {
			t.Errorf("%s: the servers have %s, guard has %s", module, pinned(servers, module), pinned(own, module))
		}
	}
	if got := pinned(servers, "github.com/open-policy-agent/gatekeeper/v3"); got != cluster.GatekeeperVersion {
		t.Errorf("Gatekeeper %s calls itself %s", got, cluster.GatekeeperVersion)
	}
	if got := pinned(servers, "k8s.io/kubernetes"); got != cluster.KubernetesVersion {
		t.Errorf("Kubernetes %s calls itself %s", got, cluster.KubernetesVersion)
	}
}

// TestGator lets Gatekeeper's own tool verify the suites in the bundle.
func TestGator(t *testing.T) {
	t.Parallel()
	binaries, err := cluster.Binaries(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	run(t, filepath.Join(binaries, "gator"), "verify", "bundle/gatekeeper/suites/...")
}
