package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// wildcard stands for every group or kind.
const wildcard = "*"

// kinds are what the cluster serves and can list.
type kinds struct {
	served map[schema.GroupVersionKind]resource
	// preferred has the version in which the cluster itself would show a kind.
	preferred map[schema.GroupKind]schema.GroupVersionKind
	// failed are parts of the API that did not say what they have.
	failed map[schema.GroupVersion]error
}

// resource is where the objects of a kind are.
type resource struct {
	schema.GroupVersionResource

	namespaced bool
}

// discover asks for all kinds.
func discover(client discovery.DiscoveryInterface) (*kinds, error) {
	groups, lists, err := client.ServerGroupsAndResources()
	k := &kinds{served: map[schema.GroupVersionKind]resource{}, preferred: map[schema.GroupKind]schema.GroupVersionKind{}}
	if part, ok := errors.AsType[*discovery.ErrGroupDiscoveryFailed](err); ok {
		k.failed = part.Groups
	} else if err != nil {
		return nil, fmt.Errorf("discover its kinds: %w", err)
	}
	for _, list := range lists {
		if err := k.add(list); err != nil {
			return nil, fmt.Errorf("discover its kinds: %w", err)
		}
	}
	for _, group := range groups {
		k.prefer(group)
	}
	k.addNodes()
	return k, nil
}

// add learns the kinds of one version that can be listed. Subresources have a kind and are none.
func (k *kinds) add(list *apimeta.APIResourceList) error {
	version, err := schema.ParseGroupVersion(list.GroupVersion)
	if err != nil {
		return err
	}
	for _, r := range list.APIResources {
		gvk := version.WithKind(r.Kind)
		if _, known := k.served[gvk]; !known && !strings.Contains(r.Name, "/") && slices.Contains(r.Verbs, "list") {
			k.served[gvk] = resource{version.WithResource(r.Name), r.Namespaced}
		}
	}
	return nil
}

// prefer notes for each kind of the group the preferred version, or the first that has it.
func (k *kinds) prefer(group *apimeta.APIGroup) {
	versions := []string{group.PreferredVersion.Version}
	for _, v := range group.Versions {
		versions = append(versions, v.Version)
	}
	for _, version := range versions {
		for gvk := range k.served {
			if gvk.Group != group.Name || gvk.Version != version {
				continue
			}
			if _, known := k.preferred[gvk.GroupKind()]; !known {
				k.preferred[gvk.GroupKind()] = gvk
			}
		}
	}
}

// find lists what the cluster serves of the kind. err is the reason why it is not known whether it serves (all of) it;
// neither a kind nor an error: it does not.
func (k *kinds) find(want Want) (found []schema.GroupVersionKind, err error) {
	if want.Version != "" {
		gvk := schema.GroupVersionKind{Group: want.Group, Version: want.Version, Kind: want.Kind}
		if _, ok := k.served[gvk]; ok {
			return []schema.GroupVersionKind{gvk}, nil
		}
		return nil, k.failed[gvk.GroupVersion()]
	}
	for gk, gvk := range k.preferred {
		if is(want.Group, gk.Group) && is(want.Kind, gk.Kind) && (gk.Group != nodeGroup || want.Group == nodeGroup) {
			found = append(found, gvk)
		}
	}
	slices.SortFunc(found, compareKinds)
	if len(found) > 0 && want.Group != wildcard && want.Kind != wildcard {
		return found, nil
	}
	for version, reason := range k.failed {
		if is(want.Group, version.Group) && (err == nil || reason.Error() < err.Error()) {
			err = reason
		}
	}
	return found, err
}

func is(pattern, name string) bool { return pattern == wildcard || pattern == name }

// compareKinds puts extensions last: what it serves is served by the group to which its kinds moved, too.
func compareKinds(a, b schema.GroupVersionKind) int {
	switch old := "extensions"; {
	case a.Group == old && b.Group != old:
		return 1
	case a.Group != old && b.Group == old:
		return -1
	}
	return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version))
}
