package parity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/version"
	"golang.org/x/mod/modfile"
)

const (
	framework  = "github.com/open-policy-agent/frameworks/constraint"
	gatekeeper = "github.com/open-policy-agent/gatekeeper/v3"
	opa        = "github.com/open-policy-agent/opa"
)

// TestTheNewestVersionIsTheOneThatGuardIsBuiltWith keeps go.mod here beside guard's own.
func TestTheNewestVersionIsTheOneThatGuardIsBuiltWith(t *testing.T) {
	t.Parallel()
	guard, here := versions(t, filepath.Join(root, "go.mod")), versions(t, "go.mod")
	for _, module := range []string{framework, gatekeeper, opa} {
		if guard[module] == "" || guard[module] != here[module] {
			t.Errorf("guard is built with %s %q, e2e/parity/go.mod has %q", module, guard[module], here[module])
		}
	}
}

// TestOlderVersionsDifferInOPAAlone wants each opa-<version>.mod to be what its name says, and go.mod otherwise.
func TestOlderVersionsDifferInOPAAlone(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("opa-*.mod")
	if err != nil || len(files) != 2 {
		t.Fatalf("two minors besides the newest are supported, found %v: %v", files, err)
	}
	newest := versions(t, "go.mod")
	for _, file := range files {
		older := versions(t, file)
		if name := "opa-" + strings.TrimPrefix(older[opa], "v") + ".mod"; name != file {
			t.Errorf("%s has OPA %s", file, older[opa])
		}
		for _, module := range []string{framework, gatekeeper} {
			if older[module] != newest[module] {
				t.Errorf("%s has %s %s, go.mod has %s", file, module, older[module], newest[module])
			}
		}
	}
}

// TestTheVersionIsTheOneThatWasAsked wants the OPA that PARITY_OPA names to be the one that is linked.
func TestTheVersionIsTheOneThatWasAsked(t *testing.T) {
	t.Parallel()
	t.Logf("OPA %s", version.Version)
	if asked := os.Getenv("PARITY_OPA"); asked != "" && asked != version.Version {
		t.Errorf("linked with OPA %s, asked for %s", version.Version, asked)
	}
}

// versions are the versions of all requirements of a go.mod, as replaced.
func versions(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := modfile.Parse(file, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, r := range parsed.Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range parsed.Replace {
		versions[r.Old.Path] = r.New.Version
	}
	return versions
}
