package helm

import (
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// unstable renders the chart once more and tells which fields are others then, of an object that is not there then all of it.
// Objects are the same that stand at the same place of the same document of the same file.
func (r *run) unstable(world []made) map[*object.Object][]string {
	p, ok := r.prepare(r.files.data)
	if !ok {
		return nil
	}
	rendered, err := r.execute(p, (&memory{}).throw())
	second := map[string][]made{}
	for name, text := range rendered {
		second[name] = r.decode(p, name, text)
	}
	fields := map[*object.Object][]string{}
	seen := map[string]int{}
	for _, m := range world {
		n := seen[m.name]
		seen[m.name]++
		for i, o := range m.Objects {
			var differ []string
			if others := second[m.name]; err == nil && n < len(others) && i < len(others[n].Objects) {
				differ = differences("", o.Value, others[n].Objects[i].Value)
			} else {
				differ = []string{""}
			}
			if len(differ) > 0 {
				fields[o] = differ
			}
		}
	}
	return fields
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1") //nolint:gochecknoglobals // a constant

// differences are the pointers to what is not the same in a and b, sorted.
func differences(pointer string, a, b ast.Value) []string {
	var all []string
	switch before := a.(type) {
	case ast.Object:
		after, ok := b.(ast.Object)
		if !ok {
			return []string{pointer}
		}
		below := func(k *ast.Term) string { return pointer + "/" + pointerEscape.Replace(object.Text(k)) }
		before.Foreach(func(k, v *ast.Term) {
			if other := after.Get(k); other == nil {
				all = append(all, below(k))
			} else {
				all = append(all, differences(below(k), v.Value, other.Value)...)
			}
		})
		after.Foreach(func(k, _ *ast.Term) {
			if before.Get(k) == nil {
				all = append(all, below(k))
			}
		})
	case *ast.Array:
		after, ok := b.(*ast.Array)
		if !ok || before.Len() != after.Len() {
			return []string{pointer}
		}
		for i := range before.Len() {
			all = append(all, differences(pointer+"/"+strconv.Itoa(i), before.Elem(i).Value, after.Elem(i).Value)...)
		}
	default:
		if a.Compare(b) != 0 {
			return []string{pointer}
		}
	}
	slices.Sort(all)
	return all
}
