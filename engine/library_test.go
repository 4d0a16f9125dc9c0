package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine"
)

// corpus is the folder with other projects' material, beside the checkout where there is one.
const corpus = "../../shared/corpus"

type suite struct {
	Tests []struct {
		Name       string `json:"name"`
		Template   string `json:"template"`
		Constraint string `json:"constraint"`
		Cases      []struct {
			Name       string   `json:"name"`
			Object     string   `json:"object"`
			Inventory  []string `json:"inventory"`
			Assertions []struct {
				Violations any `json:"violations"`
			} `json:"assertions"`
		} `json:"cases"`
	} `json:"tests"`
}

// TestGatekeeperLibrary runs templates of the public Gatekeeper library, one of which reads data.inventory, and
// asks for the verdicts of their own suites.
func TestGatekeeperLibrary(t *testing.T) {
	t.Parallel()
	suites, err := filepath.Glob(filepath.Join(corpus, "peer-suites/gatekeeper-library/library/*/*/suite.yaml"))
	if err != nil || len(suites) == 0 {
		t.Skip("the library's suites are not beside this checkout")
	}
	for _, file := range suites {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s suite
		if err := yaml.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(file)
		for _, test := range s.Tests {
			for _, c := range test.Cases {
				t.Run(filepath.Base(dir)+"/"+test.Name+"/"+c.Name, func(t *testing.T) {
					t.Parallel()
					paths := []string{filepath.Join(dir, c.Object)}
					for _, i := range c.Inventory {
						paths = append(paths, filepath.Join(dir, i))
					}
					result, err := engine.Run(t.Context(), engine.Options{
						Paths: paths, Now: time.Now(),
						Policies: []string{filepath.Join(dir, test.Template), filepath.Join(dir, test.Constraint)},
					})
					if err != nil {
						t.Fatal(err)
					}
					for _, p := range result.Problems {
						t.Error(p)
					}
					found := 0
					for _, f := range result.Findings {
						if f.Policy.Category == "foreign" && f.Place.File == filepath.ToSlash(paths[0]) {
							found++
						}
					}
					for _, a := range c.Assertions {
						if !asserted(a.Violations, found) {
							t.Errorf("want violations: %v, found %d", a.Violations, found)
						}
					}
				})
			}
		}
	}
}

// asserted reads yes, no and numbers as gator does; nothing said means yes.
func asserted(want any, found int) bool {
	switch w := fmt.Sprint(want); w {
	case "true", "yes", "<nil>":
		return found > 0
	case "false", "no":
		return found == 0
	default:
		return strconv.Itoa(found) == w
	}
}
