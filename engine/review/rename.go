package review

import (
	"slices"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// alike is the share of fields that an object and its renamed self have in common at least.
const alike = 0.7

// renamed tells what was created in place of what was deleted: of one kind, alike, and each the other's best match. A
// world with many of both is left alone: to say nothing is better than to guess.
func renamed(created, deleted []*Review) {
	const most = 64
	if len(created)*len(deleted) > most*most {
		return
	}
	type match struct {
		created, deleted *Review
		score            float64
	}
	var matches []match
	leaves := map[*object.Object]map[string]int{}
	of := func(o *object.Object) map[string]int {
		if leaves[o] == nil {
			leaves[o] = map[string]int{}
			collect(leaves[o], "", o.Value)
		}
		return leaves[o]
	}
	for _, c := range created {
		for _, d := range deleted {
			if c.Object.Group != d.Old.Group || c.Object.Kind != d.Old.Kind || c.Object.Name == "" {
				continue
			}
			if score := similarity(of(c.Object), of(d.Old)); score >= alike {
				matches = append(matches, match{c, d, score})
			}
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		default:
			return 0
		}
	})
	for i, m := range matches {
		taken := m.created.Counterpart != nil || m.deleted.Counterpart != nil
		tied := false
		for j, n := range matches {
			tied = tied || i != j && n.score == m.score && (n.created == m.created || n.deleted == m.deleted)
		}
		if !taken && !tied {
			m.created.Counterpart, m.deleted.Counterpart = m.deleted.Old, m.created.Object
		}
	}
}

// collect counts the leaves of an object by path and value. List indexes do not count, and what says who the object is
// says nothing about whether it is the same.
func collect(leaves map[string]int, path string, value ast.Value) {
	switch v := value.(type) {
	case ast.Object:
		v.Foreach(func(key, child *ast.Term) {
			if below := path + "/" + object.Text(key); below != "/metadata/name" && below != "/metadata/namespace" && below != "/status" {
				collect(leaves, below, child.Value)
			}
		})
	case *ast.Array:
		v.Foreach(func(child *ast.Term) { collect(leaves, path+"/-", child.Value) })
	default:
		leaves[path+"="+strconv.Quote(value.String())]++
	}
}

// similarity is the share of leaves that both have of those that either has.
func similarity(a, b map[string]int) float64 {
	common, all := 0, 0
	for leaf, n := range a {
		common += min(n, b[leaf])
		all += max(n, b[leaf])
	}
	for leaf, n := range b {
		if _, counted := a[leaf]; !counted {
			all += n
		}
	}
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}
