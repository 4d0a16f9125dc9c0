//go:build admission && linux

package policies_test

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/data-guard/guard/engine/object"
)

// layout says how the copies of a case's objects lie to each other.
type layout string

const (
	// spread gives each copy namespaces and storage servers of its own.
	spread layout = "spread"
	// crowded puts all copies into one namespace, and all their directories on one storage server.
	crowded layout = "crowded"
)

// story is what a case shows and asks about, as plain data.
type story struct {
	shown []map[string]any
	// names are what tells its objects and disks from those of other stories.
	names *regexp.Regexp
}

// newStory finds the names of a case's objects and of what they refer to. A name that is made of another one, as
// that of a StatefulSet's claim is, changes with that one.
func newStory(t *testing.T, objects []*object.Object) story {
	t.Helper()
	var s story
	found := map[string]bool{}
	for _, o := range objects {
		value := unstructuredOf(t, o).Object
		s.shown = append(s.shown, value)
		collect(found, value, "", "")
	}
	var words []string
	for name := range found {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(found)), func(part string) bool {
			return part != name && regexp.MustCompile(word(part)).MatchString(name)
		}) {
			words = append(words, word(name))
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	s.names = regexp.MustCompile("(" + strings.Join(words, "|") + ")")
	return s
}

func word(name string) string { return `\b` + regexp.QuoteMeta(name) + `\b` }

// collect takes what names an object or a disk: metadata.name and uid, references, handles.
func collect(found map[string]bool, value any, parent, key string) {
	switch v := value.(type) {
	case map[string]any:
		for k, child := range v {
			collect(found, child, key, k)
		}
	case []any:
		for _, child := range v {
			collect(found, child, parent, key)
		}
	case string:
		named := key == "name" && (parent == "metadata" || parent == "ownerReferences" || strings.HasSuffix(strings.ToLower(parent), "ref"))
		referred := strings.HasSuffix(key, "Name") && !strings.HasSuffix(key, "ClassName") && !strings.HasSuffix(key, "AccountName")
		disk := slices.Contains([]string{"volumeHandle", "iqn", "targetWWNs", "wwids"}, key)
		if (named || referred || disk || key == "uid") && regexp.MustCompile(`^\w(.*\w)?$`).MatchString(v) {
			found[v] = true
		}
	}
}

// copied is one of the story's objects in its n-th copy. Equal names stay equal, so references still lead somewhere.
func (s story) copied(value map[string]any, n string, l layout) map[string]any {
	kind := value["kind"]
	var rename func(value any, parent, key string) any
	rename = func(value any, parent, key string) any {
		switch v := value.(type) {
		case map[string]any:
			out := make(map[string]any, len(v))
			for k, child := range v {
				out[k] = rename(child, key, k)
			}
			return out
		case []any:
			out := make([]any, len(v))
			for i, child := range v {
				out[i] = rename(child, parent, key)
			}
			return out
		case string:
			return s.renamed(v, parent, key, n, l, kind == "PersistentVolume")
		default:
			return v
		}
	}
	out := map[string]any{}
	for k, child := range value {
		out[k] = rename(child, "", k)
	}
	if l == crowded && kind == "Namespace" {
		out["metadata"].(map[string]any)["name"] = namespace
	}
	return out
}

const namespace = "crowd"

// renamed changes a text of an object. A directory of the node is the copy's own only where a volume owns it.
func (s story) renamed(text, parent, key, n string, l layout, owned bool) string {
	switch {
	// What an object is, not which one.
	case slices.Contains([]string{"apiVersion", "kind", "image", "driver", "provisioner", "mountPath", "subPath", "command", "args", "value", "operator"}, key):
		return text
	case key == "namespace" && l == crowded:
		return namespace
	case key == "namespace":
		return text + n
	case key == "server" && l == crowded:
		return "nas." + namespace + ".example"
	case key == "server":
		return n + "." + text
	case key == "path" && (parent == "nfs" || parent == "local"), key == "path" && parent == "hostPath" && owned, key == "share" && parent == "volumeAttributes":
		return path.Join("/", n) + text
	}
	return s.names.ReplaceAllString(text, "${1}"+n)
}

// tree is data.inventory.
type tree struct {
	root map[string]any
	size int
	// kinds counts objects by "apiVersion/Kind".
	kinds map[string]int
}

// newTree holds at least that many objects: copies of all stories in turn.
func newTree(stories []story, l layout, size int) *tree {
	w := &tree{root: map[string]any{}, kinds: map[string]int{}}
	for n := 0; w.size < size; n++ {
		before := w.size
		for i, s := range stories {
			for _, value := range s.shown {
				copied := s.copied(value, mark(i, n), l)
				if l == crowded && copied["kind"] == "Namespace" {
					// What one story says of its namespace must not silence the others.
					copied["metadata"] = map[string]any{"name": namespace}
				}
				w.put(copied)
			}
		}
		if w.size == before {
			break
		}
	}
	return w
}

// mark ends in a letter: the number at the end of a claim's name has a meaning.
func mark(i, n int) string { return fmt.Sprintf("c%dx%dx", i, n) }

func (w *tree) put(value map[string]any) {
	u := unstructured.Unstructured{Object: value}
	steps := []string{"cluster", u.GetAPIVersion(), u.GetKind()}
	if u.GetNamespace() != "" {
		steps = []string{"namespace", u.GetNamespace(), u.GetAPIVersion(), u.GetKind()}
	}
	at := w.root
	for _, step := range steps {
		next, ok := at[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[step] = next
		}
		at = next
	}
	if _, known := at[u.GetName()]; !known {
		w.size++
		w.kinds[u.GetAPIVersion()+"/"+u.GetKind()]++
	}
	at[u.GetName()] = value
}
