# METADATA
# title: A claim is not made smaller
# description: |
#   No volume shrinks. The API server takes a smaller request only down to what the claim has already, to give up on an
#   expansion that failed; everything else is refused, and the way that is left is to delete the claim and make it anew,
#   which takes the data along. Claim templates cannot be changed at all: their StatefulSet is deleted first, its claims
#   stay as large as they were, and what is smaller are only new ones.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#recovering-from-failure-when-expanding-volumes
#     description: how to give up on an expansion
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go
#     description: ValidatePersistentVolumeClaimUpdate
# custom:
#   severities: [medium]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Leave the size as it is. To save space, make a new, smaller claim, copy the data with the workload stopped, and
#     switch over; keep the old volume until the copy has proved good:
#     kubectl patch pv VOLUME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [PersistentVolumeClaim]}
#       - {apiGroups: [apps, apps.kruise.io], kinds: [StatefulSet]}
#   asks: [update]
#   reads: [v1/Namespace]
#   parameters: {type: object, default: {}}
package pvc_shrink

import data.lib.asked
import data.lib.classify
import data.lib.meta
import data.lib.quantity
import data.lib.verdict
import data.lib.workload

violation contains v if {
	problems := _claim(asked.update.old, asked.update.new) | _templates(asked.update.old, asked.update.new)
	some v in verdict.update("pvc-shrink", problems)
}

_claim(old, new) := {object.union(
	{
		"msg": sprintf("%s asks for %v instead of %v: %s", [meta.name(new), _request(new), _request(old), effect.text]),
		"field": "/spec/resources/requests/storage",
		"severity": "medium",
	},
	object.filter(effect, ["unknown"]),
) |
	_smaller(new, old)
	not _disposable(old, new)
	effect := _effect(old, new)
}

# Undefined for a request that is larger than what the claim has: an expansion is given up.
_effect(old, new) := {"text": sprintf("it has %v, and no volume shrinks, so it may be deleted and made anew without its data", [has])} if {
	has := old.status.capacity.storage
	quantity.number(_request(new)) <= quantity.number(has)
} else := {
	"text": "no volume shrinks, and nobody showed how large it is, so it may be deleted and made anew without its data",
	"unknown": [meta.key("v1", "PersistentVolumeClaim", meta.namespace(new), meta.simple(new))],
} if {
	not old.status.capacity.storage
}

_templates(old, new) := {{
	"msg": sprintf("%s has claim template %s with %v instead of %v: its claims stay as they are, so they may be deleted with their data to get smaller ones", [
		meta.name(new),
		template.metadata.name,
		_request(template),
		_request(before),
	]),
	"field": meta.pointer(["spec", "volumeClaimTemplates", i, "spec", "resources", "requests", "storage"]),
	"severity": "medium",
} |
	some i, template in workload.claim_templates(new)
	some before in workload.claim_templates(old)
	before.metadata.name == template.metadata.name
	_smaller(template, before)
	not _disposable(old, new)
}

_smaller(new, old) if quantity.number(_request(new)) < quantity.number(_request(old))

_request(obj) := obj.spec.resources.requests.storage

_disposable(old, new) if {
	classify.disposable(old)
	classify.disposable(new)
}
