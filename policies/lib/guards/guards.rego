# METADATA
# description: |
#   By what an object is guarded against its deletion: by who deploys it (lib.keeping, and what other tools read), by a
#   webhook that refuses to delete what carries a label, by an operator or a cloud. Finalizers are not among them:
#   protective-finalizer-removed is about those.
package lib.guards

import data.lib.keeping
import data.lib.operators

# METADATA
# description: |
#   Guards that old has and new does not, {path, gone, replaced, loss, value}. path leads to the field that was the guard;
#   gone says what became of it, as a predicate; replaced says that something else stands there now; loss is a sentence
#   about what that means, without its full stop. value restores the guard where nothing stands there. Where two fields
#   are the same tool's guard, one of them suffices, and of two that go one is told.
lost(old, new) := {{
	"path": guard.path,
	"gone": _gone(guard, object.get(new, guard.path, null)),
	"replaced": object.get(new, guard.path, null) != null,
	"loss": _loss(guard, object.get(new, guard.path, null)),
	"value": guard.value,
} |
	some tool in ({guard.tool | some guard in _guards(old)} - {guard.tool | some guard in _guards(new)})
	guard := sort([guard | some guard in _guards(old); guard.tool == tool])[0]
} | _argo(old, new)

_gone(guard, null) := sprintf("loses %s %s", [_word(guard.path), json.marshal(guard.value)])

_gone(guard, now) := sprintf("has %s %s in place of %s", [_word(guard.path), json.marshal(now), json.marshal(guard.value)]) if now != null

_loss(guard, now) := guard.loss if not _uninstall_understands(guard, now)

_loss(guard, now) := "Helm deletes it when the chart no longer has it" if _uninstall_understands(guard, now)

# helm uninstall trims the word and ignores upper case, helm upgrade does not (helm v4 pkg/action/resource_policy.go).
_uninstall_understands(guard, now) if {
	guard.tool == "Helm"
	lower(trim_space(now)) == "keep"
}

_guards(obj) := {object.union(object.filter(row, ["tool", "path", "loss"]), {"value": value}) |
	some row in _rows
	_about(obj, row)
	value := object.get(obj, row.path, null)
	_holds(row, value)
}

_about(_, row) if not row.group

_about(obj, row) if endswith(operators.kind(obj), row.group)

_about(obj, row) if endswith(split(operators.kind(obj), "/")[0], row.group)

_holds(row, value) if value in row.values

_holds(row, value) if {
	not row.values
	is_string(value)
}

_word(path) := sprintf("%s %s", [trim_suffix(path[1], "s"), path[2]]) if {
	path[0] == "metadata"
} else := concat(".", path)

# Argo CD reads several options from one annotation. It deletes no definition with an Application, and nothing that Helm
# keeps (argo-cd v3.1 controller/appcontroller.go, shouldBeDeleted).
_argo(old, new) := {{
	"path": _argo_path,
	"gone": sprintf("loses %s of annotation %s", [concat(" and ", [_option(old, name) | some name in ["Prune", "Delete"]; name in gone]), keeping.argo_key]),
	"replaced": object.get(new, _argo_path, null) != null,
	"loss": sprintf("Argo CD deletes it %s", [concat(", and ", [_when[name] | some name in ["Prune", "Delete"]; name in gone])]),
	"value": object.get(old, _argo_path, null),
} |
	gone := _pruned(old, new) | _cascaded(old, new)
	count(gone) > 0
}

_argo_path := ["metadata", "annotations", keeping.argo_key]

_pruned(old, new) := {"Prune"} if {
	keeping.argo_prune(old)
	not keeping.argo_prune(new)
} else := set()

_cascaded(old, new) := {"Delete"} if {
	keeping.argo_delete(old)
	not keeping.argo_delete(new)
	not keeping.helm(new)
	not old.kind == "CustomResourceDefinition"
} else := set()

_option(obj, name) := sprintf("%s=%s", [name, sort(keeping.options(obj)[name] & {"false", "confirm"})[0]])

_when := {"Prune": "when git no longer has it", "Delete": "with its Application"}

