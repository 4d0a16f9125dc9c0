package gatekeeper

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/policy"
)

// Reads are the kinds that the policies look up in the inventory, sorted, each once.
func Reads(policies []*policy.Policy) []schema.GroupVersionKind {
	seen := map[schema.GroupVersionKind]bool{}
	for _, p := range policies {
		for _, read := range p.Reads {
			seen[schema.FromAPIVersionAndKind(path.Dir(read), path.Base(read))] = true
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b schema.GroupVersionKind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version))
	})
}

// SyncSet tells Gatekeeper which kinds of an API group to keep in data.inventory. Gatekeeper joins all SyncSets, and
// never unwatches what another one still names.
func SyncSet(group string, kinds []schema.GroupVersionKind) map[string]any {
	var gvks []any
	for _, kind := range kinds {
		gvks = append(gvks, map[string]any{"group": kind.Group, "version": kind.Version, "kind": kind.Kind})
	}
	return map[string]any{
		"apiVersion": "syncset.gatekeeper.sh/v1alpha1",
		"kind":       "SyncSet",
		"metadata":   map[string]any{"name": "data-guard-" + strings.ReplaceAll(groupName(group), ".", "-"), "labels": labels()},
		"spec":       map[string]any{"gvks": gvks},
	}
}

// SyncSets are one an API group by group: those that every cluster serves, and those that come with an operator.
func SyncSets(policies []*policy.Policy) (always, optional map[string]map[string]any) {
	byGroup := map[string][]schema.GroupVersionKind{}
	for _, kind := range Reads(policies) {
		byGroup[kind.Group] = append(byGroup[kind.Group], kind)
	}
	always, optional = map[string]map[string]any{}, map[string]map[string]any{}
	for group, kinds := range byGroup {
		into := optional
		if slices.ContainsFunc(kinds, func(k schema.GroupVersionKind) bool { return inventory.Builtin(k.GroupKind()) }) {
			into = always
		}
		into[group] = SyncSet(group, kinds)
	}
	return always, optional
}

// groupName is the group, and core for the one without a name.
func groupName(group string) string {
	if group == "" {
		return "core"
	}
	return group
}
