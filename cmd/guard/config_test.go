package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/config"
)

// TestEveryFlagIsAKeyOfTheFileOrRefusedByName holds the file's words to the flags': whoever writes a flag's name into the
// file is understood, or told why a file cannot say it.
func TestEveryFlagIsAKeyOfTheFileOrRefusedByName(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{"fail-on": true, "unknown": true, "namespace": true, "kube-version": true, "api-versions": true, "ignore": true, "policies": true}
	var f evalFlags
	cmd := &cobra.Command{}
	f.define(cmd)
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		_, err := config.Parse("f", []byte(flag.Name+": {}\n"), nil)
		switch {
		case keys[flag.Name] && err != nil && strings.Contains(err.Error(), "unknown key"):
			t.Errorf("%s is no key: %v", flag.Name, err)
		case !keys[flag.Name] && err == nil:
			t.Errorf("a file can say %s", flag.Name)
		case !keys[flag.Name] && strings.Contains(err.Error(), "unknown key"):
			t.Errorf("%s is refused without a reason: %v", flag.Name, err)
		}
	})
}

func TestNoVariableIsMistaken(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"GUARD_FAIL_ON=low":                       "",
		"GUARD_FAIL_ON=":                          "",
		"GUARD_FAIL=low":                          "GUARD_FAIL is no setting; guard eval --help",
		"GUARD_failon=low":                        "GUARD_failon is no setting; did you mean GUARD_FAIL_ON?",
		"GUARD_HELP=1":                            "GUARD_HELP is no setting",
		"GUARDIAN=1":                              "",
		"GUARD_UPDATE=1":                          "",
		"GUARD_SERVICE_PORT_HTTPS=443":            "",
		"GUARD_PORT=tcp://10.0.0.1:443":           "",
		"GUARD_A_B_PORT_443_TCP=tcp://10.0.0.1":   "",
		"GUARD_POLICIES=a, b":                     "",
		"GUARD_REQUEST_TIMEOUT=90s":               "",
		"GUARD_ALLOW_REMOTE=yes":                  `GUARD_ALLOW_REMOTE "yes"`,
		"GUARD_ALLOW_REMOTE=true":                 "",
		"GUARD_SET=a=1,b={x,y}":                   "",
		"GUARD_SERVICE_HOSTS=10.0.0.1 and a typo": "GUARD_SERVICE_HOSTS is no setting",
	} {
		var f evalFlags
		cmd := &cobra.Command{}
		f.define(cmd)
		origins, err := fromEnvironment(cmd.Flags(), []string{"PATH=/bin", line}, false)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", line, err, want)
		case err == nil && strings.HasPrefix(line, "GUARD_SET=") && (len(f.Render.Set) != 1 || origins["set"] != "GUARD_SET"):
			t.Errorf("%s: %q, %v", line, f.Render.Set, origins)
		case err == nil && strings.HasPrefix(line, "GUARD_POLICIES=") && strings.Join(f.Policies, "|") != "a|b":
			t.Errorf("%s: %q", line, f.Policies)
		}
	}
}

// TestTheDocumentedFileIsTaken holds docs/config.md to the reader: every key is in its example, and each is taken.
func TestTheDocumentedFileIsTaken(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ = strings.Cut(example, "```\n")
	known, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("docs/config.md", []byte(example), known)
	if err != nil {
		t.Fatal(err)
	}
	_, err = config.Parse("", []byte("no-such-key: {}"), nil)
	_, keys, _ := strings.Cut(err.Error(), "; want ")
	for key := range strings.SplitSeq(strings.ReplaceAll(keys, " or ", ", "), ", ") {
		if c.Place("/"+key).Line == 0 {
			t.Errorf("the page does not show %s", key)
		}
	}
}
