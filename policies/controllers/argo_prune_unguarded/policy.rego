# METADATA
# title: Argo CD deletes no data because a file left git
# description: |
#   With automated sync and prune, Argo CD deletes what it tracks and no longer finds in git: a moved folder, a renamed
#   claim, a chart that renders less. Nobody is asked, unless the object says Prune=confirm, and what says Prune=false
#   stays. An object without a word of its own takes the Application's syncOptions; Argo CD older than those options
#   (argo-cd#23370) reads them on objects alone. helm.sh/resource-policy: keep does not stop it. What an Application tracks
#   stands in its status; of a file nobody knows that.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/#automatic-pruning
#     description: automated prune
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
#     description: Prune=false and Prune=confirm
#   - ref: https://github.com/argoproj/argo-cd/pull/23370
#     description: the same as options of the Application
# custom:
#   severities: [high, medium]
#   incidents: [federated-namespace-deletion]
#   remediation: |
#     In git, add to each object that is named, and to its like (Delete is for the deletion of the Application):
#     metadata: {annotations: {argocd.argoproj.io/sync-options: "Prune=false,Delete=false"}}
#     and wait until Argo CD has synced it; the live object counts. With confirm in the place of false it asks first.
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
package argo_prune_unguarded

import data.lib.application
import data.lib.asked
import data.lib.keeping
import data.lib.meta
import data.lib.tracked
import data.lib.verdict

violation contains v if {
	some v in verdict.state("argo-prune-unguarded", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(app) := {object.union(
	{
		"msg": sprintf("%s deletes by itself what git no longer has; %s", [meta.name(app), risk.text]),
		"field": "/spec/syncPolicy/automated/prune",
	},
	object.filter(risk, ["severity", "related", "unknown"]),
) |
	automated := app.spec.syncPolicy.automated
	automated.prune == true
	not automated.enabled == false
	entries := application.entries(app)
	risk := application.risk(app, entries, {entry | some entry in entries; _guarded(tracked.object(entry), app)}, "Prune")
}

_guarded(obj, _) if keeping.argo_prune(obj)

_guarded(obj, app) if {
	not keeping.options(obj).Prune
	application.keeps(app, "Prune")
}
