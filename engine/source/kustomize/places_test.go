package kustomize_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/kustomize"
)

// tree writes the files of a text archive to a folder of its own.
func tree(t *testing.T, text string) source.Tree {
	t.Helper()
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(text)).Files {
		path := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return source.Tree{Root: root}
}

func archive(t *testing.T, name string) (source.Tree, string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", name+".want"))
	if err != nil {
		t.Fatal(err)
	}
	return tree(t, string(text)), string(want)
}

func words(problems []source.Problem) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintln(&b, p.Error())
	}
	return b.String()
}

// leaves calls back for every field that holds no other.
func leaves(value ast.Value, pointer string, found func(pointer string, value ast.Value)) {
	switch v := value.(type) {
	case ast.Object:
		for _, key := range v.Keys() {
			name := strings.ReplaceAll(strings.ReplaceAll(object.Text(key), "~", "~0"), "/", "~1")
			leaves(v.Get(key).Value, pointer+"/"+name, found)
		}
	case *ast.Array:
		for i := range v.Len() {
			leaves(v.Elem(i).Value, pointer+"/"+strconv.Itoa(i), found)
		}
	default:
		found(pointer, value)
	}
}

// dump names the place of every object and of each of its fields, with the line of the text.
func dump(world source.World) string {
	var b strings.Builder
	for _, o := range world.Objects {
		fmt.Fprintf(&b, "%s: %s\n", o, o.Origin.Start())
		if stable := world.Stable[o]; stable != "" {
			fmt.Fprintf(&b, "  stable: %s\n", stable)
		}
		leaves(o.Value, "", func(pointer string, value ast.Value) {
			place := o.Origin.Locate(pointer)
			fmt.Fprintf(&b, "  %s = %s: %s", pointer, value, place)
			if place.Source != "" {
				fmt.Fprintf(&b, " | %s", strings.TrimSpace(place.Source))
			}
			fmt.Fprintln(&b)
		})
	}
	return b.String()
}

func TestPlaces(t *testing.T) {
	for _, name := range []string{"overlay", "generators", "unsure"} {
		t.Run(name, func(t *testing.T) {
			files, want := archive(t, name)
			read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "prod"})
			if len(read.Problems) > 0 {
				t.Fatal(words(read.Problems))
			}
			// Places are asked for when a revision's tree may be gone.
			if err := os.RemoveAll(files.Root); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, dump(read.Worlds[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPlaceOfWhatIsNotSet(t *testing.T) {
	files, _ := archive(t, "overlay")
	read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "prod"})
	for _, tt := range []struct{ kind, pointer, want string }{
		{"StatefulSet", "/metadata/annotations/owner", "prod/kustomization.yaml:21:5"},
		{"StatefulSet", "/spec/template/spec/priorityClassName", "base/db.yaml:26:5"},
		{"StatefulSet", "/spec/template/spec/containers/0/resources", "prod/kustomization.yaml:32:15"},
		{"StatefulSet", "/spec/persistentVolumeClaimRetentionPolicy/other", "prod/policy.json:5:5"},
		{"StorageClass", "/allowVolumeExpansion", "base/class.yaml:1:1"},
	} {
		for _, o := range read.Worlds[0].Objects {
			if o.Kind != tt.kind {
				continue
			}
			if got := o.Origin.Locate(tt.pointer); got.String() != tt.want || !got.Missing {
				t.Errorf("%s %s: got %s, missing %v, want %s", tt.kind, tt.pointer, got, got.Missing, tt.want)
			}
		}
	}
}
