# METADATA
# description: An object's metadata, total over what may be missing.
package lib.meta

# METADATA
# description: |
#   The prefix of every label and annotation that guard reads.
domain := "data-guard.dev/"

# METADATA
# description: |
#   The annotation or label that says whether an object holds data, for who looks for it among many.
data_key := concat("", [domain, "data"])

# METADATA
# description: |
#   The object as a message names it: kind, then namespace/name; generateName as prefix*; never undefined.
name(obj) := sprintf("%s %s", [_kind(obj), qualified(obj)])

# METADATA
# description: |
#   namespace/name, or the name alone for an object without namespace.
qualified(obj) := sprintf("%s/%s", [namespace(obj), simple(obj)]) if {
	namespace(obj) != ""
} else := simple(obj)

# METADATA
# description: The name alone; prefix* where the API server will generate it; "(unnamed)" where there is none.
simple(obj) := obj.metadata.name if {
	_written(obj.metadata.name)
} else := sprintf("%s*", [obj.metadata.generateName]) if {
	_written(obj.metadata.generateName)
} else := "(unnamed)"

# METADATA
# description: The namespace, or "" for an object without one.
namespace(obj) := obj.metadata.namespace if {
	_written(obj.metadata.namespace)
} else := ""

# METADATA
# description: The value of guard's own annotation of that name; undefined when it is not set.
annotation(obj, key) := annotations[concat("", [domain, key])] if annotations := obj.metadata.annotations

# METADATA
# description: The value of guard's own label of that name; undefined when it is not set.
label(obj, key) := labels[concat("", [domain, key])] if labels := obj.metadata.labels

# METADATA
# description: |
#   What details.unknown calls an object: apiVersion/kind/namespace/name, without namespace for what has none.
key(api_version, kind, ns, object_name) := sprintf("%s/%s/%s/%s", [api_version, kind, ns, object_name]) if {
	ns != ""
} else := sprintf("%s/%s/%s", [api_version, kind, object_name])

# METADATA
# description: |
#   The object has a controller of a workload kind, which is asked about in its place. Only Pods, ReplicaSets
#   and Jobs are made that way; a claim that its StatefulSet owns stays an object of its own.
controlled_by_workload(obj) if {
	some owner in obj.metadata.ownerReferences
	obj.kind in {"Pod", "ReplicaSet", "Job"}
	owner.controller == true
	owner.kind in {
		"CloneSet", "CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet",
		"ReplicationController", "Rollout", "StatefulSet",
	}
}

# METADATA
# description: |
#   The object is being deleted; "deletionTimestamp: null", which some tools print, says that it is not.
going(obj) if _written(obj.metadata.deletionTimestamp)

# METADATA
# description: RFC 6901 pointer to a path of keys and list indexes.
pointer(path) := concat("", [sprintf("/%v", [_escaped(step)]) | some step in path])

_escaped(step) := replace(replace(step, "~", "~0"), "/", "~1") if {
	is_string(step)
} else := step

_kind(obj) := obj.kind if {
	_written(obj.kind)
} else := "object"

# Null and "" are what templates leave where nothing was given.
_written(value) if {
	is_string(value)
	value != ""
}
