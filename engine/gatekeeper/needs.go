package gatekeeper

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/policy"
)

// Need is one kind of request that a webhook must send for a policy to be asked at admission. Versions do not
// matter: a policy is asked about a kind in each of them.
type Need struct {
	// Group and Kind as the policy's match has them; "*" stands for every group or kind.
	Group, Kind string
	// Resource is the kind's usual plural; a custom resource may have another one. "*" for every kind.
	Resource string
	// Subresource is "" for a request to the object itself.
	Subresource string
	// Operation is CREATE, UPDATE or DELETE.
	Operation string
}

// Needs are the requests that the policy minds, from its kinds, the questions it asks and its subresources; each once,
// sorted. It is empty for a policy that only audit asks. Kinds that the API server shows to no webhook need none
// (apiserver v0.36 pkg/admission/plugin/webhook/predicates/rules, IsExemptAdmissionConfigurationResource).
func Needs(p *policy.Policy) []Need {
	if p.AuditOnly != "" {
		return nil
	}
	var needs []Need
	kinds := matched(p)
	for _, kind := range kinds {
		if kind.Group == "admissionregistration.k8s.io" || isWrapper(kind) {
			continue
		}
		for _, operation := range asked(p) {
			needs = append(needs, need(kind, "", operation))
		}
	}
	for _, subresource := range p.Subresources {
		operation := "UPDATE"
		if subresource == "eviction" {
			operation = "CREATE"
		}
		for _, kind := range having(subresource, kinds) {
			needs = append(needs, need(kind, subresource, operation))
		}
	}
	slices.SortFunc(needs, func(a, b Need) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Subresource, b.Subresource), cmp.Compare(a.Operation, b.Operation))
	})
	return slices.Compact(needs)
}

func matched(p *policy.Policy) []schema.GroupKind {
	var kinds []schema.GroupKind
	for _, m := range p.Match.Kinds {
		for _, group := range m.APIGroups {
			for _, kind := range m.Kinds {
				kinds = append(kinds, schema.GroupKind{Group: group, Kind: kind})
			}
		}
	}
	return kinds
}

func need(kind schema.GroupKind, subresource, operation string) Need {
	return Need{kind.Group, kind.Kind, Resource(kind), subresource, operation}
}

// Resource is the kind's plural by Kubernetes' own rule, which does not know words that end like Elasticsearch, nor that
// Redis is many (redis-operator config/crd/bases/redis.redis.opstreelabs.in_redis.yaml); "*" for every kind of a group.
func Resource(kind schema.GroupKind) string {
	switch {
	case kind.Kind == "*":
		return "*"
	case kind == schema.GroupKind{Group: "redis.redis.opstreelabs.in", Kind: "Redis"}:
		return "redis"
	case strings.HasSuffix(kind.Kind, "ch"), strings.HasSuffix(kind.Kind, "sh"):
		return strings.ToLower(kind.Kind) + "es"
	}
	plural, _ := meta.UnsafeGuessKindToResource(kind.WithVersion(""))
	return plural.Resource
}

// isWrapper says that a request to scale or to evict carries the kind in the place of the object: it is no resource.
func isWrapper(kind schema.GroupKind) bool {
	for _, subresource := range []string{"scale", "eviction"} {
		if _, wrapper := carriers(subresource); kind == wrapper {
			return true
		}
	}
	return false
}

// carriers are the kinds that have the subresource, of custom ones those that policies know, and the kind that stands for them in its requests.
func carriers(subresource string) (kinds []schema.GroupKind, wrapper schema.GroupKind) {
	switch subresource {
	case "finalize":
		return []schema.GroupKind{{Kind: "Namespace"}}, schema.GroupKind{}
	case "eviction":
		return []schema.GroupKind{{Kind: "Pod"}}, schema.GroupKind{Group: "policy", Kind: "Eviction"}
	case "scale":
		return []schema.GroupKind{
			{Group: "apps", Kind: "Deployment"},
			{Group: "apps", Kind: "ReplicaSet"},
			{Group: "apps", Kind: "StatefulSet"},
			{Group: "apps.kruise.io", Kind: "StatefulSet"},
			{Kind: "ReplicationController"},
		}, schema.GroupKind{Group: "autoscaling", Kind: "Scale"}
	default:
		return nil, schema.GroupKind{}
	}
}

// having are those of the kinds that have the subresource. Every kind may have a status: a webhook's rule for one that
// is not there matches nothing. A policy that matches only what stands for the object minds all that have it.
func having(subresource string, kinds []schema.GroupKind) []schema.GroupKind {
	var have []schema.GroupKind
	if subresource == "status" {
		for _, kind := range kinds {
			if kind.Group != "admissionregistration.k8s.io" && !isWrapper(kind) {
				have = append(have, kind)
			}
		}
		return have
	}
	all, wrapper := carriers(subresource)
	for _, carrier := range all {
		if slices.ContainsFunc(kinds, func(k schema.GroupKind) bool { return covers(k, carrier) }) {
			have = append(have, carrier)
		}
	}
	if len(have) == 0 && slices.Contains(kinds, wrapper) {
		return all
	}
	return have
}

func covers(pattern, kind schema.GroupKind) bool {
	return (pattern.Group == "*" || pattern.Group == kind.Group) && (pattern.Kind == "*" || pattern.Kind == kind.Kind)
}
