package snapshot

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/redact"
)

// Note is something about a document that another tool wrote.
type Note struct {
	Place   object.Place
	Message string
}

// Open reads what a user calls a snapshot: a file of guard's, or a file or folder that kubectl or a tool of its kind wrote.
// Of the latter, what is not there is not known to be absent from the cluster; it has no context and no moment.
func Open(path string) (*Snapshot, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open snapshot: %w", err)
	}
	if !info.IsDir() && !text(path) {
		return Read(path)
	}
	return dump(path), nil
}

// text says that a file is by its name one that source reads, and not one of guard's.
func text(path string) bool {
	return slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(path)) && !Is(path)
}

// dump reads objects as other tools print them.
func dump(path string) *Snapshot {
	read := source.Files([]string{path}, nil)
	s := &Snapshot{Files: read.Files, Documents: read.Documents, Record: &cluster.Record{Context: filepath.Base(filepath.Clean(path)), Namespace: "default"}}
	var listed []*object.Object
	for _, p := range read.Problems {
		if more := bare(p.Place); len(more) > 0 {
			listed = append(listed, more...)
		} else {
			s.Problems = append(s.Problems, Note{p.Place, p.Message})
		}
	}
	for _, k := range read.Skipped {
		if more := bare(k.Place); len(more) > 0 {
			listed = append(listed, more...)
		} else {
			s.Skipped = append(s.Skipped, Note{k.Place, k.Reason})
		}
	}
	read.Worlds = append(read.Worlds, source.World{Objects: listed})
	redactor, decoder := redact.New(), object.NewDecoder()
	kinds := map[schema.GroupVersionKind]*cluster.Kind{}
	known := map[stored]bool{}
	for _, world := range read.Worlds {
		for _, o := range world.Objects {
			at := stored{o.ID, o.Version}
			if known[at] && o.Name != "" {
				// Folders of support bundles repeat the lists of namespaces under other names.
				continue
			}
			known[at] = true
			kept, err := redacted(redactor, decoder, o)
			if err != nil {
				s.Problems = append(s.Problems, Note{o.Origin.Start(), err.Error()})
				continue
			}
			gvk := schema.GroupVersionKind{Group: o.Group, Version: o.Version, Kind: o.Kind}
			if kinds[gvk] == nil {
				kinds[gvk] = &cluster.Kind{Group: o.Group, Version: o.Version, Kind: o.Kind, Listing: &cluster.Listing{}}
			}
			k := kinds[gvk]
			k.Namespaced = k.Namespaced || o.Namespace != ""
			k.Listing.Objects = append(k.Listing.Objects, kept)
		}
	}
	s.Kinds = preferred(kinds)
	return s
}

type stored struct {
	object.ID

	version string
}

// preferred sorts the kinds; of several versions of one, the first is preferred.
func preferred(kinds map[schema.GroupVersionKind]*cluster.Kind) []cluster.Kind {
	var sorted []cluster.Kind
	seen := map[schema.GroupKind]bool{}
	order := func(a, b schema.GroupVersionKind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version))
	}
	for _, gvk := range slices.SortedFunc(maps.Keys(kinds), order) {
		kinds[gvk].Preferred = !seen[gvk.GroupKind()]
		seen[gvk.GroupKind()] = true
		sorted = append(sorted, *kinds[gvk])
	}
	return sorted
}

// redacted is the object without what may be a secret; its places show no text.
func redacted(redactor *redact.Redactor, decoder *object.Decoder, o *object.Object) (*object.Object, error) {
	plain, err := ast.JSON(o.Value)
	if err != nil {
		return nil, fmt.Errorf("convert %s: %w", o, err)
	}
	fields, ok := plain.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("convert %s: it is no mapping", o)
	}
	value, err := decoder.FromJSON(redactor.Object(fields))
	if err != nil {
		return nil, fmt.Errorf("convert %s: %w", o, err)
	}
	return object.New(value, object.Origin{Made: untold{o.Origin}})
}

// untold finds places and keeps their text to itself: the line may be the whole object, secrets included.
type untold struct{ origin object.Origin }

// Start is the place of the object.
func (u untold) Start() object.Place { return hush(u.origin.Start()) }

// Locate is the place of a field.
func (u untold) Locate(pointer string) object.Place { return hush(u.origin.Locate(pointer)) }

func hush(p object.Place) object.Place {
	p.Source = ""
	return p
}