# Where the words are read:
# openkruise/kruise apis/policy/v1alpha1/deletion_protection.go, karmada pkg/apis/work/v1alpha2/well_known_constants.go,
# alibabacloud.com/help/en/ack (policy ACKNamespacesDeleteProtection), crossplane-contrib/function-deletion-protection,
# docs.giantswarm.io/tutorials/fleet-management/cluster-management/deletion-prevention (whatever the value),
# sigs.k8s.io/cli-utils pkg/common/common.go, carvel.dev/kapp docs (apply: delete-strategy), kluctl.io docs (annotations).
_rows := [
	{"tool": "Helm", "path": ["metadata", "annotations", keeping.helm_key], "values": {"keep"}, "loss": "Helm deletes it with its release, and when the chart no longer has it"},
	{"tool": "Flux", "path": ["metadata", "annotations", keeping.flux_key], "values": {"disabled"}, "loss": _flux},
	{"tool": "Flux", "path": ["metadata", "labels", keeping.flux_key], "values": {"disabled"}, "loss": _flux},
	{"tool": "kpt", "path": ["metadata", "annotations", "cli-utils.sigs.k8s.io/on-remove"], "values": {"keep"}, "loss": _kpt},
	{"tool": "kpt", "path": ["metadata", "annotations", "client.lifecycle.config.k8s.io/deletion"], "values": {"detach"}, "loss": _kpt},
	{"tool": "kapp", "path": ["metadata", "annotations", "kapp.k14s.io/delete-strategy"], "values": {"orphan"}, "loss": "kapp deletes it with its app, and when the app no longer has it"},
	{"tool": "Kluctl", "path": ["metadata", "annotations", "kluctl.io/skip-delete"], "values": {"true", "True", "TRUE", "t", "T", "1"}, "loss": "Kluctl deletes it when its project no longer has it"},
	{"tool": "OpenKruise", "path": ["metadata", "labels", "policy.kruise.io/delete-protection"], "values": {"Always", "Cascading"}, "loss": "OpenKruise no longer refuses its deletion"},
	{"tool": "Karmada", "path": ["metadata", "labels", "resourcetemplate.karmada.io/deletion-protected"], "values": {"Always"}, "loss": "Karmada no longer refuses its deletion"},
	{"tool": "ACK", "path": ["metadata", "labels", "policy.alibabacloud.com/delete-protection"], "values": {"true"}, "loss": "the policies of Alibaba Cloud no longer refuse its deletion"},
	{"tool": "Crossplane", "path": ["metadata", "labels", "protection.fn.crossplane.io/block-deletion"], "values": {"true"}, "loss": "Crossplane no longer refuses its deletion"},
	{"tool": "Giant Swarm", "path": ["metadata", "labels", "giantswarm.io/prevent-deletion"], "loss": "the policies of Giant Swarm no longer refuse its deletion"},
	{"tool": "KubeBlocks", "group": "apps.kubeblocks.io/Cluster", "path": ["spec", "terminationPolicy"], "values": {"DoNotTerminate"}, "loss": "KubeBlocks no longer refuses its deletion"},
	{"tool": "cloud", "group": ".cnrm.cloud.google.com", "path": ["metadata", "annotations", "cnrm.cloud.google.com/deletion-policy"], "values": {"abandon"}, "loss": _cloud},
	{"tool": "cloud", "group": ".services.k8s.aws", "path": ["metadata", "annotations", "services.k8s.aws/deletion-policy"], "values": {"retain"}, "loss": _cloud},
	{"tool": "cloud", "group": ".azure.com", "path": ["metadata", "annotations", "serviceoperator.azure.com/reconcile-policy"], "values": {"skip", "detach-on-delete"}, "loss": _cloud},
	{"tool": "cloud", "group": ".crossplane.io", "path": ["spec", "deletionPolicy"], "values": {"Orphan"}, "loss": _cloud},
	{"tool": "cloud", "group": ".upbound.io", "path": ["spec", "deletionPolicy"], "values": {"Orphan"}, "loss": _cloud},
	{"tool": "cloud", "group": ".cnrm.cloud.google.com", "path": ["spec", "settings", "deletionProtectionEnabled"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".services.k8s.aws", "path": ["spec", "deletionProtection"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".services.k8s.aws", "path": ["spec", "deletionProtectionEnabled"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".crossplane.io", "path": ["spec", "forProvider", "deletionProtection"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".upbound.io", "path": ["spec", "forProvider", "deletionProtection"], "values": {true}, "loss": _refused},
	{"tool": "cloud", "group": ".upbound.io", "path": ["spec", "forProvider", "deletionProtectionEnabled"], "values": {true}, "loss": _refused},
]

_flux := "Flux deletes it when git no longer has it, and with its Kustomization"

_kpt := "kpt and Config Sync delete it when git no longer has it"

_cloud := "what it stands for in the cloud is deleted with it"

_refused := "the cloud no longer refuses to delete what it stands for"
