# METADATA
# title: A StatefulSet that takes its claims along is deleted only by someone who said so before
# description: |
#   With persistentVolumeClaimRetentionPolicy whenDeleted Delete the StatefulSet owns its claims, and the garbage collector
#   deletes them after it; nobody is asked about them then. To delete and create anew, as many do to change a field that
#   cannot be changed, loses the data. With --cascade=orphan the claims stay.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
#     description: whenDeleted
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/use-cascading-deletion/#set-orphan-deletion-policy
#     description: deletion that leaves dependents alone
# custom:
#   severities: [critical, high, medium]
#   incidents: [nfs-recycle-postgres]
#   supersedes: [helm-removed-data-object]
#   remediation: |
#     Make it leave its claims first, which works on a running StatefulSet, and delete it then:
#     kubectl patch statefulset NAME -n NAMESPACE --type merge \
#       -p '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain"}}}'
#     To create it anew with other fields, leave its pods and claims alone: kubectl delete statefulset NAME --cascade=orphan
#     If the data may go, allow the deletion for an hour, in a request of its own:
#     kubectl annotate statefulset NAME -n NAMESPACE data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds: [{apiGroups: [apps, apps.kruise.io], kinds: [StatefulSet]}]
#   asks: [delete]
#   reads: [v1/Namespace, v1/PersistentVolume, v1/PersistentVolumeClaim]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       cascadeActors:
#         description: |
#           Exact names of users that may delete StatefulSets without approval, because the decision was made where they
#           were sent from: the namespace's deletion, or that of the resource that owns the StatefulSet.
#         type: array
#         items: {type: string}
#         default:
#           - system:serviceaccount:kube-system:namespace-controller
#           - system:serviceaccount:kube-system:generic-garbage-collector
#           - system:kube-controller-manager
package protect_statefulset_delete

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.fate
import data.lib.holdings
import data.lib.meta
import data.lib.storage
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.delete("protect-statefulset-delete", _problems(asked.delete))
}

_problems(set) := {object.union(
	{
		"msg": sprintf("%s%s is to be deleted and takes its claims along (whenDeleted Delete): %s%s", [
			meta.name(set),
			holdings.listed(held),
			effect.text,
			approval.refused(set),
		]),
		"field": "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted",
		"severity": effect.severity,
	},
	object.filter(effect, ["unknown", "related"]),
) |
	set.spec.persistentVolumeClaimRetentionPolicy.whenDeleted == "Delete"
	count(workload.claim_templates(set)) > 0
	not _orphans
	not _cascade
	not classify.disposable(set)
	not approval.holds(set)
	held := _held(set)
	effect := _effect(set, held)
}

_orphans if asked.options.propagationPolicy == "Orphan"

# What propagationPolicy has replaced, and is accepted all the same.
_orphans if asked.options.orphanDependents == true

_cascade if asked.user in input.parameters.cascadeActors

# Undefined where a cluster shows that the set has no claim.
_effect(set, held) := {
	"severity": _severity(held),
	"text": text,
	"unknown": holdings.unknown(held),
	"related": holdings.related(held),
} if {
	text := holdings.loss(held)
	count(holdings.going(held)) == 0
} else := {
	"severity": "critical",
	"text": text,
	"related": holdings.related(held),
} if {
	text := holdings.loss(held)
} else := {
	"severity": "high",
	"text": "nobody showed them, so their data may go with it",
	"unknown": [sprintf("v1/PersistentVolumeClaim of %s", [meta.key(set.apiVersion, "StatefulSet", meta.namespace(set), meta.simple(set))])],
} if {
	not _shown
}

_severity(held) := "high" if {
	count(holdings.uncertain(held)) > 0
} else := "medium"

# Files have no status: a claim that they do not name may be there all the same.
_shown if {
	storage.live
	fate.claims_shown
}

# Its claims, as lib.holdings has those of a namespace.
_held(set) := {"ns": meta.namespace(set), "claims": claims, "snapshots": [], "resources": [], "unseen": []} if {
	claims := sort([[fate.rank(end.policy), end.claim, end.policy, end.volume, end.size] |
		some claim in workload.own_claims(set)
		not classify.disposable(claim)
		not fate.never_bound(claim)
		end := fate.of(claim)
	])
}
