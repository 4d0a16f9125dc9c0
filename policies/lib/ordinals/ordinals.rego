# METADATA
# description: |
#   The pods of a StatefulSet by their numbers, and the claims that bear them
#   (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#ordinal-index).
package lib.ordinals

import data.lib.meta
import data.lib.text
import data.lib.workload

# METADATA
# description: |
#   The first number; spec.ordinals.start is 0 where it is absent.
start(obj) := first if {
	first := obj.spec.ordinals.start
	is_number(first)
} else := 0

# METADATA
# description: |
#   The numbers of that many pods from the first on; empty where there are none. Of many the first thousand: a file may
#   say any number, and counting to it must end.
from(first, pods) := numbers.range(first, (first + min([pods, 1000])) - 1) if {
	pods > 0
} else := []

# METADATA
# description: The numbers of the object's pods.
of(obj) := from(start(obj), workload.replicas(obj))

# METADATA
# description: |
#   The name of the claim that a template makes for the pod of that number
#   (pkg/controller/statefulset/stateful_set_utils.go, getPersistentVolumeClaimName).
claim(template, obj, number) := sprintf("%s-%s-%d", [template.metadata.name, meta.simple(obj), number])

# METADATA
# description: The names of the claims that a template makes for pods of these numbers, in their order.
claims(template, obj, pods) := [claim(template, obj, number) | some number in pods]

# METADATA
# description: |
#   The same as a message says it: "data-db-0 to data-db-2" for numbers without a gap, and "data-db-*" where there is
#   none yet.
named(template, obj, pods) := sprintf("%s-%s-*", [template.metadata.name, meta.simple(obj)]) if {
	count(pods) == 0
} else := sprintf("%s to %s", [claim(template, obj, pods[0]), claim(template, obj, pods[count(pods) - 1])]) if {
	count(pods) > 2
	pods[count(pods) - 1] - pods[0] == count(pods) - 1
} else := text.few(claims(template, obj, pods))

# METADATA
# description: |
#   Names of the other objects of its kind, in its namespace, that have the same selector: no two may select the same
#   pods for long, so they are one object under two names.
twins(obj) := {name |
	selector := obj.spec.selector
	some name
	data.inventory.namespace[obj.metadata.namespace][obj.apiVersion][obj.kind][name].spec.selector == selector
	name != obj.metadata.name
}
