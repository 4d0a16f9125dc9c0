package doctor

import (
	"fmt"
	"path"
	"slices"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/wildcard"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// approval is the policy that knows who may approve.
const approval = "approval-by-stranger"

// settings are what doctor reads of a SyncSet and of Gatekeeper's Config.
type settings struct {
	Spec struct {
		GVKs []entry `json:"gvks"`
		Sync struct {
			Only []entry `json:"syncOnly"`
		} `json:"sync"`
		Match []struct {
			Processes  []string            `json:"processes"`
			Namespaces []wildcard.Wildcard `json:"excludedNamespaces"`
		} `json:"match"`
	} `json:"spec"`
}

type entry struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
}

// configure learns what Gatekeeper keeps in its inventory, the union of all SyncSets and of its Config, and which
// namespaces its Config keeps from what. Gatekeeper heeds no other Config than the one named config.
func (j *judge) configure() {
	j.synced, j.excluded = map[schema.GroupVersionKind]bool{}, map[string][]wildcard.Wildcard{}
	for resource, objects := range map[string][]unstructured.Unstructured{"syncsets": j.SyncSets, "configs": j.Configs} {
		for _, o := range objects {
			var s settings
			if resource == "configs" && o.GetName() != "config" {
				continue
			}
			if err := decode(o.Object, &s); err != nil {
				j.Unread = append(slices.Clone(j.Unread), Unread{o.GroupVersionKind().Group, resource, fmt.Sprintf("read %s: %v", o.GetName(), err)})
				continue
			}
			for _, e := range slices.Concat(s.Spec.GVKs, s.Spec.Sync.Only) {
				j.synced[schema.GroupVersionKind(e)] = true
			}
			for _, m := range s.Spec.Match {
				for _, process := range []string{"audit", "sync", "webhook"} {
					if either(m.Processes, process) {
						j.excluded[process] = append(j.excluded[process], m.Namespaces...)
					}
				}
			}
		}
	}
}

// sees judges whether the policy finds in the inventory what it looks up there.
func (j *judge) sees(s *subject) []Gap {
	var blind []string
	namespaced := false
	for _, read := range s.Reads {
		kind := gvk(read)
		served, ok := j.kind(kind.GroupKind(), "")
		if !ok || len(served.Versions) > 0 && !slices.Contains(served.Versions, kind.Version) && readsOther(s.Reads, kind, served.Versions) {
			continue
		}
		namespaced = namespaced || served.Namespaced
		if !j.synced[kind] {
			blind = append(blind, read)
		}
	}
	var gaps []Gap
	switch unread := j.unread("syncsets") || j.unread("configs"); {
	case len(blind) > 0 && unread:
		gaps = append(gaps, Gap{"sync-unread", Unknown, "what Gatekeeper syncs could not be read, and the policy looks these kinds up", list(blind)})
	case len(blind) > 0:
		gaps = append(gaps, Gap{"not-synced", Narrows, "the policy looks up kinds that no SyncSet and no Config names: it finds none of them", list(blind)})
	}
	if !namespaced {
		return gaps
	}
	var hidden []string
	for _, ns := range j.Namespaces {
		if ns.Name != j.Namespace && anyMatches(j.excluded["sync"], ns.Name) && j.holds(ns) {
			hidden = append(hidden, ns.Name)
		}
	}
	if len(hidden) > 0 {
		gaps = append(gaps, Gap{"namespace-sync", Narrows, "Gatekeeper's Config keeps these namespaces with claims from the inventory that the policy looks into", list(hidden)})
	}
	return gaps
}

func (j *judge) holds(ns corev1.Namespace) bool {
	return j.Claims[ns.Name] > 0 || j.unread("persistentvolumeclaims")
}

// gvk takes "apps/v1/StatefulSet" apart.
func gvk(read string) schema.GroupVersionKind {
	return schema.FromAPIVersionAndKind(path.Dir(read), path.Base(read))
}

// readsOther says that the policy looks the kind up in a version that is served.
func readsOther(reads []string, kind schema.GroupVersionKind, versions []string) bool {
	return slices.ContainsFunc(reads, func(read string) bool {
		other := gvk(read)
		return other.GroupKind() == kind.GroupKind() && slices.Contains(versions, other.Version)
	})
}

// approvers asks whether anybody in particular may approve deletions.
func approvers(s *subject) []Gap {
	if s.ID != approval || len(s.constraints) == 0 {
		return nil
	}
	for i := range s.constraints {
		approvers, ok := s.constraints[i].Spec.Parameters["approvers"].(map[string]any)
		if !ok {
			continue
		}
		for _, kind := range []string{"users", "groups"} {
			if named, ok := approvers[kind].([]any); ok && len(named) > 0 {
				return nil
			}
		}
	}
	return []Gap{{"no-approver", Note, "nobody is named as approver (parameter approvers): whoever may patch an object may approve its deletion", nil}}
}
