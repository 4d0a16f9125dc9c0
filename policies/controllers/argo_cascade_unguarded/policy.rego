# METADATA
# title: Data stays when its Argo CD Application goes
# description: |
#   An Application with the resources finalizer takes all that it tracks with it when it is deleted: by hand, by the
#   Application above it that no longer finds it in git, by an ApplicationSet whose generator yields less. Definitions stay,
#   and so does what says Delete=false or helm.sh/resource-policy: keep; Delete=confirm waits for someone. Prune=false alone
#   does not count here. An object without a word of its own takes the Application's syncOptions; Argo CD older than those
#   options (argo-cd#23370) reads them on objects alone.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
#     description: the deletion finalizer
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-resource-deletion
#     description: Delete=false and Delete=confirm
#   - ref: https://github.com/argoproj/argo-cd/blob/v3.0.0/controller/appcontroller.go
#     description: what a cascade leaves (shouldBeDeleted)
#   - ref: https://github.com/argoproj/argo-cd/issues/9853
#     description: Prune=false does not stop it
# custom:
#   severities: [high, medium]
#   incidents: [federated-namespace-deletion]
#   remediation: |
#     In git, add to each object that is named, and to its like:
#     metadata: {annotations: {argocd.argoproj.io/sync-options: "Prune=false,Delete=false"}}
#     and wait until Argo CD has synced it; the live object counts. Or let the Application go without what it tracks:
#     kubectl patch application NAME -n NAMESPACE --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'
#     An ApplicationSet writes the finalizer again, unless it has preserveResourcesOnDeletion.
#   match:
#     kinds: [{apiGroups: [argoproj.io], kinds: [Application]}]
#   asks: [state]
#   admission: false
#   admissionReason: |
#     What is at risk are objects that stand in the cluster already, and Argo CD writes its Applications every few seconds:
#     refusing one would protect none of them, and stop deployments.
#   reads:
#     - acid.zalan.do/v1/OperatorConfiguration
#     - apiextensions.k8s.io/v1/CustomResourceDefinition
#     - apps/v1/StatefulSet
#     - storage.k8s.io/v1/StorageClass
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#   parameters: {type: object, default: {}}
package argo_cascade_unguarded

import data.lib.application
import data.lib.asked
import data.lib.keeping
import data.lib.meta
import data.lib.tracked
import data.lib.verdict

violation contains v if {
	some v in verdict.state("argo-cascade-unguarded", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(app) := {object.union(
	{
		"msg": sprintf("%s takes along all that it tracks when it is deleted; %s", [meta.name(app), risk.text]),
		"field": meta.pointer(["metadata", "finalizers", i]),
	},
	object.filter(risk, ["severity", "related", "unknown"]),
) |
	i := min([i | some i, finalizer in app.metadata.finalizers; finalizer in _cascading])
	entries := {entry | some entry in application.entries(app); entry.kind != "CustomResourceDefinition"}
	risk := application.risk(app, entries, {entry | some entry in entries; _guarded(tracked.object(entry), app)}, "Delete")
}

_cascading := {
	"resources-finalizer.argocd.argoproj.io",
	"resources-finalizer.argocd.argoproj.io/background",
	"resources-finalizer.argocd.argoproj.io/foreground",
}

_guarded(obj, _) if keeping.argo_delete(obj)

_guarded(obj, _) if keeping.helm(obj)

_guarded(obj, app) if {
	not keeping.options(obj).Delete
	application.keeps(app, "Delete")
}
