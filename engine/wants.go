package engine

import (
	"path"
	"slices"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/source/cluster"
)

// interest is what one policy wants to see of a cluster.
type interest struct {
	policy string
	kinds  []match.Kinds
	// reads are "apiVersion/Kind".
	reads []string
	// state says that the policy judges objects as they stand.
	state bool
}

// interests are those of all policies, by what they match and read; of a policy that the user's constraints ask, by
// what these match. One that judges changes of files alone wants nothing of a cluster: it is about kinds that nothing else
// needs, Secrets among them.
func (r *rules) interests() ([]interest, error) {
	var all []interest
	for _, p := range policy.ForCluster(r.policies) {
		matches := []match.Match{p.Match}
		if own := r.own[p.ID]; own != nil {
			matches = nil
			for _, c := range own {
				matches = append(matches, c.Match)
			}
		}
		for _, m := range matches {
			all = append(all, newInterest(p.ID, m, p.Reads, p.Asked(policy.AsksState)))
		}
	}
	err := r.foreign.Kinds(func(id string, m match.Match, reads []string) {
		all = append(all, newInterest(id, m, reads, true))
	})
	return all, err
}

// newInterest also wants the Namespaces, where the match cannot be decided without.
func newInterest(id string, m match.Match, reads []string, state bool) interest {
	if m.NamespaceSelector != nil {
		reads = append(slices.Clone(reads), "v1/Namespace")
	}
	kinds := m.Kinds
	if len(kinds) == 0 {
		kinds = []match.Kinds{{}}
	}
	return interest{id, kinds, reads, state}
}

// every is what an empty list of groups or kinds means to Gatekeeper.
func every(names []string) []string {
	if len(names) == 0 {
		return []string{match.Wildcard}
	}
	return names
}

func (i interest) about(o *object.Object) bool {
	return slices.ContainsFunc(i.kinds, func(k match.Kinds) bool {
		return is(every(k.APIGroups), o.Group) && is(every(k.Kinds), o.Kind)
	})
}

func is(names []string, name string) bool {
	return slices.Contains(names, name) || slices.Contains(names, match.Wildcard)
}

func (i interest) looksUp() []cluster.Want {
	var wants []cluster.Want
	for _, read := range i.reads {
		group, version := path.Split(path.Dir(read))
		wants = append(wants, cluster.Want{Group: path.Clean("/" + group)[1:], Version: version, Kind: path.Base(read), Read: []string{i.policy}})
	}
	return wants
}

// wantsOfCluster are the kinds that policies about states match, in the cluster's preferred version, and read.
func wantsOfCluster(interests []interest) []cluster.Want {
	var wants []cluster.Want
	for _, i := range interests {
		if !i.state {
			continue
		}
		for _, k := range i.kinds {
			for _, group := range every(k.APIGroups) {
				for _, kind := range every(k.Kinds) {
					wants = append(wants, cluster.Want{Group: group, Kind: kind, Judge: []string{i.policy}})
				}
			}
		}
		wants = append(wants, i.looksUp()...)
	}
	return wants
}

// wantsOfManifests are the kinds of the manifests, in the manifests' version, as far as policies match them, and what
// those policies read.
func wantsOfManifests(interests []interest, manifests []*object.Object) []cluster.Want {
	var wants []cluster.Want
	type versioned struct{ group, version, kind string }
	kinds := map[versioned]*object.Object{}
	for _, o := range manifests {
		kinds[versioned{o.Group, o.Version, o.Kind}] = o
	}
	for _, i := range interests {
		asked := false
		for _, o := range kinds {
			if i.about(o) {
				asked = true
				wants = append(wants, cluster.Want{Group: o.Group, Version: o.Version, Kind: o.Kind, Judge: []string{i.policy}})
			}
		}
		if asked {
			wants = append(wants, i.looksUp()...)
		}
	}
	return wants
}
