# METADATA
# title: A namespace belongs to nobody
# description: |
#   The garbage collector deletes what its owners no longer hold: an owner that is gone, that was made anew with another
#   uid, or that is being deleted takes the namespace with it, and with the namespace every claim. Whoever can delete or
#   recreate the owner, a second federation control plane for one, can delete all data in the namespace within seconds.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/architecture/garbage-collection/
#     description: owners and dependents
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/garbagecollector/garbagecollector.go
#     description: when an owner counts as absent (isDangling), and that one that is there keeps the dependent
#   - ref: https://github.com/kubesphere/kubesphere/pull/6249
#     description: KubeSphere up to 4.1.2 makes its Workspaces owners of namespaces
# custom:
#   severities: [high, critical, low]
#   incidents: [federated-namespace-deletion]
#   remediation: |
#     Remove the owner from the namespace before anyone touches the owner, its controller or its control plane:
#     kubectl patch namespace NAME --type=json -p '[{"op":"remove","path":"/metadata/ownerReferences"}]'
#     A controller may write it again: stop it first, or take away the label by which it knows the namespace
#     (kubectl label namespace NAME kubesphere.io/workspace-). Then patch the namespace's volumes to Retain.
#   match:
#     kinds: [{apiGroups: [""], kinds: [Namespace]}]
#   asks: [state]
#   reads:
#     - v1/Namespace
#     - v1/PersistentVolumeClaim
#     - tenant.kubesphere.io/v1alpha1/Workspace
#     - tenant.kubesphere.io/v1beta1/Workspace
#     - capsule.clastix.io/v1beta2/Tenant
#   parameters:
#     type: object
#     default: {}
#     properties:
#       allowedOwners:
#         description: |
#           Owners by design, as group/Kind of any version, where whoever deletes them means to delete their namespaces.
#           One that is missing, made anew, being deleted or younger than minOwnerAgeMinutes is reported all the same.
#         type: array
#         items: {type: string}
#         default: [capsule.clastix.io/Tenant]
#       minOwnerAgeMinutes:
#         description: |
#           How long an allowed owner must have existed. One that two control planes fight over is always young.
#         type: integer
#         minimum: 0
#         default: 10
package namespace_owner_reference

import data.lib.asked
import data.lib.classify
import data.lib.clock
import data.lib.meta
import data.lib.owners
import data.lib.patch
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.state("namespace-owner-reference", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(namespace) := {object.union(problem, {"field": "/metadata/ownerReferences"}) |
	not classify.disposable_namespace(namespace)
	all := [_judged(object.union(_nobody, reference)) |
		some reference in namespace.metadata.ownerReferences

		# Only sooner: what is no object has no union.
		is_object(reference)
	]
	some problem in ((_owned(namespace, all) | _doubted(namespace, all)) | _refused(namespace, all))
}

_nobody := {"apiVersion": "", "kind": "object", "name": "(unnamed)"}

# One owner that is there keeps the namespace, and one that the garbage collector refuses makes it give up.
_owned(namespace, all) := {{
	"msg": sprintf("%s is owned by %s: the garbage collector deletes %s", [
		meta.name(namespace),
		_listed(all),
		_content(namespace),
	]),
	"severity": "critical",
	"fix": _without(namespace, all),
}} if {
	count(all) > 0
	every owner in all {
		owner.state in _gone
	}
} else := {{
	"msg": sprintf("%s is owned by %s: when no owner is left, the garbage collector deletes %s", [
		meta.name(namespace),
		_listed(reported),
		_content(namespace),
	]),
	"severity": "high",
	"fix": _without(namespace, all),
}} if {
	reported := [owner | some owner in all; not owner.accepted; owner.state != "refused"]
	count(reported) > 0
} else := set()

_gone := {"going", "missing", "other"}

# That it is owned is certain, and reported as that; whether it is being deleted is the doubt.
_doubted(namespace, all) := {{
	"msg": sprintf("%s may go at any moment: nobody showed its owner %s with the uid that the reference has", [
		meta.name(namespace),
		_listed(unseen),
	]),
	"severity": "critical",
	"unknown": sort({owner.key | some owner in unseen}),
} |
	unseen := [owner | some owner in all; owner.state == "unknown"]
	count(unseen) > 0
	every owner in all {
		owner.state in (_gone | {"unknown"})
	}
}

_refused(namespace, all) := {{
	"msg": sprintf("%s is owned by %s, of a namespaced kind: the garbage collector ignores it, others may not", [
		meta.name(namespace),
		_listed(refused),
	]),
	"severity": "low",
	"fix": _without(namespace, all),
} |
	refused := [owner | some owner in all; owner.state == "refused"]
	count(refused) > 0
}

_listed(some_owners) := text.joined([owner.text | some owner in some_owners])

# Where none is there, Gatekeeper's inventory has an empty set of them or nothing at all, by what it held before.
_content(namespace) := {
	true: sprintf("the namespace with its %s and all else", [text.counted(claims, "claim")]),
	false: "the namespace with all that is in it",
}[claims > 0] if {
	claims := count([name | some name, _ in data.inventory.namespace[namespace.metadata.name].v1.PersistentVolumeClaim])
}

# The references that stay are those that the policy accepts.
_without(namespace, all) := patch.set(namespace, ["metadata", "ownerReferences"], kept) if {
	kept := [owner.reference | some owner in all; owner.accepted]
	count(kept) > 0
} else := patch.remove(namespace, ["metadata", "ownerReferences"])

_judged(reference) := {
	"state": state,
	"accepted": _accepted(reference, state),
	"text": sprintf("%s %s%s", [reference.kind, reference.name, _why(reference, state)]),
	"key": meta.key(reference.apiVersion, reference.kind, "", reference.name),
	"reference": reference,
} if {
	state := owners.state(reference)
}

# Of an owner that nobody showed, only its kind is known: the doubt is reported, the ownership is not.
default _accepted(_, _) := false

_accepted(reference, "there") if {
	_allowed(reference)
	_settled(reference)
}

_accepted(reference, "unknown") if _allowed(reference)

_why(_, "missing") := ", which does not exist"

_why(_, "other") := ", which was made anew since (the reference has another uid)"

_why(_, "going") := ", which is being deleted"

# An allowed owner that has settled is accepted, and nobody asks why.
_why(reference, "there") := sprintf(", not known to be %d minutes old", [input.parameters.minOwnerAgeMinutes]) if {
	_allowed(reference)
} else := ""

_why(_, state) := "" if state in {"refused", "unknown"}

_allowed(reference) if owners.kind(reference) in input.parameters.allowedOwners

_settled(reference) if {
	some owner in owners.shown(reference)
	made := clock.instant(owner.metadata.creationTimestamp)
	time.now_ns() - made >= clock.minutes(input.parameters.minOwnerAgeMinutes)
}
