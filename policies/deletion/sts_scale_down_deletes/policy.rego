# METADATA
# title: A scale-down deletes no claims unasked
# description: |
#   With whenScaled Delete the StatefulSet controller makes each pod that goes the owner of its claims, and the garbage
#   collector deletes them with it: kubectl scale, or one number in a manifest, deletes data that a later scale-up does
#   not bring back. A first ordinal (spec.ordinals.start) that moves takes the same way. A claim's volume goes with it
#   unless its reclaim policy is Retain (medium). Reported is the request, also one that sets whenScaled Delete itself.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
#     description: whenScaled
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/statefulset/stateful_set_utils.go
#     description: which pods become owners of their claims, by their ordinals
# custom:
#   severities: [critical, medium]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Keep the claims, then scale; it works on a running StatefulSet:
#     kubectl patch statefulset NAME -n NAMESPACE --type merge \
#       -p '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Retain"}}}'
#     Where the data is to go, say so first, in a request of its own:
#     kubectl annotate statefulset NAME -n NAMESPACE data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds:
#       - {apiGroups: [apps, apps.kruise.io], kinds: [StatefulSet]}
#       - {apiGroups: [autoscaling], kinds: [Scale]}
#   asks: [update]
#   subresources: [scale]
#   reads:
#     - apps/v1/StatefulSet
#     - apps.kruise.io/v1beta1/StatefulSet
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#   parameters:
#     type: object
#     default: {}
#     properties:
#       actors:
#         description: |
#           Exact names of users that may scale down without approval, because the bounds within which they do were
#           decided where they were written: autoscalers. Empty the list to ask everybody.
#         type: array
#         items: {type: string}
#         default:
#           - system:serviceaccount:kube-system:horizontal-pod-autoscaler
#           - system:kube-controller-manager
package sts_scale_down_deletes

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.fate
import data.lib.meta
import data.lib.ordinals
import data.lib.storage
import data.lib.text
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.update("sts-scale-down-deletes", _problems(asked.update.old, _planned, _field))
}

violation contains v if {
	some set in _scaled
	before := object.union(set, {"spec": {"replicas": _number(asked.update.old)}})
	after := object.union(set, {"spec": {"replicas": _number(asked.update.new)}})
	some v in verdict.removal("sts-scale-down-deletes", _problems(before, after, "/spec/replicas"), set)
}

violation contains v if {
	count(_scaled) == 0
	some v in verdict.removal("sts-scale-down-deletes", _blind(asked.update.old, asked.update.new), {})
}

# What a manifest that was laid over the live object does not name stays as it is.
_planned := object.union({"spec": object.filter(asked.update.old.spec, _kept)}, asked.update.new) if {
	asked.laid_over
} else := asked.update.new

_kept := ["ordinals", "persistentVolumeClaimRetentionPolicy", "replicas"]

_field := "/spec/ordinals/start" if {
	ordinals.start(asked.update.old) != ordinals.start(_planned)
} else := "/spec/replicas"

# The StatefulSet that a Scale is sent to; the Scale of a Deployment has the same kind.
_scaled := _scaled_in("apps/v1") | _scaled_in("apps.kruise.io/v1beta1")

_scaled_in(version) := {set |
	_scale
	set := data.inventory.namespace[asked.update.new.metadata.namespace][version].StatefulSet[asked.update.new.metadata.name]
}

_scale if {
	asked.update.new.kind == "Scale"
	object.get(input.review, ["resource", "resource"], "") in {"", "statefulsets"}
}

# A Scale of 0 is written without the field.
_number(scale) := object.get(scale, ["spec", "replicas"], 0)

_problems(old, new, field) := {object.union(
	{
		"msg": sprintf("%s is to give up %s (whenScaled Delete), which deletes %s: %s%s", [
			meta.name(old),
			text.counted(count(gone), "pod"),
			_listed(ends),
			effect.text,
			approval.refused(old),
		]),
		"field": field,
		"severity": effect.severity,
	},
	object.filter(effect, ["unknown", "related"]),
) |
	object.get(new, ["spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"], "Retain") == "Delete"
	gone := sort({number | some number in ordinals.of(old)} - {number | some number in ordinals.of(new)})
	not _allowed(old)
	ends := [end |
		some template in workload.claim_templates(old)
		some name in ordinals.claims(template, old, gone)
		some end in _ends(meta.namespace(old), name)
	]
	count(ends) > 0
	effect := _effect(ends)
}

_allowed(_) if asked.user in input.parameters.actors

_allowed(set) if approval.holds(set)

_allowed(set) if classify.disposable(set)

# What becomes of a claim's data, as far as anybody knows: none for one that holds nothing, or that a live cluster does
# not have.
_ends(ns, name) := {object.union(fate.of(claim), {"key": _key(ns, name, fate.of(claim).volume)}) | not fate.never_bound(claim)} if {
	claim := storage.claim(ns, name)
} else := set() if {
	storage.live
} else := {{"claim": name, "volume": "", "policy": "", "key": _key(ns, name, "")}}

_key(ns, name, "") := meta.key("v1", "PersistentVolumeClaim", ns, name)

_key(_, _, volume) := meta.key("v1", "PersistentVolume", "", volume) if volume != ""

_listed(ends) := sprintf("%s (%s)", [text.counted(count(ends), "claim"), text.few([end.claim | some end in ends])])

_effect(ends) := {
	"severity": "critical",
	"text": sprintf("the data of %s goes with %s", [text.few([end.claim | some end in lost]), text.few([_volume(end) | some end in lost])]),
	"related": [end.key | some end in lost],
} if {
	lost := [end | some end in ends; end.policy in {"Delete", "Recycle"}]
	count(lost) > 0
} else := {
	"severity": "critical",
	"text": sprintf("nobody showed a volume with reclaim policy Retain behind %s, so the data may go as well", [text.few([end.claim | some end in unseen])]),
	"unknown": [end.key | some end in unseen],
} if {
	unseen := [end | some end in ends; end.policy == ""]
	count(unseen) > 0
} else := {
	"severity": "medium",
	"text": "the volumes are all Retain, so the data stays in volumes that nothing claims",
	"related": [end.key | some end in ends],
}

_volume(end) := sprintf("volume %s (%v, %s)", [end.volume, end.size, end.policy])

_blind(old, new) := {{
	"msg": sprintf("StatefulSet %s, which nobody showed, is to be scaled from %d to %d: if it has whenScaled Delete, the claims of %s go, and their data with them", [
		meta.qualified(new),
		_number(old),
		_number(new),
		text.counted(_number(old) - _number(new), "pod"),
	]),
	"field": "/spec/replicas",
	"severity": "critical",
	"unknown": [meta.key("apps/v1", "StatefulSet", meta.namespace(new), meta.simple(new))],
} |
	_scale
	_number(new) < _number(old)
	not _allowed({"metadata": {"namespace": meta.namespace(new)}})
}
