# METADATA
# title: StatefulSet finds its claims again
# description: |
#   A claim of a StatefulSet is known by its name alone, <template>-<set>-<ordinal>. Under another template name, another
#   name of the set or another first ordinal the pods get new, empty claims, and a database initialises itself beside
#   its data. Claim templates and names are immutable: whoever deploys the change has to delete the StatefulSet first,
#   and with whenDeleted Delete the old claims go with it.
#   A StatefulSet that is created with the selector and a template of one that is there counts as that one renamed.
#   Not reported: templates that are added, a template that no container mounts, claims of the new names that are there
#   already, and a pod volume that names the old claim.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage
#     description: claims are matched to pods by name, and outlive both
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/apps/validation/validation.go
#     description: ValidateStatefulSetUpdate, which names the fields that can be changed
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#start-ordinal
#     description: spec.ordinals.start
# custom:
#   severities: [high, critical]
#   incidents: [kubelet-dir-move]
#   remediation: |
#     Keep the old names (in Helm: nameOverride, fullnameOverride, the release's name), or bring the data along before
#     the new pods start. Keep the volumes first, then let each new claim take over the volume of an old one:
#     kubectl patch pv VOLUME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#     kubectl delete statefulset NAME --cascade=orphan; stop its pods, delete the old claim, remove the volume's
#     spec.claimRef, and create the claim under its new name with spec.volumeName: VOLUME.
#   match:
#     kinds: [{apiGroups: [apps, apps.kruise.io], kinds: [StatefulSet]}]
#   asks: [create, update]
#   reads:
#     - apps/v1/StatefulSet
#     - apps.kruise.io/v1beta1/StatefulSet
#     - v1/Namespace
#     - v1/PersistentVolumeClaim
#   parameters: {type: object, default: {}}
package sts_identity_change

import data.lib.asked
import data.lib.classify
import data.lib.meta
import data.lib.ordinals
import data.lib.storage
import data.lib.text
import data.lib.verdict
import data.lib.workload

violation contains v if {
	problems := _templates(asked.update.old, asked.update.new) | _shifted(asked.update.old, asked.update.new)
	some v in verdict.update("sts-identity-change", problems)
}

violation contains v if {
	some v in verdict.create("sts-identity-change", _renamed(asked.create))
}

# Templates that go, each with the one that takes its place.
_templates(old, new) := {{
	"msg": sprintf("%s %s, and the data %s", [meta.name(new), successor.text, _left(old, ordinals.named(gone, old, ordinals.of(old)))]),
	"field": meta.pointer(successor.path),
	"severity": _severity(old),
} |
	not _disposable(old, new)
	some gone in workload.claim_templates(old)
	not gone.metadata.name in _names(new)
	count(_places(old, gone.metadata.name)) > 0
	not _named_by_a_volume(old, new, gone)
	successor := _successor(old, new, gone)
	not _prepared(new, successor.templates, ordinals.of(new))
}

_successor(old, new, gone) := {
	"text": sprintf("has claim template %s in place of %s: its pods start with %s", [
		template.metadata.name,
		gone.metadata.name,
		_fresh([template], new, ordinals.of(new)),
	]),
	"path": ["spec", "volumeClaimTemplates", i, "metadata", "name"],
	"templates": [template],
} if {
	i := min({j |
		some j, added in workload.claim_templates(new)
		not added.metadata.name in _names(old)
		count(_places(new, added.metadata.name) & _places(old, gone.metadata.name)) > 0
	})
	template := new.spec.volumeClaimTemplates[i]
} else := {
	"text": sprintf("no longer has claim template %s: its pods start without it", [gone.metadata.name]),
	"path": ["spec", "volumeClaimTemplates"],
	"templates": [],
}

_names(obj) := {template.metadata.name | some template in workload.claim_templates(obj)}

