package parity

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

const root = "../.."

// story is a case with its relative times written out.
type story struct {
	name        string
	parameters  map[string]any
	request     admissionv1.AdmissionRequest
	old, new    *unstructured.Unstructured
	inventory   []*unstructured.Unstructured
	want        []answer
	placeholder *strings.Replacer
}

// answer is what a case says of a violation.
type answer struct {
	Message  string   `json:"msg"`
	Field    string   `json:"field"`
	Severity string   `json:"severity"`
	Unknown  []string `json:"unknown,omitempty"`
}

func byMessage(a, b answer) int {
	return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Severity, b.Severity))
}

// readStories reads the cases of the policy with that id.
func readStories(t *testing.T, id string, now time.Time) []*story {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "policies", "*", strings.ReplaceAll(id, "-", "_"), "cases", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("policy %s has no cases: %v", id, err)
	}
	var stories []*story
	for _, file := range files {
		s, err := readStory(file, now)
		if err != nil {
			t.Fatal(err)
		}
		stories = append(stories, s)
	}
	if err := everyNamespaceIsNamed(stories); err != nil {
		t.Fatal(err)
	}
	return stories
}

// everyNamespaceIsNamed refuses an object without a namespace where another one of its kind has one: guard would give
// it the default namespace, and here nobody knows which kinds are namespaced.
func everyNamespaceIsNamed(stories []*story) error {
	namespaced := map[schema.GroupKind]bool{}
	for _, s := range stories {
		for _, o := range s.objects() {
			gk := o.GroupVersionKind().GroupKind()
			namespaced[gk] = namespaced[gk] || o.GetNamespace() != ""
		}
	}
	for _, s := range stories {
		for _, o := range s.objects() {
			if o.GetNamespace() == "" && namespaced[o.GroupVersionKind().GroupKind()] {
				return fmt.Errorf("case %s: %s %s names no namespace", s.name, o.GetKind(), o.GetName())
			}
		}
	}
	return nil
}

func (s *story) objects() []*unstructured.Unstructured {
	all := slices.Clone(s.inventory)
	if s.new != nil {
		all = append(all, s.new)
	}
	return all
}

func readStory(file string, now time.Time) (*story, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := &story{name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
	var expanded string
	expanded, s.placeholder = expand(string(text), now)
	for _, f := range txtar.Parse([]byte(expanded)).Files {
		switch f.Name {
		case "old.yaml":
			s.old, err = one(f.Data)
		case "new.yaml":
			s.new, err = one(f.Data)
		case "inventory.yaml":
			s.inventory, err = objects(f.Data)
		case "parameters.yaml":
			err = yaml.UnmarshalStrict(f.Data, &s.parameters)
		case "request.yaml":
			err = yaml.UnmarshalStrict(f.Data, &s.request)
		case "e2e.yaml": // about a real API server
		case "want":
			err = yaml.UnmarshalStrict(f.Data, &s.want)
		default:
			err = errors.New("unknown file")
		}
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", f.Name, file, err)
		}
	}
	return s, s.place()
}

// place says what the request does, and shows what stands before it in the inventory.
func (s *story) place() error {
	switch {
	case s.old != nil && s.new != nil:
		s.request.Operation = admissionv1.Update
	case s.old != nil:
		s.request.Operation = admissionv1.Delete
	case s.new == nil:
		return fmt.Errorf("case %s has neither old.yaml nor new.yaml", s.name)
	}
	slices.SortFunc(s.want, byMessage)
	if s.old != nil {
		s.inventory = append(s.inventory, s.old)
	} else if s.request.Operation != admissionv1.Create {
		s.inventory = append(s.inventory, s.new)
	}
	return nil
}

var relative = regexp.MustCompile(`\{\{(now|today)([+-]\d+)([smhd])\}\}`)

// expand writes relative times out; the replacer puts them back.
func expand(text string, now time.Time) (string, *strings.Replacer) {
	var back []string
	expanded := relative.ReplaceAllStringFunc(text, func(placeholder string) string {
		m := relative.FindStringSubmatch(placeholder)
		unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[3]]
		var n int
		if _, err := fmt.Sscan(m[2], &n); err != nil {
			return placeholder
		}
		at := now.Add(time.Duration(n) * unit).UTC()
		value := at.Format(time.RFC3339)
		if m[1] == "today" {
			value = at.Format(time.DateOnly)
		}
		back = append(back, value, placeholder)
		return value
	})
	return expanded, strings.NewReplacer(back...)
}

func one(text []byte) (*unstructured.Unstructured, error) {
	read, err := objects(text)
	if err != nil {
		return nil, err
	}
	if len(read) != 1 {
		return nil, fmt.Errorf("%d objects, want 1", len(read))
	}
	return read[0], nil
}

var separator = regexp.MustCompile(`(?m)^---\s*$`)

// objects reads YAML documents.
func objects(text []byte) ([]*unstructured.Unstructured, error) {
	var read []*unstructured.Unstructured
	for _, document := range separator.Split(string(text), -1) {
		var content map[string]any
		if err := yaml.UnmarshalStrict([]byte(document), &content); err != nil {
			return nil, err
		}
		if len(content) == 0 {
			continue
		}
		inJSON, err := yaml.YAMLToJSON([]byte(document))
		if err != nil {
			return nil, err
		}
		// UnmarshalJSON tells integers from floats, as the API server does.
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(inJSON); err != nil {
			return nil, err
		}
		if o.IsList() {
			return nil, fmt.Errorf("%s: a list is not read, write its items", o.GetKind())
		}
		read = append(read, o)
	}
	return read, nil
}
