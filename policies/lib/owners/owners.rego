# METADATA
# description: |
#   What becomes of an owner reference, as the garbage collector sees it
#   (pkg/controller/garbagecollector/garbagecollector.go, isDangling). Owners are looked up in every version of their
#   group that is shown.
package lib.owners

# METADATA
# description: |
#   The state of the owner that a cluster-scoped object refers to: "missing", "other" (one of that name with another
#   uid), "going" (it is being deleted), "there", "refused" (its kind lives in namespaces, which the garbage collector
#   does not accept) or "unknown" (nobody showed an object of its kind, or not its uid).
state(reference) := "missing" if {
	_shown_kind(reference)
	count(shown(reference)) == 0
} else := "other" if {
	some owner in shown(reference)
	owner.metadata.uid != reference.uid
} else := "going" if {
	some owner in shown(reference)
	owner.metadata.deletionTimestamp
} else := "there" if {
	some owner in shown(reference)
	owner.metadata.uid == reference.uid
} else := "refused" if {
	some versions in data.inventory.namespace
	some version, kinds in versions
	count(kinds[reference.kind]) > 0
	_group(version) == _group(reference.apiVersion)
} else := "unknown"

# METADATA
# description: Cluster-scoped objects of the group, kind and name that the reference names.
shown(reference) := {owner |
	some version in _versions(reference)
	owner := data.inventory.cluster[version][reference.kind][reference.name]
}

# METADATA
# description: |
#   "group/Kind" of what the reference names, "/Kind" for the core group.
kind(reference) := sprintf("%s/%s", [_group(reference.apiVersion), reference.kind])

# Gatekeeper's inventory keeps the empty set of a kind whose last object is gone, until it starts anew.
_shown_kind(reference) if {
	some version in _versions(reference)
	count(data.inventory.cluster[version][reference.kind]) > 0
}

# The inventory itself is never an argument: Gatekeeper would convert all of it.
_versions(reference) := {version |
	some version, _ in data.inventory.cluster
	_group(version) == _group(reference.apiVersion)
}

_group(version) := split(version, "/")[0] if {
	contains(version, "/")
} else := ""
