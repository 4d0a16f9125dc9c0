# METADATA
# title: PersistentVolume keeps its data when its claim goes
# description: |
#   Recycle is deprecated and still works: when the claim is deleted, a scrubber pod deletes everything under the
#   volume's NFS path or host path, dot files and other workloads' subPaths included. Whether it runs after a
#   delete is a race between controllers, so a test in which nothing was lost proves nothing.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#recycle
#     description: Recycle is deprecated
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/volume/util/recyclerclient/recycler_client.go
#     description: the scrubber pod
# custom:
#   severities: [critical, medium]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Patch the volume to Retain before any claim is deleted; it works on a bound volume and restarts nothing:
#     kubectl patch pv NAME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#   match:
#     kinds: [{apiGroups: [""], kinds: [PersistentVolume]}]
#   asks: [state]
#   reads: [v1/Namespace]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       allowedVolumes:
#         description: Names of scratch volumes whose content may be deleted.
#         type: array
#         items: {type: string}
#         default: []
package pv_reclaim_recycle

import data.lib.asked
import data.lib.classify
import data.lib.meta
import data.lib.patch
import data.lib.verdict

violation contains v if {
	some v in verdict.state("pv-reclaim-recycle", _problems(asked.object), {p | some p in _problems(asked.before)})
}

# The claim is not named: that it is bound meanwhile would be news, and refuse the binding.
_problems(volume) := {{
	"msg": sprintf("%s has reclaim policy Recycle: %s", [meta.name(volume), effect.text]),
	"field": "/spec/persistentVolumeReclaimPolicy",
	"severity": effect.severity,
	"fix": patch.set(volume, ["spec", "persistentVolumeReclaimPolicy"], "Retain"),
} |
	volume.spec.persistentVolumeReclaimPolicy == "Recycle"
	not meta.simple(volume) in input.parameters.allowedVolumes
	not classify.disposable(volume)
	effect := _effect(volume.spec)
}

_effect(spec) := {"severity": "critical", "text": _scrubbed(sprintf("NFS %s:%s", [
	object.get(spec, ["nfs", "server"], "(server not shown)"),
	object.get(spec, ["nfs", "path"], "(path not shown)"),
]))} if {
	is_object(spec.nfs)
} else := {"severity": "critical", "text": _scrubbed(sprintf("host path %s", [object.get(spec, ["hostPath", "path"], "(not shown)")]))} if {
	is_object(spec.hostPath)
} else := {
	# nfs and hostPath are the only recyclable sources left (v1.36, pkg/volume: RecyclableVolumePlugin).
	"severity": "medium",
	"text": "this kind of volume cannot be recycled, so when its claim goes it fails, and its data stays in a volume that nothing can claim",
} if {
	_source(spec)
} else := {
	"severity": "critical",
	"text": "when its claim goes, everything in its directory may be deleted (the volume's source is not shown)",
}

_scrubbed(place) := sprintf("when its claim goes, everything under %s is deleted, subPaths of other workloads included", [place])

_source(spec) if {
	some name, source in spec
	is_object(source)
	not name in {"capacity", "claimRef", "nodeAffinity"}
}
