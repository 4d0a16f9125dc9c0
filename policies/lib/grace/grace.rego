# METADATA
# description: |
#   How long the API server waits for a node to stop a pod before it removes the pod: not at all, where that is 0.
package lib.grace

import data.lib.meta

# METADATA
# description: |
#   Why it would not wait at all: "own", since the pod's terminationGracePeriodSeconds is 0, or "asked", since the
#   options are. Undefined where it waits. It has written the pod's own grace period into the options of a DELETE before
#   it asks anybody, not into those of a DELETECOLLECTION or an Eviction: so a forced deletion of a pod with 0 of its own
#   looks like any other. Of a pod that is being deleted already only a shorter grace period counts
#   (kubernetes v1.36 pkg/registry/core/pod/strategy.go, CheckGracefulDelete, and apiserver v0.36
#   pkg/registry/rest/delete.go, BeforeDelete).
none(pod, options) := "own" if {
	not _given(options)
	pod.spec.terminationGracePeriodSeconds == 0
	not meta.going(pod)
} else := "asked" if {
	options.gracePeriodSeconds == 0
}

# METADATA
# description: |
#   An earlier request has forced the pod's deletion, and only its finalizers keep it. The API server asks twice about a
#   request that forces, the second time with this written down (registry/generic/registry/store.go, Delete).
forced(pod) if pod.metadata.deletionGracePeriodSeconds == 0

_given(options) if {
	is_number(options.gracePeriodSeconds)
	options.gracePeriodSeconds != 0
}
