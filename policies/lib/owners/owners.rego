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
	count(_of_kind(data.inventory.cluster, reference)) > 0
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
	count(_of_kind(versions, reference)) > 0
} else := "unknown"

# METADATA
# description: Cluster-scoped objects of the group, kind and name that the reference names.
shown(reference) := {objects[reference.name] | some objects in _of_kind(data.inventory.cluster, reference)}

# METADATA
# description: |
#   "group/Kind" of what the reference names, "/Kind" for the core group.
kind(reference) := sprintf("%s/%s", [_group(reference.apiVersion), reference.kind])

_of_kind(versions, reference) := [objects |
	some version, kinds in versions
	_group(version) == _group(reference.apiVersion)
	objects := kinds[reference.kind]
]

_group(version) := split(version, "/")[0] if {
	contains(version, "/")
} else := ""