# Where containers have the volume: directories and devices.
_places(obj, name) := {mount.mountPath |
	some entry in workload.containers(obj)
	some mount in entry.container.volumeMounts
	mount.name == name
} | {device.devicePath |
	some entry in workload.containers(obj)
	some device in entry.container.volumeDevices
	device.name == name
}

# The only claim that the template has made, by its name.
_named_by_a_volume(old, new, gone) if {
	some entry in workload.volumes(new)
	[entry.volume.persistentVolumeClaim.claimName] == ordinals.claims(gone, old, ordinals.of(old))
}

# Pods that come in place of others. Those that are only added start empty as in every scale-up, and of those that only
# go nothing takes the place. What whenScaled Delete does is sts-scale-down-deletes' to tell.
_shifted(old, new) := {{
	"msg": sprintf("%s has its first ordinal moved from %d to %d: its pods start with %s, and the data stays behind in %s", [
		meta.name(new),
		ordinals.start(old),
		ordinals.start(new),
		_fresh(templates, new, come),
		text.joined([ordinals.named(template, old, gone) | some template in templates]),
	]),
	"field": "/spec/ordinals/start",
	"severity": "high",
} |
	not _disposable(old, new)
	templates := [template |
		some template in workload.claim_templates(old)
		template.metadata.name in _names(new)
	]
	count(templates) > 0
	gone := sort({number | some number in ordinals.of(old)} - {number | some number in ordinals.of(new)})
	count(gone) > 0
	come := sort({number | some number in ordinals.of(new)} - {number | some number in ordinals.of(old)})
	count(come) > 0
	not object.get(new, _when("Scaled"), "Retain") == "Delete"
	not _prepared(new, templates, come)
}

_renamed(new) := {{
	"msg": sprintf("%s has the selector of %s, as if that were renamed: its pods start with %s, and the data %s", [
		meta.name(new),
		meta.name(old),
		_fresh(templates, new, ordinals.of(new)),
		_left(old, text.joined([ordinals.named(template, old, ordinals.of(old)) | some template in templates])),
	]),
	"field": "/metadata/name",
	"severity": _severity(old),
	"related": [meta.key(old.apiVersion, "StatefulSet", meta.namespace(old), meta.simple(old))],
} |
	not classify.disposable(new)
	name := min(ordinals.twins(new))
	old := data.inventory.namespace[new.metadata.namespace][new.apiVersion].StatefulSet[name]
	templates := [template |
		some template in workload.claim_templates(new)
		template.metadata.name in _names(old)
	]
	count(templates) > 0
	not _prepared(new, templates, ordinals.of(new))
}

_fresh(templates, obj, pods) := sprintf("a new, empty claim %s", [names]) if {
	count(templates) * count(pods) == 1
	names := ordinals.named(templates[0], obj, pods)
} else := sprintf("%s %s", [_number(count(templates) * count(pods)), names]) if {
	names := text.joined([ordinals.named(template, obj, pods) | some template in templates])
}

_number(claims) := "new, empty claims" if {
	claims == 0
} else := sprintf("%d new, empty claims", [claims])

_left(old, claims) := sprintf("may go with %s when %s is deleted (whenDeleted Delete)", [claims, meta.simple(old)]) if {
	object.get(old, _when("Deleted"), "Retain") == "Delete"
} else := sprintf("stays behind in %s", [claims])

_severity(old) := "critical" if {
	object.get(old, _when("Deleted"), "Retain") == "Delete"
} else := "high"

_when(event) := ["spec", "persistentVolumeClaimRetentionPolicy", sprintf("when%s", [event])]

# Someone has made the claims that the pods will look for.
_prepared(obj, templates, pods) if {
	names := {name |
		some template in templates
		some name in ordinals.claims(template, obj, pods)
	}
	count(names) > 0
	every name in names {
		storage.claim(meta.namespace(obj), name)
	}
}

_disposable(old, new) if {
	classify.disposable(old)
	classify.disposable(new)
}
