package engine

import (
	"errors"
	"maps"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
)

// Bundle is everything that guard ships for a cluster, by path from the bundle's root.
func Bundle(policies []*policy.Policy) (map[string][]byte, error) {
	files, err := gatekeeper.Files(policies)
	role, problem := Role(policies)
	bundle := map[string][]byte{"live/rbac.yaml": role}
	maps.Copy(bundle, files)
	return bundle, errors.Join(err, problem)
}
