package gatekeeper_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/open-policy-agent/frameworks/constraint/pkg/core/templates"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/cachemanager/parser"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/policies"
)

// TestBundleIsCurrent compares bundle/ with what the policies make now.
func TestBundleIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := engine.Bundle(load(t))
	if err != nil {
		t.Fatal(err)
	}
	root := "../../bundle"
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(path)
		switch wanted, made := want[filepath.ToSlash(name)]; {
		case err != nil:
			return err
		case !made:
			t.Errorf("%s: no policy makes it; run make generate", name)
		case string(wanted) != string(got):
			t.Errorf("%s is stale; run make generate", name)
		}
		delete(want, filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("%s is missing; run make generate", name)
	}
}

// TestTemplateHoldsTheFileByteForByte reads the written YAML back.
func TestTemplateHoldsTheFileByteForByte(t *testing.T) {
	t.Parallel()
	loaded, files := bundle(t)
	for _, p := range loaded {
		var template struct {
			Spec struct {
				Targets []struct {
					Operations []string
					Code       []struct {
						Source struct {
							Rego string
							Libs []string
						}
					}
				}
			}
		}
		if err := yaml.Unmarshal(files["gatekeeper/templates/"+p.ID+".yaml"], &template); err != nil {
			t.Fatal(err)
		}
		target := template.Spec.Targets[0]
		if target.Code[0].Source.Rego != string(p.Source) {
			t.Errorf("%s: the template's Rego is not the policy's file", p.ID)
		}
		for i, lib := range p.Libraries {
			if target.Code[0].Source.Libs[i] != string(lib.Source) {
				t.Errorf("%s: library %s is not its file", p.ID, lib.Name)
			}
		}
		for operation, asked := range map[string]bool{
			"CREATE": p.Asked(policy.AsksState) || p.Asked(policy.AsksCreate),
			"UPDATE": p.Asked(policy.AsksState) || p.Asked(policy.AsksUpdate),
			"DELETE": p.Asked(policy.AsksDelete),
		} {
			// An eviction is the CREATE of a subresource.
			through := slices.ContainsFunc(gatekeeper.Needs(p), func(n gatekeeper.Need) bool { return n.Subresource != "" && n.Operation == operation })
			if (asked || through) != slices.Contains(target.Operations, operation) {
				t.Errorf("%s asks %v and has operations %v", p.ID, p.Asks, target.Operations)
			}
		}
	}
}

// TestTemplatesSayWhatTheyReadAsGatekeeperReadsIt asks Gatekeeper's own reader.
func TestTemplatesSayWhatTheyReadAsGatekeeperReadsIt(t *testing.T) {
	t.Parallel()
	loaded, _, err := policy.Load(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range loaded {
		text, err := yaml.Marshal(gatekeeper.Template(p))
		if err != nil {
			t.Fatal(err)
		}
		var template templates.ConstraintTemplate
		if err := yaml.Unmarshal(text, &template); err != nil {
			t.Fatal(err)
		}
		requirements, err := parser.ReadSyncRequirements(&template)
		if err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
		var read []string
		for _, alternatives := range requirements {
			for gvk := range alternatives {
				read = append(read, gvk.GroupVersion().String()+"/"+gvk.Kind)
			}
		}
		if want := slices.Sorted(slices.Values(p.Reads)); !slices.Equal(read, want) {
			t.Errorf("%s reads %v, the template says %v", p.ID, want, read)
		}
	}
}
