package parity

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	templatesv1 "github.com/open-policy-agent/frameworks/constraint/pkg/apis/templates/v1"
	"github.com/open-policy-agent/frameworks/constraint/pkg/types"
)

// everyTemplate runs check for each template of the bundle.
func everyTemplate(t *testing.T, check func(t *testing.T, id string, template *templatesv1.ConstraintTemplate)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "bundle", "gatekeeper", "templates", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == "kustomization.yaml" })
	if len(files) == 0 {
		t.Fatal("the bundle has no templates")
	}
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			check(t, id, readTemplate(t, file))
		})
	}
}

func TestEveryCaseIsAnsweredAsItWants(t *testing.T) {
	t.Parallel()
	everyTemplate(t, func(t *testing.T, id string, template *templatesv1.ConstraintTemplate) {
		judge := newJudge(t, template)
		for _, s := range readStories(t, id, time.Now()) {
			t.Run(s.name, func(t *testing.T) {
				results := judge.ask(t, s)
				record(t, id, s, results)
				if diff := cmp.Diff(s.want, answers(t, results), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("(-want +gatekeeper)\n%s", diff)
				}
			})
		}
	})
}

func answers(t *testing.T, results []*types.Result) []answer {
	t.Helper()
	var said []answer
	for _, r := range results {
		details, ok := r.Metadata["details"]
		if !ok {
			t.Fatalf("could not evaluate: %s", r.Msg)
		}
		text, err := json.Marshal(details)
		if err != nil {
			t.Fatal(err)
		}
		a := answer{}
		if err := json.Unmarshal(text, &a); err != nil {
			t.Fatal(err)
		}
		a.Message = r.Msg
		said = append(said, a)
	}
	slices.SortFunc(said, byMessage)
	return said
}

// record writes messages and details to the folder PARITY_ANSWERS, where the answers of several versions can be
// compared. Times are put back, since each version is asked at another moment.
func record(t *testing.T, id string, s *story, results []*types.Result) {
	t.Helper()
	folder := os.Getenv("PARITY_ANSWERS")
	if folder == "" {
		return
	}
	var lines []string
	for _, r := range results {
		line, err := json.Marshal([]any{r.Msg, r.Metadata["details"]})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, s.placeholder.Replace(string(line))+"\n")
	}
	slices.Sort(lines)
	if err := os.MkdirAll(filepath.Join(folder, id), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, id, s.name), []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
}

var reviewed = regexp.MustCompile(`input\.review\.(\w+)`)

// TestTemplatesReadWhatEveryVersionSends wants no template to read what only some of the versions send, such as
// namespaceObject: where it is missing the policy would be silent.
func TestTemplatesReadWhatEveryVersionSends(t *testing.T) {
	t.Parallel()
	sent := []string{"dryRun", "kind", "name", "namespace", "object", "oldObject", "operation", "options", "resource", "subResource", "uid", "userInfo"}
	everyTemplate(t, func(t *testing.T, _ string, template *templatesv1.ConstraintTemplate) {
		text, err := json.Marshal(template.Spec.Targets)
		if err != nil {
			t.Fatal(err)
		}
		read := reviewed.FindAllSubmatch(text, -1)
		if len(read) == 0 {
			t.Error("the template does not read input.review")
		}
		for _, m := range read {
			if !slices.Contains(sent, string(m[1])) {
				t.Errorf("the template reads %s, which not every supported Gatekeeper sends", m[0])
			}
		}
	})
}
